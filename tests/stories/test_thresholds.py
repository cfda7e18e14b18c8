"""A rule can wait until something has come so often within so long; what was counted is in the incident then."""

from datetime import timedelta

from tests.stories.night import Night
from tests.stories.world import UTC_NIGHT
from tocsin.domain.config import Rule, Threshold
from tocsin.ledger import ledger

OFTEN = Threshold(3, timedelta(minutes=10))
THRICE = Rule("rarely bad", threshold=OFTEN)
TOGETHER = Rule("cluster", group="{{labels.cluster}}", threshold=OFTEN)


def test_below_the_threshold_nobody_is_paged_and_each_event_says_how_far_it_is(night: Night) -> None:
    night.rules(THRICE)
    night.alert("cart is slow")
    night.passes(minutes=4)
    night.alert("cart is slow")
    reasons = [data["reason"] for _, data in night.world.store.query("events", order_by="accepted_at")]
    assert reasons == ["waiting: 1 of 3 in 10m (rule rarely bad)", "waiting: 2 of 3 in 10m (rule rarely bad)"]
    books = ledger(night.world.store, UTC_NIGHT, night.world.now).balance
    assert (books.outcomes["waiting"], books.accepted, books.differences) == (2, 2, ())
    night.passes(minutes=4)
    night.alert("cart is slow")
    night.phone("primary").receives("cart is slow").answers("ack").receives("Acknowledged")


def test_what_has_come_too_long_ago_does_not_count(night: Night) -> None:
    night.rules(THRICE)
    for _ in range(4):
        night.alert("cart is slow")
        night.passes(minutes=6)
    assert night.outcomes() == ["waiting"] * 4


def test_each_dedup_key_is_counted_by_itself(night: Night) -> None:
    night.rules(THRICE)
    for title in ("cart is slow", "login is slow", "cart is slow", "login is slow"):
        night.alert(title)
    assert night.outcomes() == ["waiting"] * 4


def test_an_event_that_is_delivered_again_is_counted_once(night: Night) -> None:
    night.rules(THRICE)
    night.alert("cart is slow")
    night.alert("cart is slow")
    night.world.routes_again()
    assert night.outcomes() == ["waiting"] * 2
    night.alert("cart is slow")
    night.phone("primary").receives("cart is slow").answers("ack").receives("Acknowledged")


def test_what_was_counted_in_a_group_is_one_incident_that_is_over_when_all_of_it_is(night: Night) -> None:
    night.rules(TOGETHER)
    for host in ("db-1", "db-2", "db-3"):
        night.alert(f"{host} is down", cluster="eu")
    night.phone("primary").receives("db-3 is down (+2 more)").answers("ack").receives("Acknowledged")
    night.resolves("db-3 is down", cluster="eu")
    night.resolves("db-1 is down", cluster="eu")
    assert night.is_acknowledged()
    night.resolves("db-2 is down", cluster="eu")
    assert night.is_resolved()


def test_what_was_counted_and_is_over_before_the_threshold_is_not_in_the_incident(night: Night) -> None:
    night.rules(TOGETHER)
    night.alert("db-1 is down", cluster="eu")
    night.resolves("db-1 is down", cluster="eu")
    night.alert("db-2 is down", cluster="eu")
    night.alert("db-3 is down", cluster="eu")
    night.phone("primary").receives("db-3 is down (+1 more)").answers("ack").receives("Acknowledged")
    night.resolves("db-2 is down", cluster="eu")
    night.resolves("db-3 is down", cluster="eu")
    assert night.is_resolved()


def test_the_silence_of_a_monitor_is_told_once_and_waits_for_no_second_time(night: Night) -> None:
    night.rules(THRICE)
    night.beats()
    night.passes(minutes=7)
    night.phone("primary").receives("Nightly backup has sent no heartbeat").answers("ack").receives("Acknowledged")
