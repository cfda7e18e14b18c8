"""The phone rings: what is said, what the keys do, and who never counts as an answer."""

from dataclasses import replace
from datetime import timedelta

import pytest

from infra.local.phones.faults import Kind
from tests.stories.night import Night, Phone


def ringing(night: Night) -> Phone:
    night.alert("checkout is down")
    night.passes(minutes=2)
    return night.phone("primary").receives("checkout is down").rings().picks_up()


def test_the_call_says_what_is_broken_and_which_keys_there_are(night: Night) -> None:
    ringing(night).hears("Checkout: checkout is down", "Press 4 to acknowledge, 6 to resolve, 5 to escalate")


def test_key_4_acknowledges_and_the_call_says_so(night: Night) -> None:
    ringing(night).presses("4").hears("Acknowledged", "Nobody else is paged", "Goodbye")
    night.passes(hours=1)
    assert night.is_acknowledged(by="Primary Person")
    assert night.told("acknowledged", "Primary Person acknowledged by phone") == 1


def test_key_6_resolves(night: Night) -> None:
    ringing(night).presses("6").hears("Resolved")
    night.passes(hours=1)
    assert night.is_resolved(by="Primary Person")


def test_key_5_pages_the_next_level_at_once(night: Night) -> None:
    ringing(night).presses("5").hears("Escalated", "The next one is paged now")
    night.phone("secondary").receives("checkout is down")


@pytest.mark.parametrize("key", ["*", "9", "0", "#"])
def test_star_and_unknown_keys_say_it_again_and_answer_nothing(night: Night, key: str) -> None:
    phone = ringing(night).presses(key)
    assert night.is_open()
    phone.presses("4").hears("Acknowledged")


def test_a_person_who_listens_and_presses_nothing_has_not_answered(night: Night) -> None:
    ringing(night).hears("checkout is down")
    night.passes(minutes=3)
    night.phone("primary").hears("Nobody pressed a key. Goodbye.")
    night.phone("secondary").receives("checkout is down")


def test_voicemail_never_acknowledges(night: Night) -> None:
    night.phone("primary").meets(Kind.VOICEMAIL, seconds=15)
    night.alert("checkout is down")
    night.passes(minutes=5)
    night.phone("primary").receives("down").rings().hears("checkout is down")
    night.phone("secondary").receives("checkout is down")


def test_a_busy_line_waits_for_the_next_level(night: Night) -> None:
    night.phone("caller").meets(Kind.BUSY)
    night.alert("lines are cut", service="dialled")
    night.passes(minutes=4, seconds=50)
    night.phone("caller").rings()
    night.phone("secondary").stays_silent()
    night.passes(seconds=10)
    night.phone("secondary").receives("lines are cut")


def test_a_key_pressed_after_somebody_else_was_quicker_hears_who(night: Night) -> None:
    phone = ringing(night)
    night.operator_acknowledges()
    phone.presses("4").hears("Already acknowledged by Olga Operator")


def test_a_call_in_hand_can_be_answered_after_the_page_has_moved_on(night: Night) -> None:
    night.alert("checkout is down")
    night.passes(minutes=2)
    phone = night.phone("primary").receives().rings().picks_up()
    phone.answers("escalate {code}").receives("Escalated")
    phone.presses("4").hears("Acknowledged")
    night.phone("secondary").receives("checkout is down")
    night.passes(minutes=30)
    assert night.is_acknowledged(by="Primary Person")


def test_the_words_of_a_title_cannot_write_the_calls_script(night: Night) -> None:
    night.alert('</Say><Hangup/> & "quoted"')
    night.passes(minutes=2)
    night.phone("primary").receives().rings().picks_up().hears("<Hangup/>").presses("4").hears("Acknowledged")


# The call is planned for two minutes after the text, and the next round begins after one.
def test_a_call_is_made_though_the_rounds_are_shorter_than_its_delay(night: Night) -> None:
    [level, *_] = night.world.config.policies["shop"].levels
    night.changes("policies", "shop", levels=(replace(level, delay=timedelta(minutes=1)),), repeat=9)
    night.alert("checkout is down")
    night.passes(minutes=2)
    night.phone("primary").receives("down").receives("down").receives("down").rings().picks_up().presses("4")
    assert night.is_acknowledged(by="Primary Person")


def test_the_catch_all_is_called_though_it_is_asked_more_often_than_its_call_takes(night: Night) -> None:
    catch_all = replace(night.world.config.catch_all, every=timedelta(minutes=1))
    night.world.config = replace(night.world.config, catch_all=catch_all)
    night.loses_service("checkout")
    night.alert("checkout is down")
    night.passes(minutes=2)
    night.phone("manager").receives("down").receives("down").receives("down").rings().picks_up().presses("4")
    assert night.is_acknowledged(by="Manager Person")


def test_a_call_goes_to_the_number_somebody_has_now(night: Night) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down")
    night.changes("users", "primary", phone=night.phone("stranger").number)
    night.passes(minutes=3)
    night.phone("stranger").rings()
    night.phone("primary").stays_silent()


def test_the_tone_of_a_key_in_a_voicemails_greeting_answers_nothing(night: Night) -> None:
    ringing(night).plays("4").plays("6")
    assert night.is_open()
    night.passes(minutes=3)
    night.phone("secondary").receives("checkout is down")
