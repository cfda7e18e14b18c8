"""Rules decide whose an alert is, how loud it is and whether it is heard at all, and every decision can be read."""

from datetime import UTC, datetime, time

from tests.stories.night import Night
from tests.stories.world import UTC_NIGHT
from tocsin.domain.alert import Severity
from tocsin.domain.calendar import Hours
from tocsin.domain.config import Rule, ServiceUrgency, Urgency
from tocsin.domain.matchers import parse
from tocsin.ledger import ledger

DB = (parse('team="db"'),)


def test_a_rule_sends_an_alert_to_another_service_and_says_so(night: Night) -> None:
    night.rules(Rule("databases", DB, service="stock", severity=Severity.WARNING, urgency=Urgency.HIGH, priority="P1"))
    night.alert("disk is full", team="db")
    night.phone("primary").receives("P1 Stock: disk is full").answers("ack").receives("Acknowledged")
    opened = night.incident
    assert (opened.service, opened.severity, opened.urgency) == ("stock", Severity.WARNING, Urgency.HIGH)
    said = "ruled: databases: service stock, severity warning, urgency high, priority P1"
    assert said in night.story(opened)


def test_what_no_rule_fits_goes_where_its_key_leads(night: Night) -> None:
    night.rules(Rule("databases", DB, service="stock"))
    night.alert("checkout is down", team="web")
    night.phone("primary").receives("checkout is down").answers("ack").receives("Acknowledged")
    assert night.incident.service == "checkout"
    [(_, event)] = night.world.store.query("events")
    assert [(one["rule"], one["fits"], one["why"]) for one in event["path"]["tried"]] == [
        ("databases", False, 'team="db", and team is "web"')
    ]


def test_what_a_rule_suppresses_is_written_down_with_its_name_and_pages_nobody(night: Night) -> None:
    night.rules(Rule("staging", (parse('env=~"test|staging"'),), suppress=True))
    night.alert("checkout is down", env="staging")
    night.resolves("checkout is down", env="staging")
    night.passes(minutes=30)
    assert night.incidents() == []
    assert night.outcomes() == ["suppressed", "nothing open"]
    books = ledger(night.world.store, UTC_NIGHT, night.world.now).balance
    assert (books.accepted, books.ended, books.differences) == (2, 2, ())
    reasons = [data["reason"] for _, data in night.world.store.query("events", order_by="accepted_at")]
    assert reasons[0] == "suppressed by the rule staging"


def test_a_trouble_that_was_open_before_it_was_to_be_suppressed_is_joined_and_resolved(night: Night) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down").answers("ack").receives("Acknowledged")
    night.rules(Rule("everything", suppress=True))
    night.alert("checkout is down")
    night.resolves("checkout is down")
    assert night.outcomes() == ["opened", "joined", "resolved"]
    assert night.is_resolved()


def test_what_a_rule_lets_wait_is_paged_when_something_joins_that_it_does_not_let_wait(night: Night) -> None:
    night.begins(datetime(2026, 11, 21, 2, 14, tzinfo=UTC))
    sleep = Hours(tuple(range(7)), time(22), time(7))
    night.changes("users", "primary", quiet_hours=sleep, time_zone="Europe/London")
    night.changes("services", "checkout", urgency=ServiceUrgency.HIGH)
    night.rules(Rule("warnings can wait", (parse('severity="warning"'),), urgency=Urgency.LOW))
    night.event("trigger", "disk 80 percent", severity="warning", dedup_key="disk")
    night.passes(minutes=10)
    night.phone("primary").stays_silent()
    night.event("trigger", "disk full", severity="critical", dedup_key="disk")
    night.phone("primary").receives("disk 80 percent").answers("ack").receives("Acknowledged")
    assert night.incident.urgency is Urgency.HIGH


def test_a_condition_that_has_no_answer_keeps_nothing_from_anybody(night: Night) -> None:
    night.rules(Rule("eu", when='labels.region.startsWith("eu")', suppress=True))
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down").answers("ack").receives("Acknowledged")
    night.alert("shelves are empty", region="eu-west")
    assert night.outcomes() == ["opened", "suppressed"]
    [(_, event), _] = night.world.store.query("events", order_by="accepted_at")
    assert event["path"]["warnings"] == ['rule eu: its expression has no answer here: Key not found in map : "region"']


def test_a_condition_that_cannot_be_read_here_keeps_nothing_from_anybody(night: Night) -> None:
    night.rules(Rule("newer", when="labels.team.someday()", suppress=True))
    night.alert("checkout is down", team="db")
    night.phone("primary").receives("checkout is down").answers("ack").receives("Acknowledged")


