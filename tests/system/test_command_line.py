"""The operator's command line on a running pager: what it says, what it changes, and what the phones see of it."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.error import HTTPError

import pytest

from tests.system.pager import PRIMARY, SECONDARY, Pager, get

Tocsin = Callable[..., str]


@pytest.fixture
def tocsin(pager: Pager) -> Tocsin:
    """Runs a command that succeeds, and gives what it printed."""

    def run(*words: str) -> str:
        answer = pager.tocsin(*words)
        assert (answer.returncode, answer.stderr) == (0, "")
        return answer.stdout

    return run


def test_a_triggered_alert_reaches_the_phone_and_is_listed(pager: Pager, tocsin: Tocsin) -> None:
    raised = _json(tocsin("trigger", "reports", "the printer is on fire", "--dedup-key", "fire", "--output", "json"))
    assert (raised["service"], raised["dedup_key"]) == ("reports", "fire")
    pager.text(PRIMARY, "the printer is on fire")
    incident = pager.incident("the printer is on fire")

    (row,) = _listed(tocsin, "fire")
    assert (row["id"], row["status"], row["severity"]) == (incident["id"], "triggered", "critical")
    (line,) = [line for line in tocsin("incident", "list").splitlines() if "fire" in line]
    assert {"triggered", "Reports"} <= set(line.split())
    tocsin("incident", "resolve", incident["id"])


def test_the_doctor_finds_a_running_pager_healthy_and_names_what_it_could_not_look_at(tocsin: Tocsin) -> None:
    said = _json(tocsin("doctor", "--output", "json"))
    assert said["broken"] == 0
    states = {one["part"]: one["state"] for one in said["findings"]}
    for part in (
        "configuration",
        "sweep",
        "books",
        "pages",
        "ingest",
        "reply",
        "calendar",
        "keys",
        "signatures",
        "links",
    ):
        assert states[part] == "well", part
    for part in ("queues", "clock", "indexes", "secrets", "private functions", "Twilio", "number"):
        assert states[part] == "skipped", part


def test_an_incident_shows_its_story_as_text_and_as_json(pager: Pager, tocsin: Tocsin) -> None:
    pager.alert("the mail is late", service="night")
    incident = pager.incident("the mail is late")
    pager.sees(lambda _: pager.show(incident)["notifications"][0]["delivery"] == "delivered")

    shown, text = pager.show(incident), tocsin("incident", "show", incident["id"][:8])

    texted, called = shown["notifications"]
    assert [(each["channel"], each["state"]) for each in (texted, called)] == [("sms", "sent"), ("voice", "pending")]
    assert [each["at"] for each in shown["due"]] == [called["due"], shown["next_at"]]
    assert all(line["at"] and line["what"] and line["why"] for line in shown["timeline"])
    for words in ("the mail is late", "Timeline", "Notifications", "Due next", "Sound Sleeper", texted["code"]):
        assert words in text


def test_an_ack_stops_the_call_and_the_phone_that_answers_later_learns_who_has_it(pager: Pager, tocsin: Tocsin) -> None:
    pager.alert("the queue is long", service="checkout")
    pager.text(PRIMARY, "the queue is long")
    incident = pager.incident("the queue is long")

    said = tocsin("incident", "ack", incident["id"], "--by", "secondary")

    assert "acknowledged by Secondary Person" in said
    assert "already acknowledged by Secondary Person" in tocsin("incident", "ack", incident["id"])
    pager.says(PRIMARY, "ack")
    pager.text(PRIMARY, "Already acknowledged by Secondary Person")
    called = pager.sees(lambda _: next((one for one in pager.show(incident)["notifications"] if _dropped(one)), None))
    assert called["channel"] == "voice"
    assert "already acknowledged" in called["history"][-1]["why"]


def test_a_resolved_incident_leaves_the_list_and_stays_in_the_list_of_all(pager: Pager, tocsin: Tocsin) -> None:
    pager.alert("the lamp is out")
    incident = pager.incident("the lamp is out")

    done = _json(tocsin("incident", "resolve", incident["id"], "--output", "json"))

    assert (done["status"], done["changed"]) == ("resolved", True)
    assert not _listed(tocsin, "the lamp is out")
    assert [row["status"] for row in _listed(tocsin, "the lamp is out", "--all")] == ["resolved"]


def test_an_incident_that_is_not_there_is_one_sentence(pager: Pager) -> None:
    answer = pager.tocsin("incident", "show", "0123456789")
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr.splitlines() == [answer.stderr.strip()]
    assert "0123456789" in answer.stderr


def test_the_page_shows_the_newest_of_what_is_listed(pager: Pager, tocsin: Tocsin) -> None:
    for number in range(16):
        pager.alert(f"bell number {number} rings")
    pager.sees(lambda _: sum("bell number" in line for line in tocsin("incident", "list").splitlines()) == 16)

    shown = [incident["id"] for incident in pager.state["incidents"]]

    listed = _json(tocsin("incident", "list", "--output", "json"))["incidents"]
    newest = sorted(listed, key=lambda row: str(row["opened_at"]), reverse=True)
    assert shown == [row["id"] for row in newest[: len(shown)]]


def _json(text: str) -> Any:
    return json.loads(text)


def _listed(tocsin: Tocsin, title: str, *options: str) -> list[dict[str, Any]]:
    rows = _json(tocsin("incident", "list", "--output", "json", *options))["incidents"]
    return [row for row in rows if title in (row["title"], row["dedup_key"])]


def _dropped(notification: dict[str, Any]) -> bool:
    return bool(notification["state"] == "dropped")


def test_a_test_page_is_watched_until_it_is_answered(pager: Pager, tocsin: Tocsin) -> None:
    with ThreadPoolExecutor() as beside:
        waiting = beside.submit(tocsin, "test-page", "primary", "--output", "json")
        pager.text(PRIMARY, "This is a test page for")
        assert _json(tocsin("incident", "list", "--output", "json"))["incidents"] == []
        pager.says(PRIMARY, "ack")
        answer = _json(waiting.result())
    assert answer["answered"]
    steps = [each["what"].partition(":")[0] for each in answer["steps"]]
    assert [steps[0], steps[1], steps[-1]] == ["accepted", "opened as an incident", "resolved"]
    assert {"text sent", "text delivered"} <= set(steps)
    assert [each["seconds"] for each in answer["steps"]] == sorted(each["seconds"] for each in answer["steps"])


def test_a_calendar_is_read_at_the_url_that_is_printed(tocsin: Tocsin) -> None:
    [feed] = _json(tocsin("feed", "primary", "--output", "json"))["feeds"]
    text = get(feed["url"])
    assert text.startswith("BEGIN:VCALENDAR\r\n")
    assert "SUMMARY:On call: " in text
    with pytest.raises(HTTPError) as refused:
        get(feed["url"].replace(".ics", "0.ics"))
    with refused.value as answer:
        assert answer.code == 404


def test_a_number_is_verified_by_the_code_that_its_phone_sends_back(pager: Pager, tocsin: Tocsin) -> None:
    tocsin("verify", "secondary")
    code = pager.text(SECONDARY, "is the code from Tocsin").partition(" ")[0]
    pager.says(SECONDARY, code)
    pager.text(SECONDARY, "this phone is verified")
    people = {each["user"]: each for each in _json(pager.tocsin("reach", "--output", "json").stdout)["people"]}
    assert people["secondary"]["reachable"]
    assert people["secondary"]["verified_at"]
    assert not people["manager"]["reachable"]
