"""Overrides made while the pager runs hold at once, stay when a configuration is applied, and end by themselves."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from infra.cli import snapshot
from tests.cli.broken import GOOD
from tests.cli.test_oncall import NOW, answered, apply, said, tocsin
from tocsin.clients.embedded import EmbeddedStore
from tocsin.clients.store import Data
from tocsin.current import FRESH, PATH, Current
from tocsin.domain.calendar import Kind, Override
from tocsin.domain.overrides import Made
from tocsin.domain.schedule import on_call

HOUR = timedelta(hours=1)
NO_BOB = GOOD.replace("[alice, bob]", "[alice]").replace("[user bob]", "[user alice]").replace("[bob]", "[alice]")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("add", "primary", "zoe", "--to", "2099-01-01"), 'there is no user "zoe"'),
        (("add", "primary", "bob", "--to", "2020-01-01"), "it would never hold"),
        (("swap", "primary", "bob", "2098-01-01", "2098-01-02", "bob", "2099-01-01", "2099-01-02"), "name two users"),
        (("remove", "nothing"), 'there is no override "nothing"'),
    ],
)
def test_what_cannot_be_done_is_one_sentence(pager: Path, words: tuple[str, ...], sentence: str) -> None:
    apply(pager, GOOD)
    result = tocsin(pager, "override", *words)
    assert (result.returncode, result.stdout) == (1, "")
    assert sentence in result.stderr
    assert answered(pager, "override", "list") == {"overrides": []}


def test_an_override_of_somebody_who_left_says_that_it_says_nothing(pager: Path) -> None:
    apply(pager, GOOD)
    made = answered(pager, "override", "add", "primary", "bob", "--to", "2099-01-01 09:00")["id"]
    left = re.sub("(  bob: |      - {user: bob).*\n", "", NO_BOB).replace("    overrides:\n", "")
    (pager / "left.yaml").write_text(left)
    planned = tocsin(pager, "plan", "left.yaml")
    assert planned.returncode == 2
    [line] = [line for line in planned.stdout.splitlines() if made in line]
    assert line == f"the override {made}, bob in primary until Thu 2099-01-01 09:00 UTC, says nothing any more"
    said(pager, "apply", "left.yaml")
    [listed] = answered(pager, "override", "list")["overrides"]
    assert (listed["id"], listed["gone"]) == (made, "there is no user bob")
    assert ", which says nothing: there is no user bob  " in said(pager, "override", "list")
    assert said(pager, "who", "primary").startswith("primary: Alice Martin")


def test_an_override_holds_at_once_outlives_an_apply_and_can_be_taken_back(pager: Path) -> None:
    apply(pager, GOOD)
    store = EmbeddedStore(pager / "tocsin.db")
    made = answered(pager, "override", "add", "primary", "bob", "--to", "2099-01-01 09:00", "--why", "alice is ill")
    [listed] = answered(pager, "override", "list")["overrides"]
    assert (listed["id"], listed["user"], listed["why"]) == (made["id"], "bob", "alice is ill")
    assert listed["made_by"]
    assert datetime.fromisoformat(listed["made_at"]).tzinfo
    apply(pager, GOOD.replace("delay: 5m", "delay: 6m"))
    reads: list[str] = []

    def read(path: str) -> Data | None:
        reads.append(path)
        return store.get(path)

    current = Current(read)
    now = datetime.now(UTC)
    shift = on_call(current.config(now).schedules["primary"], now)
    assert shift
    assert (shift.user, shift.because) == ("bob", "override until 2099-01-01 09:00 Europe/London: alice is ill")
    assert reads == [PATH], "the overrides come with the configuration, in one read"
    said(pager, "override", "remove", made["id"])
    shift = on_call(current.config(now + FRESH).schedules["primary"], now + HOUR)
    assert shift
    assert shift.because == "rotation"
    assert said(pager, "override", "list") == "no overrides\n"
    [ended] = answered(pager, "override", "list", "--all")["overrides"]
    assert ended["id"] == made["id"], "what was true for a while stays on record"


def test_a_swap_is_two_halves_with_one_id_and_needs_shifts_to_exchange(pager: Path) -> None:
    apply(pager, GOOD)
    week = [(datetime(2098, 1, 1, tzinfo=UTC) + timedelta(weeks=number)).isoformat() for number in range(5)]
    shifts = answered(pager, "shifts", "primary", "--from", week[0], "--to", week[4])["shifts"][1:3]
    (mine, yours) = ((each["user"], each["start"], each["until"]) for each in shifts)
    made = answered(pager, "override", "swap", "primary", *mine, *yours)
    assert {each["id"] for each in made["overrides"]} == {made["id"]}
    after = answered(pager, "shifts", "primary", "--from", mine[1], "--to", yours[2])["shifts"]
    assert [(each["user"], each["start"]) for each in after] == [(yours[0], mine[1]), (mine[0], yours[1])]
    refused = tocsin(pager, "override", "swap", "primary", *yours, mine[0], *yours[1:])
    assert "the two intervals overlap" in refused.stderr
    nobody = tocsin(pager, "override", "cover", "primary", "alice", "--instead-of", mine[0], "--to", mine[1])
    assert nobody.returncode == 0, "somebody covers for him from now on"
    refused = tocsin(pager, "override", "swap", "primary", yours[0], *yours[1:], mine[0], *mine[1:])
    assert f"{yours[0]} is not on call in primary" in refused.stderr


def override(user: str, **changes: Any) -> Made:
    return Made("primary", replace(Override(user, NOW, NOW + HOUR, id=user), **changes))


def test_two_who_make_overrides_at_once_both_have_theirs(pager: Path) -> None:
    apply(pager, GOOD)
    store = EmbeddedStore(pager / "tocsin.db")
    interrupted: list[bool] = []

    def slowly(made: tuple[Made, ...]) -> tuple[Made, ...]:
        if not interrupted:
            interrupted.append(True)
            snapshot.change_overrides(EmbeddedStore(pager / "tocsin.db"), lambda each: (*each, override("bob")), NOW)
        return (*made, override("alice"))

    snapshot.change_overrides(store, slowly, NOW)
    assert [each.override.id for each in snapshot.overrides(store)] == ["bob", "alice"]


def test_what_ended_five_weeks_ago_is_forgotten(pager: Path) -> None:
    apply(pager, GOOD)
    store = EmbeddedStore(pager / "tocsin.db")
    snapshot.change_overrides(store, lambda _: (override("alice"), override("bob", end=NOW + 2 * HOUR)), NOW)
    snapshot.change_overrides(store, lambda made: made, NOW + HOUR + snapshot.KEPT)
    assert [each.override.user for each in snapshot.overrides(store)] == ["bob"]


def test_an_override_for_somebody_who_has_left_does_not_leave_the_schedule_empty(pager: Path) -> None:
    apply(pager, GOOD)
    store = EmbeddedStore(pager / "tocsin.db")
    gone = (override("zoe", kind=Kind.COVER), Made("nowhere", override("bob").override))
    snapshot.change_overrides(store, lambda _: gone, NOW)
    shift = on_call(Current(store.get).config(NOW).schedules["primary"], NOW)
    assert shift
    assert shift.because == "rotation"


def test_overrides_that_cannot_be_read_leave_the_file_in_force(pager: Path) -> None:
    config = apply(pager, GOOD)
    store = EmbeddedStore(pager / "tocsin.db")
    document = store.get(PATH) or {}
    store.transact(lambda tx: tx.put(PATH, {**document, "overrides": "[1]"}))
    assert Current(store.get).config(NOW) == config
