"""What can go wrong: each fault is planned before the night begins, so that leaving one out leaves the others alone."""

from dataclasses import dataclass
from random import Random

CALLS = {
    "store": ("get", "query", "read", "commit"),
    "tasks": ("create",),
    "topic": ("publish",),
    "twilio": ("text", "call", "answer", "find", "inbound"),
    "watcher": ("beat",),
}
FEWEST = 10
"""How many faults strike in every night."""

LONGEST = {"store": 5.0, "tasks": 5.0, "topic": 5.0, "twilio": 12.0, "watcher": 8.0}
"""Seconds a call may take before its client gives up."""


@dataclass(frozen=True)
class Fault:
    """`kind` strikes the first call, delivery or instant it fits at `at` seconds or later, after letting `skip` pass.

    `where` is the call ("store.commit"), the delivery ("message", "task", "webhook") or the dependency it is about;
    `length` is in seconds; `variant` chooses among what is alike.
    """

    at: float
    kind: str
    where: str
    skip: int = 0
    length: float = 0.0
    variant: int = 0


@dataclass(frozen=True)
class Kind:
    """Where a kind can strike, how often it is planned compared to others, and how long it lasts (seconds)."""

    where: tuple[str, ...]
    weight: float
    length: tuple[float, float] = (0.0, 0.0)
    skips: int = 4


EVERY_CALL = tuple(f"{group}.{call}" for group, calls in CALLS.items() for call in calls)
WRITES = ("store.commit", "tasks.create", "topic.publish", "twilio.text", "twilio.call", "twilio.answer")
VERBS = ("ingest", "route", "notify", "notify", "escalate", "reply", "sweep")

# At a call of a client.
AT_CALLS = {
    "dies before": Kind(VERBS, 18, skips=9),
    "dies after": Kind(VERBS, 18, skips=9),
    "dies having sent": Kind(("twilio.text", "twilio.call"), 4, skips=1),
    "refused": Kind(EVERY_CALL, 12),
    "timed out": Kind(EVERY_CALL, 12, (1.0, 12.0)),
    "answer lost": Kind((*WRITES, "store.commit", "twilio.text"), 14, (0.0, 12.0)),
    "slow before": Kind((*EVERY_CALL, "store.commit", "twilio.text"), 10, (0.5, 12.0)),
    "slow after": Kind(WRITES, 10, (0.5, 12.0)),
    "rival": Kind(("store.commit",), 12),
    "asked for patience": Kind(("twilio.text", "twilio.call"), 5, skips=2),
    "account refused": Kind(("twilio.text", "twilio.call", "twilio.find", "twilio.inbound"), 3, skips=2),
    "permanently refused": Kind(("twilio.text", "twilio.call"), 5, skips=2),
    "never arrives": Kind(("twilio.text", "twilio.call"), 4, skips=2),
    "said undelivered": Kind(("twilio.text",), 5, skips=2),
    "delivery is a lie": Kind(("twilio.text",), 4, skips=2),
    "receipt overtakes": Kind(("twilio.text", "twilio.call"), 4, skips=2),
    "out of sight": Kind(("twilio.text", "twilio.call"), 6, (5.0, 40.0), skips=2),
    "list lags": Kind(("twilio.find", "twilio.inbound"), 5, (5.0, 40.0), skips=1),
    "cannot be worded": Kind(("twilio.text", "twilio.call"), 5, skips=1),
}
# At a delivery: a message, a task, a webhook, the answer to a sender.
AT_DELIVERIES = {
    "twice": Kind(("message", "task", "task", "webhook"), 14, (0.0, 90.0)),
    "published twice": Kind(("message",), 4, (0.0, 30.0), skips=2),
    "late": Kind(("message", "message", "task", "webhook", "webhook"), 16, (1.0, 300.0)),
    "hours late": Kind(("task", "webhook", "message"), 3, (1000.0, 10_000.0)),
    "lost": Kind(("task", "task", "webhook", "answer", "confirmation"), 12),
    "early": Kind(("timer",), 5, (2.0, 60.0), skips=2),
    "lost for ever": Kind(("message",), 4, skips=2),
    "misdated": Kind(("post",), 4, skips=2),
}
# At an instant.
AT_INSTANTS = {
    "down": Kind(("store", "topic", "tasks", "twilio", "watcher"), 9, (3.0, 90.0)),
    "stopped": Kind(("message", "task"), 6, (5.0, 120.0)),
    "swizzle": Kind(("everything",), 1, (20.0, 90.0)),
    "no sweep": Kind(("sweep",), 4, (60.0, 180.0)),
    "swept twice": Kind(("sweep",), 4),
    "slow sweep": Kind(("sweep",), 3, (0.5, 3.0)),
    "backlog": Kind(("sweep",), 0.28),
    "restart": Kind(("instances",), 3),
    "clock off": Kind(VERBS, 5, (-0.45, 0.45)),
    "edited": Kind(("configuration",), 3),
    "poison": Kind(("message",), 3),
    "newer writer": Kind(("store",), 3),
    "cold start": Kind(("ingest",), 3, (3.5, 10.0), skips=1),
}
KINDS = AT_CALLS | AT_DELIVERIES | AT_INSTANTS
_NAMES = list(KINDS)
_WEIGHTS = [kind.weight for kind in KINDS.values()]


