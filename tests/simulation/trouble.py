"""Lets the planned faults strike: every call of a client goes through here, every delivery asks here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from tests.simulation.faults import AT_INSTANTS, LONGEST, Fault, fault_id
from tocsin.errors import Unavailable, Uncertain, Undeliverable

if TYPE_CHECKING:
    from tests.simulation.world import World

T = TypeVar("T")

FATES = frozenset(
    {
        *("never arrives", "said undelivered", "delivery is a lie", "receipt overtakes", "list lags", "out of sight"),
        "cannot be worded",
    }
)
"""Faults of the telephone network, which plays them itself."""

REFUSALS = (21211, 21610, 21614, 30006)
CHANGES = frozenset({"commit", "publish", "text", "call", "answer"})
"""Calls after which a lost answer leaves open whether they were done."""


class Death(BaseException):
    """The instance is gone in the middle of its work: no `except Exception` sees it."""


@dataclass
class Run:
    """A verb at work on one instance: how far it has come, how far its clock is off, how slow each call is (seconds).

    `beats` counts its calls of the watcher outside.
    """

    verb: str
    done: list[str] = field(default_factory=list)
    skew: float = 0.0
    slow: float = 0.0
    beats: int = 0


@dataclass
class Armed:
    """A planned fault whose time has come; it lets `skip` more pass."""

    fault: Fault
    skip: int


class Trouble:
    """The faults of one night; `deaths` are numbers of calls at which the instance dies, before (n) or after (-n)."""

    def __init__(self, world: World, faults: tuple[Fault, ...], deaths: frozenset[int]) -> None:
        self.world = world
        self.coming = sorted((one for one in faults if one.kind not in AT_INSTANTS), key=lambda one: -one.at)
        self.deaths = deaths
        self.deadly = bool(deaths)
        self.armed: dict[str, list[Armed]] = {}
        self.down: dict[str, float] = {}
        self.hanging: set[str] = set()
        self.counts: Counter[str] = Counter()
        self.struck: list[Fault] = []
        self.runs: list[Run] = []
        self.calls = 0
        self.healed = False
        self.ends = 0.0

    def heal(self) -> None:
        """From now on nothing goes wrong."""
        self.healed = True
        self.deaths = frozenset()
        self.deadly = False
        self.coming, self.armed, self.down = [], {}, {}

    def through(self, group: str, call: str, effect: Callable[[], T]) -> T:
        """Make a call, or fail it as planned."""
        self.calls += 1
        run = self.runs[-1] if self.runs else Run("nobody")
        if self.deadly:
            return self._deadly(run, group, call, effect)
        if run.slow and not self.healed:
            self.world.pause(run.slow)
        if self.coming and self.coming[-1].at <= self.world.time:
            self._arm()
        if group in self.down:
            self._refuse_while_down(group, call)
        if self.armed:
            fault = self._striking(f"{group}.{call}") or self._striking(run.verb)
            if fault:
                return self._play(fault, run, group, call, effect)
        done = effect()
        run.done.append(call)
        return done

    def delivery(self, place: str, kinds: tuple[str, ...] = ()) -> Fault | None:
        """Give the fault that strikes this delivery, if one does; `kinds` are those that fit it."""
        if self.coming and self.coming[-1].at <= self.world.time:
            self._arm()
        fault = self._striking(place, kinds) if self.armed else None
        if fault:
            self.note(fault, f"{place} is {fault.kind}", fault_id(fault.kind, place))
        return fault

    def fate(self, where: str) -> Fault | None:
        """Give what the telephone network makes of this call."""
        if self.coming and self.coming[-1].at <= self.world.time:
            self._arm()
        fault = self._striking(f"fate of {where}") if self.armed else None
        if fault:
            self.note(fault, f"{where}: {fault.kind}", fault_id(fault.kind, where))
        return fault

    def note(self, fault: Fault, text: str, identity: str) -> None:
        """Count a strike and tell of it."""
        self.struck.append(fault)
        self.counts[identity] += 1
        if fault.kind != "hours late":
            self.ends = max(self.ends, self.world.time + fault.length)
        self.world.tell("!!", f"{text} [{identity}]")

    def _arm(self) -> None:
        while self.coming and self.coming[-1].at <= self.world.time:
            fault = self.coming.pop()
            where = f"fate of {fault.where}" if fault.kind in FATES else fault.where
            self.armed.setdefault(where, []).append(Armed(fault, fault.skip))

    def _striking(self, where: str, kinds: tuple[str, ...] = ()) -> Fault | None:
        waiting = self.armed.get(where)
        if not waiting:
            return None
        for armed in waiting:
            if kinds and armed.fault.kind not in kinds:
                continue
            armed.skip -= 1
            if armed.skip < 0:
                waiting.remove(armed)
                if not waiting:
                    del self.armed[where]
                return armed.fault
        return None

    def _refuse_while_down(self, group: str, call: str) -> None:
        if self.world.time >= self.down[group]:
            return
        self.world.tell("!!", f"{group}.{call}: {group} is down")
        if group not in self.hanging:
            self.world.pause(0.2)
            raise Unavailable(f"{group} is down")
        self.world.pause(LONGEST[group])
        raise (Uncertain if call in CHANGES else Unavailable)(f"{group} does not answer")

    def _deadly(self, run: Run, group: str, call: str, effect: Callable[[], T]) -> T:
        number = self.calls
        if number in self.deaths:
            self._die(f"{run.verb} dies before {group}.{call} (call {number})")
        done = effect()
        if -number in self.deaths:
            self._die(f"{run.verb} dies after {group}.{call} (call {number})")
        return done

    def _die(self, how: str) -> None:
        self.ends = self.world.time
        self.world.tell("!!", how)
        raise Death

    def _play(self, fault: Fault, run: Run, group: str, call: str, effect: Callable[[], T]) -> T:
        where = f"{group}.{call}"
        if fault.kind in {"dies after", "dies having sent"}:
            effect()
            run.done.append(call)
        self.note(fault, f"{run.verb}: {where} {fault.kind}", fault_id(fault.kind, where, run.verb, run.done))
        if fault.kind.startswith("dies"):
            raise Death
        length = min(fault.length, LONGEST[group])
        if fault.kind in {"timed out", "slow before"}:
            self.world.pause(length)
        elif fault.kind == "rival":
            self.world.rival(run, fault)
        if fault.kind in {"slow before", "rival"}:
            done = effect()
            run.done.append(call)
            return done
        if fault.kind in {"answer lost", "slow after"}:
            done = effect()
            run.done.append(call)
            self.world.pause(length)
            if fault.kind == "slow after":
                return done
        raise _error(fault, call)


def _error(fault: Fault, call: str) -> Exception:
    if fault.kind == "asked for patience":
        return Unavailable("Twilio asks for patience (429)", retry_after=2.0)
    if fault.kind == "account refused":
        return Unavailable("Twilio refuses the account: error 20003", retry_after=15.0)
    if fault.kind == "permanently refused":
        code = 21211 if call == "call" else REFUSALS[fault.variant % len(REFUSALS)]
        return Undeliverable(f"Twilio error {code}", code)
    if fault.kind == "refused" or call not in CHANGES:
        return Unavailable(f"{call} was not done")
    return Uncertain(f"the answer to {call} was lost")
