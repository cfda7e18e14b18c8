"""Holds the answers of the Events API v2: which key, which violations, which words."""

from typing import Any

import pytest

from tocsin.domain.alert import Action, Alert
from tocsin.errors import Malformed
from tocsin.sources import Posted, pagerduty

GOOD = {"summary": "s", "source": "h", "severity": "info"}


def posted(path: str = "v2/enqueue", **event: Any) -> Posted:
    return Posted(event, path=path)


def test_the_integration_key_is_the_routing_key() -> None:
    assert pagerduty.key(posted(routing_key=" r1 ", event_action="nonsense")) == "r1"


@pytest.mark.parametrize("routing_key", [None, "", "  ", 5, ["r"], {"a": 1}, "r" * 256, True])
def test_a_bad_routing_key_is_named_before_all_other_mistakes(routing_key: object) -> None:
    with pytest.raises(Malformed) as refusal:
        pagerduty.key(posted(routing_key=routing_key, event_action="trigger", payload={"summary": "s"}))
    assert refusal.value.status == 400
    assert [reason.split()[0] for reason in refusal.value.reasons] == [
        "'routing_key'",
        "'payload.source'",
        "'payload.severity'",
    ]


@pytest.mark.parametrize("payload", [None, [], "trigger", 5, True])
def test_an_event_that_is_no_object_is_an_unrecognized_object(payload: object) -> None:
    for read in (pagerduty.key, pagerduty.parse):
        with pytest.raises(Malformed) as refusal:
            read(Posted(payload, path="v2/enqueue"))
        answer = pagerduty.refused(refusal.value.status, str(refusal.value), refusal.value.reasons)
        assert answer == {
            "status": "Unrecognized object",
            "message": "Event object format is unrecognized",
            "errors": ["The event is not a JSON object."],
        }


def test_a_refusal_lists_every_violation() -> None:
    with pytest.raises(Malformed) as refusal:
        pagerduty.parse(posted(event_action="trigger", payload={}))
    assert pagerduty.refused(400, str(refusal.value), refusal.value.reasons) == {
        "status": "invalid event",
        "message": "Event object is invalid",
        "errors": ["'payload.summary' is missing", "'payload.source' is missing", "'payload.severity' is missing"],
    }


def test_an_event_that_was_not_taken_is_answered_as_throttled() -> None:
    assert pagerduty.refused(429, "Send it again.", ())["status"] == "throttle exceeded"


@pytest.mark.parametrize("status", [403, 405, 413, 415])
def test_an_event_that_never_got_that_far_is_answered_with_the_reason(status: int) -> None:
    answer = pagerduty.refused(status, "Because.", ())
    assert answer == {"status": "invalid event", "message": "Because.", "errors": ["Because."]}


def test_an_accepted_event_is_answered_with_its_dedup_key() -> None:
    answer = pagerduty.accepted([Alert(Action.TRIGGER, "minted", "t")])
    assert answer == {"status": "success", "message": "Event processed", "dedup_key": "minted"}


def test_an_accepted_change_is_answered_without_one() -> None:
    answer = pagerduty.accepted([Alert(Action.CHANGE, "", "t")])
    assert answer == {"status": "success", "message": "Change event processed"}


@pytest.mark.parametrize("action", ["trigger", "acknowledge", "resolve", None])
def test_the_change_path_never_pages_whatever_the_event_says(action: str | None) -> None:
    (alert,) = pagerduty.parse(
        posted("v2/change/enqueue", routing_key="r", event_action=action, dedup_key="d", payload=GOOD)
    )
    assert (alert.action, alert.dedup_key) == (Action.CHANGE, "")


@pytest.mark.parametrize("severity", ["critical", "error", "warning", "info"])
def test_the_four_severities_are_kept(severity: str) -> None:
    (alert,) = pagerduty.parse(posted(event_action="trigger", payload={**GOOD, "severity": severity}))
    assert alert.severity == severity


def test_the_dedup_key_is_kept_to_the_letter() -> None:
    actions = ("trigger", "acknowledge", "resolve")
    keys = {
        pagerduty.parse(posted(event_action=action, dedup_key=" Ab/c ", payload=GOOD))[0].dedup_key
        for action in actions
    }
    assert keys == {" Ab/c "}


def test_255_characters_of_dedup_key_are_taken() -> None:
    (alert,) = pagerduty.parse(posted(event_action="resolve", dedup_key="é" * 255))
    assert alert.dedup_key == "é" * 255


def test_with_the_key_in_the_address_the_event_needs_none() -> None:
    (alert,) = pagerduty.parse(posted("pagerduty", event_action="trigger", payload=GOOD))
    assert alert.action is Action.TRIGGER
