"""A phone as a terminal: snooze, pass on, add, note, rank, merge, and the questions; each answer says what was done."""

from collections import Counter
from dataclasses import replace

import pytest

from tests.stories.night import Night
from tocsin.domain.config import Team


def test_a_snooze_is_quiet_until_it_is_over_and_says_so_then(night: Night) -> None:
    night.alert("checkout is down")
    phone = night.phone("primary").receives("down")
    phone.answers("snooze {code} 1h").receives(
        "Snoozed until 03:14 UTC: checkout is down", "Nobody is paged until then"
    )
    night.passes(minutes=59)
    assert night.is_acknowledged(by="Primary Person")
    assert night.told("snoozed", "Primary Person snoozed by text until 2026-11-21 03:14") == 1
    night.passes(minutes=2)
    phone.receives("Snooze is over: checkout is down. Reply ack").answers("ack").receives("Acknowledged")
    night.passes(hours=9)


def test_whoever_resolves_a_snoozed_incident_ends_it(night: Night) -> None:
    night.alert("checkout is down")
    phone = night.phone("primary").receives("down").answers("snooze {code} 30 minutes").receives("Snoozed until 02:44")
    phone.answers("resolve {code}").receives("Resolved")
    night.passes(hours=2)
    assert night.is_resolved()


def test_a_snooze_of_a_week_keeps_its_code_and_comes_back(night: Night) -> None:
    night.alert("checkout is down")
    phone = night.phone("primary").receives("down")
    phone.answers("snooze {code} 7d").receives("Snoozed until Sat 28 Nov 02:14 UTC")
    night.passes(days=6)
    phone.answers("status").receives("1 open here", phone.code, "snoozed until 02:14 UTC")
    phone.answers("note {code} still there").receives("Noted")
    night.passes(days=1, minutes=1)
    phone.receives("Snooze is over").answers("ack").receives("Acknowledged")


def test_a_length_that_no_snooze_can_have_changes_nothing(night: Night) -> None:
    night.alert("checkout is down")
    phone = night.phone("primary").receives("down")
    for length in ("0m", "8d", "169h"):
        phone.answers(f"snooze {{code}} {length}").receives("from 1 second to 7 days", "nothing was changed")
    assert night.is_open()
    phone.answers("ack").receives("Acknowledged")


def test_a_page_can_be_passed_to_somebody_by_name_and_the_policy_goes_on_from_there(night: Night) -> None:
    night.alert("checkout is down")
    phone = night.phone("primary").receives("down")
    phone.answers("pass {code} manager").receives("Passed to Manager Person, who is paged now: checkout is down")
    night.phone("manager").receives("From Primary Person: checkout is down. Reply ack")
    night.passes(minutes=4)
    night.phone("manager").rings()
    phone.stays_silent()
    night.passes(minutes=1, seconds=5)
    night.phone("secondary").receives("checkout is down").answers("ack").receives("Acknowledged")
    night.passes(hours=1)
    assert night.told("passed on", "Primary Person passed it to Manager Person by text") == 1
    assert night.told("call to Primary Person: dropped", "stale") == 1


def test_what_somebody_has_acknowledged_can_be_passed_on(night: Night) -> None:
    night.alert("checkout is down")
    phone = night.phone("primary").receives("down").answers("ack").receives("Acknowledged")
    phone.answers("pass {code} to Manager Person").receives("Passed to Manager Person")
    night.phone("manager").receives("From Primary Person").answers("ack").receives("Acknowledged")
    night.passes(hours=1)
    assert night.is_acknowledged(by="Manager Person")


def test_a_name_that_is_nobodys_or_of_several_changes_nothing(night: Night) -> None:
    night.alert("checkout is down")
    phone = night.phone("primary").receives("down")
    phone.answers("pass {code} to nobody").receives('Nobody here is called "nobody": nothing was changed')
    phone.answers("add {code} person").receives('"person" can be primary or secondary or', "nothing was changed")
    phone.answers("ack").receives("Acknowledged")


def test_somebody_who_is_added_is_paged_beside_whoever_has_it_and_until_they_answer_too(night: Night) -> None:
    night.alert("checkout is down")
    phone = night.phone("primary").receives("down").answers("ack").receives("Acknowledged")
    phone.answers("add {code} manager").receives("Paged as well: Manager Person: checkout is down")
    night.phone("manager").receives("Primary Person asks for help: checkout is down. Reply ack")
    night.passes(minutes=3)
    night.phone("manager").rings().answers("ack").receives("You are on it, with Primary Person: checkout is down")
    assert night.is_acknowledged(by="Primary Person")
    assert night.told("joined", "Manager Person joined by text") == 1
    night.passes(hours=1)


