"""The operator's question whether those on call in the next days can be reached, before a night asks it."""

from datetime import datetime, timedelta
from typing import Any

import click

from infra.cli import render
from infra.cli.access import noted
from infra.cli.oncall import on_the_wall
from infra.cli.options import command, everywhere, is_json, settings, show
from infra.cli.snapshot import CURRENT
from infra.cli.verify import ending
from tocsin import wiring
from tocsin.clients.store import Store
from tocsin.domain import phone as phones
from tocsin.domain import reachability as rules
from tocsin.domain.config import Config
from tocsin.domain.phone import Phone
from tocsin.domain.reachability import FATAL, Doubt, Duty
from tocsin.records import from_document

_CHANNELS = {"sms": "text", "voice": "call"}
_REMEDIES = {
    Doubt.UNPROVED: "verify {}",
    Doubt.UNVERIFIED: "verify {}",
    Doubt.STALE: "test-page {}",
}


@click.command()
@click.option("--days", type=click.IntRange(1, 366), default=14, show_default=True, help="How far to look ahead.")
@everywhere
def reach(days: int) -> None:
    """Say who on call in the next days can be reached.

    What counts is a number that was verified, or a page or test page that was answered from it. Exits with 1 when
    somebody cannot be relied on to be reached; all of them are paged nevertheless.
    """
    settings()
    now = wiring.now()
    config = wiring.current().config(now)
    noted("who can be reached", CURRENT)
    found = rules.duties(config, now, now + timedelta(days=days))
    people = [_person(config, wiring.store(), user, several, now) for user, several in sorted(found.items())]
    unreachable = [each["user"] for each in people if not each["reachable"]]
    show({"days": days, "people": people, "unreachable": unreachable}, _table)
    if not is_json():
        _warn(people)
    if unreachable:
        raise click.exceptions.Exit(1)


def _person(config: Config, store: Store, user: str, several: tuple[Duty, ...], now: datetime) -> dict[str, Any]:
    person = config.users[user]
    found = store.get(phones.path(person.phone))
    phone = from_document(Phone, found) if found else Phone()
    doubts = rules.doubts(person, phone, now)
    return {
        "user": user,
        "name": person.name,
        "on_call": [_duty(config, duty, now) for duty in several],
        "number": ending(person),
        "verified_at": phone.verification.verified_at if phone.verification.is_of(user) else None,
        "answered_at": phone.reached_at,
        "opted_out": phone.opted_out,
        "channels": rules.channels(person),
        "reachable": not FATAL & set(doubts),
        "doubts": [{"name": doubt.name.lower(), "sentence": doubt.value} for doubt in doubts],
    }


def _duty(config: Config, duty: Duty, now: datetime) -> dict[str, Any]:
    zone = config.schedules[duty.schedule].time_zone if duty.schedule else "UTC"
    when = "always" if not duty.schedule else "now" if duty.start <= now else on_the_wall(duty.start, zone)
    return {"where": duty.because, "from": duty.start, "when": when}


def _table(answer: dict[str, Any]) -> str:
    rows = [
        (
            render.clean(each["name"]),
            _next(each["on_call"]),
            each["number"],
            _day(each["verified_at"]) or "no",
            _day(each["answered_at"]) or "never",
            ", ".join(_CHANNELS.get(one, one) for one in each["channels"]),
        )
        for each in answer["people"]
    ]
    return "\n".join(render.table([("WHO", "ON CALL", "NUMBER", "VERIFIED", "ANSWERED A PAGE", "BY"), *rows]))


def _next(several: list[dict[str, Any]]) -> str:
    first, *more = several
    return f"{first['where']}, {first['when']}" + (f" (and {len(more)} more)" if more else "")


def _day(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d}" if at else ""


def _warn(people: list[dict[str, Any]]) -> None:
    """Say on stderr what speaks against reaching somebody, and what to do about it."""
    for each in people:
        for doubt in each["doubts"]:
            kind = Doubt[doubt["name"].upper()]
            word = (
                click.style("cannot be relied on:", fg="red") if kind in FATAL else click.style("warning:", fg="yellow")
            )
            remedy = f" ({command(_REMEDIES[kind].format(each['user']))})" if kind in _REMEDIES else ""
            click.echo(f"{word} {render.clean(each['name'])}: {doubt['sentence']}{remedy}", err=True)
