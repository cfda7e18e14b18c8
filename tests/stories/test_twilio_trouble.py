"""Twilio refuses, stumbles, loses answers: nobody is left unpaged, and nobody is paged twice without a word."""

import pytest

from infra.local.phones.faults import Kind, On
from tests.stories.night import Night
from tocsin.receipt import Receipt, receipt


@pytest.mark.parametrize("code", [21610, 21211, 21614])
def test_a_number_that_takes_no_texts_rings_at_once(night: Night, code: int) -> None:
    night.phone("primary").meets(Kind.REFUSED, On.TEXT, code=code)
    night.alert("checkout is down")
    night.phone("primary").rings().picks_up().presses("4").hears("Acknowledged")
    assert night.told("text to Primary Person: failed", str(code)) == 1
    assert night.told("call to Primary Person: hastened", "sms failed") == 1


def test_a_text_that_somebody_cancels_at_the_provider_is_called_at_once(night: Night) -> None:
    night.phone("primary").meets(Kind.CALLBACK_MISSING, On.TEXT, times=None)
    night.alert("checkout is down")
    [(identity, page)] = night.world.store.query("notifications", ("state", "==", "sent"))
    received = Receipt(identity, page["sid"], "canceled")
    receipt(received, night.world.store, night.world.queue, night.world.moment())
    night.passes(seconds=3)
    night.phone("primary").receives("checkout is down").rings()


@pytest.mark.parametrize("kind", [Kind.UNDELIVERED, Kind.FAILED])
def test_a_text_that_did_not_arrive_is_followed_by_a_call_at_once(night: Night, kind: Kind) -> None:
    night.phone("primary").meets(kind, On.TEXT, code=30003)
    night.alert("checkout is down")
    night.phone("primary").rings().picks_up().presses("4").hears("Acknowledged")
    assert night.told("call to Primary Person: hastened", "sms failed") == 1


def test_somebody_who_opted_out_elsewhere_is_called_from_then_on(night: Night) -> None:
    night.phone("primary").meets(Kind.REFUSED, On.TEXT, code=21610)
    night.alert("checkout is down")
    night.phone("primary").rings().picks_up().presses("4")
    night.passes(minutes=1)
    night.alert("stock is wrong", service="stock")
    night.phone("primary").rings().picks_up().presses("4").answers("START")
    night.alert("report is late", service="reports")
    night.phone("primary").receives("report is late")


def test_when_nothing_reaches_somebody_the_next_level_is_paged_at_once_with_an_alarm(night: Night) -> None:
    night.phone("primary").meets(Kind.REFUSED, times=None, code=21211)
    night.alert("checkout is down")
    night.phone("secondary").receives("checkout is down")
    assert night.told("alarm", "Primary Person can't be reached: no channel is left") == 1


def test_a_number_that_costs_many_times_the_usual_is_not_paged_and_the_next_level_is(night: Night) -> None:
    """However it came into the documents: the configuration refuses it."""
    night.changes("users", "primary", phone="+19005550101")
    night.alert("checkout is down")
    night.phone("secondary").receives("checkout is down")
    assert not night.world.network.messages("+19005550101")
    assert not night.world.network.calls("+19005550101")
    assert night.told("text to Primary Person: failed", "this is a premium-rate number") == 1


def test_one_who_cannot_be_reached_does_not_hurry_the_others_of_the_level(night: Night) -> None:
    night.phone("primary").meets(Kind.REFUSED, times=None, code=21211)
    night.alert("cards are refused", service="payments")
    night.phone("secondary").receives("cards are refused").answers("ack").receives("Acknowledged")
    assert night.told("alarm", "Primary Person can't be reached") == 1


def test_when_nobody_can_be_reached_the_catch_all_is_asked_at_once(night: Night) -> None:
    for user in ("primary", "secondary"):
        night.phone(user).meets(Kind.REFUSED, times=None, code=21211)
    night.alert("checkout is down")
    night.phone("manager").receives("checkout is down")


def test_when_both_of_a_level_are_out_of_reach_the_next_level_is_paged_at_once(night: Night) -> None:
    for user in ("primary", "secondary"):
        night.phone(user).meets(Kind.REFUSED, times=None, code=21211)
    night.alert("cards are refused", service="payments")
    night.phone("manager").receives("cards are refused")