def test_a_dedup_key_of_a_rule_makes_one_trouble_of_two(night: Night) -> None:
    night.rules(Rule("hosts", dedup_key="{{labels.host}}"))
    night.alert("disk is full", host="db-1")
    night.phone("primary").receives("disk is full").answers("ack").receives("Acknowledged")
    night.alert("disk is slow", host="db-1")
    assert night.outcomes() == ["opened", "joined"]
    night.resolves("disk is slow", host="db-1")
    assert night.is_resolved()
    night.resolves("disk is full", host="db-1")
    assert night.outcomes() == ["opened", "joined", "resolved", "nothing open"]


def test_a_resolve_without_labels_goes_where_its_trigger_was_led(night: Night) -> None:
    night.rules(Rule("slow ones", (parse('title=~".*slow"'),), dedup_key="slow/{{service}}"))
    night.event("trigger", "cart is slow", dedup_key="a")
    night.phone("primary").receives("cart is slow").answers("ack").receives("Acknowledged")
    assert night.incident.dedup_key == "slow/checkout"
    night.event("resolve", "", dedup_key="a")
    assert night.is_resolved()


def test_a_resolve_that_overtakes_its_trigger_counts_for_the_key_it_is_led_to(night: Night) -> None:
    night.rules(Rule("slow ones", (parse('title=~".*slow"'),), dedup_key="slow/{{service}}"))
    with night.delayed(minutes=5):
        night.event("trigger", "cart is slow", dedup_key="a")
    night.event("resolve", "", dedup_key="a")
    night.passes(minutes=6)
    assert night.incidents() == []
    assert sorted(night.outcomes()) == ["late", "nothing open"]


def test_a_trouble_stays_where_it_was_led_for_as_long_as_it_is_open(night: Night) -> None:
    night.rules(Rule("errors", (parse('severity="error"'),), dedup_key="errors"))
    night.event("trigger", "checkout is down", dedup_key="a")
    night.phone("primary").receives("checkout is down").answers("ack").receives("Acknowledged")
    night.event("trigger", "checkout is down", dedup_key="a", severity="error")
    assert night.outcomes() == ["opened", "joined"]
    night.event("resolve", "", dedup_key="a")
    assert night.is_resolved()
    night.event("trigger", "checkout is down", dedup_key="a", severity="error")
    night.passes(minutes=1)
    night.phone("primary").receives("checkout is down").answers("ack").receives("Acknowledged")
    night.event("trigger", "checkout is down", dedup_key="a")
    assert night.outcomes()[2:] == ["resolved", "opened", "joined"]
    night.event("resolve", "", dedup_key="a")
    assert [one.status.value for one in night.incidents()] == ["resolved", "resolved"]


def test_a_trouble_that_is_led_nowhere_any_more_is_resolved_where_it_is(night: Night) -> None:
    night.rules(Rule("errors", (parse('severity="error"'),), dedup_key="errors"))
    night.event("trigger", "checkout is down", dedup_key="a", severity="error")
    night.phone("primary").receives("checkout is down").answers("ack").receives("Acknowledged")
    night.event("resolve", "", dedup_key="a")
    night.event("trigger", "checkout is down", dedup_key="a")
    night.passes(minutes=1)
    night.phone("primary").receives("checkout is down").answers("ack").receives("Acknowledged")
    night.event("resolve", "", dedup_key="a")
    assert night.outcomes() == ["opened", "resolved", "opened", "resolved"]


def test_a_resolve_that_is_led_elsewhere_holds_for_what_comes_late_and_is_led_nowhere(night: Night) -> None:
    night.rules(Rule("errors", (parse('severity="error"'),), dedup_key="errors"))
    night.event("trigger", "checkout is down", dedup_key="a", severity="error")
    night.phone("primary").receives("checkout is down").answers("ack").receives("Acknowledged")
    with night.delayed(minutes=5):
        night.event("trigger", "checkout is slow", dedup_key="a")
    night.event("resolve", "", dedup_key="a")
    night.passes(minutes=6)
    assert sorted(night.outcomes()) == ["late", "opened", "resolved"]


def test_an_acknowledge_that_is_led_elsewhere_holds_for_what_comes_late_and_is_led_nowhere(night: Night) -> None:
    night.rules(Rule("errors", (parse('severity="error"'),), dedup_key="errors"))
    night.event("trigger", "checkout is down", dedup_key="a", severity="error")
    phone = night.phone("primary").receives("checkout is down")
    with night.delayed(minutes=5):
        night.event("trigger", "checkout is slow", dedup_key="a")
    night.event("acknowledge", "", dedup_key="a")
    phone.answers("resolve {code}").receives("Resolved")
    night.passes(minutes=6)
    assert [one.status.value for one in night.incidents()] == ["acknowledged", "resolved"]


def test_a_test_page_is_not_ruled(night: Night) -> None:
    night.rules(Rule("everything", suppress=True))
    night.beats()
    night.passes(minutes=5)
    assert night.outcomes() == ["recorded"]
