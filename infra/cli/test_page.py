"""The operator's test of one person's phone: a page that goes the way of every page, and how long each step took."""

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import click

from infra.cli import render
from infra.cli.access import record
from infra.cli.configfile import modules
from infra.cli.fields import suggestion
from infra.cli.options import everywhere, is_idle, is_json, say_if_idle, settings, show
from tocsin import wiring
from tocsin.clients.store import Store
from tocsin.domain import testpage
from tocsin.domain.alert import Event
from tocsin.domain.audit import Kind
from tocsin.domain.config import User
from tocsin.domain.incident import Incident, Status
from tocsin.domain.notification import Notification
from tocsin.domain.testpage import Step
from tocsin.records import from_document, to_json

LOOK_SECONDS = 0.5
# The timer that closes it may be late by as much as the sweep takes to find it.
LATEST = testpage.OVER + timedelta(minutes=2)


@click.command("test-page")
@click.argument("user")
@click.option("--channel", type=click.Choice(sorted(modules("channels"))), default="sms", show_default=True)
@click.option("--no-wait", is_flag=True, help="Send it, and do not wait for the answer.")
@everywhere
def test_page(user: str, channel: str, *, no_wait: bool) -> None:
    """Page USER with a test, and await the answer.

    It takes the way of every page, asks nobody else, and ends by itself after 10 minutes. Exits with 1 when it was not
    answered.
    """
    settings()
    moment = wiring.moment()
    if user not in moment.config.users:
        raise click.ClickException(f'there is no user "{user}"{suggestion(user, moment.config.users)}')
    person = moment.config.users[user]
    event = _sent(person, channel)
    if no_wait or is_idle():
        show({**_named(person, channel), "event": event.id}, _accepted)
        say_if_idle("this goes out")
        return
    answered = _watched(event, person, channel)
    if not answered:
        raise click.exceptions.Exit(1)


def reached(person: User, channel: str) -> bool:
    """Page somebody with a test, and say whether the answer came; that may take twelve minutes."""
    event = _sent(person, channel)
    for _ in _happening(event, wiring.store()):
        pass
    incident = _incident(event, wiring.store())
    return incident is not None and testpage.is_answered(incident)


def _sent(person: User, channel: str) -> Event:
    event = testpage.event(wiring.new_id(), person, channel, wiring.now())
    wiring.topic().publish_now(to_json(event))
    record("test page sent", f"users/{person.id}", {"channel": channel}, Kind.ACTION)
    return event


def _watched(event: Event, person: User, channel: str) -> bool:
    """Tell each step as it happens, and in the end whether the person has answered."""
    steps = []
    for step in _happening(event, wiring.store()):
        steps.append(step)
        if not is_json():
            click.echo(_line(event, step))
    incident = _incident(event, wiring.store())
    answered = incident is not None and testpage.is_answered(incident)
    rows = [{"at": step.at, "seconds": _seconds(event, step), "what": step.what} for step in steps]
    reached = {"incident": incident and incident.id, "answered": answered, "steps": rows}
    show({**_named(person, channel), "event": event.id, **reached}, _verdict)
    return answered


def _happening(event: Event, store: Store) -> Iterator[Step]:
    """Give each step once, until the test is over."""
    told: set[Step] = set()
    while True:
        over = wiring.now() >= event.accepted_at + LATEST
        incident = _incident(event, store)
        found = store.query("notifications", ("incident", "==", incident.id)) if incident else []
        steps = testpage.steps(event, incident, [from_document(Notification, data) for _, data in found])
        yield from (step for step in steps if step not in told)
        told.update(steps)
        if over or (incident and incident.status is Status.RESOLVED):
            return
        time.sleep(LOOK_SECONDS)


def _incident(event: Event, store: Store) -> Incident | None:
    found = store.query("incidents", ("dedup_key", "==", event.alert.dedup_key), limit=1)
    return from_document(Incident, found[0][1]) if found else None


def _named(person: User, channel: str) -> dict[str, Any]:
    return {"user": person.id, "name": person.name, "channel": channel}


def _seconds(event: Event, step: Step) -> float:
    return round((step.at - event.accepted_at).total_seconds(), 3)


def _line(event: Event, step: Step) -> str:
    return f"{_seconds(event, step):7.1f} s  {render.clean(step.what)}"


def _accepted(answer: dict[str, Any]) -> str:
    return f"accepted: a test page for {render.clean(answer['name'])} by {answer['channel']}"


def _verdict(answer: dict[str, Any]) -> str:
    name = render.clean(answer["name"])
    if answer["answered"]:
        return click.style(f"{name} can be paged by {answer['channel']}", fg="green")
    return click.style(f"{name} did not answer the test page by {answer['channel']}", fg="red")
