"""A test page takes the way of every page to one person, and is nobody else's business."""

import pytest

from infra.local.phones.faults import Kind
from tests.stories.night import Night
from tocsin import desk
from tocsin.domain import testpage
from tocsin.domain.notification import Notification
from tocsin.records import from_document, to_json

WORDS = "This is a test page for Primary Person"


class Operator:
    """What an operator does about test pages."""

    def __init__(self, night: Night) -> None:
        self.night = night

    def page(self, user: str = "primary", channel: str = "sms") -> None:
        world = self.night.world
        self.event = testpage.event(world.new_id(), world.config.users[user], channel, world.now)
        world.queue.publish_now(to_json(self.event))
        self.night.passes(seconds=3)

    def steps(self) -> list[str]:
        store, incident = self.night.world.store, self.night.incident
        found = store.query("notifications", ("incident", "==", incident.id))
        steps = testpage.steps(self.event, incident, [from_document(Notification, data) for _, data in found])
        assert [step.at for step in steps] == sorted(step.at for step in steps)
        return [step.what for step in steps]


@pytest.fixture
def operator(night: Night) -> Operator:
    return Operator(night)


def test_a_text_that_is_answered_ends_the_test(night: Night, operator: Operator) -> None:
    operator.page()
    night.phone("primary").receives(WORDS).answers("ack {code}").receives("has reached you and is over")
    assert testpage.is_answered(night.incident)
    assert night.is_resolved(by="Primary Person")
    begun, opened, sent, delivered, answered = operator.steps()
    assert (begun, opened) == ("accepted", "opened as an incident")
    assert sent.startswith("text sent: sms to Primary Person")
    assert delivered.startswith("text delivered: ")
    assert answered == "resolved: Primary Person resolved by text"
    night.passes(hours=1)


def test_a_call_is_answered_with_a_key(night: Night, operator: Operator) -> None:
    operator.page(channel="voice")
    night.phone("primary").rings().picks_up().hears("test page for Primary Person").presses("4").hears("Thank you")
    assert night.is_resolved(by="Primary Person")
    night.passes(hours=1)


@pytest.mark.parametrize("answer", ["ack", "resolve {code}", "escalate {code}"])
def test_whatever_the_answer_is_nobody_else_hears_of_it(night: Night, operator: Operator, answer: str) -> None:
    operator.page()
    night.phone("primary").receives(WORDS).answers(answer).receives("is over")
    night.passes(hours=1)
    assert testpage.is_answered(night.incident)


def test_without_an_answer_it_ends_after_ten_minutes_and_asks_nobody_else(night: Night, operator: Operator) -> None:
    operator.page()
    night.phone("primary").receives(WORDS)
    night.passes(minutes=9)
    assert night.is_open()
    night.passes(minutes=2)
    assert night.is_resolved(by=testpage.NAME)
    assert not testpage.is_answered(night.incident)
    night.passes(hours=3)


def test_it_is_no_open_incident_but_stays_on_record(night: Night, operator: Operator) -> None:
    operator.page()
    night.phone("primary").receives(WORDS)
    assert desk.incidents(night.world.store, open_only=True) == []
    assert [one.service_name for one in night.incidents()] == ["Test page"]
    desk.acknowledged(night.world.store, night.incident.id, "Olga Operator", night.world.now)
    assert night.is_resolved(by="Olga Operator")


def test_a_real_page_right_after_it_does_not_wait(night: Night, operator: Operator) -> None:
    for _ in range(5):
        operator.page()
        night.phone("primary").receives(WORDS)
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down").answers("ack {code}").receives("Acknowledged")
    night.passes(minutes=15)


def test_it_neither_waits_for_its_turn_nor_speaks_for_those_that_do(night: Night, operator: Operator) -> None:
    night.alert("checkout is down")
    night.alert("cart is slow")
    night.phone("primary").receives("checkout is down").stays_silent()
    operator.page()
    night.phone("primary").receives(WORDS)
    assert "cart" not in night.phone("primary").text
    night.phone("primary").answers("ack {code}").receives("is over")
    night.passes(minutes=1)
    night.phone("primary").receives("cart is slow")
    for code in {one.code for one in _pages(night)}:
        night.phone("primary").answers(f"resolve {code}")
    night.phone("primary").has_had_enough()


def _pages(night: Night) -> list[Notification]:
    found = night.world.store.query("notifications", ("user", "==", "primary"))
    return [one for one in (from_document(Notification, data) for _, data in found) if one.code]


def test_a_text_that_cannot_arrive_becomes_a_call_as_that_of_any_page(night: Night, operator: Operator) -> None:
    night.phone("primary").meets(Kind.UNDELIVERED)
    operator.page()
    night.passes(seconds=8)
    night.phone("primary").rings().picks_up().hears("test page").presses("4").hears("is over")
    assert any(step.startswith("text failed: ") for step in operator.steps())
    assert night.is_resolved(by="Primary Person")


def test_somebody_who_has_left_meanwhile_is_no_trouble_for_anybody(night: Night) -> None:
    world = night.world
    event = testpage.event(world.new_id(), world.config.users["caller"], "sms", world.now)
    night.leaves("caller")
    world.queue.publish_now(to_json(event))
    night.passes(hours=1)
    assert night.is_resolved(by=testpage.NAME)


ORDERS = ["snooze {code} 1h", "pass {code} secondary", "add {code} manager", "priority {code} p1"]


@pytest.mark.parametrize("order", ORDERS)
def test_whatever_is_ordered_about_a_test_ends_it_and_pages_nobody_else(
    night: Night, operator: Operator, order: str
) -> None:
    operator.page()
    night.phone("primary").receives(WORDS).answers(order).receives("The test page", "is over")
    night.passes(hours=2)
    assert night.is_resolved(by="Primary")
