"""A real Alertmanager pages through the doors that it knows: its own webhook, PagerDuty's, and Opsgenie's."""

import json
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.error import URLError

import pytest

from infra.local.emulators import free_port
from tests.system.pager import PATIENCE_SECONDS, PRIMARY, Pager, eventually, get, incidents_in, post, texts_in
from tests.system.programs import program

SUMMARY, ANOTHER = "the checkout answers nobody", "the search finds nothing"
A_TURN = 90  # seconds: one of the two texts goes a minute after the other
LABELS = {"alertname": "CheckoutDown", "severity": "critical", "instance": "shop-1"}
SEARCH = {"alertname": "SearchDown", "severity": "warning", "instance": "shop-2", "through": "opsgenie"}


@pytest.fixture(scope="module")
def alertmanager(running: Pager, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One that sends to a webhook and to PagerDuty, or to Opsgenie, and repeats itself every second."""
    binary = program("prometheus-alertmanager")
    folder, port = tmp_path_factory.mktemp("alertmanager"), free_port()
    (folder / "config.yml").write_text(json.dumps(_config(running.url)))
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(
            [
                binary,
                f"--config.file={folder / 'config.yml'}",
                f"--storage.path={folder / 'storage'}",
                f"--web.listen-address=127.0.0.1:{port}",
                "--cluster.listen-address=",
            ],
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        eventually(lambda: _ready(url), (folder / "output").read_text)
        yield url
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


def _config(url: str) -> dict[str, object]:
    receiver = {
        "name": "tocsin",
        "webhook_configs": [{"url": f"{url}/ingest/alertmanager/key-of-reports-alertmanager", "send_resolved": True}],
        "pagerduty_configs": [
            {
                "url": f"{url}/ingest/v2/enqueue",
                "routing_key": "reports0000000000000000000000032",
                "description": f"through PagerDuty: {SUMMARY}",
                "severity": "{{ .CommonLabels.severity }}",
            }
        ],
    }
    through_opsgenie = {
        "api_url": f"{url}/ingest/",
        "api_key": "key-of-reports-opsgenie",
        "message": "through Opsgenie: {{ .CommonAnnotations.summary }}",
        "priority": "P2",
        "update_alerts": True,
    }
    another = {"name": "opsgenie", "opsgenie_configs": [through_opsgenie]}
    often = {"group_wait": "1ms", "group_interval": "1s", "repeat_interval": "1s"}
    routes = [{"receiver": "opsgenie", "matchers": ['through="opsgenie"']}]
    return {"route": {"receiver": "tocsin", "routes": routes, **often}, "receivers": [receiver, another]}


def _ready(url: str) -> bool:
    try:
        return "OK" in get(f"{url}/-/ready")
    except URLError:
        return False


def _alert(url: str, ends: datetime, labels: dict[str, str] = LABELS, summary: str = SUMMARY) -> None:
    now = datetime.now(UTC)
    alert = {"labels": labels, "annotations": {"summary": summary}, "endsAt": ends.isoformat()}
    alert |= {"startsAt": (min(now, ends) - timedelta(seconds=1)).isoformat()}
    post(f"{url}/api/v2/alerts", [alert])


def test_one_text_for_each_receiver_repeats_join_and_the_resolve_closes_both(pager: Pager, alertmanager: str) -> None:
    _alert(alertmanager, datetime.now(UTC) + timedelta(hours=1))
    pager.text(PRIMARY, f"Reports: {SUMMARY}", seconds=A_TURN)
    pager.text(PRIMARY, f"Reports: through PagerDuty: {SUMMARY}", seconds=A_TURN)
    both = [pager.show(incident) for incident in incidents_in(pager.state, SUMMARY)]
    assert {each["integration"] for each in both} == {"reports-alertmanager", "reports-pagerduty"}
    assert [each["severity"] for each in both] == ["critical"] * 2

    eventually(lambda: all(pager.show(incident)["alerts"] > 1 for incident in both), lambda: "nothing was repeated")
    _alert(alertmanager, datetime.now(UTC) - timedelta(seconds=1))

    pager.sees(lambda state: all(each["status"] == "resolved" for each in incidents_in(state, SUMMARY)))
    for incident in both:
        outcomes = [event["outcome"] for event in pager.show(incident)["events"]]
        assert (outcomes[:2], outcomes[-1]) == (["opened", "joined"], "resolved")
    state = pager.state
    assert len(incidents_in(state, SUMMARY)) == 2
    assert len(texts_in(state, PRIMARY, SUMMARY)) == 2


def test_its_receiver_for_opsgenie_creates_updates_and_closes_by_alias(pager: Pager, alertmanager: str) -> None:
    _alert(alertmanager, datetime.now(UTC) + timedelta(hours=1), SEARCH, ANOTHER)
    pager.text(PRIMARY, f"Reports: through Opsgenie: {ANOTHER}", seconds=A_TURN)
    incident = pager.incident("through Opsgenie")
    shown = pager.show(incident)
    assert (shown["integration"], shown["severity"]) == ("reports-opsgenie", "error")
    assert shown["affected"] == "shop-2"

    eventually(lambda: pager.show(incident)["alerts"] > 1, lambda: "nothing was repeated")
    _alert(alertmanager, datetime.now(UTC) - timedelta(seconds=1), SEARCH, ANOTHER)

    pager.incident("through Opsgenie", "resolved")
    outcomes = [event["outcome"] for event in pager.show(incident)["events"]]
    assert (outcomes[0], outcomes[-1]) == ("opened", "resolved")
    assert failures(alertmanager) == []


def failures(url: str) -> list[str]:
    """Give what Alertmanager counts of requests to Opsgenie that were not taken."""
    counted = [line for line in get(f"{url}/metrics").splitlines() if "requests_failed_total{" in line]
    return [line for line in counted if "opsgenie" in line and not line.endswith(" 0")]
