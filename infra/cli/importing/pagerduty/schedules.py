"""PagerDuty's schedules: layers with restrictions, the highest first in the API and the last in the file."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from infra.cli.importing import turns, weeks
from infra.cli.importing.export import Export
from infra.cli.importing.lanes import lanes, overridden
from infra.cli.importing.move import Move
from infra.cli.importing.pagerduty import wire
from infra.cli.importing.times import iana, wall
from infra.cli.importing.values import Layer, Override, Schedule
from infra.cli.importing.weeks import DAY, Week


def schedules(move: Move, export: Export) -> tuple[Schedule, ...]:
    """Give every schedule that can be carried over."""
    found = export.each("schedules", wire.Schedule)
    move.names.give("schedule", ((schedule.id, schedule.name or schedule.summary) for schedule in found))
    return tuple(each for schedule in found for each in _schedule(move, export, schedule))


def _schedule(move: Move, export: Export, schedule: wire.Schedule) -> tuple[Schedule, ...]:
    name = move.names.of("schedule", schedule.id) or ""
    zone = iana(schedule.time_zone)
    if schedule.type.startswith("schedule_v3"):
        what = "it is a schedule of the newer kind (v3, with recurrence rules), which is not read: write it as layers"
        move.report.decide("schedule", name, what)
        return ()
    if not zone:
        move.report.decide("schedule", name, f'the time zone "{schedule.time_zone}" is unknown: it is not in the file')
        return ()
    if schedule.schedule_layers is None:
        what = "the export has no layers of it: ask for schedules with include[]=schedule_layers, or use layers there"
        move.report.decide("schedule", name, what)
        return ()
    # The API lists the highest layer first.
    layers = [_layer(move, name, zone, each) for each in reversed(schedule.schedule_layers)]
    made = lanes(move, schedule.id, zone, [[(layer,)] for layer in layers if layer])
    made = overridden(made, _overrides(move, export, schedule.id, name, zone))
    if made:
        move.report.carried("schedule", name)
    return made


def _layer(move: Move, schedule: str, zone: str, layer: wire.Layer) -> Layer | None:
    title = layer.name or "a layer"
    if layer.end and layer.end <= move.now:
        move.report.left_out("schedule", schedule, f"{title}: it ended on {wall(layer.end, zone)}")
        return None
    users = move.users((each.user.id for each in layer.users), "schedule", schedule)
    if not users:
        move.report.left_out("schedule", schedule, f"{title}: not everybody in it is known")
        return None
    turn = turns.possible(move, schedule, title, timedelta(seconds=layer.rotation_turn_length_seconds), users)
    if not turn:
        return None
    phase = _phase(move, schedule, zone, layer, users, turn)
    end = wall(layer.end, zone) if layer.end else None
    only = _only(move, schedule, title, layer.restrictions)
    return Layer(layer.name or "", phase.users, turn, phase.start, end, only)


def _phase(
    move: Move, schedule: str, zone: str, layer: wire.Layer, users: tuple[str, ...], turn: timedelta
) -> turns.Phase:
    """Count from the virtual start; a layer that begins in the future begins at its hand-off before that."""
    counted_from = layer.rotation_virtual_start
    if layer.start <= move.now:
        return turns.phase(counted_from, turn, users, move.now, zone)
    phase = turns.last_hand_off(counted_from, turn, users, layer.start, zone)
    if phase.start != wall(layer.start, zone):
        why = f"{layer.name or 'a layer'} begins on {phase.start}, with a hand-off, not on {wall(layer.start, zone)}"
        move.report.different("schedule", schedule, why)
    return phase


def _only(move: Move, schedule: str, layer: str, restrictions: Sequence[wire.Restriction]) -> Week:
    if any(each.duration_seconds % 60 or _seconds(each) % 60 for each in restrictions):
        why = f"{layer} is restricted to the second: here its hours begin and end on the full minute, and hold no less"
        move.report.different("schedule", schedule, why)
    return weeks.week(interval for each in restrictions for interval in _intervals(each))


def _intervals(restriction: wire.Restriction) -> Iterator[weeks.Interval]:
    start = _seconds(restriction)
    begin, end = start // 60, -(-(start + restriction.duration_seconds) // 60)
    day = restriction.start_day_of_week
    days = range(7) if restriction.type == "daily_restriction" or not day else (day - 1,)
    yield from ((at * DAY + begin, at * DAY + end) for at in days)


def _seconds(restriction: wire.Restriction) -> int:
    hours, minutes, seconds = (*restriction.start_time_of_day.split(":"), "0", "0")[:3]
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds)


def _overrides(move: Move, export: Export, identity: str, schedule: str, zone: str) -> tuple[Override, ...]:
    found = export.each(f"schedules/{identity}/overrides", wire.Override)
    made = []
    for each in sorted(found, key=_start):
        user = move.names.of("user", each.user.id)
        if each.end <= move.now:
            move.report.left_out("schedule", schedule, "overrides that are over")
        elif not user:
            what = (
                f"the override from {wall(each.start, zone)} is for the user {each.user.id}, who is not in the export"
            )
            move.report.decide("schedule", schedule, what)
        else:
            made.append(turns.override(move, schedule, zone, user, (each.start, each.end)))
    turns.tell_overlaps(move, schedule, made)
    return tuple(made)


def _start(override: wire.Override) -> datetime:
    return override.start
