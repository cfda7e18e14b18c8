"""What goes wrong at an instant rather than at a call: outages, restarts, an edited configuration, poison."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from tests.simulation.faults import AT_INSTANTS, Fault, fault_id
from tests.simulation.night import KEY, Statement
from tests.simulation.queue import Job

if TYPE_CHECKING:
    from tests.simulation.world import World

DEPENDENCIES = ["store", "topic", "tasks", "twilio"]
BACKLOG = 205
"""A few more than one sweep sees to."""

POISON = (b"{", b'{"id": "x"}', b"\xff\xfe", b'{"id":1,"alert":{}}', b"null")


class Outages:
    """Strikes what was planned for an instant, and knows when all of it is over."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.no_sweep_until = 0.0
        self.healed_at = 0.0
        self.slow = 0.0

    def plan(self, faults: tuple[Fault, ...]) -> None:
        """Put what happens at an instant on the calendar."""
        for fault in faults:
            if fault.kind in AT_INSTANTS:
                self.world.at(fault.at, lambda fault=fault: self.strike(fault))  # type: ignore[misc]

    def strike(self, fault: Fault) -> None:
        """Let it happen now."""
        world = self.world
        if world.trouble.healed:
            return
        world.trouble.note(
            fault, f"{fault.where}: {fault.kind} for {fault.length} s", fault_id(fault.kind, fault.where)
        )
        getattr(self, "_" + fault.kind.replace(" ", "_"))(fault)

    def _down(self, fault: Fault) -> None:
        """Let it refuse at once, or leave every caller waiting for his time-out."""
        (self.world.trouble.hanging.add if fault.variant % 2 else self.world.trouble.hanging.discard)(fault.where)
        self._take_down(fault.where, fault.length)

    def _take_down(self, group: str, length: float) -> None:
        down = self.world.trouble.down
        down[group] = max(down.get(group, 0.0), self.world.time + length)
        self.world.at(down[group], lambda: self._release(group))

    def _release(self, group: str) -> None:
        down = self.world.trouble.down
        if group in down and self.world.time >= down[group]:
            del down[group]
            self.world.tell("cloud", f"{group} is back")

    def _stopped(self, fault: Fault) -> None:
        self.world.queue.stop(fault.where, self.world.time + fault.length)

    def _swizzle(self, fault: Fault) -> None:
        """Take everything down one by one and bring it back in any order."""
        ends = [fault.length * (0.5 + part / 8) for part in range(4)]
        Random(fault.variant).shuffle(ends)
        for number, (group, end) in enumerate(zip(DEPENDENCIES, ends, strict=True)):
            start = fault.length * number / 10
            self.world.at(
                self.world.time + start,
                lambda group=group, length=end - start: self._take_down(group, length),  # type: ignore[misc]
            )

    def _no_sweep(self, fault: Fault) -> None:
        self.no_sweep_until = max(self.no_sweep_until, self.world.time + fault.length)

    def _swept_twice(self, _: Fault) -> None:
        self.world.instances.sweep()
        self.world.instances.sweep()

    def _slow_sweep(self, fault: Fault) -> None:
        """Have each call of the next sweep take so long that others begin before it ends."""
        self.slow = fault.length

    def _backlog(self, _: Fault) -> None:
        """Leave more events of one storm waiting than a sweep sees to."""
        for _number in range(BACKLOG):
            self.world.senders.spilled("storm")

    def _restart(self, _: Fault) -> None:
        self.world.instances.restart()

    def _clock_off(self, fault: Fault) -> None:
        self.world.instances.skews.setdefault(fault.where, []).append(fault.length)

    def _edited(self, _: Fault) -> None:
        self.world.configure(self.world.night.edited)

    def _poison(self, fault: Fault) -> None:
        body = POISON[fault.variant % len(POISON)]
        self.world.observed.poison.append(body)
        self.world.queue._send(Job(self.world.queue._number(), "route", body), self.world.time)  # noqa: SLF001

    def _newer_writer(self, fault: Fault) -> None:
        """Let a newer version of the code have added a field to something."""
        store = self.world.store
        paths = sorted(path for path in store.documents if path.split("/")[0] in {"incidents", "notifications", "open"})
        if paths:
            path = paths[fault.variant % len(paths)]
            store.keep(path, {**store.documents[path].data, "of_tomorrow": {"x": 1}})

    def _cold_start(self, fault: Fault) -> None:
        self.world.senders.cold = fault.length

    # The end

    def heal(self) -> None:
        """Let nothing go wrong any more, and find out when the last fault ends."""
        world = self.world
        ends = [world.trouble.ends, *world.trouble.down.values(), *world.queue.stopped.values(), self.no_sweep_until]
        self.healed_at = max(world.time, *ends)
        for group in list(world.trouble.down):
            world.trouble.down[group] = min(world.trouble.down[group], self.healed_at)
        down = dict(world.trouble.down)
        world.trouble.heal()
        world.trouble.down = down
        world.instances.skews.clear()
        world.senders.cold = 0.0
        world.telephones.unwordable.clear()
        self.slow = 0.0
        if any(fault.variant % 2 == 0 for fault in world.queue.lost):
            world.at(self.healed_at, world.queue.replay)
        world.tell("world", f"heals; quiet from {self.healed_at:.1f} s on")

    def morning(self) -> None:
        """Have the monitoring resolve everything, and wait until that has arrived."""
        world = self.world
        world.tell("world", "morning: the monitoring resolves everything")
        said = {(one.routing_key, one.key) for one in world.night.statements if one.key}
        said |= {(one.routing_key, key) for one in world.night.statements for key, _ in one.beside}
        for where, key in sorted(said | {(KEY, key) for key in world.senders.storms}):
            world.senders.says(Statement(world.time, "resolve", key, "resolved", routing_key=where))
        world.senders.beats_once()
        world.run_until(world.time + 5.0)
