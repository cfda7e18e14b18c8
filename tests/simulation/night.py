"""One night, drawn from its seed: who is on call, what the monitoring says, what people do, and what goes wrong."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random

from tests.simulation.faults import Fault, planned, spare
from tests.simulation.people import Reaction
from tests.simulation.rulings import ruled
from tests.simulation.variety import varied
from tests.simulation.watched import CONTACT, LONGER, NOTHING_SPECIAL, Watch, drawn
from tocsin.domain.calendar import Layer, Schedule
from tocsin.domain.config import (
    CatchAll,
    Config,
    ContactRule,
    Integration,
    Level,
    Policy,
    Service,
    Target,
    TargetKind,
    Urgency,
    User,
)
from tocsin.domain.overrides import Made

START = datetime(2026, 11, 21, 2, 14, tzinfo=UTC)
KEY = "keyofcheckoutpagerduty0000000032"
NUMBERS = {"primary": "+15550100101", "secondary": "+15550100102", "manager": "+15550100103"}
TITLES = ("checkout is down", "cards are refused", "disk\x07 full \u202e\u0001 <b>now</b>", "p" * 300, "🔥 login ✓")

TEXT_KINDS = (
    *("ack", "code", "styled", "bare", "resolve", "escalate", "wrong", "mumble", "stop", "silent"),
    *("snooze", "pass", "add", "note", "status", "merge"),
)
TEXT_WEIGHTS = (10, 4, 2, 6, 4, 6, 3, 3, 1, 40, 4, 3, 3, 2, 2, 8)
OTHER = ("trouble-9", "the disk is full")
CALL_KINDS = ("key 4", "key 6", "key 5", "key 9", "machine", "no answer", "busy")
CALL_WEIGHTS = (8, 3, 4, 2, 6, 16, 4)


@dataclass(frozen=True)
class Statement:
    """What the monitoring says at `at` seconds about one dedup key; it says so again `repeats` times after a 202.

    `together` is what it says beside that at the same instant, as a monitoring of many hosts does, and `beside` which
    other troubles, by dedup key and title, it says to fire at that instant.
    """

    at: float
    action: str
    key: str
    title: str
    severity: str = "critical"
    repeats: int = 0
    together: tuple[str, ...] = ()
    beside: tuple[tuple[str, str], ...] = ()
    routing_key: str = KEY


@dataclass(frozen=True)
class Night:
    """Everything a seed fixes; faults strike until `until` seconds, and the spare ones then, if those were too few."""

    seed: int
    config: Config
    edited: Config
    statements: tuple[Statement, ...]
    texts: dict[str, list[Reaction]]
    calls: dict[str, list[Reaction]]
    faults: tuple[Fault, ...]
    spare: tuple[Fault, ...]
    until: float
    features: tuple[str, ...]
    watch: Watch = NOTHING_SPECIAL
    made: tuple[Made, ...] = ()


def draw(seed: int) -> Night:
    """Give the night of a seed, always the same."""
    random = Random(seed)
    shape = random.randrange(48)
    known, features = configuration(shape)
    config, watch = drawn(random, known)
    pager = varied(seed, config, watch, START)
    config = ruled(seed, pager.config)
    statements, more = _statements(random)
    statements = _beside(Random(-seed - 2), _at_once(Random(-seed - 1), statements))
    until = round(random.uniform(*(LONGER if config.canary else (100.0, 260.0))), 3)
    instants = [0.0, *(one.at for one in statements), *(one.at + 30.0 for one in statements)]
    numbers = sorted({user.phone for user in known.users.values()})
    return Night(
        seed=seed,
        config=config,
        edited=_edited(config, random.randrange(4)),
        statements=statements,
        texts={one: _reactions(random, TEXT_KINDS, TEXT_WEIGHTS) for one in numbers} | {CONTACT: _contact(config)},
        calls={one: _reactions(random, CALL_KINDS, CALL_WEIGHTS) for one in numbers},
        faults=planned(random, random.randint(24, 38), instants, until),
        spare=spare(random),
        until=until,
        features=(*features, *more),
        watch=pager.watch,
        made=pager.made,
    )


def _contact(config: Config) -> list[Reaction]:
    """Give what the canary's contact does: what it is there for, and nothing else."""
    return [Reaction("ack", 3.0)] * 30 if config.canary and config.canary.answers else []


def _reactions(random: Random, kinds: tuple[str, ...], weights: tuple[int, ...]) -> list[Reaction]:
    chosen = random.choices(kinds, weights, k=6)
    return [Reaction(kind, round(random.expovariate(0.06) + 0.5, 3)) for kind in chosen]


