"""Numbers that cost many times the usual are known by how they begin; a person's number is none."""

import pytest

from tocsin.domain.tariffs import PREMIUM, SATELLITE, SHARED, allowed, dear

PEOPLE = [
    "+15550100101", "+12025550101", "+18765550101", "+447700900123", "+441632960123", "+4915112345678", "+4930123456",
    "+33612345678", "+33123456789", "+393123456789", "+390612345678", "+34612345678", "+41791234567", "+436641234567",
    "+31612345678", "+32470123456", "+48512345678", "+46701234567", "+4790123456", "+4520123456", "+358401234567",
    "+61412345678", "+64211234567", "+819012345678", "+919812345678", "+5511912345678", "+27821234567",
]  # fmt: skip


@pytest.mark.parametrize("number", PEOPLE)
def test_a_person_s_number_costs_the_usual(number: str) -> None:
    assert dear(number) == ""


@pytest.mark.parametrize("first", [*SATELLITE, *PREMIUM, *SHARED])
def test_a_dear_number_is_one_whatever_follows(first: str) -> None:
    assert dear(f"+{first}5550100"[:16]).endswith(" number")


def test_what_a_dear_number_is_is_said() -> None:
    kinds = {one: dear(one) for one in ("+881612345678", "+19005550100", "+4918055501001")}
    assert list(kinds.values()) == ["a satellite number", "a premium-rate number", "a shared-cost number"]


@pytest.mark.parametrize(
    ("codes", "said"),
    [((), True), (("+49",), False), (("+49", "+1"), True), (("+1555",), True), (("+15",), True), (("+1556",), False)],
)
def test_a_calling_code_is_how_a_number_begins(codes: tuple[str, ...], said: bool) -> None:  # noqa: FBT001
    assert allowed("+15550100101", codes) is said