def test_whoever_was_added_and_answers_is_not_called(night: Night) -> None:
    night.alert("checkout is down")
    phone = night.phone("primary").receives("down").answers("ack").receives("Acknowledged")
    phone.answers("add {code} manager").receives("Paged as well")
    night.phone("manager").receives("asks for help").answers("ack").receives("You are on it")
    night.passes(minutes=10)
    assert night.told("call to Manager Person: dropped", "has answered") == 1


def test_whoever_was_added_and_has_no_text_is_called(night: Night) -> None:
    night.alert("checkout is down")
    phone = night.phone("primary").receives("down").answers("ack").receives("Acknowledged")
    night.phone("manager").answers("STOP")
    phone.answers("add {code} manager").receives("Paged as well")
    night.phone("manager").rings()
    assert night.is_acknowledged(by="Primary Person")


def test_adding_somebody_does_not_stop_the_escalation(night: Night) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("down").answers("add {code} manager").receives("Paged as well: Manager Person")
    night.phone("manager").receives("asks for help: checkout is down")
    night.passes(minutes=5)
    night.phone("primary").rings()
    night.phone("secondary").receives("checkout is down").answers("ack").receives("Acknowledged")
    night.phone("manager").rings().answers("ack").receives("You are on it, with Secondary Person")
    night.passes(hours=1)


def test_whoever_a_schedule_has_on_call_can_be_added_once(night: Night) -> None:
    night.alert("checkout is down")
    night.passes(minutes=5)
    night.phone("primary").receives("down").rings()
    phone = night.phone("secondary").receives("down").answers("ack").receives("Acknowledged")
    phone.answers("add {code} shop").receives("Paged as well: Primary Person")
    night.phone("primary").receives("Secondary Person asks for help")
    phone.answers("add {code} shop").receives("asked before: nothing was changed")
    night.phone("primary").answers("ack").receives("You are on it, with Secondary Person")


def test_whoever_was_added_before_anybody_answered_can_take_it(night: Night) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("down").answers("add {code} manager").receives("Paged as well")
    night.phone("manager").receives("asks for help").answers("ack").receives("Acknowledged", "Nobody else is paged")
    night.passes(hours=1)
    assert night.is_acknowledged(by="Manager Person")


def test_a_note_keeps_its_words_as_they_were_typed(night: Night) -> None:
    night.alert("checkout is down")
    phone = night.phone("primary").receives("down")
    phone.answers("Note {code}: Rolling back v2.1, ETA 5 min!").receives("Noted: checkout is down")
    assert night.told("note", "Primary Person: Rolling back v2.1, ETA 5 min!") == 1
    phone.answers("resolve {code}").receives("Resolved")
    phone.answers("note {code} it was DNS").receives("Noted")
    assert night.told("note", "it was DNS") == 1


def test_a_priority_is_told_in_the_next_page(night: Night) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("down").answers("priority {code} p1").receives("Priority P1: checkout is down")
    night.phone("primary").answers("escalate {code}").receives("Escalated")
    night.phone("secondary").receives("P1 checkout is down. Reply").answers("ack").receives("Acknowledged")
    assert night.told("priority", "Primary Person set P1 by text") == 1


def test_two_incidents_that_are_one_trouble_are_merged_and_end_when_both_are_over(night: Night) -> None:
    night.alert("disk full")
    phone = night.phone("primary").receives("disk full")
    first = phone.code
    night.passes(minutes=1)
    night.alert("checkout is down")
    second = phone.receives("checkout is down").code
    phone.answers(f"merge {first} {second}").receives("Merged disk full into checkout is down", second)
    phone.answers("ack").receives("Acknowledged", "checkout is down")
    assert night.alerts() == 2
    night.alert("disk full")
    assert len(night.incidents()) == 2
    assert night.alerts() == 3
    night.resolves("checkout is down")
    assert night.is_acknowledged()
    assert night.told("resolved in part", "1 of what was put together still fires") == 1
    night.resolves("disk full")
    assert night.is_resolved()
    night.passes(minutes=1)
    night.alert("disk full")
    phone.receives("disk full").answers("ack").receives("Acknowledged")
    assert len(night.incidents()) == 3


