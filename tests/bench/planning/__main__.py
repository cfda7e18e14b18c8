"""Measures a plan, the pages of last month decided again, and a simulation, and how their times grow.

    tests/bench/planning/run

The schedules are those of the calendar's bench, each with a policy and a service of its own; the plan moves all of them
by a turn. Pages and alerts are spread over thirty days. Times are of one core, the best of three; a ratio near that of
the sizes says that the growth is linear.
"""

import io
import time
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from dataclasses import replace
from datetime import timedelta

import click

from infra.cli.planning.plan import between
from infra.cli.planning.repaged import repaged
from infra.cli.rehearsal import Silent
from infra.cli.whatif.night import Night
from infra.cli.whatif.recorded import relive
from tests.bench.calendar.__main__ import BEGIN, DAY, TEAM, schedule
from tocsin.clients.embedded import EmbeddedStore
from tocsin.domain.alert import Action, Alert, Event, Severity
from tocsin.domain.calendar import Layer
from tocsin.domain.config import CatchAll, Config, Level, Policy, Service, Target, TargetKind, User
from tocsin.moment import Moment
from tocsin.route import route

TIMES = 3
USERS = {name: User(name, name.title(), "+15550100101", {}) for name in (*TEAM, "eve")}


def team(schedules: int, *, moved: bool = False) -> Config:
    names = [str(number) for number in range(schedules)]
    plans = {name: schedule(int(name)) for name in names}
    if moved:
        plans = {name: replace(plan, layers=tuple(map(_moved, plan.layers))) for name, plan in plans.items()}
    policies = {
        name: Policy(name, (Level((Target(TargetKind.SCHEDULE, name),), timedelta(minutes=5)),)) for name in names
    }
    return Config(CatchAll(("eve",)), USERS, plans, policies, {name: Service(name, name, name) for name in names}, {})


def _moved(layer: Layer) -> Layer:
    return replace(layer, start=layer.start - layer.turn) if isinstance(layer.turn, timedelta) else layer


def recorded(config: Config, pages: int) -> EmbeddedStore:
    """Give a store with so many incidents of the last thirty days."""
    store = EmbeddedStore(":memory:")
    with redirect_stdout(io.StringIO()):
        for number in range(pages):
            at, service = BEGIN - 30 * DAY * number / pages, str(number % len(config.services))
            alert = Alert(Action.TRIGGER, str(number), f"alert {number}", Severity.CRITICAL)
            event = Event(f"e{number}", at, f"{service}/operator", service, alert)
            route(event, store, Silent(), Moment(at, config, iter((f"i{number}", f"n{number}")).__next__))
    return store


def seconds(work: Callable[[], object]) -> float:
    """Give the shortest time, of this process alone, in which it was done."""
    taken = []
    for _ in range(TIMES):
        begun = time.process_time()
        work()
        taken.append(time.process_time() - begun)
    return min(taken)


def table(head: str, what: str, sizes: Sequence[int], measured: Callable[[int], float]) -> None:
    click.echo(f"\n{head:>10}{what:>12}")
    before = 0.0
    for size in sizes:
        now = measured(size)
        click.echo(f"{size:>10}{now:>10.3f} s{f' x{now / before:.1f}' if before else ''}")
        before = now


def planned(schedules: int) -> float:
    before, after = team(schedules), team(schedules, moved=True)
    return seconds(lambda: between(before, after, BEGIN, "before"))


def decided_again(pages: int) -> float:
    before, after = team(300), team(300, moved=True)
    store = recorded(before, pages)
    return seconds(lambda: repaged(store, before, after, BEGIN - 31 * DAY))


def simulated(alerts: int) -> float:
    config = team(300)
    store = recorded(config, alerts)

    def again() -> None:
        night = Night(config, BEGIN - 31 * DAY)
        relive(store, BEGIN - 31 * DAY, night)
        night.pass_by()

    return seconds(again)


def main() -> None:
    table("schedules", "plan", [75, 150, 300, 600], planned)
    table("pages", "again", [120, 240, 480, 960], decided_again)
    table("alerts", "simulate", [60, 120, 240, 480], simulated)


if __name__ == "__main__":
    main()
