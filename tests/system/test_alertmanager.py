"""A real Alertmanager pages through both doors that it knows: its own webhook, and PagerDuty's."""

import json
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.error import URLError

import pytest

from infra.local.emulators import free_port
from tests.system.pager import PATIENCE_SECONDS, PRIMARY, Pager, eventually, get, incidents_in, post, texts_in
from tests.system.programs import program

SUMMARY = "the checkout answers nobody"
A_TURN = 90  # seconds: one of the two texts goes a minute after the other
LABELS = {"alertname": "CheckoutDown", "severity": "critical", "instance": "shop-1"}


@pytest.fixture(scope="module")
def alertmanager(running: Pager, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One whose only receiver has a webhook and a PagerDuty configuration, and that repeats itself every second."""
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
    route = {"receiver": "tocsin", "group_wait": "1ms", "group_interval": "1s", "repeat_interval": "1s"}
    return {"route": route, "receivers": [receiver]}


def _ready(url: str) -> bool:
    try:
        return "OK" in get(f"{url}/-/ready")
    except URLError:
        return False


def _alert(url: str, ends: datetime) -> None:
    now = datetime.now(UTC)
    alert = {"labels": LABELS, "annotations": {"summary": SUMMARY}, "endsAt": ends.isoformat()}
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
