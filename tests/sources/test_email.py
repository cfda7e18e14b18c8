"""A subject is the title; what a mail program puts before it is taken off, and nothing else is."""

import pytest

from tocsin.sources import Posted, email


@pytest.mark.parametrize(
    ("subject", "title"),
    [
        ("Core: disk full", "Core: disk full"),
        ("Hardware: fan 2 of web-1", "Hardware: fan 2 of web-1"),
        ("RE: Fwd: disk full", "disk full"),
        ("  AW[2]: tr : disk full", "disk full"),
        ("disk full, re: yesterday", "disk full, re: yesterday"),
    ],
)
def test_only_what_stands_before_a_subject_is_taken_off(subject: str, title: str) -> None:
    [alert] = email.parse(Posted({"subject": subject, "from": "disk@example.com"}))
    assert alert.title == title


@pytest.mark.parametrize("share", ["95%", "95.5 %", "7%"])
def test_the_share_in_a_subject_is_no_part_of_the_trouble(share: str) -> None:
    keys = {
        email.parse(Posted({"subject": f"disk at {one}", "from": "a@b.example"}))[0].dedup_key for one in (share, "1%")
    }
    assert len(keys) == 1
