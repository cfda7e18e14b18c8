"""A code vouches for a number for a quarter of an hour, and a few wrong ones are enough."""

from datetime import UTC, datetime, timedelta

import pytest

from tocsin.domain.phone import Phone
from tocsin.domain.replies import Reply, Wish, understand
from tocsin.domain.verification import MOST_GUESSES, PER_NUMBER, PER_USER, VALID, Verification, code, code_in, next_at

NOW = datetime(2026, 11, 22, 3, 14, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
OUT = Verification().sending("alice", "048211", NOW)


def test_the_right_code_verifies_the_number_for_the_user_it_was_sent_for() -> None:
    done = OUT.given("048211", NOW + MINUTE)
    assert (done.verified_at, done.is_of("alice"), done.is_of("bob")) == (NOW + MINUTE, True, False)
    assert not done.is_waiting(NOW + MINUTE)


def test_nothing_is_verified_before() -> None:
    assert not Verification().is_of("")
    assert not Verification().is_waiting(NOW)
    assert not OUT.is_of("alice")


@pytest.mark.parametrize("wrong", ["048212", "48211", "", "0482110", "٠٤٨٢١١"])
def test_a_wrong_code_is_a_guess(wrong: str) -> None:
    after = OUT.given(wrong, NOW)
    assert (after.guesses, after.is_of("alice"), after.is_waiting(NOW)) == (1, False, True)


def test_after_five_guesses_the_code_is_worth_nothing() -> None:
    guessed = OUT
    for _ in range(MOST_GUESSES):
        assert guessed.is_waiting(NOW)
        guessed = guessed.given("000000", NOW)
    assert not guessed.is_waiting(NOW)
    assert guessed.sending("alice", "111111", NOW).is_waiting(NOW)


def test_a_code_is_good_for_a_quarter_of_an_hour_and_until_the_next_one() -> None:
    assert OUT.is_waiting(NOW + VALID - MINUTE)
    assert not OUT.is_waiting(NOW + VALID)
    assert not OUT.sending("alice", "111111", NOW).given("048211", NOW).is_of("alice")


def test_a_verified_number_stays_so_while_another_code_is_out() -> None:
    again = OUT.given("048211", NOW).sending("alice", "111111", NOW + MINUTE)
    assert again.is_of("alice")
    assert again.given("000000", NOW + MINUTE).is_of("alice")


@pytest.mark.parametrize(("cap", "most"), [(PER_NUMBER, 3), (PER_USER, 10)])
def test_so_many_codes_are_sent_in_any_window_and_no_more(cap: object, most: int) -> None:
    rule = PER_NUMBER if cap is PER_NUMBER else PER_USER
    sent = [NOW + n * MINUTE for n in range(most)]
    assert next_at(sent[:-1], rule, sent[-1]) == sent[-1]
    assert next_at(sent, rule, sent[-1]) == NOW + rule.window
    assert next_at(sent, rule, NOW + rule.window) == NOW + rule.window


@pytest.mark.parametrize("text", ["048211", " 048 211\n", "048211."])
def test_a_text_that_is_a_code_is_one(text: str) -> None:
    assert code_in(text) == "048211"
    assert understand(text) == Reply(Wish.UNCLEAR)


@pytest.mark.parametrize("text", ["", "4821", "my code is 048211", "0482111", "٠٤٨٢١١", "048211?"])
def test_a_text_that_only_holds_one_is_none(text: str) -> None:
    assert code_in(text) == ""


def test_a_code_has_six_digits_whatever_it_is_made_of() -> None:
    made = {code(f"{number:032x}") for number in (0, 1, 10**6, 10**6 + 5, 2**127)}
    assert {"000000", "000001", "000005"} <= made
    assert all(len(one) == 6 for one in made)


def test_a_phone_takes_a_code_only_while_one_is_out() -> None:
    phone = Phone(verification=OUT)
    assert phone.vouched("048211", NOW).verification.is_of("alice")
    assert phone.vouched("ack", NOW) is phone
    assert phone.vouched("048211", NOW + VALID) is phone
    assert Phone().vouched("048211", NOW) == Phone()


def test_a_page_answered_late_does_not_undo_a_later_one() -> None:
    assert Phone().reached(NOW).reached_at == NOW
    assert Phone().reached(NOW).reached(NOW - MINUTE).reached_at == NOW
    assert Phone().reached(NOW).reached(NOW + MINUTE).reached_at == NOW + MINUTE
