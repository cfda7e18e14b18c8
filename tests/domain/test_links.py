"""Links in texts: who can make one, for how long it holds, and what it may still answer."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.domain.examples import HOUR, NOW, SECOND, incident, notification
from tocsin.domain.incident import Incident, acknowledge, resolve, snooze
from tocsin.domain.links import LIFETIME, answers, made, read, token

URL, SECRET = "https://pager.example", "of-this-month"
SENT = replace(notification(), begun_at=NOW)


def shown(secret: str = SECRET) -> str:
    return made(URL, secret, SENT).removeprefix(f"{URL}/reply/page/")


def test_a_link_opens_its_page_for_a_day() -> None:
    assert 24 * HOUR == LIFETIME
    assert read(shown(), (SECRET,), NOW) == (SENT.id, True)
    assert read(shown(), (SECRET,), NOW + LIFETIME - SECOND) == (SENT.id, True)
    assert read(shown(), (SECRET,), NOW + LIFETIME) == (SENT.id, False)


def test_it_stays_the_same_however_often_it_is_sent_and_is_what_it_always_was() -> None:
    """Made otherwise, the links in everybody's texts would open nothing."""
    assert made(URL, SECRET, replace(SENT, tries=3)) == made(URL, SECRET, SENT)
    assert token(SECRET, "i1-1-1-ada-1", 1_795_000_000) == "i1-1-1-ada-1.6afd86c0.RAw1qfT9DUlbxRhz7tEwpw"


def test_without_a_secret_or_a_try_there_is_none() -> None:
    assert made(URL, "", SENT) == ""
    assert made(URL, SECRET, replace(SENT, begun_at=None)) == ""


def test_any_of_the_secrets_opens_it_and_an_empty_one_never() -> None:
    assert read(shown(), ("of-next-month", SECRET), NOW) == (SENT.id, True)
    assert read(shown(), ("of-next-month",), NOW) is None
    assert read(token("", SENT.id, int((NOW + LIFETIME).timestamp())), ("",), NOW) is None
    assert read(shown(), (), NOW) is None


@pytest.mark.parametrize("number", range(3))
def test_one_that_was_changed_anywhere_opens_nothing(number: int) -> None:
    parts = shown().split(".")
    parts[number] = ("b" if parts[number][0] == "a" else "a") + parts[number][1:]
    assert read(".".join(parts), (SECRET,), NOW) is None


@pytest.mark.parametrize(
    "text", ["", "a", "a.b", f"{SENT.id}.1.", f"a b.1.{'x' * 22}", f"{SENT.id}.{'f' * 11}.{'x' * 22}"]
)
def test_what_is_no_link_opens_nothing(text: str) -> None:
    assert read(text, (SECRET,), NOW) is None


def test_a_name_that_no_page_can_have_opens_nothing_though_it_is_signed() -> None:
    assert read(token(SECRET, "_", int((NOW + LIFETIME).timestamp())), (SECRET,), NOW) is None


OPEN = incident()
PAGE = notification(episode=OPEN.episode)
ACKNOWLEDGED = acknowledge(OPEN, "Ada", NOW, "by text")
SNOOZED = snooze(OPEN, "Ada", NOW + HOUR, NOW, "by text")


def later(one: Incident, episodes: int) -> Incident:
    return replace(one, episode=OPEN.episode + episodes)


@pytest.mark.parametrize(
    ("one", "counts"),
    [
        (OPEN, True),
        (later(OPEN, 1), False),
        (later(ACKNOWLEDGED, 0), True),
        (later(ACKNOWLEDGED, 1), True),
        (later(ACKNOWLEDGED, 2), False),
        (later(ACKNOWLEDGED, -1), False),
        (later(SNOOZED, 0), True),
        (later(SNOOZED, 1), False),
        (later(resolve(OPEN, "Ada", NOW, "by text"), 1), False),
        (replace(OPEN, merged_into="i2"), False),
    ],
)
def test_it_answers_what_its_page_was_about_and_nothing_that_came_after(one: Incident, counts: bool) -> None:  # noqa: FBT001
    assert answers(PAGE, one) is counts


def test_the_time_in_it_is_signed() -> None:
    until = int((NOW + LIFETIME).timestamp())
    assert datetime.fromtimestamp(until, NOW.tzinfo) == NOW + timedelta(days=1)
    longer = token(SECRET, SENT.id, until).replace(f".{until:x}.", f".{until + 3600:x}.")
    assert read(longer, (SECRET,), NOW) is None
