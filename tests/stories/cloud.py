"""The cloud of a story: a queue, a store and a wire to Twilio, each as broken as the story wants it."""

import heapq
import itertools
import json
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

import requests
from twilio.http import HttpClient
from twilio.http.response import Response

from infra.local.phones.network import Network
from tests.gcp import indexes
from tocsin.clients.embedded import EmbeddedStore
from tocsin.clients.http import Watcher
from tocsin.clients.store import Data, Transaction, Where
from tocsin.errors import Unavailable, Uncertain
from tocsin.records import MARK

T = TypeVar("T")

RETRY = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(seconds=30)


@dataclass(order=True)
class Job:
    """A message or a task on its way to a function."""

    due: datetime
    order: int
    function: str = field(compare=False)
    body: bytes = field(compare=False)
    attempts: int = field(compare=False, default=0)


class Queue:
    """Pub/Sub and Cloud Tasks in one: at least once, in no promised order, and as broken as a story wants them.

    `topic_down` refuses events, `delay` makes them late; `down` refuses tasks, `forgetful` takes and loses them, and
    `early` brings them too soon. Each job is delivered `copies` times; `backwards` delivers the newest of those due at
    one instant first. `taken` counts the tasks asked for, by function; `lanes` says beside if urgently.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self.jobs: list[Job] = []
        self.count = itertools.count(1)
        self.topic_down = self.down = self.forgetful = self.backwards = False
        self.delay = self.early = timedelta(0)
        self.copies = 1
        self.taken: Counter[str] = Counter()
        self.lanes: Counter[tuple[str, bool]] = Counter()
        self.published: Counter[bool] = Counter()
        self.publishes: list[int] = []  # the bytes of each
        self.dead: set[bool] = set()  # subscriptions that push to nobody, the urgent one or the other

    async def publish(self, bodies: Sequence[bytes], urgent: Sequence[bytes] = ()) -> None:
        for body in (*urgent, *bodies):
            self.publish_now(body, urgent=body in urgent)

    def publish_now(self, *bodies: bytes, urgent: bool = True) -> None:
        if self.topic_down:
            raise Unavailable("the topic is down")
        self.published[urgent] += len(bodies)
        self.publishes.append(sum(map(len, bodies)))
        if urgent in self.dead:
            return
        for body in bodies:
            self._add("route", body, self.clock() + self.delay)

    def create(self, function: str, body: dict[str, Any], at: datetime | None = None, *, urgent: bool = False) -> None:
        if self.down:
            raise Unavailable("the queue is down")
        self.taken[function] += 1
        self.lanes[function, urgent] += 1
        if not self.forgetful:
            self._add(function, json.dumps(body).encode(), at - self.early if at else self.clock())

    def doubles(self, function: str) -> None:
        """Deliver what is waiting for a function once more than it was asked for."""
        for job in [one for one in self.jobs if one.function == function]:
            self._add(function, job.body, job.due)

    def _add(self, function: str, body: bytes, due: datetime) -> None:
        for _ in range(self.copies):
            order = next(self.count) * (-1 if self.backwards else 1)
            heapq.heappush(self.jobs, Job(due, order, function, body))

    def take(self, now: datetime) -> Job | None:
        return heapq.heappop(self.jobs) if self.jobs and self.jobs[0].due <= now else None

    def again(self, job: Job, now: datetime) -> None:
        pause = min(RETRY * 2 ** min(job.attempts, 5), LONGEST_PAUSE)
        heapq.heappush(self.jobs, Job(now + pause, job.order, job.function, job.body, job.attempts + 1))


class Documents(EmbeddedStore):
    """The store, which can be `away`, and can commit a rule and lose the answer: that of the `loses`th from now.

    Like the real one it refuses a question that needs an index which is not deployed.

    Something else may come between a question and what is done with its answer: `meanwhile` names the collection, and
    what happens once, right after it has been asked for. `rival` happens once as well, when a rule has been decided and
    before it is committed.
    """

    def __init__(self) -> None:
        super().__init__(":memory:")
        self.away = self.was_away = False
        self.loses = 0
        self.meanwhile: dict[str, Callable[[], object]] = {}
        self.rival: Callable[[], object] = lambda: None

    def get(self, path: str) -> Data | None:
        self._reached()
        return super().get(path)

    def query(self, collection: str, *where: Where, **more: Any) -> list[tuple[str, Data]]:
        self._reached()
        indexes.check(collection, [condition[:2] for condition in where], more.get("order_by"))
        found = super().query(collection, *where, **more)
        self.meanwhile.pop(collection, lambda: None)()
        return found

    def transact(self, rule: Callable[[Transaction], T]) -> T:
        self._reached()
        result = super().transact(lambda tx: self._decided(rule, tx))
        self.loses -= 1
        if not self.loses:
            raise Uncertain("the answer to the commit was lost")
        return result

    def _decided(self, rule: Callable[[Transaction], T], tx: Transaction) -> T:
        result = rule(tx)
        unmarked = [path for path, data in getattr(tx, "writes", {}).items() if MARK not in data]
        assert not unmarked, f"{unmarked} say no version of their shape"
        rival, self.rival = self.rival, lambda: None
        rival()
        return result

    def spoils(self, path: str, **data: Any) -> None:
        """Let something else write a document: `data` over what is there."""
        super().transact(lambda tx: tx.put(path, {**(tx.get(path) or {}), **data}))

    def _reached(self) -> None:
        if self.away:
            self.was_away = True
            raise Unavailable("the store is away")


class Outside(Watcher):
    """Whoever watches from outside: it keeps the time of each heartbeat, unless it is `away`."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self.away = False
        self.beats: list[datetime] = []

    def beat(self) -> None:
        if self.away:
            raise Unavailable("the watcher is away")
        self.beats.append(self.clock())


