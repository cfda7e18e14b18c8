"""The operator's orders about an incident, the same as by text: snooze, pass on, add, note, rank, merge, escalate."""

from collections.abc import Callable
from typing import Any

import click

from infra.cli import render
from infra.cli.incidents import BY, find
from infra.cli.options import everywhere, say_if_idle, settings, show
from infra.cli.typist import typed
from tocsin import desk, wiring
from tocsin.clients.queue import Tasks
from tocsin.clients.store import Store
from tocsin.domain.orders import Ordered, Said
from tocsin.domain.replies import Reply, Wish
from tocsin.moment import Moment

Do = Callable[[Store, Tasks, Said, Moment], Ordered | None]


def _command(name: str, argument: str, **shape: Any) -> Callable[[Callable[..., None]], click.Command]:
    """Make a command about an incident, with one argument more."""

    def made(rule: Callable[..., None]) -> click.Command:
        rule = click.argument(argument, **shape)(BY(everywhere(rule)))
        return click.command(name)(click.argument("identity", metavar="ID")(rule))

    return made


@_command("snooze", "length")
def snooze(identity: str, length: str, by: str | None) -> None:
    """Acknowledge an incident for LENGTH, as in 30m or 2h.

    Then it is triggered again. At most 7d.
    """
    _order(identity, Reply(Wish.SNOOZE, "", length), by)


@_command("pass", "name", metavar="USER")
def pass_(identity: str, name: str, by: str | None) -> None:
    """Page USER instead of whoever has the incident."""
    _order(identity, Reply(Wish.PASS, "", name), by)


@_command("add", "name", metavar="USER|SCHEDULE")
def add(identity: str, name: str, by: str | None) -> None:
    """Page somebody beside whoever has the incident."""
    _order(identity, Reply(Wish.ADD, "", name), by)


@_command("note", "words", nargs=-1, required=True)
def note(identity: str, words: tuple[str, ...], by: str | None) -> None:
    """Write WORDS on the incident's timeline."""
    _order(identity, Reply(Wish.NOTE, "", " ".join(words)), by)


@_command("priority", "priority", type=click.Choice(["P1", "P2", "P3", "P4", "P5"], case_sensitive=False))
def priority(identity: str, priority: str, by: str | None) -> None:
    """Say how much the incident matters, P1 most."""
    _order(identity, Reply(Wish.PRIORITY, "", priority), by)


@_command("merge", "into", metavar="INTO")
def merge(identity: str, into: str, by: str | None) -> None:
    """Resolve the incident ID into another one, INTO.

    That one then stays open until the alerts of both are over.
    """
    settings()
    source, target = find(identity), find(into)
    _do(lambda store, tasks, said, moment: desk.merged(store, tasks, source.id, target.id, said, moment), by)


@click.command("escalate")
@click.argument("identity", metavar="ID")
@BY
@everywhere
def escalate(identity: str, by: str | None) -> None:
    """Page the next level now."""
    settings()
    found = find(identity)
    _do(lambda store, tasks, said, moment: desk.escalated(store, tasks, found.id, said, moment), by)


def _order(identity: str, asked: Reply, by: str | None) -> None:
    settings()
    found = find(identity)
    _do(lambda store, tasks, said, moment: desk.ordered(store, tasks, found.id, asked, said, moment), by)


def _do(rule: Do, by: str | None) -> None:
    """Give the order and say what was done; raises click.ClickException for what was refused."""
    moment = wiring.moment()
    done = rule(wiring.store(), wiring.tasks(), typed(by, moment.now), moment)
    if not done or not done.incidents:
        raise click.ClickException(render.clean(done.words if done else "the incident is gone"))
    show({**render.row(done.incidents[-1]), "done": done.words}, lambda answer: render.clean(answer["done"]))
    say_if_idle("pages go out")


COMMANDS = (snooze, pass_, add, note, priority, merge, escalate)
