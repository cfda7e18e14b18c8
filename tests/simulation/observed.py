"""Everything that can be seen of a night, in order of time and of commits: what the invariants are about."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from tests.simulation import audited, commits, invariants, rulings, turns, vigilance
from tests.simulation.watched import CANARY, MONITOR

if TYPE_CHECKING:
    from tests.simulation.store import Commit
    from tests.simulation.telephones import Sent
    from tests.simulation.world import World


@dataclass(frozen=True)
class Meant:
    """What a person wrote or pressed, and the incidents it was about (known from the page that was answered)."""

    key: str
    wish: str
    incidents: frozenset[str]
    at: float
    by_key: bool


@dataclass(frozen=True)
class Standing:
    """Where an incident stood from an instant on."""

    at: float
    status: str
    generation: int
    level: int


def said_in(body: bytes) -> list[Any]:
    """Give the events of a message: one, or a list of neighbours."""
    found = msgspec.json.decode(body)
    return found if isinstance(found, list) else [found]


class Observed:
    """The log; every violation names its invariant."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.violations: list[str] = []
        self.publishing: list[tuple[str, float]] = []
        self.bodies: dict[str, bytes] = {}
        self.accepted: dict[str, float] = {}
        self.poison: list[bytes] = []
        self.incidents: dict[str, list[Standing]] = defaultdict(list)
        self.open: dict[tuple[str, str], str] = {}
        self.groups: dict[tuple[str, str, str], str] = {}
        self.entered: set[tuple[str, int, int]] = set()
        self.begins: dict[str, list[float]] = defaultdict(list)
        self.claims: dict[str, list[float]] = defaultdict(list)
        self.sends: dict[str, list[Sent]] = defaultdict(list)
        self.looks: dict[str, list[tuple[float, bool]]] = defaultdict(list)
        self.meanings: dict[str, Meant] = {}
        self.words: dict[str, str] = {}
        self.canaries: dict[str, float] = {}
        self.gone: set[str] = set()
        self.beaten = -1.0
        self.resting: dict[str, str] = {}
        self.waiting: dict[str, tuple[int, int, int]] = {}
        self.known: set[str] = set()
        self.left_at = 0.0
        self.duplicates = 0
        self.checked_at = 0.0

    def violated(self, invariant: str, what: str) -> None:
        """Record a violation."""
        self.violations.append(f"{invariant}: {what}")
        self.world.tell("**", f"{invariant} VIOLATED: {what}")

    # What comes in

    def published(self, body: bytes, at: float) -> None:
        said = said_in(body)
        self.world.trouble.counts["neighbours"] += len(said) > 1
        self.world.trouble.counts["troubles together"] += len({event["alert"]["dedup_key"] for event in said}) > 1
        for event in said:
            if event["id"] in self.bodies:
                continue  # it was kept aside, and is handed back
            self.publishing.append((event["id"], at))
            self.bodies[event["id"]] = body
            if event["integration"] == CANARY:
                self.canaries[event["id"]] = at
            invariants.check_date(self, event)

    def lost(self, body: bytes) -> None:
        """Note a message that nobody will ever deliver."""
        if body in self.poison:
            self.poison.remove(body)
        else:
            self.gone |= {event["id"] for event in said_in(body)}

    def heartbeat(self) -> None:
        """Note what the watcher heard."""
        vigilance.check_heartbeat(self)

    def answered(self, before: int, status: int) -> None:
        """Note the answer to a post; what was published for a 202 is accepted."""
        if status == 202:
            if len(self.publishing) == before:
                self.violated("I1", "202 was answered, and nothing was published")
            for event, _ in self.publishing[before:]:
                self.accepted.setdefault(event, self.world.time)

    # What goes out

    def begun(self, notification: str, at: float) -> None:
        self.begins[notification].append(at)
        invariants.check_call(self, notification)

    def accepted_send(self, sent: Sent) -> None:
        self.sends[sent.notification].append(sent)
        invariants.check_duplicate(self, sent)

    # What people say, and what they are told

    def meant(self, key: str, wish: str, incidents: frozenset[str], at: float, *, by_key: bool = False) -> None:
        self.meanings[key] = Meant(key, wish, incidents, at, by_key)

    def about(self, notification: str) -> frozenset[str]:
        """Give the incidents that a page speaks for, as it was when it was sent."""
        carried = self.world.store.documents[f"notifications/{notification}"].data["carried"]
        return frozenset(one.split("-")[0] for one in (notification, *carried))

    def said(self, key: str, words: str) -> None:
        self.words[key] = words
        invariants.check_words(self, key, words)

    # What is committed

    def committed(self, commit: Commit) -> None:
        for path, after in commit.after.items():
            kind, _, identity = path.partition("/")
            if kind == "incidents":
                self._stands(identity, after)
                commits.check_incident(self, commit, identity, commit.before[path], after)
                audited.check_action(self, commit, identity, commit.before[path], after)
            elif kind == "audit":
                audited.check_entry(self, commit, identity, commit.before[path], after)
            elif kind == "notifications":
                commits.check_notification(self, identity, commit.before[path], after)
            elif kind == "events":
                self._routed(commit, identity, after)
                commits.check_event(self, identity, commit.before[path], after)
                rulings.check_ruling(self, commit, identity, after)
            elif kind == "circles":
                turns.check_circle(self, commit, identity, commit.before[path], after)
            elif kind == "spill" and commit.before[path] is None:
                self.published(after["body"].encode(), self.world.time)

    def _routed(self, commit: Commit, identity: str, after: dict[str, Any]) -> None:
        if after["event"]["integration"] != MONITOR:
            return
        if after["action"] == "beat":
            self.beaten = max(self.beaten, self.world.seconds(after["accepted_at"]))
            return
        self.bodies[after["event"]["id"]] = b""
        vigilance.check_silence(self, commit, identity, after)

    def _stands(self, identity: str, after: dict[str, Any]) -> None:
        standing = Standing(self.world.time, after["status"], after["generation"], after["level"])
        history = self.incidents[identity]
        if not history or history[-1] != standing:
            history.append(standing)

    def is_resolved(self, incident: str) -> bool:
        """Say whether an incident is over."""
        return bool(self.incidents[incident]) and self.incidents[incident][-1].status == "resolved"

    # The end

    def check_after_healing(self) -> None:
        self.checked_at = self.world.time
        for check in invariants.AFTER_HEALING:
            check(self)

    def leave_alone(self) -> None:
        """Note where everything stands before the world is left alone for long."""
        incidents = self.world.store.all("incidents")
        self.known, self.left_at = set(incidents), self.world.time
        self.resting = {
            name: one["status"]
            for name, one in incidents.items()
            if one["status"] == "acknowledged" and not (one["next_at"] or one["idle_at"] or one["settles_at"])
        }
        triggered = {name: one for name, one in incidents.items() if one["status"] == "triggered"}
        self.waiting = {name: commits.place(one) for name, one in triggered.items()}

    def check_long_after(self) -> None:
        for check in invariants.LONG_AFTER:
            check(self)

    def check_documents(self) -> None:
        """I0: what was read from the store was not changed in place."""
        for path, kept in self.world.store.documents.items():
            self.world.store.compare(path, kept)
        for path in self.world.store.changed:
            self.violated("I0", f"{path} was changed in place by somebody who had read it")

    def check_in_the_morning(self) -> None:
        for check in invariants.IN_THE_MORNING:
            check(self)
