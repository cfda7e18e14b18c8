"""A watcher outside hears a heartbeat after each clean sweep: its silence means that pages may not arrive."""

import pytest

from tests.stories.night import Night


def beats(night: Night, **length: float) -> int:
    """Let time pass, and count the heartbeats that the watcher heard in it."""
    before = len(night.world.watcher.beats)
    night.passes(**length)
    return len(night.world.watcher.beats) - before


def test_a_quiet_night_beats_every_minute(night: Night) -> None:
    assert beats(night, minutes=10) == 10


def test_a_night_with_pages_beats_as_well(night: Night) -> None:
    night.alert("checkout is down")
    assert beats(night, minutes=12) == 12
    night.phone("primary").receives("down").rings()
    night.phone("secondary").receives("down").rings().answers("ack").receives("Acknowledged")


def test_what_the_sweep_could_put_right_does_not_keep_it_from_beating(night: Night) -> None:
    night.world.queue.forgetful = True
    night.alert("checkout is down")
    assert beats(night, minutes=2) == 2
    night.phone("primary").receives("down").answers("ack").receives("Acknowledged")


def test_without_its_documents_the_sweep_does_not_beat(night: Night) -> None:
    night.world.store.away = True
    assert beats(night, minutes=10) == 0
    night.world.store.away = False
    assert beats(night, minutes=10) == 10


def test_a_sweep_that_fails_at_one_thing_does_not_beat_until_that_is_done(night: Night) -> None:
    night.beats()
    night.passes(minutes=5)
    night.world.queue.down = True
    assert beats(night, minutes=4) == 0
    night.phone("primary").receives("has sent no heartbeat").rings().answers("ack").receives("Acknowledged")
    night.world.queue.down = False
    assert beats(night, minutes=5) == 5


def test_what_stays_undone_for_too_long_keeps_it_from_beating(night: Night) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("down").answers("ack").receives("Acknowledged")
    [(identity, kept), *_] = night.world.store.query("notifications", ("state", "==", "sent"))
    stuck = {**kept, "next_at": night.world.now}
    night.world.store.transact(lambda tx: tx.put(f"notifications/{identity}", stuck))
    assert beats(night, minutes=5) == 2


def test_a_watcher_that_is_away_changes_nothing(night: Night) -> None:
    night.world.watcher.away = True
    night.alert("checkout is down")
    assert beats(night, minutes=1) == 0
    night.phone("primary").receives("down").answers("ack").receives("Acknowledged")
    [swept] = night.world.sweep()
    assert swept.clean


@pytest.mark.parametrize("sweeps", [True, False])
def test_without_the_sweep_nobody_beats(night: Night, sweeps: bool) -> None:  # noqa: FBT001
    night.world.sweeps = sweeps
    assert beats(night, minutes=5) == (5 if sweeps else 0)


def test_books_that_do_not_balance_stop_the_heartbeat_until_they_do(night: Night) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down").answers("ack").receives("Acknowledged")
    [(event, kept)] = night.world.store.query("events")
    night.world.store.spoils(f"events/{event}", outcome="forgotten")
    night.passes(minutes=6)
    before = len(night.world.watcher.beats)
    night.passes(minutes=5)
    assert len(night.world.watcher.beats) == before
    night.world.store.spoils(f"events/{event}", outcome=kept["outcome"])
    night.passes(minutes=1)
    assert len(night.world.watcher.beats) == before + 1


def test_books_that_cannot_be_read_stop_the_heartbeat_and_nothing_else(night: Night) -> None:
    night.world.store.spoils("incidents/" + "7" * 32, status="triggered", opened_at="at night")
    night.alert("checkout is down")
    before = len(night.world.watcher.beats)
    night.passes(minutes=3)
    night.phone("primary").receives("checkout is down").rings()
    assert len(night.world.watcher.beats) == before
