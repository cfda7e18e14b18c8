"""Grafana OnCall's schedules: shifts with levels, of which the highest counts, and groups that are on call together."""

from datetime import datetime

from infra.cli.importing import turns
from infra.cli.importing.export import Export
from infra.cli.importing.lanes import Track, lanes
from infra.cli.importing.move import Move
from infra.cli.importing.oncall import wire
from infra.cli.importing.oncall.rhythm import Rhythm, rhythm
from infra.cli.importing.times import iana, instant
from infra.cli.importing.values import Layer, Schedule

ABOVE_ALL = 1_000_000


def schedules(move: Move, export: Export) -> tuple[Schedule, ...]:
    """Give every schedule that is made of shifts."""
    found = export.each("schedules", wire.Schedule)
    shifts = {shift.id: shift for shift in export.each("on_call_shifts", wire.Shift)}
    move.names.give("schedule", ((schedule.id, schedule.name) for schedule in found))
    return tuple(each for schedule in found for each in _schedule(move, schedule, shifts))


def _schedule(move: Move, schedule: wire.Schedule, shifts: dict[str, wire.Shift]) -> tuple[Schedule, ...]:
    name = move.names.of("schedule", schedule.id) or ""
    if schedule.type == "ical":
        what = "it is read from a calendar elsewhere (iCal), which the file cannot: write its rotation as layers"
        move.report.decide("schedule", name, what)
        return ()
    if schedule.ical_url_overrides:
        move.report.left_out("schedule", name, "the overrides from a calendar elsewhere (iCal)")
    ours = [shifts[each] for each in schedule.shifts or () if each in shifts]
    if len(ours) < len(schedule.shifts or ()):
        move.report.decide("schedule", name, "not all of its shifts are in the export")
    zone = _zone(move, name, schedule, ours)
    levels: dict[int, list[Track]] = {}
    for shift in ours:
        level = ABOVE_ALL if shift.type == "override" else shift.level
        levels.setdefault(level, []).extend(_tracks(move, name, zone, schedule, shift))
    made = lanes(move, schedule.id, zone, [levels[level] for level in sorted(levels)])
    if made:
        move.report.carried("schedule", name)
    return made


def _zone(move: Move, name: str, schedule: wire.Schedule, shifts: list[wire.Shift]) -> str:
    """Give the zone of all shifts if they agree on one, for a schedule here has one; else the schedule's own."""
    own = iana(schedule.time_zone or "UTC") or "UTC"
    zones = {_of(shift, own) for shift in shifts}
    if len(zones) == 1 and zones != {own}:
        (zone,) = zones
        move.report.different("schedule", name, f"is kept in {zone}, as its shifts are, not in {own}")
        return zone
    return own


def _of(shift: wire.Shift, otherwise: str) -> str:
    return (iana(shift.time_zone) or shift.time_zone) if shift.time_zone else otherwise


def _tracks(move: Move, name: str, zone: str, schedule: wire.Schedule, shift: wire.Shift) -> list[Track]:
    """Give a shift as tracks, one for each of those who are on call together."""
    title = shift.name or shift.id
    if _of(shift, iana(schedule.time_zone or "UTC") or "UTC") != zone:
        what = f"{title} is in the zone {shift.time_zone}, the others in {zone}: it is not in the file"
        move.report.decide("schedule", name, what)
        return []
    named = [move.users(group, "schedule", name) for group in _groups(shift)]
    groups = [group for group in named if group]
    if not groups or len(groups) < len(named):
        move.report.left_out("schedule", name, f"{title}: not everybody in it is known")
        return []
    found = rhythm(shift, len(groups))
    if isinstance(found, str):
        move.report.decide("schedule", name, f"{title}: {found}. It is not in the file")
        return []
    if found.end and instant(found.end, zone) <= move.now:
        move.report.left_out("schedule", name, f"{title}: it ended on {found.end}")
        return []
    _tell(move, name, zone, shift, found)
    width = max(len(group) for group in groups)
    return [
        _track(move, name, title, found, [group[min(at, len(group) - 1)] for group in groups]) for at in range(width)
    ]


def _groups(shift: wire.Shift) -> list[list[str]]:
    if shift.type != "rolling_users" and not shift.rolling_users:
        return [shift.users or []]
    groups, first = [group for group in shift.rolling_users or () if group], shift.start_rotation_from_user_index or 0
    groups = [*groups[first:], *groups[:first]]
    return groups if shift.frequency else groups[:1]


def _track(move: Move, schedule: str, title: str, found: Rhythm, users: list[str]) -> Track:
    turn = turns.possible(move, schedule, title, found.turn, users)
    return (Layer(title, tuple(users), turn or found.turn, found.start, found.end, found.only),)


def _tell(move: Move, schedule: str, zone: str, shift: wire.Shift, found: Rhythm) -> None:
    title = shift.name or shift.id
    begins = (shift.rotation_start or shift.start).replace(tzinfo=None)
    if instant(begins, zone) > move.now and begins != found.start:
        why = f"{title} is on call from {found.start}, the turn in which it begins, not from {begins}"
        move.report.different("schedule", schedule, why)
    if shift.frequency and _has_end(shift.until):
        why = f"{title} ends on {found.end} here; there a turn that has begun before goes on to its own end"
        move.report.different("schedule", schedule, why)


def _has_end(until: datetime | None) -> bool:
    return until is not None
