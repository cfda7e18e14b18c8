"""Teams, round robin, quiet hours, support hours, and how much a policy may hold, in the configuration file."""

from datetime import time
from pathlib import Path

import pytest

from infra.cli.configfile import load
from infra.cli.marked import Mistakes
from tests.cli.broken import GOOD
from tocsin.domain.calendar import Hours
from tocsin.domain.config import Config, ServiceUrgency, SupportHours, Target, TargetKind, Team

TEAMS = "teams:\n  web: {users: [alice, bob]}\n"
LEVEL = "{notify: [user bob], delay: 10m}"
BY_TEAM = TEAMS + GOOD.replace(LEVEL, "{notify: [team web, user bob], delay: 10m, round_robin: true}")


def loaded(tmp_path: Path, text: str) -> Config:
    file = tmp_path / "team.yaml"
    file.write_text(text)
    return load(file)


def refused(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(Mistakes) as caught:
        loaded(tmp_path, text)
    return [each.sentence for each in caught.value.mistakes]


def test_a_level_names_a_team_and_may_go_round(tmp_path: Path) -> None:
    config = loaded(tmp_path, BY_TEAM)
    first, second = config.policies["shop"].levels
    assert config.teams == {"web": Team("web", ("alice", "bob"))}
    assert second.targets == (Target(TargetKind.TEAM, "web"), Target(TargetKind.USER, "bob"))
    assert (first.circle, second.circle) == ("", "shop-2")


def test_a_team_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert refused(tmp_path, BY_TEAM.replace("team web", "team wbe")) == [
        'policies.shop.levels[2].notify[1]: there is no team "wbe", did you mean web?'
    ]


def test_a_team_holds_users_there_are(tmp_path: Path) -> None:
    assert refused(tmp_path, BY_TEAM.replace("web: {users: [alice, bob]}", "web: {users: [zoe], lead: bob}")) == [
        'teams.web.users[1]: there is no user "zoe": there is alice, bob',
        'teams.web: unknown field "lead": there is organisation, users',
    ]
    assert refused(tmp_path, BY_TEAM.replace("web: {users: [alice, bob]}", "web: {users: []}")) == [
        "teams.web.users: is empty: a team needs at least one user"
    ]


@pytest.mark.parametrize(("number", "good"), [(10, True), (11, False)])
def test_a_level_has_at_most_ten_targets(tmp_path: Path, number: int, good: bool) -> None:  # noqa: FBT001
    text = GOOD.replace("[user bob]", f"[{', '.join(['user bob'] * number)}]")
    if good:
        assert len(loaded(tmp_path, text).policies["shop"].levels[1].targets) == number
        return
    assert refused(tmp_path, text) == [
        "policies.shop.levels[2].notify: has 11 of at most 10: put those who are paged together in a team"
    ]


@pytest.mark.parametrize(("number", "good"), [(20, True), (21, False)])
def test_a_policy_has_at_most_twenty_levels(tmp_path: Path, number: int, good: bool) -> None:  # noqa: FBT001
    text = GOOD.replace(f"      - {LEVEL}\n", f"      - {LEVEL}\n" * (number - 1))
    if good:
        assert len(loaded(tmp_path, text).policies["shop"].levels) == number
        return
    assert refused(tmp_path, text) == [
        "policies.shop.levels: has 21 of at most 20: let the last ones go, or say repeat"
    ]


def test_the_contact_of_a_canary_is_in_no_team_that_is_paged(tmp_path: Path) -> None:
    canary = """\
  canary:
    name: Canary
    policy: canary
    integrations: {canary: {source: generic, key: dddddddddddddddddddddddd}}
"""
    contact = "canary:\n  integration: canary\n  every: 10m\n"
    policy = "  canary:\n    levels: [{notify: [user alice], delay: 7m}]\n"
    apart = (TEAMS + GOOD + contact).replace("services:\n", f"{policy}services:\n{canary}")
    apart = apart.replace("users: [alice, bob], turn", "users: [bob], turn")
    assert loaded(tmp_path, apart).canary
    assert refused(tmp_path, apart.replace("[user bob]", "[team web]")) == [
        'canary: "alice" is paged for other things too: a canary needs a contact of its own'
    ]


ALICE = 'phone: "+15550100101"'


def test_a_user_may_have_quiet_hours_on_a_wall_of_his_own(tmp_path: Path) -> None:
    text = GOOD.replace(ALICE, f"{ALICE}, time_zone: Europe/London, quiet_hours: 22:00-07:00, shift_notices: true")
    alice, bob = loaded(tmp_path, text).users.values()
    assert (alice.time_zone, alice.quiet_hours) == ("Europe/London", Hours(tuple(range(7)), time(22), time(7)))
    assert (bob.time_zone, bob.quiet_hours) == ("UTC", None)
    assert (alice.shift_notices, bob.shift_notices) == (True, False)


@pytest.mark.parametrize(
    ("field", "sentence"),
    [
        ("quiet_hours: 00:00-24:00", '"00:00-24:00" never ends: what can wait would wait for ever'),
        ("quiet_hours: at night", '"at night" is not hours of the week: write days and times'),
        ("time_zone: Europe/Lodnon", 'there is no time zone "Europe/Lodnon", did you mean Europe/London?'),
    ],
)
def test_quiet_hours_end_and_the_wall_is_somewhere(tmp_path: Path, field: str, sentence: str) -> None:
    [found] = refused(tmp_path, GOOD.replace(ALICE, f"{ALICE}, {field}"))
    assert sentence in found


HOURS = "support_hours: {time_zone: Europe/London, hours: [mon-fri 09:00-17:30], raise_pending: true}"


def test_a_service_may_be_urgent_by_support_hours(tmp_path: Path) -> None:
    text = GOOD.replace("urgency: high", f"urgency: by_support_hours\n    {HOURS}")
    service = loaded(tmp_path, text).services["checkout"]
    assert service.urgency is ServiceUrgency.BY_SUPPORT_HOURS
    weekdays = Hours((0, 1, 2, 3, 4), time(9), time(17, 30))
    assert service.support_hours == SupportHours("Europe/London", (weekdays,), raise_pending=True)
    quiet = loaded(tmp_path, text.replace(", raise_pending: true", "")).services["checkout"].support_hours
    assert quiet == SupportHours("Europe/London", (weekdays,))


@pytest.mark.parametrize(
    ("after", "sentence"),
    [
        ("urgency: by_support_hours", 'services.checkout: "support_hours" is missing: when this service is urgent'),
        (f"urgency: high\n    {HOURS}", "services.checkout.support_hours: counts for nothing: write urgency: by_supp"),
        (f"urgency: by_support_hours\n    {HOURS}".replace("mon-fri 09", "weekdays 9"), "is not hours of the week"),
        (f"urgency: by_support_hours\n    {HOURS}".replace("[mon-fri 09:00-17:30]", "[]"), "is empty: without hours"),
        (f"urgency: by_support_hours\n    {HOURS}".replace("hours: [", "hour: ["), 'unknown field "hour"'),
    ],
)
def test_support_hours_and_the_urgency_by_them_stand_together(tmp_path: Path, after: str, sentence: str) -> None:
    assert sentence in refused(tmp_path, GOOD.replace("urgency: high", after))[-1]
