"""Nobody answers: level after level, round after round, then the catch-all until somebody does."""

from dataclasses import replace
from datetime import timedelta

from tests.stories.night import Night
from tests.stories.test_maintenance import maintain
from tocsin.clients.documents import check_document
from tocsin.domain.config import Level, Target, TargetKind
from tocsin.domain.escalation import escalate
from tocsin.records import to_document


def test_the_second_level_is_paged_after_five_minutes_and_not_before(night: Night) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down")
    night.passes(minutes=4, seconds=56)
    night.phone("primary").rings()
    night.phone("secondary").stays_silent()
    night.passes(seconds=3)
    night.phone("secondary").receives("checkout is down")
    assert night.told("escalated", "nobody answered at level 1") == 1


def test_the_second_level_can_answer_and_the_first_sees_who_has_it(night: Night) -> None:
    night.alert("checkout is down")
    night.passes(minutes=6)
    night.phone("secondary").receives("down").answers("ack").receives("Acknowledged", "Nobody else is paged")
    night.phone("primary").receives("down").rings().answers("ack").receives("Already acknowledged by Secondary Person")
    night.passes(hours=1)
    assert night.is_acknowledged(by="Secondary Person")


def test_after_the_last_level_the_policy_begins_again_with_the_same_code(night: Night) -> None:
    night.alert("checkout is down")
    code = night.phone("primary").receives("checkout is down").code
    night.passes(minutes=16)
    night.phone("secondary").receives("checkout is down").rings()
    night.phone("primary").rings().receives("checkout is down", code).answers(code).receives(f"Acknowledged {code}")
    night.passes(hours=1)


def test_an_exhausted_policy_goes_to_the_catch_all_every_half_hour_until_somebody_answers(night: Night) -> None:
    night.alert("checkout is down")
    night.passes(minutes=28)
    night.phone("primary").receives("down").rings().receives("down").rings()
    night.phone("secondary").receives("down").rings().receives("down").rings()
    night.phone("manager").stays_silent()
    night.passes(minutes=3)
    night.phone("manager").receives("checkout is down")
    night.passes(minutes=30)
    night.phone("manager").rings().receives("checkout is down")
    night.passes(minutes=30)
    night.phone("manager").rings().receives("checkout is down").answers("ack").receives("Acknowledged")
    night.passes(hours=2)
    assert night.told("alarm", "the policy is exhausted: the catch-all is asked until somebody answers") == 1


def test_a_level_without_anybody_is_skipped_at_once_with_an_alarm(night: Night) -> None:
    night.alert("checkout is down")
    night.leaves("secondary")
    night.passes(minutes=5)
    night.phone("primary").receives("down").rings().receives("down")
    assert night.told("alarm", "level 2 has nobody to page: skipped at once") == 1


def test_a_policy_without_anybody_is_the_catch_alls_at_once(night: Night) -> None:
    night.leaves("primary")
    night.leaves("secondary")
    night.alert("checkout is down")
    night.phone("manager").receives("checkout is down").answers("ack").receives("Acknowledged")
    assert night.told("alarm") == 3


def test_a_trouble_that_no_service_owns_is_the_catch_alls_and_loud(night: Night) -> None:
    night.loses_service("checkout")
    night.alert("checkout is down", severity="info")
    night.phone("manager").receives("checkout is down")
    night.passes(minutes=3)
    night.phone("manager").rings()
    assert night.told("alarm", "no policy takes it") == 1


def test_a_text_can_pass_the_page_on(night: Night) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("down").answers("escalate {code}").receives("Escalated", "next one is paged now")
    night.phone("secondary").receives("checkout is down").answers("ack").receives("Acknowledged")
    night.passes(hours=1)
    assert night.told("escalated", "Primary Person escalated by text") == 1


def test_whoever_passes_the_page_on_is_not_called_any_more(night: Night) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("down").answers("escalate {code}").receives("Escalated")
    night.passes(minutes=4)
    night.phone("secondary").receives("checkout is down").rings()
    assert night.told("call to Primary Person: dropped", "stale") == 1


def test_whoever_has_acknowledged_can_still_pass_the_page_on(night: Night) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("down").answers("ack").receives("Acknowledged").answers("{code}e").receives("Escal")
    night.phone("secondary").receives("checkout is down")
    night.passes(minutes=2)
    night.phone("secondary").rings()
    assert night.is_open()


