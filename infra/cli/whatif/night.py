"""A night that does not happen: the code that pages, on documents in memory, with time that jumps from due to due."""

import asyncio
import hashlib
import heapq
import io
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import TYPE_CHECKING, Any, cast
from xml.etree import ElementTree as ET

from tocsin import desk, escalate, events, ingest, notify, pending, route
from tocsin.clients.embedded import EmbeddedStore
from tocsin.current import Current
from tocsin.domain.config import Config
from tocsin.domain.incident import Incident, Status
from tocsin.domain.notification import Notification, path
from tocsin.intake import Intake
from tocsin.moment import Moment
from tocsin.records import from_document, to_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tocsin.clients.twilio import Twilio
    from tocsin.domain.alert import Event

KEY = "what-if-what-if-what-if"
MOST = 200_000


@dataclass(frozen=True)
class Sent:
    """Words that would have reached a phone."""

    at: datetime
    channel: str
    number: str
    words: str
    notification: str


class Phones:
    """Stands where Twilio is: takes everything and rings nobody."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        """Take the clock of the night."""
        self.sent: list[Sent] = []
        self._clock = clock

    def url(self, name: str, notification: str) -> str:
        """Give an address that nobody calls."""
        return f"http://127.0.0.1/reply/{name}/{notification}"

    def text(self, to: str, body: str, notification: str) -> str:
        """Keep a text."""
        return self._keep("sms", to, body, notification)

    def call(self, to: str, twiml: str, notification: str) -> str:
        """Keep what a call says, once."""
        said = dict.fromkeys(each.text or "" for each in ET.fromstring(twiml).iter("Say"))  # noqa: S314 - our own
        return self._keep("voice", to, " ".join(list(said)[:2]), notification)

    def _keep(self, channel: str, to: str, words: str, notification: str) -> str:
        self.sent.append(Sent(self._clock(), channel, to, words, notification))
        return f"SM{len(self.sent):032}"


class Night:
    """Each thing is done at its time by the function that does it on the real pager; nobody answers a page."""

    def __init__(self, config: Config, start: datetime) -> None:
        """Begin with no documents and nothing due."""
        self.config, self.now = config, start
        self.store = EmbeddedStore(":memory:")
        self.phones = Phones(lambda: self.now)
        self.refused = Counter[str]()  # what could not come in any more, by its integration
        self._due: list[tuple[datetime, int, str, Any]] = []
        self._order, self._ids = count(), count()

    def create(self, function: str, body: Any, at: datetime | None = None, *, urgent: bool = False) -> None:
        """Have a function called, as a task queue does."""
        del urgent  # nothing stands before anything here
        heapq.heappush(self._due, (max(at or self.now, self.now), next(self._order), function, body))

    async def publish(self, bodies: Sequence[bytes], urgent: Sequence[bytes] = ()) -> None:
        """Have events routed, as a topic does."""
        for body in (*urgent, *bodies):
            self.create("route", body)

    def publish_now(self, *bodies: bytes, urgent: bool = True) -> None:
        """Do the same without an event loop; nothing waits for anything in this night."""
        del urgent
        for body in bodies:
            self.create("route", body)

    def post(self, integration: str, body: bytes) -> ingest.Answer:
        """Post what a monitoring tool would, through a door whose key was changed for this night."""
        door = self.config.integrations[integration]
        answer: ingest.Answer = asyncio.run(self._post(door.id, door.source, body))
        return answer

    async def _post(self, integration: str, source: str, body: bytes) -> ingest.Answer:
        async def chunks() -> AsyncIterator[bytes]:
            yield body

        found = json.loads(to_json(self.config))
        found["integrations"][integration]["keys"] = [hashlib.sha256(KEY.encode()).hexdigest()]
        current = Current(lambda _: {"version": 1, "body": json.dumps(found)})
        incoming = ingest.Incoming("POST", f"{source}/{KEY}", {"content-type": "application/json"}, chunks())
        with redirect_stdout(io.StringIO()):
            return await ingest.ingest(incoming, Intake(self, lambda: self.store), current, self.now, self._new_id)

    def accept(self, event: "Event") -> None:
        """Have an event routed at the time at which it was accepted."""
        self.create("route", to_json(event), event.accepted_at)

    def answer(self, event: str, what: str, by: str, at: datetime) -> None:
        """Have the incident of an event acknowledged or resolved by somebody at a time."""
        self.create("answer", {"event": event, "what": what, "by": by}, at)

    def pass_by(self) -> bool:
        """Do all that is due until nothing is left, or the catch-all was asked; False if it does not end."""
        functions: Mapping[str, Callable[[Any], object]] = {
            "route": self._route,
            "notify": lambda body: notify.due(body, self.store, self, cast("Twilio", self.phones), self._moment()),
            "escalate": self._escalate,
            "answer": self._answer,
            "raise": lambda identity: pending.raise_urgency(identity, self.store, self, self._moment()),
        }
        for _ in range(MOST):
            if not self._due:
                return True
            at, _order, function, body = heapq.heappop(self._due)
            self.now = at
            with redirect_stdout(io.StringIO()):  # what the verbs log is for the log of a function
                functions[function](body)
        return False

    def notification(self, sent: Sent) -> Notification:
        """Give the notification for which something was sent."""
        return from_document(Notification, self.store.get(path(sent.notification)) or {})

    def incident(self, identity: str) -> Incident:
        """Give an incident as it is in the end."""
        return from_document(Incident, self.store.get(f"incidents/{identity}") or {})

    def incidents(self) -> list[Incident]:
        """Give every incident, the first one first."""
        return [
            from_document(Incident, data) for _, data in self.store.query("incidents", order_by="opened_at", limit=MOST)
        ]

    def outcomes(self) -> dict[str, int]:
        """Count what became of the events, the most frequent first."""
        found = self.store.query("events", limit=MOST)
        counted: Counter[str] = Counter()
        for _, data in found:
            counted[str(data["outcome"])] += events.count(data)
        return dict(counted.most_common())

    def _route(self, body: bytes) -> None:
        route.arrived(body, self.store, self, self._moment())
        for one in events.read(body):
            found = self._of_event(one.id)
            # On the real pager the sweep looks for these.
            if found and found.raise_at:
                self.create("raise", found.id, found.raise_at)

    def _escalate(self, body: dict[str, Any]) -> None:
        timer = escalate.Timer.of(body)
        incident = self.incident(timer.incident)
        # The catch-all was asked, and would be for ever.
        is_over = incident.status is Status.TRIGGERED and incident.level > len(incident.levels)
        if not is_over:
            escalate.escalate(timer, self.store, self, self._moment())

    def _answer(self, body: dict[str, str]) -> None:
        answered = {"acknowledged": desk.acknowledged, "resolved": desk.resolved}[body["what"]]
        if found := self._of_event(body["event"]):
            answered(self.store, found.id, body["by"], self.now)

    def _of_event(self, event: str) -> Incident | None:
        """Give the incident that an event has opened or joined here."""
        marker = self.store.get(events.path(event))
        return desk.find(self.store, marker["incident"]) if marker and marker["incident"] else None

    def _moment(self) -> Moment:
        return Moment(self.now, self.config, self._new_id)

    def _new_id(self) -> str:
        """Give ids, and with them codes, that are the same whenever the same night is asked for."""
        return hashlib.sha256(f"what if {next(self._ids)}".encode()).hexdigest()[:32]