def test_a_catch_all_out_of_reach_is_an_alarm_and_is_asked_again(night: Night) -> None:
    night.loses_service("checkout")
    night.phone("manager").meets(Kind.REFUSED, times=2, code=21211)
    night.alert("checkout is down")
    assert night.told("alarm", "Manager Person can't be reached") == 1
    night.passes(minutes=30)
    night.phone("manager").receives("checkout is down")


def test_a_page_that_fails_after_the_answer_alarms_nobody(night: Night) -> None:
    night.phone("primary").meets(Kind.UNDELIVERED, On.TEXT).meets(Kind.CALLBACK_LATE, times=None, seconds=30)
    night.alert("checkout is down")
    night.operator_acknowledges()
    night.passes(hours=1)
    assert night.told("alarm") == 0


def test_an_account_that_twilio_refuses_for_a_while_sends_once_it_is_let_in(night: Night) -> None:
    night.phone("primary").meets(Kind.BROKEN, On.TEXT, status=401)
    night.alert("checkout is down")
    night.passes(seconds=15)
    assert night.phone("primary").receives("checkout is down").text.startswith("checkout")


def test_too_many_requests_wait_and_then_send_once(night: Night) -> None:
    night.phone("primary").meets(Kind.THROTTLED, On.TEXT, seconds=1)
    night.alert("checkout is down")
    assert night.phone("primary").receives("checkout is down").text.startswith("checkout")
    assert night.told("text to Primary Person: postponed", "429") == 1


def test_when_twilio_keeps_asking_for_patience_the_call_is_tried(night: Night) -> None:
    night.phone("primary").meets(Kind.THROTTLED, On.TEXT, times=None)
    night.alert("checkout is down")
    night.passes(seconds=15)
    night.phone("primary").rings()


def test_a_lost_answer_is_settled_by_the_callback(night: Night) -> None:
    night.phone("primary").meets(Kind.LOST_AFTER, On.TEXT)
    night.alert("checkout is down")
    night.passes(minutes=1)
    night.phone("primary").receives("checkout is down").stays_silent()
    assert night.told("text to Primary Person: sent", "the provider reports") == 1


def test_a_lost_answer_without_a_callback_is_settled_by_twilios_list(night: Night) -> None:
    night.phone("primary").meets(Kind.LOST_AFTER, On.TEXT).meets(Kind.CALLBACK_MISSING, times=None)
    night.alert("checkout is down")
    night.passes(minutes=1)
    night.phone("primary").receives("checkout is down").stays_silent()
    assert night.told("text to Primary Person: sent", "found at the provider") == 1


@pytest.mark.parametrize("kind", [Kind.LOST_BEFORE, Kind.BROKEN])
def test_a_text_that_may_be_lost_is_sent_again_after_twenty_seconds_and_says_so(night: Night, kind: Kind) -> None:
    night.phone("primary").meets(kind, On.TEXT)
    night.alert("checkout is down")
    night.passes(seconds=12)
    night.phone("primary").stays_silent()
    night.passes(seconds=10)
    night.phone("primary").receives("Again: checkout is down").answers("ack {code}").receives("Acknowledged")
    assert night.told("text to Primary Person: sending again", "possibly a duplicate") == 1


def test_a_text_is_tried_three_times_and_then_the_phone_rings(night: Night) -> None:
    night.phone("primary").meets(Kind.BROKEN, On.TEXT, times=None)
    night.alert("checkout is down")
    night.passes(seconds=70)
    night.phone("primary").rings()
    assert night.told("text to Primary Person: sending again") == 2
    assert night.told("text to Primary Person: failed", "sent three times without any answer") == 1


def test_a_call_whose_answer_was_lost_rings_once(night: Night) -> None:
    night.phone("caller").meets(Kind.LOST_AFTER, On.CALL)
    night.alert("lines are cut", service="dialled")
    night.passes(minutes=2)
    night.phone("caller").rings().stays_silent()


def test_a_call_whose_answer_was_lost_is_found_in_twilios_list_once_it_was_picked_up(night: Night) -> None:
    night.phone("caller").meets(Kind.LOST_AFTER, On.CALL).meets(Kind.CALLBACK_MISSING, times=None)
    night.alert("lines are cut", service="dialled")
    night.phone("caller").rings().picks_up()
    night.passes(minutes=2)
    night.phone("caller").stays_silent()


