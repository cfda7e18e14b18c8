"""Two incidents become one: nothing of either is forgotten, and what was said of one is not taken for the other."""

from datetime import UTC, datetime, time, timedelta

from infra.local.phones.faults import Kind, On
from tests.stories.night import Night, Phone
from tests.stories.world import UTC_NIGHT
from tocsin import desk
from tocsin.domain.calendar import Hours
from tocsin.domain.config import ContactRule, Rule, Urgency
from tocsin.domain.incident import Incident, Status
from tocsin.domain.matchers import parse
from tocsin.domain.orders import Said
from tocsin.ledger import ledger

SLEEP = Hours(tuple(range(7)), time(22), time(7))


def _named(night: Night, title: str) -> Incident:
    return next(one for one in night.incidents() if one.title == title)


def _both(night: Night) -> tuple[Phone, str, str]:
    """Let two alerts come, and give the phone that has both with their codes."""
    night.alert("disk full")
    phone = night.phone("primary").receives("disk full")
    first = phone.code
    night.passes(minutes=1)
    night.alert("checkout is down")
    return phone, first, phone.receives("checkout is down").code


def _operator_merges(night: Night, source: str, target: str) -> None:
    world = night.world
    said = Said("Olga Operator", "on the command line", world.now)
    desk.merged(world.store, world.queue, _named(night, source).id, _named(night, target).id, said, world.moment())
    night.passes(seconds=3)


def test_a_late_trigger_of_what_was_merged_does_not_acknowledge_what_nobody_has(night: Night) -> None:
    night.event("trigger", "queue is long")
    phone = night.phone("primary").receives("queue is long")
    first = phone.code
    with night.delayed(minutes=4):
        night.event("trigger", "queue is long")
    night.event("acknowledge", "queue is long")
    night.passes(minutes=1)
    night.alert("checkout is down")
    phone.receives("checkout is down").answers(f"merge {first} {{code}}").receives("Merged")
    night.passes(minutes=3, seconds=30)
    assert _named(night, "checkout is down").status is Status.TRIGGERED
    phone.rings().answers("ack").receives("Acknowledged")


def test_what_another_was_merged_into_is_not_closed_for_being_idle(night: Night) -> None:
    night.changes("services", "checkout", auto_resolve=timedelta(hours=1))
    night.alert("checkout is down")
    phone = night.phone("primary").receives("down").answers("ack").receives("Acknowledged")
    target = phone.code
    night.passes(minutes=57)
    night.alert("disk full")
    phone.receives("disk full").answers(f"merge {{code}} {target}").receives("Merged")
    night.passes(minutes=65)
    target_now = _named(night, "checkout is down")
    assert target_now.status is Status.ACKNOWLEDGED
    assert night.told_of(target_now, "merged", "it is not resolved for being idle any more") == 1


def test_whoever_was_asked_about_the_one_is_asked_about_both(night: Night) -> None:
    phone, first, second = _both(night)
    phone.answers(f"ack {first}").receives("Acknowledged").answers(f"add {first} manager").receives("Paged as well")
    night.phone("manager").receives("asks for help")
    phone.answers(f"merge {first} {second}").receives("Merged")
    phone.answers(f"ack {second}").receives("Acknowledged")
    assert _named(night, "checkout is down").asked == ("manager",)
    night.phone("manager").answers("ack").receives("You are on it, with Primary Person")


def test_whoever_was_asked_about_the_one_is_called_about_both_until_they_answer(night: Night) -> None:
    phone, first, second = _both(night)
    phone.answers(f"ack {first}").receives("Acknowledged").answers(f"add {first} manager").receives("Paged as well")
    manager = night.phone("manager").receives("disk full")
    phone.answers(f"merge {first} {second}").receives("Merged")
    phone.answers(f"ack {second}").receives("Acknowledged")
    night.passes(minutes=2)
    manager.rings().picks_up().hears("checkout is down").presses("4").hears("You are on it, with Primary Person")
    night.passes(minutes=10)


