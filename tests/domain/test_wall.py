"""Times as they are read: on the wall of a zone, with its name."""

from datetime import timedelta

import pytest

from tests.domain.examples import NOW
from tocsin.domain.wall import clock, day_and_clock, weekday_and_clock


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("UTC", "02:14 UTC"),
        ("Europe/Berlin", "03:14 CET"),
        ("America/New_York", "21:14 EST"),
        ("Asia/Kathmandu", "07:59 UTC+0545"),
        ("America/Sao_Paulo", "23:14 UTC-03"),
        ("Nowhere/Atall", "02:14 UTC"),
    ],
)
def test_a_time_is_read_on_the_wall_of_its_zone(zone: str, words: str) -> None:
    assert clock(NOW, zone) == words


def test_summer_time_has_a_name_of_its_own() -> None:
    assert clock(NOW + timedelta(days=180), "Europe/London") == "03:14 BST"


def test_a_time_within_a_day_has_no_date_and_a_later_one_that_of_the_wall() -> None:
    assert day_and_clock(NOW + timedelta(hours=23), NOW, "Europe/Berlin") == "02:14 CET"
    assert day_and_clock(NOW + timedelta(days=1), NOW, "America/New_York") == "Sat 21 Nov 21:14 EST"
    assert weekday_and_clock(NOW, "America/New_York") == "Fri 21:14 EST"


def test_no_time_has_no_words() -> None:
    assert clock(None, "UTC") == ""
