"""What monitoring tools say, and what it does at night."""

import pytest

from tests.stories.night import Night


@pytest.mark.parametrize("source", ["alertmanager", "generic"])
def test_any_tool_pages_and_closes(night: Night, source: str) -> None:
    night.alert("checkout is down", source=source)
    night.phone("primary").receives("checkout is down")
    night.resolves("checkout is down", source=source)
    night.passes(hours=1)
    assert night.is_resolved(by=f"checkout-{source}")


def test_a_pagerduty_client_triggers_acknowledges_and_resolves(night: Night) -> None:
    assert night.event("trigger", "checkout is down").body["status"] == "success"
    night.phone("primary").receives("checkout is down")
    night.event("acknowledge", "checkout is down")
    assert night.is_acknowledged(by="checkout-pagerduty")
    night.event("resolve", "checkout is down")
    night.passes(hours=1)
    assert night.is_resolved(by="checkout-pagerduty")


def test_an_acknowledge_for_what_nobody_knows_is_dropped(night: Night) -> None:
    night.event("acknowledge", "checkout is down")
    night.event("resolve", "checkout is down")
    assert night.incidents() == []


def test_a_change_event_is_recorded_and_never_pages(night: Night) -> None:
    night.change("deployed build 1234")
    night.passes(hours=1)
    assert night.incidents() == []
    assert night.world.reasons == ["route: recorded: change events are recorded and never page"]


def test_a_body_of_any_shape_pages_with_what_there_is(night: Night) -> None:
    night.world.post("generic/key-of-checkout-generic", {"foo": [1, 2], "bar": {"baz": None}})
    night.passes(seconds=3)
    night.phone("primary").receives("Alert without a title from checkout-generic")


def test_each_alert_of_a_group_is_a_trouble_of_its_own(night: Night) -> None:
    firing = [
        {"status": "firing", "labels": {"alertname": name, "severity": "critical"}, "fingerprint": name}
        for name in ("DiskFull", "HostDown")
    ]
    night.world.post("alertmanager/key-of-checkout-alertmanager", {"version": "4", "alerts": firing})
    night.passes(seconds=3)
    night.phone("primary").receives("DiskFull")
    night.passes(minutes=1)
    night.phone("primary").receives("HostDown")


def test_a_group_that_is_half_resolved_closes_only_that_half(night: Night) -> None:
    night.alert("disk is full")
    night.passes(minutes=1)
    night.alert("host is down")
    night.phone("primary").receives("disk is full").receives("host is down")
    night.resolves("disk is full")
    assert sorted((one.title, str(one.status)) for one in night.incidents()) == [
        ("disk is full", "resolved"),
        ("host is down", "triggered"),
    ]


def test_the_same_key_of_two_integrations_is_two_troubles(night: Night) -> None:
    night.alert("checkout is down", source="alertmanager")
    night.passes(minutes=1)
    night.event("trigger", "checkout is down")
    night.phone("primary").receives("checkout is down").receives("checkout is down")


def test_a_wrong_key_pages_nobody_and_the_next_good_alert_pages(night: Night) -> None:
    assert night.world.post("alertmanager/no-such-key", {"alerts": []}).status == 403
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down")


def test_while_the_topic_is_down_an_alert_is_kept_and_the_sweep_pages(night: Night) -> None:
    night.world.queue.topic_down = True
    assert night.alert("checkout is down").status == 202
    night.phone("primary").stays_silent()
    night.passes(minutes=1)
    night.phone("primary").receives("checkout is down")


def test_while_topic_and_store_are_down_the_sender_is_told_to_repeat_and_its_repeat_pages(night: Night) -> None:
    night.world.queue.topic_down = night.world.store.away = True
    refused = night.alert("checkout is down")
    assert (refused.status, refused.retry_after > 0) == (503, True)
    night.world.queue.topic_down = night.world.store.away = False
    assert night.alert("checkout is down").status == 202
    night.phone("primary").receives("checkout is down")


# A key belongs to whoever sent it: "db-1" of one tool says nothing of "db-1" of another.
def test_the_senders_own_key_is_one_trouble_for_each_integration(night: Night) -> None:
    night.event("trigger", "cards are refused", dedup_key="db-1")
    body = {"title": "checkout is slow", "dedup_key": "db-1"}
    night.passes(minutes=1)
    night.world.post("generic/key-of-checkout-generic", body)
    night.passes(seconds=3)
    night.phone("primary").receives("cards are refused").receives("checkout is slow")
    night.world.post("generic/key-of-checkout-generic", body | {"state": "resolved"})
    assert sorted((one.title, str(one.status)) for one in night.incidents()) == [
        ("cards are refused", "triggered"),
        ("checkout is slow", "resolved"),
    ]


def test_what_one_body_says_keeps_its_order_though_it_is_delivered_backwards(night: Night) -> None:
    night.world.queue.backwards = True
    titles = ["one is down", "two is down", "three is down"]
    night.world.post("generic/key-of-checkout-generic", [{"title": one} for one in titles])
    night.passes(seconds=3)
    night.phone("primary").has_had_enough()
    accepted = {data["accepted_at"]: data["event"]["alert"]["title"] for _, data in night.world.store.query("events")}
    assert [accepted[at] for at in sorted(accepted)] == titles


# Nobody can say which of the two was first: a page too many is better than one too few.
def test_a_trigger_of_the_very_instant_of_a_resolve_pages(night: Night) -> None:
    for state in ("resolved", "firing"):
        night.world.post("generic/key-of-checkout-generic", {"title": "checkout is down", "state": state})
    night.passes(seconds=3)
    night.phone("primary").receives("checkout is down")


def test_a_label_that_is_cut_to_what_no_document_takes_is_paged(night: Night) -> None:
    night.alert("checkout is down", **{f"__{'a' * 251}__of_something": "1"})
    night.phone("primary").receives("checkout is down")
    assert night.outcomes() == ["opened"]
