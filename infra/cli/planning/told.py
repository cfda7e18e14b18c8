"""Tells a plan: as plain values for programs, and in the words of somebody who is on call."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from itertools import groupby
from typing import Any

import click

from infra.cli.oncall import on_the_wall
from infra.cli.planning.plan import PAST, Plan
from infra.cli.render import clean, moment
from tocsin.domain.outlook import AHEAD

SIGNS = {"added": ("+", "green"), "removed": ("-", "red"), "changed": ("~", "yellow")}
ONE = {"policies": "policy", "catch_all": "catch-all", "canary": "canary", "budget": "budget"}
WIDE = 60
MOST = 10


def values(plan: Plan) -> dict[str, Any]:
    """Give the plan for programs."""
    found = asdict(plan)
    return {
        "changes": not plan.is_empty,
        **{name: list(each) if isinstance(each, tuple) else each for name, each in found.items()},
    }


def text(answer: dict[str, Any]) -> str:
    """Give the plan for people; of what does not change nothing is said."""
    if not answer["changes"]:
        return f"nothing changes against {answer['against']}"
    parts = [line for section in SECTIONS for line in section(answer)]
    return "\n".join([f"Against {answer['against']}:", *parts])


def refusal(answer: dict[str, Any]) -> str:
    """Say what an apply would open, or nothing."""
    gaps, lonely = len(answer["opened"]), sorted({each["service"] for each in answer["alone"]})
    parts = [f"opens {_count(gaps, 'gap')}"] if gaps else []
    parts += [f"leaves {', '.join(lonely)} without anybody but the catch-all"] if lonely else []
    return " and ".join(parts)


def _differences(answer: dict[str, Any]) -> Iterator[str]:
    for each in answer["differences"]:
        sign, colour = SIGNS[each["what"]]
        name = f" {each['name']}" if each["name"] else ""
        change = f": {_change(each)}" if each["what"] == "changed" else ""
        kind = ONE.get(each["section"], each["section"].removesuffix("s"))
        yield f"  {click.style(f'{sign} {kind}{name}', fg=colour)}{change}"


def _change(each: dict[str, Any]) -> str:
    if each["path"].startswith(("key", "old_keys")):
        return "the keys change"
    path = f"{each['path']} " if each["path"] else ""
    before, after = each["before"], each["after"]
    if isinstance(before, list) and isinstance(after, list) and any(isinstance(one, dict) for one in (*before, *after)):
        new = [f"with {_shown(one)}" for one in after if one not in before]
        gone = [f"without {_shown(one)}" for one in before if one not in after]
        return f"{path}{', '.join([*new, *gone]) or 'in another order'}"
    return f"{path}from {_shown(before)} to {_shown(after)}"


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, list):
        return f"[{', '.join(_shown(each) for each in value)}]"
    if isinstance(value, dict):
        stated = ((name, each) for name, each in value.items() if each not in (None, "", [], False))
        return f"{{{', '.join(f'{name}: {_shown(each)}' for name, each in stated)}}}"
    said = clean(str(value))
    return said if len(said) <= WIDE else f"{said[:WIDE]}..."


def _on_call(answer: dict[str, Any]) -> Iterator[str]:
    if not answer["shifted"]:
        return
    yield f"On call in the next {AHEAD.days} days:"
    for schedule, group in groupby(answer["shifted"], key=lambda each: (each["schedule"], each["time_zone"])):
        yield f"  {schedule[0]} ({schedule[1]})"
        for each in group:
            who = f"{_who(each['after'], answer['names'])} instead of {_who(each['before'], answer['names'])}"
            yield f"    {span(each['start'], each['until'], each['time_zone'])}: {who}"


def _instead(answer: dict[str, Any]) -> Iterator[str]:
    if not answer["instead"]:
        return
    yield f"Paged in the next {AHEAD.days} days, where a level names others (UTC):"
    for level, group in groupby(answer["instead"], key=lambda each: (each["service"], each["level"])):
        yield f"  {level[0]}, level {level[1]}"
        for each in group:
            who = f"{_those(each['after'], answer)} instead of {_those(each['before'], answer)}"
            yield f"    {span(each['start'], each['until'], 'UTC')}: {who}"


def _lapsed(answer: dict[str, Any]) -> Iterator[str]:
    """Tell of overrides that stay, and say nothing while their user or schedule is gone."""
    for each in answer["lapsed"]:
        one = each["override"]
        until = on_the_wall(one["end"], "UTC")
        whom = f"{one['user']} in {each['schedule']} until {until} UTC"
        yield click.style(f"the override {one['id']}, {whom}, says nothing any more", fg="yellow")


def _who(user: str | None, names: Mapping[str, str]) -> str:
    return clean(names.get(user, user)) if user else click.style("nobody", fg="red")


def _gaps(answer: dict[str, Any]) -> Iterator[str]:
    opened, closed = len(answer["opened"]), len(answer["closed"])
    if opened:
        yield click.style(f"{_count(opened, 'gap')} appear{'' if opened > 1 else 's'}:", fg="red")
        yield from _cut(
            f"  {each['schedule']}: {span(each['start'], each['until'], each['time_zone'])} {each['time_zone']}"
            for each in answer["opened"]
        )
    if closed:
        yield click.style(f"{_count(closed, 'gap')} vanish{'' if closed > 1 else 'es'}", fg="green")


def _alone(answer: dict[str, Any]) -> Iterator[str]:
    if answer["alone"]:
        yield click.style("Nobody but the catch-all is paged:", fg="red")
    yield from _cut(
        f"  for {each['service']}: {span(each['start'], each['until'], 'UTC')} UTC" for each in answer["alone"]
    )


def _past(answer: dict[str, Any]) -> Iterator[str]:
    past = answer["repaged"]
    if past is None:
        return
    pages, moved = past["pages"], past["moved"]
    more = f" (only the first {pages} were read)" if past["cut"] else ""
    if not pages:
        yield f"no page of the last {PAST.days} days to compare with"
        return
    count = len(moved) or "none"
    yield f"{count} of the {_count(pages, 'page')} of the last {PAST.days} days would have gone to somebody else{more}"
    yield from _cut(
        f'  {moment(each["at"])} {each["service"]} "{clean(each["title"])[:WIDE]}", page {each["page"]}: '
        f"{_those(each['after'], answer)} instead of {_those(each['before'], answer)}"
        for each in moved
    )


def _those(users: Iterable[str], answer: dict[str, Any]) -> str:
    return ", ".join(_who(user, answer["names"]) for user in users) or _who(None, {})


def _cut(lines: Iterable[str]) -> Iterator[str]:
    """Give the first lines and how many more there are: programs read them all."""
    found = list(lines)
    yield from found[:MOST]
    if len(found) > MOST:
        yield f"  and {len(found) - MOST} more (--output json has them all)"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


SECTIONS = (_differences, _on_call, _instead, _lapsed, _gaps, _alone, _past)


def span(start: datetime, until: datetime, zone: str) -> str:
    """Give an interval by the wall of a zone, its day once if it is within one."""
    first, last = on_the_wall(start, zone), on_the_wall(until, zone)
    day = len("Tue 2026-07-07 ")
    return f"{first} to {last[day:] if first[:day] == last[:day] else last}"