def test_whoever_was_asked_about_the_one_and_not_told_yet_is_told_of_both(night: Night) -> None:
    phone, first, second = _both(night)
    manager = night.phone("manager").meets(Kind.THROTTLED, On.TEXT, times=2)
    phone.answers(f"ack {first}").receives("Acknowledged").answers(f"add {first} manager").receives("Paged as well")
    phone.answers(f"merge {first} {second}").receives("Merged")
    phone.answers(f"ack {second}").receives("Acknowledged")
    night.passes(minutes=1)
    manager.receives("asks for help", "checkout is down").answers("ack {code}").receives("You are on it")
    night.passes(minutes=10)


def test_whoever_was_asked_about_the_one_is_told_of_both_in_a_digest(night: Night) -> None:
    phone, first, second = _both(night)
    night.passes(minutes=1)
    night.alert("ledger is wrong", service="payments")
    third = phone.receives("ledger").code
    for code in (second, third, first):
        phone.answers(f"add {code} manager").receives("Paged as well")
    manager = night.phone("manager").receives("checkout is down").answers("ack").receives("Acknowledged")
    phone.answers(f"merge {first} {second}").receives("Merged")
    night.passes(minutes=1)
    manager.receives("2 incidents", "ledger is wrong", "checkout is down").answers("resolve {code}")
    manager.receives("Resolved", "all 2")
    night.phone("secondary").has_had_enough()
    phone.has_had_enough()


def test_urgent_trouble_that_is_merged_into_what_can_wait_is_paged_at_once(night: Night) -> None:
    night.begins(datetime(2026, 11, 21, 2, 14, tzinfo=UTC))
    night.changes("users", "primary", quiet_hours=SLEEP, time_zone="Europe/London")
    night.alert("report is late", service="reports")
    night.alert("checkout is down")
    phone = night.phone("primary").receives("checkout is down")
    _operator_merges(night, "checkout is down", "report is late")
    target = _named(night, "report is late")
    assert (target.urgency, target.status) == (Urgency.HIGH, Status.TRIGGERED)
    night.passes(minutes=3)
    phone.receives("report is late").rings().answers("ack").receives("Acknowledged")
    night.passes(hours=6)


def test_what_nobody_has_answered_is_paged_on_though_it_is_merged_into_what_is_paused(night: Night) -> None:
    night.rules(Rule("flaky", (parse('alertname="checks fail"'),), pause=timedelta(days=7)))
    night.alert("checks fail")
    night.alert("checkout is down")
    phone = night.phone("primary").receives("checkout is down")
    _operator_merges(night, "checkout is down", "checks fail")
    night.passes(minutes=1)
    phone.receives("checks fail").answers("ack").receives("Acknowledged")
    night.passes(hours=1)


def test_whoever_has_no_text_about_the_target_is_called_though_the_source_has_gone_further(night: Night) -> None:
    night.changes("users", "primary", rules={Urgency.HIGH: (ContactRule("sms"),)})
    night.alert("cards are refused", service="payments")
    night.passes(minutes=6)
    for user in ("primary", "secondary", "manager"):
        night.phone(user).has_had_enough()
    phone = night.phone("primary").meets(Kind.UNDELIVERED, On.TEXT)
    phone.meets(Kind.CALLBACK_LATE, On.TEXT, times=None, seconds=60)
    night.alert("checkout is down")
    _operator_merges(night, "cards are refused", "checkout is down")
    phone.has_had_enough()
    night.passes(minutes=2)
    phone.rings().answers("ack").receives("Acknowledged")
    night.phone("secondary").stays_silent()


def test_what_is_paused_stays_so_when_what_somebody_has_is_merged_into_it(night: Night) -> None:
    night.rules(Rule("flaky", (parse('alertname="checks fail"'),), pause=timedelta(hours=3)))
    night.alert("checks fail")
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down").answers("ack").receives("Acknowledged")
    _operator_merges(night, "checkout is down", "checks fail")
    night.passes(hours=2)
    night.phone("primary").stays_silent()