def planned(random: Random, most: int, instants: list[float], until: float) -> tuple[Fault, ...]:
    """Plan faults, most of them soon after something begins at one of the `instants` (seconds)."""
    kinds = random.choices(_NAMES, _WEIGHTS, k=most)
    return tuple(sorted((_planned(random, kind, instants, until) for kind in kinds), key=lambda one: one.at))


def spare(random: Random) -> tuple[Fault, ...]:
    """Give faults that strike for certain, for nights in which too little else did."""
    kinds = random.choices(list(AT_INSTANTS), [kind.weight for kind in AT_INSTANTS.values()], k=FEWEST)
    return tuple(_planned(random, kind, [0.0], 0.0) for kind in kinds)


def _planned(random: Random, kind: str, instants: list[float], until: float) -> Fault:
    spec = KINDS[kind]
    at = random.choice(instants) + random.expovariate(0.25) if random.random() < 0.6 else random.uniform(0, until)
    low, high = spec.length
    length = low if low == high else random.uniform(low, high)
    return Fault(
        round(min(at, until), 3),
        kind,
        random.choice(spec.where),
        random.randint(0, spec.skips),
        round(length, 3),
        random.randrange(1000),
    )


def crash_id(verb: str, done: list[str]) -> str:
    """Name the fault of 3.1 that a death is, by how far the verb had come."""
    if verb == "ingest":
        return "F-02" if "publish" in done else "F-01"
    if verb == "route":
        return "F-19" if "create" in done else "F-18" if "commit" in done else "F-17"
    if verb == "notify":
        sent = "text" in done or "call" in done
        return "F-37" if sent else "F-36" if "commit" in done else "F-35"
    return {"escalate": "F-32", "reply": "F-50", "sweep": "F-58"}[verb]


CALL_IDS = {
    ("refused", "topic.publish"): "F-04",
    ("timed out", "topic.publish"): "F-04",
    ("answer lost", "topic.publish"): "F-03",
    ("refused", "tasks.create"): "F-25",
    ("timed out", "tasks.create"): "F-25",
    ("answer lost", "tasks.create"): "F-25",
    ("timed out", "store.commit"): "F-21",
    ("answer lost", "store.commit"): "F-21",
    ("refused", "store.commit"): "F-20",
    ("timed out", "twilio.text"): "F-38",
    ("answer lost", "twilio.text"): "F-38",
    ("timed out", "twilio.call"): "F-38",
    ("answer lost", "twilio.call"): "F-38",
    ("refused", "twilio.text"): "F-42",
    ("refused", "twilio.call"): "F-42",
    ("refused", "twilio.answer"): "F-56",
    ("timed out", "twilio.answer"): "F-56",
    ("answer lost", "twilio.answer"): "F-56",
}
KIND_IDS = {
    "asked for patience": "F-39",
    "account refused": "F-44",
    "permanently refused": "F-40",
    "never arrives": "F-41",
    "said undelivered": "F-41",
    "delivery is a lie": "F-43",
    "receipt overtakes": "F-52",
    "list lags": "F-38 list lags",
    "out of sight": "F-38 out of sight",
    "swizzle": "swizzle",
    "no sweep": "F-58",
    "swept twice": "F-58",
    "restart": "F-08",
    "cold start": "F-08",
    "clock off": "F-34",
    "edited": "F-23",
    "poison": "F-16",
    "newer writer": "F-24",
    "published twice": "F-12",
    "early": "F-29",
    "lost for ever": "F-15",
    "misdated": "F-07",
    "cannot be worded": "F-47",
    "slow sweep": "F-59 slow",
    "backlog": "F-59",
}
PLACE_IDS = {
    ("twice", "message"): "F-11",
    ("twice", "task"): "F-28",
    ("twice", "webhook"): "F-49",
    ("late", "message"): "F-13 F-14",
    ("late", "task"): "F-30 F-31",
    ("late", "webhook"): "F-51",
    ("hours late", "message"): "F-14",
    ("hours late", "task"): "F-31",
    ("hours late", "webhook"): "F-51",
    ("lost", "task"): "F-27",
    ("lost", "webhook"): "F-50",
    ("lost", "answer"): "F-02",
    ("lost", "confirmation"): "F-56",
    ("down", "store"): "F-09",
    ("down", "topic"): "F-04",
    ("down", "tasks"): "F-25",
    ("down", "twilio"): "F-42",
    ("down", "watcher"): "F-58 watcher",
    ("stopped", "message"): "F-14",
    ("stopped", "task"): "F-27",
}

GROUP_IDS = {"store": "F-20", "twilio": "F-38", "tasks": "F-25", "topic": "F-04", "watcher": "F-58 watcher"}


def fault_id(kind: str, where: str, verb: str = "", done: list[str] | None = None) -> str:
    """Name the fault of 3.1 that a strike is."""
    if kind.startswith("dies"):
        return crash_id(verb, done or [])
    if kind == "rival":
        return {"reply": "F-53", "notify": "F-45", "escalate": "F-53", "route": "F-11 F-20"}.get(verb, "F-58")
    if kind in KIND_IDS:
        return KIND_IDS[kind]
    known = CALL_IDS.get((kind, where)) or PLACE_IDS.get((kind, where))
    return known or GROUP_IDS[where.partition(".")[0]]
