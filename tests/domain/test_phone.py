"""How often a number is answered for nothing, and that it stands in no path."""

from datetime import datetime
from itertools import pairwise

from tests.domain.examples import HOUR, MINUTE, NOW, SECOND
from tocsin.domain.phone import MOST_PASSIVE, Phone, path


def after(answers: int, *, opted_out: bool = False) -> Phone:
    phone = Phone(opted_out=opted_out)
    for number in range(answers):
        phone = phone.answered(NOW + number * MINUTE)
    return phone


def test_five_answers_an_hour_are_given_for_nothing_and_no_more() -> None:
    assert MOST_PASSIVE == 5
    assert [after(answers).may_be_answered(NOW + 30 * MINUTE) for answers in range(8)] == [True] * 5 + [False] * 3


def test_an_hour_later_they_are_forgiven() -> None:
    silenced = after(5)
    assert not silenced.may_be_answered(NOW + HOUR - SECOND)
    assert silenced.may_be_answered(NOW + HOUR)
    assert silenced.answered(NOW + HOUR) == Phone(passive=1, passive_since=NOW + HOUR)


def test_counting_goes_on_while_nothing_is_answered_and_keeps_the_opt_out() -> None:
    counts = [after(answers).passive for answers in range(10)]
    assert all(later == earlier + 1 for earlier, later in pairwise(counts))
    assert after(3, opted_out=True).opted_out


def heard(phone: Phone, *, opted_out: bool, at: datetime) -> Phone:
    return phone.heard(opted_out, at)


def test_of_stop_and_start_the_one_written_last_holds_whichever_is_found_first() -> None:
    stopped = heard(Phone(passive=3, passive_since=NOW), opted_out=True, at=NOW + HOUR)
    assert stopped == Phone(opted_out=True, word_at=NOW + HOUR, passive=3, passive_since=NOW)
    assert heard(stopped, opted_out=False, at=NOW) == stopped
    started = heard(stopped, opted_out=False, at=NOW + HOUR + SECOND)
    assert (started.opted_out, started.word_at) == (False, NOW + HOUR + SECOND)


def test_of_two_words_of_the_same_second_the_one_found_last_holds() -> None:
    stopped = heard(Phone(), opted_out=True, at=NOW)
    assert not heard(stopped, opted_out=False, at=NOW).opted_out


def test_a_number_nobody_wrote_from_takes_texts() -> None:
    assert (Phone().opted_out, Phone().passive) == (False, 0)


def test_the_path_hides_the_number() -> None:
    assert path("+15550100101") != path("+15550100102")
    assert path("+15550100101").startswith("phones/")
    assert "5550100101" not in path("+15550100101")
