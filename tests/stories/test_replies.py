"""What people text back, and what it does: only a clear word acknowledges, and the answer says what was done."""

import pytest

from infra.local.phones.faults import Kind, On
from tests.stories.night import Night

ACKNOWLEDGES = [
    "ack", "a", "ok", "4", "ACK", "Ack.", "ack!", " ack \n", "OK 👍", "acknowledge", "ａｃｋ", "{code}", "#{code}",
    "ack {code}", "ack #{code}", "ack{code}", "{code}a", "{code} ack", "A {code}", "“ack {code}”", "'{code}'",
    "ack\N{NO-BREAK SPACE}{code}", "ack\N{ZERO WIDTH SPACE} {code}", "{code}\n\nSent from my phone",
    "ack\n-- \nPrimary Person\n+1 555 010 0101",
]  # fmt: skip
DOES_NOT = [
    "Liked “{text}”", "Emphasized “{text}”", "👍 to “{text}”", "Removed a like from “{text}”", "👍", "?!", ".",
    "I'll look at {code} when I am home", "don't ack {code}", "ack {code} or not?", "ok but who has the database",
    "not ok", "nack {code}", "ack {code}5", "ack {code} ack {code}", "{code} {code}", "acknowledge everything",
    "I'm driving with Focus on. I'll see your message later.", "Automatic reply: out of office until Monday",
    "44", "5", "6", "r", "resolve", "escalate", "> ack", "re: ack", "ack ack",
]  # fmt: skip


@pytest.mark.parametrize("words", ACKNOWLEDGES)
def test_these_words_acknowledge(night: Night, words: str) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down").answers(words).receives("Acknowledged", "checkout is down")
    assert night.is_acknowledged(by="Primary Person")


def test_a_code_in_full_width_digits_acknowledges(night: Night) -> None:
    night.alert("checkout is down")
    wide = "".join(chr(ord(one) + 0xFEE0) for one in night.phone("primary").receives("checkout is down").code)
    night.phone("primary").answers(f"ＡＣＫ {wide}．").receives("Acknowledged")


def test_ten_wrong_codes_lock_answers_by_text_for_a_while_and_nothing_else(
    night: Night, capsys: pytest.CaptureFixture[str]
) -> None:
    night.alert("checkout is down")
    phone = night.phone("primary").receives("checkout is down")
    for number in range(9):
        phone.answers(f"ack 000{number}").receives("No page on this phone has the code")
    phone.answers("ack 0009").receives("Too many wrong codes: texts from this phone do nothing until 02:29 UTC")
    phone.answers("ack {code}").receives("Too many wrong codes")
    phone.answers("ack").receives("Too many wrong codes")
    phone.answers("who").receives("Primary Person")
    assert night.is_open()
    assert capsys.readouterr().out.count("answers by text are locked: ten wrong codes") == 3
    night.passes(seconds=100)
    phone.rings().picks_up().presses("4")
    assert night.is_acknowledged(by="Primary Person")
    night.passes(minutes=15)
    phone.answers("resolve 0000").receives("No page on this phone has the code")
    phone.answers("resolve {code}").receives("Resolved")


def test_ten_wrong_codes_in_a_day_lock_nothing(night: Night) -> None:
    night.alert("checkout is down")
    phone = night.phone("primary").receives("checkout is down").answers("ack").receives("Acknowledged")
    for number in range(12):
        phone.answers(f"resolve 000{number % 10}").receives("No page on this phone has the code")
        night.passes(minutes=7)
    phone.answers("resolve {code}").receives("Resolved")


@pytest.mark.parametrize("words", DOES_NOT)
def test_these_words_do_not_and_the_answer_says_what_to_type(night: Night, words: str) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down").answers(words).receives("Reply ack, resolve or escalate with")
    assert night.is_open()


def test_a_wrong_code_changes_nothing_and_is_named(night: Night) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down").answers("ack 0000").receives("No page on this phone", "0000")
    assert night.is_open()


def test_somebody_elses_code_is_no_code_here(night: Night) -> None:
    night.alert("checkout is down")
    code = night.phone("primary").receives("checkout is down").code
    night.phone("secondary").answers(f"ack {code}").receives(f"No page on this phone has the code {code}")
    assert night.is_open()