class Death(BaseException):
    """The instance is gone in the middle of its work: no `except Exception` sees it."""


class Wire(HttpClient):  # type: ignore[misc]  # the library is not typed
    """Twilio's REST API without a socket: the library's requests go straight into the telephone network.

    `death` kills the instance once: "before" its next request, or "after" that was made. With `closed` nobody listens,
    with `silent` nobody answers a question; `waits` is called before each request and may let time pass; `made` counts
    those that make a text or a call.
    """

    def __init__(self, network: Network, clock: Callable[[], datetime]) -> None:
        self.network = network
        self.clock = clock
        self.death = ""
        self.closed = self.silent = False
        self.waits: Callable[[], None] = lambda: None
        self.made: Counter[str] = Counter()

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        named = dict(zip(("params", "data", "headers", "auth"), args, strict=False)) | kwargs
        user, password = named["auth"]
        basic = "Basic " + b64encode(f"{user}:{password}".encode()).decode()
        parts = urlsplit(url)
        query = parse_qsl(parts.query) + _pairs(named.get("params"))
        self.made[parts.path.rpartition("/")[2].removesuffix(".json")] += method.upper() == "POST"
        self._die("before")
        self.waits()
        if self.closed or (self.silent and method.upper() == "GET"):
            raise requests.ConnectTimeout("nobody listens")
        answer = self.network.rest(method.upper(), parts.path, query, _pairs(named.get("data")), basic, self.clock())
        self._die("after")
        if answer.lost:
            raise requests.ReadTimeout("no answer")
        return Response(answer.status, json.dumps(answer.body), dict(answer.headers))

    def _die(self, moment: str) -> None:
        if self.death == moment:
            self.death = ""
            raise Death(moment)


def _pairs(named: dict[str, Any] | None) -> list[tuple[str, str]]:
    listed = [(name, value if isinstance(value, list) else [value]) for name, value in (named or {}).items()]
    return [(name, str(one)) for name, values in listed for one in values]
