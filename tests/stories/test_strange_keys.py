"""Whoever posts with a key that opens nothing is told of in the audit, and neither fills it nor holds up an alert."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from tests.stories.cloud import Queue
from tests.stories.night import Night
from tocsin import audit
from tocsin.clients.store import Data
from tocsin.denials import EVERY, MOST_NAMED, Denials
from tocsin.domain.audit import Entry, Kind
from tocsin.ingest import UNPROVEN, WRONG, Answer, Incoming, ingest
from tocsin.intake import Intake

BODY = {"alerts": [{"status": "firing", "labels": {"alertname": "down"}, "fingerprint": "1"}]}
WITH_KEYS = ("alertmanager", "generic", "grafana", "zabbix")


def told(night: Night) -> list[Entry]:
    return list(audit.entries(dict(night.world.store.query("audit", order_by="at"))).values())


def knocks(night: Night, source: str, number: int = 0) -> Answer:
    return night.world.post(f"{source}/wrong-key-{number:020d}", BODY)


def test_a_wrong_key_is_told_with_the_source_it_was_tried_at_and_without_itself(night: Night) -> None:
    assert knocks(night, "grafana").status == 403
    [one] = told(night)
    assert (one.kind, one.what, one.about, one.channel) == (Kind.DENIED, WRONG, "functions/ingest", "from outside")
    assert (one.count, one.after) == (1, {"grafana": "1"})
    assert "wrong-key" not in json.dumps(night.world.store.query("audit"), default=datetime.isoformat)


def test_a_flood_of_wrong_keys_is_two_entries_in_two_minutes_and_none_is_forgotten(night: Night) -> None:
    for number in range(200):
        knocks(night, WITH_KEYS[number % len(WITH_KEYS)], number)
        night.world.now += timedelta(milliseconds=250)
    assert [one.count for one in told(night)] == [1]
    night.world.now += EVERY
    knocks(night, "generic")
    assert [one.count for one in told(night)] == [1, 200]
    assert told(night)[1].after == {"alertmanager": "49", "generic": "51", "grafana": "50", "zabbix": "50"}


def test_what_was_counted_is_written_beside_the_next_alert_if_nobody_is_refused_any_more(night: Night) -> None:
    for _ in range(3):
        knocks(night, "generic")
    night.world.now += EVERY
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down").has_had_enough()
    assert [one.count for one in told(night)] == [1, 2]


def test_whoever_is_refused_hears_so_while_nothing_can_be_written_and_alerts_are_taken(night: Night) -> None:
    night.world.denials = Denials(fails, lambda: night.world.now)
    assert knocks(night, "generic").status == 403
    night.world.now += EVERY
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down").has_had_enough()
    assert told(night) == []


def fails(path: str, data: Data) -> None:
    raise ValueError(f"{path} with {len(data)} fields cannot be written")


@pytest.mark.parametrize("is_due", [False, True])
def test_an_alert_does_not_wait_while_a_refusal_is_written(night: Night, *, is_due: bool) -> None:
    is_writing, may_end, written = threading.Event(), threading.Event(), []

    def create(path: str, _: Data) -> None:
        is_writing.set()
        assert may_end.wait(30)
        written.append(path)

    denials = Denials(create, lambda: night.world.now)

    async def story() -> None:
        if is_due:
            denials.count("ingest", WRONG)  # the alert finds it, and sets the writing going
        else:
            stranger = asyncio.create_task(_ingest(night, denials, "generic/wrong-key-00000000000000"))
            await asyncio.to_thread(is_writing.wait, 30)
        assert (await _ingest(night, denials, "alertmanager/key-of-checkout-alertmanager")).status == 202
        assert not written
        may_end.set()
        if not is_due:
            assert (await stranger).status == 403

    asyncio.run(story())
    assert len(written) == 1


async def _ingest(night: Night, denials: Denials, path: str) -> Answer:
    async def chunks() -> AsyncIterator[bytes]:
        yield json.dumps(BODY).encode()

    world = night.world
    incoming = Incoming("POST", path, {"content-type": "application/json"}, chunks())
    intake = Intake(Queue(lambda: world.now), lambda: world.store)
    return await ingest(incoming, intake, world.current, world.now, world.new_id, denials=denials)


def test_a_sender_that_is_checked_and_proves_nothing_is_told_as_such(night: Night) -> None:
    night.changes_integration("checkout-generic", options={"secret": "s" * 20}, source="sentry")
    assert night.world.post("sentry/key-of-checkout-generic", BODY).status == 403
    [one] = told(night)
    assert (one.what, one.after) == (UNPROVEN, {"sentry": "1"})


def test_one_entry_names_so_many_and_counts_the_others(night: Night) -> None:
    for number in range(2 * MOST_NAMED):
        night.world.denials.count("ingest", WRONG, f"source-{number}")
    night.world.denials.settle()
    [one] = told(night)
    assert (one.count, len(one.after)) == (2 * MOST_NAMED, MOST_NAMED)