def test_a_stranger_is_not_answered_whatever_is_texted(night: Night) -> None:
    night.alert("checkout is down")
    code = night.phone("primary").receives("checkout is down").code
    night.phone("stranger").answers(f"ack {code}").answers("ack").answers("help me").stays_silent()
    assert night.is_open()


def test_a_bare_ack_with_two_pages_open_lists_them_and_acknowledges_none(night: Night) -> None:
    night.alert("checkout is down")
    one = night.phone("primary").receives("checkout is down").code
    night.passes(minutes=1)
    night.alert("stock is wrong", service="stock")
    two = night.phone("primary").receives("stock is wrong").code
    night.phone("primary").answers("ack").receives("2 pages are open here", f"{one} checkout", f"{two} stock is wrong")
    assert [one.answered_by for one in night.incidents()] == ["", ""]


def test_a_bare_ack_means_the_page_that_is_still_open(night: Night) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down").answers("ack").receives("Acknowledged")
    night.passes(minutes=1)
    night.alert("stock is wrong", service="stock")
    night.phone("primary").receives("stock is wrong").answers("ack").receives("Acknowledged", "stock is wrong")


def test_a_second_ack_says_who_has_it_and_since_when(night: Night) -> None:
    night.alert("cards are refused", service="payments")
    night.phone("secondary").receives("cards").answers("ack").receives("Acknowledged")
    night.phone("primary").receives("cards").answers("{code}").receives("Already acknowledged by Sec", "02:14 UTC")
    assert night.is_acknowledged(by="Secondary Person")


def test_an_ack_without_any_page_says_that_nothing_is_open(night: Night) -> None:
    night.phone("primary").answers("ack").receives("Nothing is open on this phone")


@pytest.mark.parametrize("words", ["resolve {code}", "{code}r", "Resolve {code}.", "{code} resolve"])
def test_a_text_resolves(night: Night, words: str) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down").answers(words).receives("Resolved", "checkout is down")
    night.passes(hours=1)
    assert night.is_resolved(by="Primary Person")


def test_an_ack_after_the_end_says_that_it_is_over(night: Night) -> None:
    night.alert("checkout is down")
    night.resolves("checkout is down")
    night.phone("primary").receives("down").answers("ack {code}").receives("Already resolved by checkout-alertmanager")
    assert night.is_resolved()


@pytest.mark.parametrize("word", ["help", "?", "info"])
def test_help_is_answered_once_by_the_carrier_or_by_us(night: Night, word: str) -> None:
    night.phone("primary").answers(word)
    texts = [one.body for one in night.world.network.messages(night.phone("primary").number)]
    assert len(texts) == 2, texts
    if word == "?":
        night.phone("primary").receives("Reply ack, resolve or escalate with the page's code")


def test_two_machines_do_not_answer_each_other_for_ever(night: Night) -> None:
    phone = night.phone("primary")
    for _ in range(5):
        phone.answers("I am out of office").receives("Reply ack, resolve or escalate")
    phone.answers("I am out of office").answers("ack").stays_silent()
    phone.answers("ack 0000").receives("No page on this phone has the code 0000")
    night.passes(hours=1)
    phone.answers("what is this").receives("Reply ack, resolve or escalate")


def test_a_command_is_answered_however_much_nonsense_came_before(night: Night) -> None:
    for _ in range(7):
        night.phone("primary").answers("hm")
    for _ in range(5):
        night.phone("primary").receives("Reply ack")
    night.alert("checkout is down")
    night.phone("primary").receives("down").answers("ack {code}").receives("Acknowledged")


def test_after_stop_a_page_rings_at_once_and_start_brings_the_texts_back(night: Night) -> None:
    night.phone("primary").answers("STOP")
    night.alert("checkout is down")
    night.phone("primary").rings().picks_up().presses("4").hears("Acknowledged")
    assert night.told("text to Primary Person: failed", "STOP; only a START from that phone undoes it")
    night.phone("primary").answers("START")
    night.alert("stock is wrong", service="stock")
    night.phone("primary").receives("stock is wrong").answers("ack").receives("Acknowledged")


@pytest.mark.parametrize("word", ["stop", "END", "Cancel", "quit", "unsubscribe", "revoke"])
def test_a_carriers_word_never_answers_a_page(night: Night, word: str) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down").answers(word).stays_silent()
    assert night.is_open()


