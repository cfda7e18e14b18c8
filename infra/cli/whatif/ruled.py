"""What the rules say of one event, found out by the code that asks them for a real one, and how it is shown."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import click

from infra.cli.render import clean
from tocsin import conditions
from tocsin.domain import rules
from tocsin.domain.alert import Event
from tocsin.domain.config import Config
from tocsin.domain.opening import Minted
from tocsin.domain.routing import Around, Pointer, Routed, decide
from tocsin.domain.rules import Path


def decided(config: Config, event: Event, now: datetime, *, at_once: bool = False) -> tuple[Path, Routed]:
    """Decide about an event as the first of its kind; with `at_once` as one that has not to wait for anything."""
    path = rules.choose(event, config, conditions.holds)
    if at_once:
        path = replace(path, pause=None, threshold=None)
    minted = Minted(event.id, event.id)
    return path, decide(rules.led(event, path), Pointer(), None, config, minted, now, Around(path))


def shown(path: Path) -> dict[str, Any]:
    """Give what was decided, for programs."""
    return {
        "tried": [{"rule": one.rule, "fits": one.fits, "why": one.why} for one in path.tried],
        "chosen": rules.said(path),
        "warnings": list(path.warnings),
    }


def lines(answer: dict[str, Any]) -> Iterator[str]:
    """Give a line for each rule that was tried, what was chosen, and what is to be warned of."""
    for one in answer["tried"]:
        mark = click.style("fits", fg="green") if one["fits"] else "no"
        yield f"  {clean(one['rule'])}: {mark}, {clean(one['why'])}"
    if answer["tried"]:
        yield f"  chosen: {clean(answer['chosen']) or 'nothing'}"
    yield from (click.style(f"  {clean(one)}", fg="yellow") for one in answer["warnings"])
