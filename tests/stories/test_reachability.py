"""What a phone proves: a page answered from it shows that the way is open, a code that comes back whose it is."""

from dataclasses import replace

from tests.stories.night import Night
from tocsin import desk
from tocsin.domain.phone import Phone, path
from tocsin.records import from_document, to_document

NUMBER = "+15550100101"
CODE = "048211"


def phone(night: Night, number: str = NUMBER) -> Phone:
    return from_document(Phone, night.world.store.get(path(number)) or {})


def sends_a_code(night: Night) -> None:
    known = phone(night)
    out = replace(known, verification=known.verification.sending("primary", CODE, night.world.now))
    night.world.store.spoils(path(NUMBER), **to_document(out))


def test_an_answer_by_text_proves_the_phone_and_only_that_one(night: Night) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down")
    assert phone(night).reached_at is None
    night.phone("primary").answers("ack").receives("Acknowledged")
    assert phone(night).reached_at == night.incident.answered_at
    assert phone(night, "+15550100102").reached_at is None


def test_a_key_pressed_in_a_call_proves_it_as_well(night: Night) -> None:
    night.alert("dialled is down", service="dialled")
    night.phone("caller").rings().picks_up().presses("4").hears("Acknowledged")
    assert phone(night, "+15550100104").reached_at == night.incident.answered_at


def test_neither_a_text_that_changes_nothing_nor_the_command_line_proves_it(night: Night) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down").answers("hello?").receives("Reply ack")
    night.phone("primary").answers("ack 0000").receives("No page on this phone")
    desk.acknowledged(night.world.store, night.incident.id, "Primary Person", night.world.now)
    night.phone("primary").answers("ack").receives("Already acknowledged")
    assert phone(night).reached_at is None


def test_the_code_that_was_sent_verifies_the_phone_and_only_once(night: Night) -> None:
    sends_a_code(night)
    night.phone("primary").answers(CODE).receives("this phone is verified")
    assert phone(night).verification.is_of("primary")
    night.phone("primary").answers(CODE).receives("Reply ack, resolve or escalate")


def test_five_wrong_codes_are_told_so_and_then_none_counts(night: Night) -> None:
    sends_a_code(night)
    for guess in range(5):
        night.phone("primary").answers(f"{guess:06d}").receives("not the code")
    night.phone("primary").answers(CODE).receives("Reply ack, resolve or escalate")
    assert not phone(night).verification.is_of("primary")


def test_nobody_else_can_give_it_back(night: Night) -> None:
    sends_a_code(night)
    night.phone("secondary").answers(CODE).receives("Reply ack, resolve or escalate")
    night.phone("stranger").answers(CODE)
    assert not phone(night).verification.is_of("primary")


def test_a_code_that_is_out_stands_in_no_pages_way(night: Night) -> None:
    sends_a_code(night)
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down").answers("ack {code}").receives("Acknowledged")
    night.phone("primary").answers("stop")
    assert phone(night).opted_out
    assert phone(night).verification.is_waiting(night.world.now)
