"""Where a rotation stands: its turns counted to the hand-off from which the file can go on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from infra.cli.importing.move import Move
from infra.cli.importing.times import is_doubtful, keeps_the_clock, span, wall
from infra.cli.importing.values import Override

LONGEST_TURN = timedelta(weeks=52)


@dataclass(frozen=True)
class Phase:
    """A hand-off, and the users in the order in which they come from then on."""

    start: datetime
    users: tuple[str, ...]


def phase(counted_from: datetime, turn: timedelta, users: Sequence[str], at: datetime, zone: str) -> Phase:
    """Give the count's own start if it is not after `at`, else the last hand-off that is not (aware times)."""
    if counted_from <= at:
        return Phase(wall(counted_from, zone), tuple(users))
    return last_hand_off(counted_from, turn, users, at, zone)


def last_hand_off(counted_from: datetime, turn: timedelta, users: Sequence[str], at: datetime, zone: str) -> Phase:
    """Give the last hand-off that is not after `at`, and who begins there: by the wall clock if turns keep it."""
    if keeps_the_clock(turn):
        number = (wall(at, zone) - wall(counted_from, zone)) // turn
        start = wall(counted_from, zone) + number * turn
    else:
        number = (at - counted_from) // turn
        start = wall(counted_from.astimezone(UTC) + number * turn, zone)
    by = number % len(users)
    return Phase(start, (*users[by:], *users[:by]))


def possible(move: Move, schedule: str, layer: str, turn: timedelta, users: Sequence[str]) -> timedelta | None:
    """Give the turn as the file can have it; None, and a decision, where it cannot."""
    if turn <= timedelta(0) or (turn > LONGEST_TURN and len(users) > 1):
        what = f"{layer} has turns of {turn}, which the file cannot say: it is not in the file"
        move.report.decide("schedule", schedule, what)
        return None
    if not keeps_the_clock(turn) and len(users) > 1:
        why = f"{layer} has turns of {span(turn)}, which are counted in elapsed time here"
        move.report.different("schedule", schedule, f"{why}: after a clock change they may begin an hour off")
    return min(turn, LONGEST_TURN)


def override(move: Move, schedule: str, zone: str, user: str, times: tuple[datetime, datetime]) -> Override:
    """Give an override by the schedule's wall clock."""
    for at in times:
        if is_doubtful(at, zone):
            why = f"an override of {user} begins or ends at {wall(at, zone)}, which the clock shows twice"
            move.report.different("schedule", schedule, f"{why}: the second time is meant there, the first one here")
    start, end = (wall(at, zone) for at in times)
    return Override(user, start, end)


def tell_overlaps(move: Move, schedule: str, overrides: Sequence[Override]) -> None:
    """Report overrides of different users that overlap: here the one written last holds."""
    for number, one in enumerate(overrides):
        for other in overrides[number + 1 :]:
            if one.user != other.user and one.start < other.end and other.start < one.end:
                why = f"overrides of {one.user} and {other.user} overlap from {max(one.start, other.start)}"
                move.report.different("schedule", schedule, f"{why}: here the one written later, {other.user}'s, holds")
