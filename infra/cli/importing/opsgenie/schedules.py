"""Opsgenie's schedules: rotations that are all on call at once, and overrides of one of them or of all."""

from collections.abc import Iterator
from datetime import timedelta

from infra.cli.importing import turns, weeks
from infra.cli.importing.export import Export
from infra.cli.importing.lanes import Track, lanes, overridden
from infra.cli.importing.move import Move
from infra.cli.importing.opsgenie import wire
from infra.cli.importing.times import iana, wall
from infra.cli.importing.values import Layer, Override, Schedule
from infra.cli.importing.weeks import DAY, WEEK, Week

UNITS = {"hourly": timedelta(hours=1), "daily": timedelta(days=1), "weekly": timedelta(weeks=1)}


def schedules(move: Move, export: Export) -> tuple[Schedule, ...]:
    """Give every schedule that is switched on."""
    found = export.each("schedules", wire.Schedule)
    move.names.give("schedule", ((schedule.id, schedule.name) for schedule in found))
    return tuple(each for schedule in found for each in _schedule(move, export, schedule))


def _schedule(move: Move, export: Export, schedule: wire.Schedule) -> tuple[Schedule, ...]:
    name = move.names.of("schedule", schedule.id) or ""
    zone = iana(schedule.timezone)
    if not schedule.enabled:
        move.report.left_out("schedule", name, "it is disabled there: it notifies nobody")
        return ()
    if not zone or schedule.rotations is None:
        missing = "its rotations (ask for schedules with expand=rotation)" if zone else f"zone {schedule.timezone}"
        move.report.decide("schedule", name, f"the export has no {missing}: it is not in the file")
        return ()
    overrides = list(_overrides(move, export, schedule.id, name, zone))
    tracks = [_track(move, name, zone, rotation, overrides) for rotation in schedule.rotations]
    made = lanes(move, schedule.id, zone, [[track for track in tracks if track]])
    everywhere = tuple(override for override, rotations in overrides if not rotations)
    turns.tell_overlaps(move, name, everywhere)
    if made:
        move.report.carried("schedule", name)
    return overridden(made, everywhere)


Replaced = tuple[Override, frozenset[str]]


def _overrides(move: Move, export: Export, identity: str, schedule: str, zone: str) -> Iterator[Replaced]:
    """Give each override with the ids of the rotations it is for, none meaning all."""
    for each in sorted(export.each(f"schedules/{identity}/overrides", wire.Override), key=lambda item: item.start):
        user = move.names.of("user", each.user.id or "")
        if each.end <= move.now:
            move.report.left_out("schedule", schedule, "overrides that are over")
        elif not user:
            what = f"the override from {wall(each.start, zone)} is for {each.user.said}, who is no user in the export"
            move.report.decide("schedule", schedule, what)
        else:
            rotations = frozenset(rotation.id or "" for rotation in each.rotations)
            yield turns.override(move, schedule, zone, user, (each.start, each.end)), rotations


def _track(move: Move, schedule: str, zone: str, rotation: wire.Rotation, overrides: list[Replaced]) -> Track:
    """Give a rotation, and above it the overrides that are for it alone."""
    layer = _layer(move, schedule, zone, rotation)
    if not layer:
        return ()
    above = (
        Layer("override", (each.user,), timedelta(days=1), each.start, each.end)
        for each, rotations in overrides
        if rotation.id in rotations
    )
    return (layer, *above)


def _layer(move: Move, schedule: str, zone: str, rotation: wire.Rotation) -> Layer | None:
    title = rotation.name or "a rotation"
    if rotation.end and rotation.end <= move.now:
        move.report.left_out("schedule", schedule, f"{title}: it ended on {wall(rotation.end, zone)}")
        return None
    if other := next((each for each in rotation.participants if each.type != "user"), None):
        who = "nobody" if other.type == "none" else f"the {other.type} {other.said}"
        what = f"{title} has {who} take turns, and a turn is one user's here: it is not in the file"
        move.report.decide("schedule", schedule, what)
        return None
    users = move.users((each.id or "" for each in rotation.participants), "schedule", schedule)
    unit = UNITS.get(rotation.type, timedelta(0))
    turn = turns.possible(move, schedule, title, unit * rotation.length, users) if users else None
    if not users or not turn:
        move.report.left_out("schedule", schedule, f"{title}: not everybody in it, or not its turn, is known")
        return None
    end = wall(rotation.end, zone) if rotation.end else None
    return Layer(rotation.name, users, turn, wall(rotation.start, zone), end, only(rotation.time_restriction))


def only(restriction: wire.TimeRestriction | None) -> Week:
    """Give the hours of a restriction; an end that is not after its start is on the next day, or in the next week."""
    if not restriction:
        return weeks.ALWAYS
    return weeks.week(_intervals(restriction))


def _intervals(restriction: wire.TimeRestriction) -> Iterator[weeks.Interval]:
    for hours in [*([restriction.restriction] if restriction.restriction else []), *restriction.restrictions]:
        start, end = (
            hour * 60 + minute
            for hour, minute in ((hours.start_hour, hours.start_minute), (hours.end_hour, hours.end_minute))
        )
        if hours.start_day and hours.end_day:
            first, last = (weeks.DAYS.index(day[:3].lower()) * DAY for day in (hours.start_day, hours.end_day))
            begin, until = first + start, last + end
            yield begin, until if until > begin else until + WEEK
        else:
            until = end if end > start else end + DAY
            yield from ((day * DAY + start, day * DAY + until) for day in range(7))
