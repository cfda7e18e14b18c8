"""Nights in which things come late, or two people do the same thing."""

from infra.local.phones.faults import Kind, On
from tests.stories.night import Night


# The sweep asks Twilio for texts only within an hour of the last page. A page answered at two and resolved by text at
# five is lost without a word when that webhook is.
def test_a_reply_whose_webhook_was_lost_hours_after_the_page_is_found_too(night: Night) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down").answers("ack").receives("Acknowledged")
    night.passes(hours=3)
    night.phone("primary").meets(Kind.REPLY_LOST).answers("resolve {code}")
    night.passes(minutes=2)
    night.phone("primary").receives("Resolved")


# An emoji that GSM-7 lacks becomes "?", which says less than nothing.
def test_an_emoji_in_a_title_is_left_out_rather_than_questioned(night: Night) -> None:
    night.alert("🔥 checkout is down 👩‍💻")
    assert night.phone("primary").receives().text.startswith("checkout is down. Reply")


# Both got the page and both pass it on, a few seconds apart: what the second one passes on is not his page any more.
# The next level would be skipped, or (as here) the same person paged twice at once.
def test_a_page_that_two_people_pass_on_is_passed_on_once(night: Night) -> None:
    night.alert("cards are refused", service="payments")
    night.phone("primary").receives("cards").answers("escalate {code}").receives("Escalated")
    night.phone("secondary").receives("cards").answers("escalate {code}").receives()
    night.phone("manager").receives("cards are refused").stays_silent()


# The receipt comes after the level has changed: the call of that level was made, nobody is out of reach.
def test_a_bad_receipt_that_comes_after_the_next_level_was_paged_is_no_alarm(night: Night) -> None:
    night.phone("primary").meets(Kind.UNDELIVERED, On.TEXT).meets(Kind.CALLBACK_LATE, On.TEXT, times=None, seconds=400)
    night.alert("checkout is down")
    night.passes(minutes=8)
    night.phone("primary").rings()
    night.phone("secondary").receives("checkout is down").rings()
    assert night.told("alarm") == 0


# Text and call of the first level turn out to have failed when the second one has been paged: too late to try more.
def test_what_failed_before_the_next_level_was_paged_adds_nothing_to_it(night: Night) -> None:
    phone = night.phone("primary").meets(Kind.UNDELIVERED, On.TEXT).meets(Kind.FAILED, On.CALL)
    phone.meets(Kind.CALLBACK_LATE, times=None, seconds=400)
    night.alert("checkout is down")
    night.passes(minutes=12)
    phone.rings()
    night.phone("secondary").receives("checkout is down").rings()
    assert night.told("to Primary Person: failed") == 2
    assert night.told("alarm") + night.told("added") == 0


# Both were paged. The one's word to pass the page on was lost and is found by the sweep after the other has taken it.
def test_an_older_escalate_found_late_does_not_undo_a_newer_ack(night: Night) -> None:
    night.alert("cards are refused", service="payments")
    night.phone("primary").receives("cards").meets(Kind.REPLY_LOST).answers("escalate {code}")
    night.phone("secondary").receives("cards").answers("ack").receives("Acknowledged")
    night.passes(minutes=2)
    night.phone("primary").receives("Already acknowledged by Secondary Person")
    assert night.is_acknowledged(by="Secondary Person")


def test_an_older_stop_found_late_does_not_undo_a_newer_start(night: Night) -> None:
    night.phone("primary").meets(Kind.REPLY_LOST).answers("STOP").answers("START")
    night.alert("report is late", service="reports")
    night.passes(minutes=2)
    night.phone("primary").receives("report is late").answers("ack").receives("Acknowledged")
    night.alert("report is later", service="reports")
    night.phone("primary").receives("report is later")


def test_an_ack_written_while_the_store_was_away_for_an_hour_is_found(night: Night) -> None:
    night.alert("checkout is down")
    night.passes(minutes=1)
    night.world.store.away = True
    night.phone("primary").receives("checkout is down").answers("ack")
    night.passes(minutes=65)
    night.world.store.away = False
    night.passes(minutes=2)
    assert night.is_acknowledged(by="Primary Person")
    night.phone("primary").has_had_enough()
    night.phone("secondary").has_had_enough()