def test_after_stop_a_quiet_page_rings_although_the_rules_ask_for_a_text(night: Night) -> None:
    night.phone("primary").answers("STOP")
    night.alert("report is late", service="reports")
    night.phone("primary").rings().picks_up().hears("report is late").presses("4").hears("Acknowledged")


def test_somebody_who_was_paged_may_answer_after_leaving_the_configuration(night: Night) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down")
    night.leaves("primary")
    night.phone("primary").answers("ack {code}").receives("Acknowledged")
    assert night.is_acknowledged(by="primary")


def test_one_of_two_pages_is_acknowledged_by_its_code_and_the_other_goes_on(night: Night) -> None:
    night.alert("checkout is down")
    night.passes(minutes=1)
    night.alert("stock is wrong", service="stock")
    night.phone("primary").receives("checkout is down").answers("{code}").receives("stock is wrong").receives("Acknow")
    night.passes(minutes=2)
    night.phone("primary").rings().picks_up().hears("stock is wrong").presses("4").hears("Acknowledged")
    assert {one.answered_by for one in night.incidents()} == {"Primary Person"}


def test_with_many_pages_open_the_list_stays_short(night: Night) -> None:
    for number in range(5):
        night.alert(f"host-{number} is down with a rather long description of why", service="reports")
        night.phone("primary").receives(f"host-{number} is down")
        night.passes(seconds=57)
    night.phone("primary").answers("ack").receives("5 pages are open here", "Reply ack and a code, like ack ")
    night.phone("secondary").has_had_enough()


def test_a_bare_ack_after_the_end_says_that_nothing_is_open(night: Night) -> None:
    night.alert("checkout is down")
    night.resolves("checkout is down")
    night.phone("primary").receives("checkout is down").answers("ack").receives("Nothing is open")


def test_a_code_is_forgotten_after_three_days(night: Night) -> None:
    night.alert("checkout is down")
    night.resolves("checkout is down")
    night.world.sweeps = False
    night.passes(hours=72, minutes=1)
    night.phone("primary").receives("checkout is down").answers("ack {code}").receives("No page on this phone")


def test_a_page_can_be_answered_from_every_phone_that_got_it(night: Night) -> None:
    night.alert("checkout is down")
    night.passes(minutes=6)
    night.phone("secondary").receives("checkout is down")
    night.phone("primary").receives("checkout is down").rings().answers("ack").receives("Acknowledged")
    night.passes(hours=1)


def test_a_bare_ack_finds_the_open_page_in_a_week_of_many_pages(night: Night) -> None:
    night.world.sweeps = False
    night.phone("primary").meets(Kind.CALLBACK_MISSING, times=None)
    for number in range(51):
        night.alert(f"flap {number}")
        night.phone("primary").receives(f"flap {number}")
        night.resolves(f"flap {number}")
        night.passes(minutes=10)
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down").answers("ack").receives("Acknowledged")


# Its text never arrived: somebody who says "ack" cannot mean what he has not read.
def test_a_bare_ack_does_not_take_a_page_that_was_never_sent(night: Night) -> None:
    phone = night.phone("primary").meets(Kind.LOST_BEFORE, On.TEXT)
    night.alert("checkout is down")
    phone.answers("ack").receives("1 page is open here", "checkout is down")
    assert night.is_open()
    night.passes(minutes=1)
    phone.receives("Again: checkout is down").answers("ack").receives("Acknowledged")


# One of the two was beyond the end of the list of open incidents, and the other seemed to be the only one.
def test_a_bare_ack_asks_which_of_two_pages_is_meant_however_many_others_are_open(night: Night) -> None:
    night.alert("search is slow", service="search")
    night.phone("secondary").receives("search is slow")
    [(_, other)] = night.world.store.query("incidents")
    phone = night.phone("primary")
    night.alert("checkout is down")
    for number in range(1001):
        night.world.store.spoils(f"incidents/{2:032x}{number}", **other | {"next_at": None})
    night.passes(minutes=1)
    night.alert("stock is wrong", service="stock")
    phone.receives("checkout").receives("stock").answers("ack").receives("2 pages are open here")


def test_the_phone_that_was_paged_may_answer_after_its_owner_has_another_number(night: Night) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down")
    night.changes("users", "primary", phone="+15550100155")
    night.phone("primary").answers("ack").receives("Acknowledged")
    assert night.is_acknowledged(by="primary")
