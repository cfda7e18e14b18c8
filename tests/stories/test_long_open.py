"""What is open for longer than anything is kept is still the same trouble: its marks are not cleared away before it."""

from dataclasses import replace
from datetime import datetime, timedelta

from tests.stories.night import Night
from tests.stories.test_ledger import remove
from tests.stories.test_maintenance import maintain

KINDS = ("audit", "counts", "events", "groups", "inbound", "incidents", "notices", "notifications", "open")


def clears(night: Night) -> None:
    """Let Firestore delete what has expired."""
    for kind in KINDS:
        for name, data in night.world.store.query(kind, limit=10_000):
            until = data.get("expires_at")
            if isinstance(until, datetime) and until <= night.world.now:
                remove(night, f"{kind}/{name}")


def test_what_repeats_for_longer_than_it_is_kept_stays_one_incident(night: Night) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("down").answers("ack").receives("Acknowledged")
    night.world.sweeps = False
    for _ in range(45):
        night.world.now += timedelta(days=10)
        night.alert("checkout is down")
        clears(night)
    assert [one.is_test for one in night.incidents()] == [False]
    night.phone("primary").stays_silent()
    night.resolves("checkout is down")
    assert night.is_resolved()


def test_what_a_window_holds_back_for_longer_than_it_is_kept_is_paged_when_the_window_ends(night: Night) -> None:
    maintain(night, minutes=60 * 24 * 60)
    night.world.config = replace(night.world.config, retention=timedelta(days=30))
    night.alert("checkout is down")
    night.world.sweeps = False
    night.world.now += timedelta(days=59)
    clears(night)
    night.world.now += timedelta(days=1)
    night.world.sweep()
    night.passes(seconds=3)
    night.phone("primary").receives("checkout is down").answers("ack").receives("Acknowledged")