def test_a_merged_trouble_that_fires_again_keeps_the_incident_open(night: Night) -> None:
    night.alert("disk full")
    phone = night.phone("primary").receives("disk full")
    first = phone.code
    night.passes(minutes=1)
    night.alert("checkout is down")
    phone.receives("checkout is down").answers(f"merge {first} {{code}}").receives("Merged")
    night.resolves("disk full")
    night.alert("disk full")
    night.resolves("checkout is down")
    assert night.is_open()
    night.resolves("disk full")
    assert night.is_resolved()
    assert len(night.incidents()) == 2


def test_an_incident_is_not_merged_with_itself_nor_with_a_code_that_is_none(night: Night) -> None:
    night.alert("checkout is down")
    phone = night.phone("primary").receives("down")
    phone.answers("merge {code} {code}").receives("cannot be merged with itself")
    wrong = "0000" if phone.code != "0000" else "0001"
    phone.answers(f"merge {{code}} {wrong}").receives(f"No page on this phone has the code {wrong}")
    phone.answers("ack").receives("Acknowledged")


def test_status_lists_what_is_open_on_this_phone(night: Night) -> None:
    phone = night.phone("primary").answers("status").receives("Nothing is open on this phone.")
    night.alert("disk full")
    first = phone.receives("disk full").answers("ack").receives("Acknowledged").code
    night.passes(minutes=1)
    night.alert("checkout is down")
    second = phone.receives("checkout is down").code
    phone.answers("status").receives("2 open here", f"{first} acknowledged by Primary Person: disk full")
    assert f"{second} triggered: checkout is down" in phone.text
    phone.answers(second).receives("Acknowledged")


def test_who_names_who_is_on_call_for_what_is_open_here_or_for_a_name(night: Night) -> None:
    night.alert("checkout is down")
    phone = night.phone("primary").receives("down")
    phone.answers("who").receives("Checkout: Primary Person, then Secondary Person")
    phone.answers("who payments").receives("Payments: Primary Person and Secondary Person, then Manager Person")
    phone.answers("who by-turns").receives("by-turns: ", "Person until 09:00 UTC")
    phone.answers("ack").receives("Acknowledged")


def test_a_stranger_can_ask_for_nothing(night: Night) -> None:
    for text in ("who", "status", "snooze 4821 1h", "?"):
        night.phone("stranger").answers(text).stays_silent()


def test_a_question_mark_and_commands_explain_them(night: Night) -> None:
    night.phone("primary").answers("?").receives("snooze 4821 1h", "pass or add 4821 bob", "who", "status")
    night.phone("primary").answers("commands").receives("merge 4821 4822", "note 4821")


def test_the_code_of_what_was_merged_means_what_it_was_merged_into(night: Night) -> None:
    night.alert("disk full")
    phone = night.phone("primary").receives("disk full")
    first = phone.code
    night.passes(minutes=1)
    night.alert("checkout is down")
    phone.receives("checkout is down").answers(f"merge {first} {{code}}").receives("Merged")
    phone.answers(first).receives(f"Acknowledged {first}: checkout is down")
    assert night.is_acknowledged()


def test_a_whole_team_can_be_asked_for_help(night: Night) -> None:
    night.world.config = replace(night.world.config, teams={"web": Team("web", ("secondary", "manager"))})
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down").answers("add {code} web").receives("Paged as well: Secondary")
    for user in ("secondary", "manager"):
        night.phone(user).receives("Primary Person asks for help", "checkout is down")
    night.phone("primary").answers("ack").receives("Acknowledged")
    for user in ("secondary", "manager"):
        night.phone(user).answers("ack").receives("You are on it")


@pytest.mark.parametrize(
    ("order", "pages", "timers"),
    [
        ("note {code} disk is full", 0, 0),
        ("priority {code} p1", 0, 0),
        ("merge {other} {code}", 0, 0),
        ("add {code} manager", 2, 1),
        ("pass {code} manager", 2, 1),
        ("escalate {code}", 2, 1),
        ("snooze {code} 1h", 0, 1),
        ("ack {code}", 0, 0),
    ],
)
def test_an_order_asks_only_for_what_it_adds(night: Night, order: str, pages: int, timers: int) -> None:
    night.alert("disk full")
    phone = night.phone("primary").receives("disk full")
    other = phone.code
    night.passes(minutes=1)
    night.alert("checkout is down")
    code = phone.receives("checkout is down").code
    before = Counter(night.world.queue.taken)
    night.world.network.text(phone.number, order.format(code=code, other=other), night.world.now)
    night.world.queue.forgetful = True  # what is asked for is counted, and does not go on to ask for more
    night.passes(seconds=2)
    asked = night.world.queue.taken - before
    assert (asked["notify"], asked["escalate"]) == (pages, timers)
    for one in night.phones.values():
        one.has_had_enough()
