"""Tools that speak to other pagers, in addresses, headers and forms, page here all the same."""

from typing import Any

import pytest

from tests.stories.night import Night

KEY = "key-of-checkout-generic"
GENIE = {"authorization": f"GenieKey {KEY}"}
FORM = {"content-type": "application/x-www-form-urlencoded"}


def opsgenie(night: Night, path: str, payload: object, method: str = "POST") -> dict[str, Any]:
    """Send what a client of Opsgenie sends, and give the answer that it needs."""
    raw = b"" if payload is None else str(payload).replace("'", '"').encode()
    answer = night.world.post_raw(f"v2/alerts{path}", raw, GENIE, method)
    night.passes(seconds=3)
    assert (answer.status, answer.body["result"]) == (202, "Request will be processed")
    assert answer.body["requestId"]
    return answer.body


def test_a_client_of_opsgenie_creates_acknowledges_and_closes_by_alias(night: Night) -> None:
    opsgenie(night, "", {"message": "checkout is down", "alias": "shop/checkout", "priority": "P1"})
    night.phone("primary").receives("checkout is down")
    opsgenie(night, "/shop/checkout/acknowledge?identifierType=alias", {})
    assert night.is_acknowledged(by="checkout-generic")
    opsgenie(night, "/shop/checkout/close?identifierType=alias", None)
    assert night.is_resolved(by="checkout-generic")


def test_what_a_client_of_opsgenie_updates_is_recorded_and_pages_nobody(night: Night) -> None:
    opsgenie(night, "", {"message": "checkout is down", "alias": "a"})
    night.phone("primary").receives("checkout is down")
    opsgenie(night, "/a/message?identifierType=alias", {"message": "checkout is very down"}, "PUT")
    opsgenie(night, "/a/notes", {"note": "looking"})
    night.phone("primary").stays_silent()
    assert len(night.incidents()) == 1


@pytest.mark.parametrize(
    ("path", "headers", "status", "message"),
    [
        ("v2/alerts", {}, 401, "Could not authenticate"),
        ("v2/alerts", {"authorization": "GenieKey nobody-knows-this"}, 403, "There is no integration with this key."),
        ("v2/alerts", GENIE, 422, "Request body is not processable. Please check the errors."),
    ],
)
def test_a_client_of_opsgenie_is_refused_in_its_own_words(
    night: Night, path: str, headers: dict[str, str], status: int, message: str
) -> None:
    answer = night.world.post_raw(path, b"", headers)
    assert (answer.status, answer.body["message"]) == (status, message)
    assert night.incidents() == []


def grafana(night: Night, **states: str) -> None:
    """Send what a contact point of Grafana sends of a rule: the whole group, with the state of each of its alerts."""
    alerts = [
        {
            "status": state,
            "labels": {"alertname": "CPU", "grafana_folder": "shop", "instance": host.replace("_", "-")},
            "annotations": {"summary": "CPU is high"},
            "startsAt": "2026-03-02T02:14:00Z",
            "endsAt": "0001-01-01T00:00:00Z" if state == "firing" else "2026-03-02T02:20:00Z",
            "generatorURL": "https://grafana.example/alerting/grafana/cpu/view?orgId=1",
            "fingerprint": f"f-{host}",
            "values": {"A": 97.25},
            "valueString": "[ var='A' labels={} value=97.25 ]",
        }
        for host, state in states.items()
    ]
    firing = "firing" in states.values()
    group: dict[str, Any] = {
        "receiver": "tocsin",
        "status": "firing" if firing else "resolved",
        "alerts": alerts,
        "version": "1",
    }
    group |= {"orgId": 1, "groupKey": '{}/{}:{alertname="CPU"}', "truncatedAlerts": 0.0, "commonLabels": {}}
    group |= {"state": "alerting" if firing else "ok", "title": "[FIRING:2] CPU", "message": "**Firing**"}
    assert night.world.post(f"grafana/{KEY}", group).status == 202
    night.passes(seconds=3)


def test_a_contact_point_of_grafana_pages_for_each_alert_and_resolves_each_by_itself(night: Night) -> None:
    grafana(night, web_1="firing", web_2="firing")
    night.phone("primary").receives("CPU is high (web-1)")
    night.passes(minutes=1)
    night.phone("primary").receives("CPU is high (web-2)")
    grafana(night, web_1="resolved", web_2="firing")
    states = {one.title: str(one.status) for one in night.incidents()}
    assert states == {"CPU is high (web-1)": "resolved", "CPU is high (web-2)": "triggered"}
    grafana(night, web_2="resolved")
    assert {str(one.status) for one in night.incidents()} == {"resolved"}


def test_a_script_for_goalert_needs_nothing_but_its_address(night: Night) -> None:
    incoming = f"api/v2/generic/incoming?token={KEY}"
    assert night.world.post_raw(f"{incoming}&summary=backup+failed&dedup=backup", b"").status == 202
    night.passes(seconds=3)
    night.phone("primary").receives("backup failed")
    assert night.world.post_raw(incoming, b"action=close&dedup=backup", FORM).status == 202
    night.passes(seconds=3)
    assert night.is_resolved(by="checkout-generic")


def test_what_only_calls_an_address_pages(night: Night) -> None:
    monitor = f"uptimerobot/{KEY}?monitorID=7&monitorFriendlyName=Shop"
    assert night.world.post_raw(f"{monitor}&alertType=1", b"", method="GET").status == 202
    night.passes(seconds=3)
    night.phone("primary").receives("Shop is down")
    night.world.post_raw(f"{monitor}&alertType=2", b"", method="GET")
    night.passes(seconds=3)
    assert night.is_resolved(by="checkout-generic")


@pytest.mark.parametrize("source", ["uptimerobot", "uptime_kuma"])
def test_an_address_that_is_only_looked_at_pages_nobody(night: Night, source: str) -> None:
    answer = night.world.post_raw(f"{source}/{KEY}", b"", method="GET")
    assert (answer.status, str(answer.body["message"]).startswith("Nothing was said")) == (400, True)
    assert night.world.post_raw(f"generic/{KEY}", b"{}", method="GET").status == 405


def test_a_curl_that_forgets_to_say_json_pages(night: Night) -> None:
    night.world.post_raw(f"generic/{KEY}", b'{"title": "disk is full"}', FORM)
    night.passes(seconds=3)
    night.phone("primary").receives("disk is full")


def test_a_mail_pages_and_its_recovery_resolves(night: Night) -> None:
    for subject in (b"PROBLEM%3A+disk+is+full", b"Re%3A+RECOVERY%3A+disk+is+full"):
        night.world.post_raw(f"email/{KEY}", b"from=a%40b.example&subject=" + subject, FORM)
        night.passes(seconds=3)
    night.phone("primary").receives("disk is full")
    assert night.is_resolved(by="checkout-generic")
