"""Whatever a product allows, the file keeps to what ours may hold; what had to go is told."""

from datetime import timedelta

import pytest

from infra.cli.importing.settling import AT_MOST, settled
from infra.cli.importing.values import Configuration, Level, Policy, Service, Team, User
from tests.cli.moving import move
from tocsin.errors import Malformed

MINUTE = timedelta(minutes=1)
USERS = tuple(User(f"u{number}", "U", f"+1555010{number:04}", "", ("sms",), ("sms",)) for number in range(12))


def settle(*levels: Level, repeat: int = 0, users: tuple[User, ...] = USERS) -> tuple[Configuration, list[str]]:
    ours = move()
    services = (Service("s", "S", "p", "high"), Service("nowhere", "N", "gone", "high"))
    found = settled(ours, Configuration(users, (Team("t", ()),), (), (Policy("p", levels, repeat),), services))
    return found, [each.why for each in ours.report.entries if each.why]


def test_a_level_with_too_many_targets_names_those_that_are_missing() -> None:
    found, told = settle(Level(tuple(f"user u{number}" for number in range(12)), MINUTE))
    assert len(found.policies[0].levels[0].targets) == 10
    assert "level 1 pages more than 10: without user u10, user u11" in told


def test_a_policy_with_too_many_levels_says_how_many_are_missing() -> None:
    found, told = settle(*[Level(("user u1",), MINUTE)] * 23, repeat=400)
    assert len(found.policies[0].levels) == 20
    assert found.policies[0].repeat == 100
    assert "has 23 levels: the last 3 are not in the file" in told
    assert "repeats 100 times, not 400" in told


@pytest.mark.parametrize(
    ("delay", "written"),
    [(timedelta(0), timedelta(seconds=1)), (MINUTE, MINUTE), (AT_MOST, AT_MOST), (2 * AT_MOST, AT_MOST)],
)
def test_a_delay_is_changed_only_where_it_must_be_and_that_is_told(delay: timedelta, written: timedelta) -> None:
    found, told = settle(Level(("user u1",), delay))
    assert found.policies[0].levels[0].delay == written
    assert any("level 1 waits" in why for why in told) is (delay != written)


def test_the_time_of_a_level_with_nobody_is_given_to_the_level_before() -> None:
    found, told = settle(Level(("user u1",), MINUTE), Level(("team t",), 5 * MINUTE), Level(("user u2",), MINUTE))
    assert [level.delay for level in found.policies[0].levels] == [6 * MINUTE, MINUTE]
    assert "level 2 has nobody left to page and is not in the file; its 5m are given to the level before" in told


def test_a_service_without_its_policy_is_left_out() -> None:
    found, told = settle(Level(("user u1",), MINUTE))
    assert [service.name for service in found.services] == ["s"]
    assert any("its escalation policy is not in the export" in why for why in told)


def test_somebody_takes_what_nobody_takes_the_owner_of_the_account_first() -> None:
    owner = User("owner", "O", "+15550109999", "", ("sms",), ("sms",), owns_the_account=True)
    silent = User("silent", "Q", "", "", ("sms",), ("sms",), owns_the_account=True)
    assert settle(Level(("user u3",), MINUTE))[0].catch_all == "u3"
    assert settle(Level(("user u3",), MINUTE), users=(*USERS, owner))[0].catch_all == "owner"
    assert settle(Level(("user silent", "user u3"), MINUTE), users=(*USERS, silent))[0].catch_all == "u3"


def test_an_account_without_anybody_to_page_is_refused() -> None:
    with pytest.raises(Malformed, match="has no user who could be paged"):
        settle(users=())
