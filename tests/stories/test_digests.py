"""Many troubles, one phone: it is paged as often as a person can bear, and what waited is told in one digest."""

from datetime import timedelta

import pytest

from infra.local.phones.faults import Kind, On
from tests.stories.night import Night
from tocsin.domain.config import Target, TargetKind
from tocsin.domain.incident import Status

HOSTS = ("host-1 is down", "host-2 is down", "host-3 is down")


def storm(night: Night, *titles: str, service: str = "reports") -> None:
    """Text about one trouble, and have the others wait for their turn."""
    for title in titles:
        night.alert(title, service=service)
    night.phone("primary").receives(titles[0])


def test_what_comes_within_a_minute_is_told_in_one_text(night: Night) -> None:
    storm(night, "disk is full", *HOSTS)
    night.phone("primary").stays_silent()
    night.passes(minutes=1)
    night.phone("primary").receives("3 incidents, oldest 02:14 UTC Reports: host-1 is down; Reports: host-2 is down")
    assert night.phone("primary").text.endswith(" for all")


def test_a_second_trouble_alone_is_an_ordinary_page_a_minute_later(night: Night) -> None:
    storm(night, "disk is full", "host-1 is down")
    night.passes(minutes=1)
    night.phone("primary").receives("Reports: host-1 is down. Reply ack ").answers("{code}").receives("Acknowledged")
    assert night.is_acknowledged("Primary")


@pytest.mark.parametrize(
    ("answer", "words", "status"),
    [
        ("ack {code}", "Acknowledged", Status.ACKNOWLEDGED),
        ("{code}", "Acknowledged", Status.ACKNOWLEDGED),
        ("resolve {code}", "Resolved", Status.RESOLVED),
    ],
)
def test_one_answer_to_a_digest_answers_everything_in_it_and_nothing_else(
    night: Night, answer: str, words: str, status: Status
) -> None:
    storm(night, "disk is full", *HOSTS)
    night.passes(minutes=1)
    night.phone("primary").receives("3 incidents").answers(answer).receives(words, "(all 3)", *HOSTS)
    found = {one.title: one.status for one in night.incidents()}
    assert found == dict.fromkeys(HOSTS, status) | {"disk is full": Status.TRIGGERED}
    night.passes(minutes=3)
    night.phone("secondary").stays_silent()


def test_a_digest_can_be_passed_on(night: Night) -> None:
    storm(night, "disk is full", *HOSTS)
    night.passes(minutes=1)
    night.phone("primary").receives("3 incidents").answers("{code}e").receives("Escalated", "(all 3)")
    night.phone("secondary").receives("Reports: host-")
    night.passes(minutes=1)
    night.phone("secondary").receives("2 incidents, oldest 02:14 UTC ")


def test_a_bare_ack_never_chooses_between_a_digest_and_another_page(night: Night) -> None:
    storm(night, "disk is full", *HOSTS)
    first = night.phone("primary").code
    night.passes(minutes=1)
    phone = night.phone("primary").receives("3 incidents")
    phone.answers("ack").receives("2 pages are open here", f"{first} disk is full", "all 3 of a digest")
    phone.answers(f"ack {first}").receives("Acknowledged", "disk is full")
    phone.answers("ack").receives("Acknowledged", "(all 3)")
    assert not [one for one in night.incidents() if one.status is Status.TRIGGERED]


def test_what_was_answered_while_it_waited_is_not_told(night: Night) -> None:
    night.world.sweeps = False
    storm(night, "disk is full", *HOSTS)
    night.resolves("host-2 is down", service="reports")
    night.passes(minutes=1)
    night.phone("primary").receives("2 incidents, oldest 02:14 UTC Reports: host-1 is down; Reports: host-3 is down")
    [over] = [one for one in night.incidents() if one.title == "host-2 is down"]
    assert night.told_of(over, "text to Primary Person: dropped", "already resolved by reports-alertmanager") == 1


def test_whoever_waits_first_gives_his_turn_to_the_next_when_he_needs_none(night: Night) -> None:
    night.world.sweeps = False
    storm(night, "disk is full", *HOSTS)
    night.resolves("host-1 is down", service="reports")
    night.passes(minutes=1)
    night.phone("primary").receives("2 incidents", "host-2 is down")