def test_passing_on_at_the_last_level_begins_the_next_round(night: Night) -> None:
    night.alert("checkout is down")
    night.passes(minutes=5)
    night.phone("secondary").receives("down").answers("escalate {code}").receives("Escalated")
    night.phone("primary").receives("down").rings().receives("checkout is down")


def test_a_passed_on_page_waits_its_whole_delay_before_the_next_level(night: Night) -> None:
    night.alert("checkout is down")
    night.passes(minutes=4)
    night.phone("primary").receives("down").rings().answers("escalate {code}").receives("Escalated")
    night.phone("secondary").receives("checkout is down")
    night.passes(minutes=9)
    night.phone("secondary").rings()
    night.phone("primary").stays_silent()


def test_the_operators_word_stops_the_escalation(night: Night) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down")
    night.operator_acknowledges()
    night.passes(hours=1)
    assert night.told("acknowledged", "Olga Operator acknowledged on the command line") == 1


def test_the_levels_are_those_of_the_night_but_the_people_those_of_the_hour(night: Night) -> None:
    """Who is on call may change while an incident escalates: the second round asks whoever is there then."""
    night.alert("checkout is down")
    night.passes(minutes=4)
    night.phone("primary").receives("down").rings()
    night.leaves("primary")
    night.passes(minutes=12)
    night.phone("secondary").receives("down").rings().receives("down")
    night.phone("primary").stays_silent()


# This machine's list of time zones may be older than the configuration.
def test_a_level_that_cannot_be_worked_out_is_skipped_with_an_alarm(night: Night) -> None:
    night.changes("schedules", "shop", time_zone="Mars/Olympus")
    assert night.alert("checkout is down").status == 202
    night.phone("secondary").receives("checkout is down").answers("ack").receives("Acknowledged")
    assert night.told("alarm", "level 1 has nobody to page: skipped at once") == 1
    assert night.world.store.query("quarantine") == []


def test_an_incident_that_nobody_ever_answers_still_fits_a_document(night: Night) -> None:
    night.alert("shelves are empty", service="stock")
    night.phone("primary").receives("shelves")
    incident = night.incident
    for _ in range(7_500):
        incident = escalate(incident, night.world.config, night.world.now)
    check_document("incidents/old", to_document(incident))
    assert incident.timeline[0] == night.incident.timeline[0]
    assert incident.timeline[-1].what == "paging"


def test_an_incident_that_cannot_be_read_does_not_swallow_the_next_alert(night: Night) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down")
    night.world.store.spoils(f"incidents/{night.incident.id}", status="of a later version")
    night.alert("checkout is down")
    night.phone("manager").receives("checkout is down")
    night.world.queue.jobs.clear()


def forgets_whose_turn_it_is(night: Night) -> None:
    """Let our own mistake keep us from knowing who is on call."""
    [layer] = night.world.config.schedules["by-turns"].layers
    endless = replace(layer, turn=timedelta(days=3_000_000))
    night.changes("schedules", "by-turns", layers=(endless,), overrides=())


def test_a_level_of_which_nobody_can_tell_who_is_on_call_is_skipped(night: Night) -> None:
    forgets_whose_turn_it_is(night)
    by_turns, secondary = Target(TargetKind.SCHEDULE, "by-turns"), Target(TargetKind.USER, "secondary")
    levels = tuple(Level((one,), timedelta(minutes=5)) for one in (secondary, by_turns))
    night.changes("policies", "shop", levels=levels, repeat=0)
    night.alert("checkout is down")
    night.passes(minutes=6)
    night.phone("secondary").receives("checkout is down").rings()
    night.phone("manager").receives("checkout is down").answers("ack").receives("Acknowledged")
    assert night.told("alarm", "level 2 has nobody to page: skipped at once") == 1


def test_what_outlasts_a_window_is_paged_though_nobody_can_tell_who_is_on_call(night: Night) -> None:
    forgets_whose_turn_it_is(night)
    maintain(night, service="search", minutes=10)
    night.alert("search is slow", service="search")
    night.passes(minutes=10)
    night.phone("manager").receives("search is slow").answers("ack").receives("Acknowledged")
