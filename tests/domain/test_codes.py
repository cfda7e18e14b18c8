"""Reply codes: the same for the same page on the same phone, spread evenly, and not used again too soon."""

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.domain.examples import HOUR, NOW, SECOND
from tocsin.domain.codes import REST, Code, candidates, free, path

ADA, BRAM = "+15550100101", "+15550100102"


@given(nonce=st.text(), number=st.text())
@settings(deadline=None)
def test_codes_are_four_digits_and_always_the_same(nonce: str, number: str) -> None:
    codes = list(candidates(nonce, number))
    assert codes == list(candidates(nonce, number))
    assert len(codes) == 50
    assert all(len(code) == 4 and code.isascii() and code.isdigit() for code in codes)


def test_codes_differ_between_incidents_and_between_phones() -> None:
    assert len({next(candidates(f"n{number}", ADA)) for number in range(100)}) > 95
    assert len({next(candidates("n1", f"+1555010{number:04d}")) for number in range(100)}) > 95
    assert len(set(candidates("n1", ADA))) > 45


def test_a_page_keeps_its_code_whichever_version_repeats_it() -> None:
    assert list(candidates("n1", ADA, 3)) == ["6199", "6220", "1059"]


def test_codes_are_spread_over_all_ten_thousand() -> None:
    drawn = Counter(next(candidates(f"nonce {number}", ADA)) for number in range(20_000))
    assert len(drawn) > 8_500
    assert max(drawn.values()) < 15
    assert {code[0] for code in drawn} == set("0123456789")


@pytest.mark.parametrize(
    ("after", "is_free"),
    [
        (timedelta(0), False),
        (HOUR, False),
        (REST - SECOND, False),
        (REST, False),
        (REST + SECOND, True),
        (2 * REST, True),
    ],
)
def test_a_code_rests_for_72_hours(after: timedelta, is_free: bool) -> None:  # noqa: FBT001
    assert timedelta(hours=72) == REST
    taken = Code(ADA, "4821", "i1", {"i1": 1}, "ada", NOW + REST, NOW)
    assert free(taken, "i2", NOW + after) is is_free
    assert free(taken, "i1", NOW + after)
    assert free(None, "i2", NOW + after)


def test_a_documents_path_shows_neither_number_nor_code() -> None:
    ids = {path(number, code).removeprefix("codes/") for number in (ADA, BRAM) for code in ("4821", "4822")}
    assert len(ids) == 4
    assert not [one for one in ids if ADA[1:] in one or BRAM[1:] in one or len(one) != 64]