def test_every_page_that_waited_says_so_in_its_own_story(night: Night) -> None:
    night.world.sweeps = False
    storm(night, "disk is full", *HOSTS)
    night.passes(minutes=1)
    night.phone("primary").receives("3 incidents")
    code = night.phone("primary").code
    for incident in night.incidents()[:3]:
        lines = [line for line in night.story(incident) if "text to Primary" in line]
        assert "held: until 02:15:00 UTC: this phone has had its share by sms for now" in lines[0]
        assert any(f"code {code}" in line for line in lines[1:])


def test_nothing_is_forgotten_though_every_task_is_lost(night: Night) -> None:
    night.world.queue.forgetful = True
    for title in ("disk is full", *HOSTS):
        night.alert(title, service="reports")
    night.passes(minutes=3)
    assert "disk is full" in night.phone("primary").receives().text
    night.phone("primary").receives("3 incidents")


def test_a_storm_is_five_texts_in_a_quarter_of_an_hour_and_each_trouble_is_in_one(night: Night) -> None:
    titles = [f"trouble {number:02d}" for number in range(40)]
    for title in titles:
        night.alert(title, service="reports")
        night.passes(seconds=12)
    night.passes(minutes=4)
    texts = [one.body for one in night.phone("primary").received()]
    for user in ("primary", "secondary"):
        night.phone(user).has_had_enough()
    assert len(texts) == 5
    told = [one for one in night.incidents() if night.told_of(one, "sent")]
    waiting = [one for one in night.incidents() if one not in told]
    assert all(night.told_of(one, "held") for one in waiting)
    night.passes(minutes=6)
    assert all(night.told_of(one, "sent") for one in night.incidents())
    for user in ("primary", "secondary", "manager"):
        night.phone(user).has_had_enough()


def test_more_than_one_text_can_tell_of_waits_for_the_next_one(night: Night) -> None:
    night.world.sweeps = False
    alerts = [{"status": "firing", "labels": {"alertname": f"trouble {number}"}} for number in range(130)]
    night.world.post("alertmanager/key-of-reports-alertmanager", {"version": "4", "alerts": alerts})
    night.passes(minutes=3)
    texts = [one.body for one in night.phone("primary").received()]
    for user in ("primary", "secondary", "manager"):
        night.phone(user).has_had_enough()
    assert any("100 incidents" in one or "101 incidents" in one for one in texts)
    assert all(night.told_of(one, "sent") for one in night.incidents())


def test_repeats_leave_room_for_what_is_new(night: Night) -> None:
    """Three texts about one trouble in a quarter of an hour are enough; one about another trouble goes at once."""
    night.pages("reports", Target(TargetKind.USER, "primary"), every=timedelta(minutes=2), times=5)
    night.alert("disk is full", service="reports")
    night.passes(minutes=7)
    assert len(night.phone("primary").received()) == 3
    night.phone("primary").has_had_enough()
    night.alert("host-1 is down", service="reports")
    night.phone("primary").receives("host-1 is down")


# What becomes of a digest becomes of all it speaks for


def test_a_digest_the_provider_refuses_for_good_sets_every_call_off_at_once(night: Night) -> None:
    night.alert("disk is full")
    night.phone("primary").receives("disk is full").answers("{code}").receives("Acknowledged")
    night.phone("primary").meets(Kind.REFUSED, On.TEXT, code=21211)
    for title in HOSTS:
        night.alert(title)
    night.passes(minutes=1)
    night.phone("primary").rings().picks_up().presses("4")
    assert all(night.told_of(one, "failed") for one in night.incidents()[:3])
    night.passes(minutes=1)
    night.phone("primary").rings().picks_up().hears("2 incidents", "The keys answer all of them").presses("4")
    assert not [one for one in night.incidents() if one.status is Status.TRIGGERED]