def test_a_graver_alert_that_joins_what_can_wait_is_paged_at_once(night: Night) -> None:
    night.begins(datetime(2026, 11, 21, 2, 14, tzinfo=UTC))
    night.changes("users", "primary", quiet_hours=SLEEP, time_zone="Europe/London")
    night.event("trigger", "disk 80 percent", severity="warning", dedup_key="disk")
    night.passes(minutes=10)
    phone = night.phone("primary")
    phone.stays_silent()
    night.event("trigger", "disk full", severity="critical", dedup_key="disk")
    phone.receives("disk 80 percent")
    night.passes(minutes=2)
    phone.rings().answers("ack").receives("Acknowledged")
    assert night.told("raised", "says critical: low urgency becomes high") == 1
    night.event("trigger", "disk full", severity="critical", dedup_key="disk")
    night.passes(hours=6)
    assert (len(night.incidents()), night.alerts(), night.told("raised")) == (1, 3, 1)


def test_a_graver_alert_that_joins_what_somebody_has_pages_nobody(night: Night) -> None:
    night.event("trigger", "disk 80 percent", severity="warning", dedup_key="disk")
    night.phone("primary").receives("disk 80 percent").answers("ack").receives("Acknowledged")
    night.event("trigger", "disk full", severity="critical", dedup_key="disk")
    night.passes(hours=1)
    assert night.is_acknowledged(by="Primary Person")
    assert night.incident.urgency is Urgency.HIGH


def test_whoever_was_paged_for_the_source_alone_can_pass_it_on(night: Night) -> None:
    night.pages("stock", *night.joins(1))
    night.alert("checkout is down")
    night.passes(minutes=6)
    night.alert("ledger is wrong", service="stock")
    guest = night.phone("guest-0").receives("ledger")
    _operator_merges(night, "ledger is wrong", "checkout is down")
    for user in ("primary", "secondary"):
        night.phone(user).has_had_enough()
    guest.answers("escalate {code}").receives("Escalated")
    guest.answers("escalate {code}").receives("Already escalated")
    night.phone("primary").receives("checkout is down").answers("ack").receives("Acknowledged")


def test_a_resolve_of_before_the_merge_that_arrives_after_it_ends_its_trouble(night: Night) -> None:
    phone, first, second = _both(night)
    with night.delayed(seconds=30):
        night.resolves("disk full")
    phone.answers(f"merge {first} {second}").receives("Merged")
    night.passes(minutes=1)
    night.resolves("checkout is down")
    assert _named(night, "checkout is down").status is Status.RESOLVED


def test_a_trigger_that_had_overtaken_such_a_resolve_keeps_its_trouble(night: Night) -> None:
    phone, first, second = _both(night)
    with night.delayed(seconds=30):
        night.resolves("disk full")
    night.alert("disk full")
    phone.answers(f"merge {first} {second}").receives("Merged").answers(f"ack {second}").receives("Acknowledged")
    night.passes(minutes=1)
    night.resolves("checkout is down")
    assert _named(night, "checkout is down").status is Status.ACKNOWLEDGED
    night.resolves("disk full")
    assert _named(night, "checkout is down").status is Status.RESOLVED


def test_a_late_resolve_of_one_trouble_leaves_the_others_where_they_were(night: Night) -> None:
    night.alert("checkout is down")
    phone = night.phone("primary").receives("checkout is down").answers("ack").receives("Acknowledged")
    target = phone.code
    with night.delayed(minutes=3):
        night.resolves("checkout is down")
    night.passes(minutes=1)
    night.alert("disk full")
    phone.receives("disk full").answers(f"merge {{code}} {target}").receives("Merged")
    night.passes(minutes=3)
    source = _named(night, "disk full")
    assert night.told_of(_named(night, "checkout is down"), "resolved in part") == 1
    [(_, opening)] = night.world.store.query("events", ("outcome", "==", "opened"), ("incident", "==", source.id))
    assert opening["reason"] == "opened a new incident"
    assert ledger(night.world.store, UTC_NIGHT, night.world.now).balance.differences == ()
    night.resolves("disk full")
    assert _named(night, "checkout is down").status is Status.RESOLVED