def _statements(random: Random) -> tuple[tuple[Statement, ...], tuple[str, ...]]:
    features, said = [], []
    for number in range(random.choices((1, 2, 3), (3, 4, 2))[0]):
        key, at = f"trouble-{number}", random.uniform(1.0, 70.0)
        title = random.choices(TITLES, (10, 8, 1, 1, 1))[0]
        if title not in TITLES[:2]:
            features.append("F-46")
        severity = random.choice(("critical", "critical", "error", "warning"))
        said.append(Statement(at, "trigger", key, title, severity, random.choice((0, 0, 1, 2))))
        fate = random.random()
        if fate < 0.35:
            at += random.uniform(0.5, 120.0)
            said.append(Statement(at, "resolve", key, title, severity))
            if fate < 0.2:
                said.append(Statement(at + random.uniform(0.5, 60.0), "trigger", key, title, severity))
        elif fate < 0.5:
            said.append(Statement(at + random.uniform(0.5, 60.0), "acknowledge", key, title, severity))
    if random.random() < 0.03:
        features.append("F-10")
        burst = random.uniform(5.0, 60.0)
        said += [Statement(burst + number * 0.2, "trigger", "trouble-0", "checkout is down") for number in range(12)]
    if random.random() < 0.05:
        features.append("F-06")
        said.append(Statement(random.uniform(1.0, 90.0), "explode", "", "nobody can read this"))
    if any(one.repeats for one in said):
        features.append("F-05")
    rounded = (replace(one, at=round(one.at, 3)) for one in said)
    return tuple(sorted(rounded, key=lambda one: one.at)), tuple(features)


def _at_once(random: Random, statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
    """Have several hosts say some of it at the same instant, and some of them change their mind at once."""
    together = ((), (), ("trigger",) * 3, ("trigger", "resolve", "trigger", "trigger"), ("resolve", "resolve"))
    chosen = (random.choice(together) for _ in statements)
    return tuple(
        replace(one, together=more) if one.action == "trigger" else one
        for one, more in zip(statements, chosen, strict=True)
    )


def _beside(random: Random, statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
    """Have the monitoring repeat at once whatever fires, now and then."""
    troubles = dict.fromkeys((one.key, one.title) for one in statements if one.key)
    chosen = (*((),) * 8, (*troubles, OTHER), (OTHER,))
    return tuple(replace(one, beside=random.choice(chosen)) if one.action == "trigger" else one for one in statements)


@cache
def configuration(shape: int) -> tuple[Config, tuple[str, ...]]:
    """Give one of 48 pagers, and the faults of 3.1 it stands for by itself."""
    random = Random(shape)
    features = []
    shared = shape % 12 == 5
    numbers = NUMBERS | {"secondary": NUMBERS["primary"]} if shared else NUMBERS
    if shared:
        features.append("F-48")
    users = {name: _user(random, name, number) for name, number in numbers.items()}
    people = random.sample(sorted(users), 3)
    targets: list[tuple[Target, ...]] = [(Target(TargetKind.USER, one),) for one in people]
    if shape % 4 == 1:
        targets[0] = (Target(TargetKind.SCHEDULE, "office"),)
    if shape % 6 == 2:
        targets[0] = (*targets[0], Target(TargetKind.USER, "manager"))
    if shape % 8 == 3:
        targets[random.randrange(2)] = (Target(TargetKind.USER, "gone"),)
        features.append("F-22")
    # Where levels take long, a page that was lost is still missing when the night is looked at.
    patience = 6 if shape % 3 == 0 else 1
    levels = tuple(
        Level(one, timedelta(seconds=random.choice((20, 30, 45, 60)) * patience))
        for one in targets[: random.randint(1, 3)]
    )
    if shape % 16 == 7:
        levels = ()
        features.append("F-22")
    layer = Layer(("primary", "secondary"), timedelta(days=7), datetime(2026, 11, 2, 9, 0))  # noqa: DTZ001 - wall clock
    digest = hashlib.sha256(KEY.encode()).hexdigest()
    config = Config(
        catch_all=CatchAll(("manager",), timedelta(seconds=random.choice((60, 90)) * patience)),
        users=users,
        schedules={"office": Schedule("office", "Europe/Berlin", (layer,))},
        policies={"policy": Policy("policy", levels, random.choice((0, 0, 1)))},
        services={"checkout": Service("checkout", "checkout", "policy")},
        integrations={"door": Integration("door", "checkout", "pagerduty", (digest,))},
    )
    return config, tuple(features)


def _user(random: Random, name: str, number: str) -> User:
    sms, voice = ContactRule("sms"), ContactRule("voice", timedelta(seconds=random.choice((0, 10, 15, 30))))
    loud = random.choice(((sms, voice), (sms, voice), (sms,), (voice, ContactRule("sms", timedelta(seconds=40)))))
    return User(name, name.capitalize(), number, {Urgency.HIGH: loud, Urgency.LOW: (sms,)})


def _edited(config: Config, variant: int) -> Config:
    """Give what an operator makes of the configuration in the middle of the night."""
    policies = {name: one for name, one in config.policies.items() if name != "policy"}
    if variant == 0:
        return replace(config, policies=policies)
    if variant == 1:
        return replace(config, users={name: one for name, one in config.users.items() if name != "primary"})
    if variant == 2:
        return replace(config, services={name: one for name, one in config.services.items() if name != "checkout"})
    quicker = tuple(replace(level, delay=level.delay / 2) for level in config.policies["policy"].levels)
    return replace(config, policies={**policies, "policy": Policy("policy", quicker[::-1], 1)})