def test_a_digest_that_does_not_arrive_sets_every_call_off_at_once(night: Night) -> None:
    night.world.sweeps = False
    night.alert("disk is full")
    night.phone("primary").receives("disk is full").answers("{code}").receives("Acknowledged")
    night.phone("primary").meets(Kind.UNDELIVERED, On.TEXT)
    for title in HOSTS:
        night.alert(title)
    night.passes(minutes=1, seconds=10)
    assert all(night.told_of(one, "failed") for one in night.incidents()[:3])
    night.phone("primary").rings().picks_up().presses("4")
    night.passes(seconds=42)
    night.phone("primary").rings().picks_up().hears("2 incidents").presses("4").hears("Acknowledged", "all 2")


def test_a_digest_whose_answer_was_lost_is_found_and_not_sent_again(night: Night) -> None:
    storm(night, "disk is full", *HOSTS)
    night.phone("primary").meets(Kind.LOST_AFTER, On.TEXT)
    night.passes(minutes=3)
    night.phone("primary").receives("3 incidents")
    assert all(night.told_of(one, "sent") for one in night.incidents())


def test_a_digest_that_was_lost_is_sent_again_with_the_same_code(night: Night) -> None:
    storm(night, "disk is full", *HOSTS)
    night.phone("primary").meets(Kind.LOST_BEFORE, On.TEXT)
    night.passes(minutes=3)
    night.phone("primary").receives("Again: 3 incidents").answers("{code}").receives("Acknowledged", "(all 3)")


def test_what_a_call_spoke_for_is_no_evidence_of_the_next_call(night: Night) -> None:
    night.pages("dialled", Target(TargetKind.USER, "caller"), every=timedelta(minutes=5), times=2)
    phone = night.phone("caller").meets(Kind.THROTTLED, On.CALL)
    alerts = [{"status": "firing", "labels": {"alertname": title, "severity": "critical"}} for title in HOSTS]
    night.world.post("alertmanager/key-of-dialled-alertmanager", {"version": "4", "alerts": alerts})
    night.passes(seconds=124)
    phone.rings().rings()
    phone.meets(Kind.LOST_BEFORE, On.CALL)
    night.alert("power is out", service="dialled")
    night.passes(seconds=22)
    phone.rings().picks_up().hears("power is out").presses("4")


def test_a_phone_that_changes_hands_while_pages_wait_is_not_paged_for_them(night: Night) -> None:
    storm(night, "disk is full", *HOSTS)
    night.changes("users", "primary", phone=night.phone("stranger").number)
    night.passes(minutes=3)
    night.phone("stranger").receives("host-1").receives("host-2").receives("host-3")


# A channel that fails


def test_a_channel_that_fails_is_left_alone_and_tried_by_one_page_at_a_time(night: Night) -> None:
    night.world.sweeps = False
    crowd = night.joins(8)
    night.pages("reports", *crowd)
    for person in crowd:
        night.phone(person.id).meets(Kind.THROTTLED, On.TEXT, times=None)
    night.alert("report is late", service="reports")
    night.passes(minutes=2)
    assert night.world.wire.made["Messages"] <= 3 + 120 / 10
    night.world.network.cancel_faults()
    night.passes(minutes=1)
    for person in crowd:
        night.phone(person.id).receives("report is late")


def test_while_texts_fail_for_everybody_people_are_called(night: Night) -> None:
    for user in ("primary", "secondary"):
        night.phone(user).meets(Kind.THROTTLED, On.TEXT, times=None)
    night.alert("checkout is down")
    night.passes(seconds=30)
    night.phone("primary").rings().picks_up().presses("4")
    assert night.is_acknowledged("Primary")


def test_what_was_told_in_a_digest_before_is_no_news_and_leaves_room_for_some(night: Night) -> None:
    night.pages("reports", Target(TargetKind.USER, "primary"), every=timedelta(minutes=3), times=9)
    night.alert("disk is full")
    phone = night.phone("primary").receives("disk is full").answers("ack {code}").receives("Acknowledged")
    for title in ("shelves are empty", "boxes are missing"):
        night.alert(title, service="reports")
    night.passes(minutes=1)
    phone.receives("2 incidents")
    night.passes(minutes=3)
    phone.receives("Reply ack")
    night.passes(minutes=6)
    assert len(phone.received()) == phone.read
    night.alert("cards are refused")
    night.passes(seconds=30)
    phone.receives("cards are refused")
    phone.has_had_enough()
