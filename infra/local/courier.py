"""Carries what lies in the embedded queue to the functions over HTTP, the way Pub/Sub and Cloud Tasks would."""

import asyncio
import base64
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import aiohttp

from tocsin.clients.embedded_queue import ROUTE, EmbeddedQueue, Item
from tocsin.errors import Unavailable

IN_FLIGHT = 80  # of each lane; the concurrency one instance of a function is given on Google Cloud
POLL = 0.02  # seconds between two looks at the file; a look at an empty queue costs some 10 microseconds
PATIENCE = aiohttp.ClientTimeout(total=30)
LONGEST = timedelta(seconds=30)
SUBSCRIPTION = "projects/local/subscriptions/route"

# Pub/Sub takes these for "delivered" and repeats on everything else; Cloud Tasks takes every 2xx.
TAKEN_BY_PUBSUB = frozenset({102, 200, 201, 202, 204})
TAKEN_BY_TASKS = range(200, 300)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Failure:
    """An attempt that has to be repeated after `pause`; `answered` if the function was reached."""

    item: Item
    pause: timedelta
    answered: bool


class Courier:
    """Delivers at least once: a row leaves only after a success, so what was under way in a crash goes again."""

    def __init__(
        self, queue: EmbeddedQueue, base_url: str, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Take the queue, the address under which every function is one path part, and the time."""
        self._queue = queue
        self._base_url = base_url.rstrip("/")
        self._clock = clock
        self._under_way: dict[bool, set[int]] = {True: set(), False: set()}  # by lane: urgent, and the rest
        self._delivered: list[int] = []
        self._failed: list[_Failure] = []

    async def run(self) -> None:
        """Deliver until cancelled."""
        connector = aiohttp.TCPConnector(limit=IN_FLIGHT * len(self._under_way))
        async with (
            aiohttp.ClientSession(timeout=PATIENCE, connector=connector) as session,
            asyncio.TaskGroup() as deliveries,
        ):
            while True:
                with _busy_file_tried_again():
                    await self._record_outcomes()
                with _busy_file_tried_again():
                    for item in (each for lane in self._under_way for each in self._to_start(urgent=lane)):
                        deliveries.create_task(self._deliver(session, item))
                await asyncio.sleep(POLL)

    def _to_start(self, *, urgent: bool) -> list[Item]:
        """Give the due items nobody carries; those under way are due as well, hence the limit counts them too."""
        under_way = self._under_way[urgent]
        if len(under_way) >= IN_FLIGHT:
            return []
        due = self._queue.due(self._clock(), IN_FLIGHT, urgent=urgent)
        items = [item for item in due if item.id not in under_way]
        under_way.update(item.id for item in items)
        return items

    async def _deliver(self, session: aiohttp.ClientSession, item: Item) -> None:
        body, headers = (_push(item), {}) if item.target == ROUTE else (item.body, _task_headers(item))
        headers["Content-Type"] = "application/json"
        url = f"{self._base_url}/{item.target}"
        try:
            async with session.post(url, data=body, headers=headers, allow_redirects=False) as answer:
                self._judge(item, answer.status)
        except aiohttp.ClientConnectorError:
            self._failed.append(_Failure(item, _pause_refused(item), answered=False))
        except (aiohttp.ClientError, TimeoutError) as error:
            log.warning("%s gave no answer (%r) and is asked again.", item.target, error)
            self._failed.append(_Failure(item, _pause(item), answered=False))

    def _judge(self, item: Item, status: int) -> None:
        taken = TAKEN_BY_PUBSUB if item.target == ROUTE else TAKEN_BY_TASKS
        if status in taken:
            self._delivered.append(item.id)
        else:
            log.warning("%s answered %d and is asked again in %s.", item.target, status, _pause(item))
            self._failed.append(_Failure(item, _pause(item), answered=True))

    async def _record_outcomes(self) -> None:
        """Write down what happened since the last look, in a thread: the disk must not hold up the deliveries."""
        while self._failed:
            failure = self._failed[0]
            at = self._clock() + failure.pause
            await asyncio.to_thread(self._queue.again, failure.item.id, at, answered=failure.answered)
            self._under_way[failure.item.urgent].discard(self._failed.pop(0).item.id)
        if delivered := tuple(self._delivered):
            await asyncio.to_thread(self._queue.done, *delivered)
            for lane in self._under_way.values():
                lane.difference_update(delivered)
            del self._delivered[: len(delivered)]


@contextmanager
def _busy_file_tried_again() -> Iterator[None]:
    try:
        yield
    except Unavailable as error:
        log.warning("%s It is tried again.", error)


def _pause(item: Item) -> timedelta:
    """Give 1 s, doubled for each attempt before, 30 s at most."""
    return min(timedelta(seconds=2 ** min(item.attempts, 10)), LONGEST)


def _pause_refused(item: Item) -> timedelta:
    """Give 0.1 s, doubled for each attempt before, 1 s at most: nobody listens, which is over as soon as it is."""
    return min(timedelta(seconds=0.1 * 2 ** min(item.attempts, 10)), timedelta(seconds=1))


def _push(item: Item) -> bytes:
    """Give the body of a Pub/Sub push request, which holds some names in both spellings."""
    published, number = item.made.isoformat().replace("+00:00", "Z"), str(item.id)
    message = {
        "data": base64.b64encode(item.body).decode(),
        "attributes": {},
        "messageId": number,
        "message_id": number,
        "publishTime": published,
        "publish_time": published,
    }
    return json.dumps({"message": message, "subscription": SUBSCRIPTION}).encode()


def _task_headers(item: Item) -> dict[str, str]:
    return {
        "User-Agent": "Google-Cloud-Tasks",
        "X-CloudTasks-QueueName": "embedded-urgent" if item.urgent else "embedded",
        "X-CloudTasks-TaskName": str(item.id),
        "X-CloudTasks-TaskRetryCount": str(item.attempts),
        "X-CloudTasks-TaskExecutionCount": str(item.answers),
        "X-CloudTasks-TaskETA": f"{item.due.timestamp():.6f}",
    }
