"""What people read and hear: it fits two texts, keeps what to do, and asks for nothing that the carrier would take."""

import re
import unicodedata
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.domain.examples import HOUR, MINUTE, NOW, SECOND, incident, notification
from tests.domain.test_gsm import BASIC, EXTENDED, TWO_SEGMENTS
from tocsin.domain import wording
from tocsin.domain.gsm import septets
from tocsin.domain.incident import Incident, Status
from tocsin.domain.replies import Wish, understand

TITLES = st.text(st.characters(), max_size=1024)
CODES = st.integers(0, 9999).map(lambda number: f"{number:04d}")
FAR = "Asia/Kathmandu"  # whose name is the longest
STOP_WORDS = {"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "optout", "revoke", "start", "yes", "unstop"}


def every_text(about: Incident, code: str) -> list[str]:
    page = notification(code=code, zone=FAR)
    answered = [
        replace(about, status=status, answered_by="Ada Ørsted", answered_at=NOW)
        for status in (Status.ACKNOWLEDGED, Status.RESOLVED)
    ]
    return [
        wording.page(about, page, again=False),
        wording.page(about, page, again=True),
        wording.page(about, replace(page, digest=wording.digest([about] * 30, FAR)), again=True),
        wording.done_all([about] * 30, 30, code, FAR),
        wording.done_all([about] * 30, 31, code, FAR),
        wording.nothing_left(100, code),
        wording.done(about, code, FAR),
        *[wording.done(one, code, FAR) for one in answered],
        *[wording.already(one, code, FAR) for one in answered],
        wording.choices([(code, [about]), ("0001", [about, about])]),
        wording.choices([(code, [about])] * 50),
        wording.HELP,
        wording.NOTHING_OPEN,
        wording.UNKNOWN_CODE.format(code=code),
    ]


@given(title=TITLES, service=TITLES, code=CODES)
@settings(deadline=None)
def test_every_text_fits_two_segments_of_the_alphabet(title: str, service: str, code: str) -> None:
    for text in every_text(incident(title=title, service_name=service), code):
        assert septets(text) <= TWO_SEGMENTS
        assert set(text) <= set(BASIC + EXTENDED) - {"\n", "\r"}
        assert not [one for one in text if unicodedata.category(one)[0] == "C"]
        assert "://" not in text


@given(title=TITLES, service=TITLES, code=CODES, again=st.booleans())
@settings(deadline=None)
def test_a_page_keeps_its_code_and_what_to_reply(title: str, service: str, code: str, again: bool) -> None:  # noqa: FBT001
    text = wording.page(incident(title=title, service_name=service), notification(code=code), again=again)
    assert text.endswith(f". Reply ack {code}, resolve {code} or escalate {code}")


def test_a_page_that_may_be_a_copy_says_so() -> None:
    assert wording.page(incident(), notification(), again=True).startswith("Again: checkout is down. Reply ack 4821")


@pytest.mark.parametrize("wish", [Wish.ACKNOWLEDGE, Wish.RESOLVE, Wish.ESCALATE])
def test_what_a_page_suggests_is_understood(wish: Wish) -> None:
    suggested = wording.page(incident(), notification(), again=False).split("Reply ")[1]
    assert wish in {understand(one).wish for one in re.split(", | or ", suggested)}
    assert {understand(one).code for one in re.split(", | or ", suggested)} == {"4821"}


def test_no_text_asks_for_a_word_that_the_carrier_takes() -> None:
    for text in every_text(incident(), "4821"):
        assert not STOP_WORDS & set(re.findall("[a-z]+", text.casefold()))


def test_a_long_title_is_cut_where_one_can_see_it() -> None:
    text = wording.page(incident(title="checkout " * 100), notification(), again=False)
    assert text.startswith("checkout checkout")
    assert text.split(". Reply ack 4821, ")[0].endswith("...")


@pytest.mark.parametrize(
    ("held_up", "head"),
    [
        (0 * MINUTE, "checkout is down."),
        (10 * MINUTE - SECOND, "checkout is down."),
        (10 * MINUTE, "From 02:14 UTC: checkout is down."),
        (9 * HOUR, "From 02:14 UTC: checkout is down."),
    ],
)
def test_a_page_that_was_held_up_for_ten_minutes_says_how_old_it_is(held_up: timedelta, head: str) -> None:
    late = notification(claimed_at=NOW + held_up)
    assert wording.page(incident(), late, again=False).startswith(head)
    assert wording.page(incident(), late, again=True).startswith(f"Again: {head}")


def test_the_service_is_named_once() -> None:
    assert wording.page(incident(), notification(), again=False).startswith("checkout is down. Reply")
    other = wording.page(incident(title="disk full"), notification(), again=False)
    assert other.startswith("Checkout: disk full. Reply")


def test_every_answer_says_what_was_committed() -> None:
    acknowledged = incident(status=Status.ACKNOWLEDGED, answered_by="Ada", answered_at=NOW)
    resolved = replace(acknowledged, status=Status.RESOLVED)
    assert wording.done(acknowledged, "4821", "UTC") == "Acknowledged 4821: checkout is down. Nobody else is paged."
    assert wording.done(resolved, "4821", "UTC") == "Resolved 4821: checkout is down"
    assert wording.done(incident(), "4821", "UTC") == "Escalated 4821: checkout is down. The next one is paged now."


def test_whoever_is_late_hears_who_has_it_since_when() -> None:
    acknowledged = incident(status=Status.ACKNOWLEDGED, answered_by="Ada", answered_at=NOW + HOUR)
    assert (
        wording.already(acknowledged, "4821", "UTC")
        == "Already acknowledged by Ada at 03:14 UTC: checkout is down (4821)"
    )


def test_several_open_pages_are_listed_with_their_codes() -> None:
    text = wording.choices([("4821", [incident()]), ("0042", [incident(title="disk full")])])
    assert text == "2 pages are open here: 4821 checkout is down; 0042 disk full. Reply ack and a code, like ack 4821"


def test_of_many_open_pages_the_first_five_are_listed_and_their_titles_cut() -> None:
    text = wording.choices([(f"000{number}", [incident(title="x" * 40)]) for number in range(7)])
    listed = "; ".join(f"000{number} {'x' * 30}" for number in range(5))
    assert text == f"7 pages are open here: {listed}. Reply ack and a code, like ack 0000"


def test_a_single_page_is_listed_as_one() -> None:
    text = wording.choices([("4821", [incident()])])
    assert text == "1 page is open here: 4821 checkout is down. Reply ack and a code, like ack 4821"


def test_what_was_passed_on_is_named() -> None:
    said = "Already escalated, somebody else is paged: checkout is down (4821)"
    assert wording.passed_on(incident(), "4821") == said


def test_an_incident_that_was_never_answered_has_no_time_of_an_answer() -> None:
    assert wording.already(incident(answered_by="Ada"), "4821", "UTC").startswith("Already triggered by Ada: ")


def test_a_call_reads_a_hundred_characters_of_each_name() -> None:
    message, _ = wording.spoken(incident(title="t" * 200, service_name="s" * 200), notification())
    assert message == f"This is Tocsin. {'s' * 100}: {'t' * 100}."


@given(title=TITLES)
@settings(deadline=None)
def test_a_call_says_the_title_and_the_four_keys(title: str) -> None:
    message, keys = wording.spoken(incident(title=title), notification())
    assert message.startswith("This is Tocsin. Checkout: ")
    assert len(message) < 500
    assert [key in keys for key in ("4 to acknowledge", "6 to resolve", "5 to escalate", "star to hear")] == [True] * 4