def test_a_call_that_was_never_made_is_made_again(night: Night) -> None:
    night.phone("caller").meets(Kind.LOST_BEFORE, On.CALL)
    night.alert("lines are cut", service="dialled")
    night.phone("caller").stays_silent()
    night.passes(seconds=20)
    night.phone("caller").rings().picks_up().presses("4").hears("Acknowledged")


def test_a_call_that_cannot_be_put_through_is_followed_by_a_text_though_no_rule_names_one(night: Night) -> None:
    night.phone("caller").meets(Kind.FAILED, On.CALL)
    night.alert("lines are cut", service="dialled")
    night.phone("caller").rings().receives("lines are cut").answers("ack").receives("Acknowledged")


def test_when_neither_a_call_nor_a_text_can_be_put_through_the_next_level_is_paged_at_once(night: Night) -> None:
    night.phone("caller").meets(Kind.FAILED, On.CALL).meets(Kind.REFUSED, On.TEXT, code=21614)
    night.alert("lines are cut", service="dialled")
    night.phone("caller").rings()
    night.phone("secondary").receives("lines are cut")
    assert night.told("alarm", "Caller Person can't be reached: no channel is left") == 1


@pytest.mark.parametrize(
    ("kind", "ends"),
    [
        (Kind.CALLBACK_TWICE, "delivered"),
        (Kind.CALLBACK_LATE, "delivered"),
        (Kind.CALLBACK_MISSING, ""),
        (Kind.CALLBACKS_REORDERED, "delivered"),
    ],
)
def test_callbacks_that_misbehave_change_nothing(night: Night, kind: Kind, ends: str) -> None:
    night.phone("primary").meets(kind, times=None, seconds=90)
    night.alert("checkout is down")
    night.passes(minutes=4)
    night.phone("primary").receives("checkout is down").rings().stays_silent()
    assert night.is_open()
    assert night.deliveries()[0] == ends
    assert night.told("text to Primary Person: delivered") == (ends == "delivered")
    assert night.told("alarm") == 0


def test_a_delivery_receipt_is_no_answer(night: Night) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down")
    assert night.told("text to Primary Person: delivered", "the provider says delivered") == 1
    night.passes(minutes=5)
    night.phone("primary").rings()
    night.phone("secondary").receives("checkout is down")


def test_a_page_answered_while_its_repeat_is_due_is_not_repeated(night: Night) -> None:
    night.phone("primary").meets(Kind.LOST_BEFORE, On.TEXT)
    night.alert("checkout is down")
    night.operator_acknowledges()
    night.passes(hours=1)
    assert night.told("text to Primary Person: dropped", "already acknowledged by Olga Operator") == 1


def test_a_late_bad_receipt_after_the_call_is_no_alarm(night: Night) -> None:
    night.phone("primary").meets(Kind.UNDELIVERED, On.TEXT).meets(Kind.CALLBACK_LATE, On.TEXT, times=None, seconds=150)
    night.alert("checkout is down")
    night.passes(minutes=4)
    night.phone("primary").rings()
    assert night.told("alarm") == 0


def test_a_failed_call_after_a_delivered_text_does_not_say_that_nobody_is_there(night: Night) -> None:
    night.phone("primary").meets(Kind.FAILED, On.CALL)
    night.alert("checkout is down")
    night.passes(minutes=4)
    night.phone("primary").receives("checkout is down").rings()
    assert night.told("alarm") == 0


def test_a_call_whose_answer_and_callbacks_were_lost_rings_once(night: Night) -> None:
    night.phone("caller").meets(Kind.LOST_AFTER, On.CALL).meets(Kind.CALLBACK_MISSING, times=None)
    night.alert("lines are cut", service="dialled")
    night.passes(minutes=2)
    night.phone("caller").rings().stays_silent()


# Text and call were taken, somebody answered, and only then Twilio says that neither arrived.
def test_what_turns_out_to_have_failed_after_the_answer_leads_to_nothing(night: Night) -> None:
    phone = night.phone("primary").meets(Kind.UNDELIVERED, On.TEXT).meets(Kind.FAILED, On.CALL)
    phone.meets(Kind.CALLBACK_LATE, times=None, seconds=200)
    night.alert("checkout is down")
    night.passes(minutes=2, seconds=10)
    phone.rings()
    night.operator_acknowledges()
    asked_for = dict(night.world.queue.taken)
    night.passes(minutes=10)
    assert night.told("call to Primary Person: failed") == 1
    assert night.told("alarm") + night.told("hastened") + night.told("added") == 0
    assert night.world.queue.taken == asked_for
