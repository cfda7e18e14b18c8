"""Alerts of one group are one incident: one page for all of them, and over when all of them are."""

from datetime import timedelta

from tests.stories.night import Night
from tocsin.domain.config import Rule, Urgency
from tocsin.domain.incident import Status

CLUSTER = Rule("cluster", group="{{labels.cluster}}")
TEN_MINUTES = Rule("cluster", group="{{labels.cluster}}", group_window=timedelta(minutes=10))


def test_a_group_is_paged_once_and_later_pages_say_how_many_more_there_are(night: Night) -> None:
    night.rules(CLUSTER)
    for host in ("db-1", "db-2", "db-3", "db-4"):
        night.alert(f"{host} is down", cluster="eu")
    phone = night.phone("primary").receives("db-1 is down. Reply")
    night.passes(minutes=5)
    phone.rings()
    night.phone("secondary").receives("db-1 is down (+3 more). Reply").answers("ack").receives("Acknowledged")
    assert night.outcomes() == ["opened", "joined", "joined", "joined"]
    assert night.told("grouped: checkout-alertmanager says: db-3 is down (eu)") == 1


def test_a_group_is_over_when_all_of_it_is(night: Night) -> None:
    night.rules(CLUSTER)
    for host in ("db-1", "db-2"):
        night.alert(f"{host} is down", cluster="eu")
    night.phone("primary").receives("db-1 is down").answers("ack").receives("Acknowledged")
    night.resolves("db-1 is down", cluster="eu")
    assert night.is_acknowledged()
    night.alert("db-1 is down", cluster="eu")
    night.resolves("db-2 is down", cluster="eu")
    assert night.is_acknowledged()
    night.resolves("db-1 is down", cluster="eu")
    assert night.is_resolved()
    assert len(night.incidents()) == 1


def test_groups_with_other_keys_other_services_and_another_urgency_are_apart(night: Night) -> None:
    night.rules(CLUSTER)
    night.alert("db-1 is slow", cluster="eu", severity="warning")
    night.alert("db-2 is down", cluster="eu")
    night.alert("db-3 is down", cluster="us")
    night.alert("db-4 is down", cluster="eu", service="stock")
    assert night.outcomes() == ["opened"] * 4
    assert sorted(one.urgency for one in night.incidents()) == [Urgency.HIGH] * 3 + [Urgency.LOW]
    night.phone("primary").has_had_enough()


def test_a_window_ends_the_joining_and_not_the_incident(night: Night) -> None:
    night.rules(TEN_MINUTES)
    night.alert("db-1 is down", cluster="eu")
    phone = night.phone("primary").receives("db-1 is down").answers("ack").receives("Acknowledged")
    night.passes(minutes=9)
    night.alert("db-2 is down", cluster="eu")
    night.passes(minutes=2)
    night.alert("db-3 is down", cluster="eu")
    phone.receives("db-3 is down").answers("ack").receives("Acknowledged")
    night.alert("db-4 is down", cluster="eu")
    assert night.outcomes() == ["opened", "joined", "opened", "joined"]
    assert [one.status for one in night.incidents()] == [Status.ACKNOWLEDGED] * 2


def test_after_somebody_has_resolved_a_group_the_next_alert_is_another_one(night: Night) -> None:
    night.rules(CLUSTER)
    night.alert("db-1 is down", cluster="eu")
    night.alert("db-2 is down", cluster="eu")
    phone = night.phone("primary").receives("db-1 is down").answers("resolve {code}").receives("Resolved")
    night.passes(minutes=2)
    night.alert("db-2 is down", cluster="eu")
    phone.receives("db-2 is down").answers("ack").receives("Acknowledged")


def test_a_trouble_that_comes_back_late_is_not_taken_for_over_with_the_others(night: Night) -> None:
    night.rules(CLUSTER)
    night.alert("db-1 is down", cluster="eu")
    night.alert("db-2 is down", cluster="eu")
    phone = night.phone("primary").receives("db-1 is down").answers("ack").receives("Acknowledged")
    night.resolves("db-2 is down", cluster="eu")
    night.passes(minutes=1)
    with night.delayed(minutes=5):
        night.alert("db-2 is down", cluster="eu")
    night.passes(minutes=1)
    night.resolves("db-1 is down", cluster="eu")
    assert night.is_resolved()
    night.passes(minutes=5)
    phone.receives("db-2 is down").answers("ack").receives("Acknowledged")


def test_a_later_trouble_of_the_same_key_does_not_end_with_a_resolve_it_had_overtaken(night: Night) -> None:
    night.rules(CLUSTER)
    night.alert("db-1 is down", cluster="eu")
    night.alert("db-2 is down", cluster="eu")
    night.phone("primary").receives("db-1 is down").answers("ack").receives("Acknowledged")
    with night.delayed(minutes=2):
        night.resolves("db-1 is down", cluster="eu")
    night.passes(minutes=1)
    night.alert("db-1 is down", cluster="eu")
    night.passes(minutes=2)
    night.resolves("db-2 is down", cluster="eu")
    assert night.is_acknowledged()
    night.resolves("db-1 is down", cluster="eu")
    assert night.is_resolved()


def test_what_fires_again_is_found_among_all_that_came_with_it(night: Night) -> None:
    night.rules(CLUSTER)
    night.alert("db-0 is down", cluster="eu")
    night.phone("primary").receives("db-0 is down").answers("ack").receives("Acknowledged")
    with night.delayed(minutes=20):
        night.resolves("db-0 is down", cluster="eu")
    others = [f"db-{number} is down" for number in range(1, 121)]
    for title in others:
        night.alert(title, cluster="eu")
    night.alert("db-0 is down", cluster="eu")
    night.passes(minutes=20)
    for title in others:
        night.resolves(title, cluster="eu")
    assert night.is_acknowledged()
    night.resolves("db-0 is down", cluster="eu")
    assert night.is_resolved()


def test_alerts_of_two_integrations_are_one_group(night: Night) -> None:
    night.rules(Rule("all of checkout", group="{{service}}"))
    night.alert("db-1 is down")
    night.alert("cart is empty", source="generic")
    night.phone("primary").receives("db-1 is down").answers("ack").receives("Acknowledged")
    assert night.outcomes() == ["opened", "joined"]


def test_without_the_label_that_groups_an_alert_stands_for_itself(night: Night) -> None:
    night.rules(CLUSTER)
    night.alert("db-1 is down")
    night.alert("db-2 is down")
    assert night.outcomes() == ["opened", "opened"]
    night.phone("primary").has_had_enough()
