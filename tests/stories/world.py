"""A pager, its cloud and its people in one thread: time moves only when a story moves it."""

import asyncio
import base64
import itertools
import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from urllib.parse import urlencode, urlsplit

import flask
from werkzeug.test import EnvironBuilder

from infra.local.phones.network import Network
from infra.local.phones.webhooks import Post, Purpose, Webhook
from infra.local.phones.webhooks import webhook as sign
from tests.stories.cloud import Death, Documents, Job, Outside, Queue, Wire
from tocsin import door, escalate, notify, reply, route, sweep
from tocsin.clients.twilio import Twilio
from tocsin.current import Current
from tocsin.denials import Denials
from tocsin.domain import callbacks
from tocsin.domain.config import Config
from tocsin.ingest import Answer, Incoming, ingest
from tocsin.intake import Intake
from tocsin.moment import Moment
from tocsin.records import to_json
from tocsin.settings import from_environment

ACCOUNT = "AC" + "0" * 32
TOKEN = "the-auth-token"
LINK_SECRET = "the-secret-of-links"
NUMBER = "+15550100100"
PUBLIC_URL = "https://pager.example"
MOST_ROUNDS = 10_000


class World:
    """Everything around the production code: documents in SQLite, the queue, the telephones, the clock."""

    def __init__(self, config: Config, start: datetime) -> None:
        self.now = start
        self.config = config
        ids = itertools.count(1)
        self.new_id: Callable[[], str] = lambda: f"{next(ids):032x}"
        self.store = Documents()
        self.queue = Queue(lambda: self.now)
        sids = itertools.count(1)
        self.network = Network(
            ACCOUNT, TOKEN, NUMBER, f"{PUBLIC_URL}/reply/sms#rc=3&rp=5xx,ct,rt", ids=lambda: f"{next(sids):032x}"
        )
        self.wire = Wire(self.network, lambda: self.now)
        self.twilio = Twilio(ACCOUNT, TOKEN, NUMBER, PUBLIC_URL, self.wire, LINK_SECRET)
        self.settings = from_environment(
            {"TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": TOKEN, "PUBLIC_URL": PUBLIC_URL}
        )
        self.current = Current(lambda _: {"version": 1, "body": to_json(self.config).decode()})
        self.denials = Denials(
            lambda path, data: self.store.transact(lambda tx: tx.create(path, data)), lambda: self.now
        )
        self.sweeps = True
        self.watcher = Outside(lambda: self.now)
        self.swept_at = start
        self.reasons: list[str] = []
        # What the clouds show when they call a function, and what the function makes of it: a laptop asks nothing.
        self.shows: Callable[[str], str] = lambda _: ""
        self.believes: Callable[[str], door.Check] = lambda _: lambda _: None

    def moment(self) -> Moment:
        return Moment(self.now, self.config, self.new_id)

    # What comes in from outside

    def post(self, path: str, payload: object, headers: dict[str, str] | None = None) -> Answer:
        return self.post_raw(path, json.dumps(payload).encode(), headers)

    def post_raw(self, path: str, raw: bytes, headers: dict[str, str] | None = None, method: str = "POST") -> Answer:
        async def chunks() -> AsyncIterator[bytes]:
            yield raw

        known = {"content-type": "application/json"} | (headers or {})
        path, _, query = path.partition("?")
        incoming = Incoming(method, path, known, chunks(), query.encode())
        self.current.config(self.now)  # read beforehand: otherwise each night starts a thread for it
        answer = asyncio.run(
            ingest(
                incoming,
                Intake(self.queue, lambda: self.store),
                self.current,
                self.now,
                self.new_id,
                denials=self.denials,
            )
        )
        self.settle()
        return answer

    def routes_again(self) -> None:
        """Let Pub/Sub deliver once more whatever it has delivered."""
        for _, data in self.store.query("events", order_by="accepted_at"):
            self.queue.create("route", {**data["event"], "accepted_at": data["accepted_at"].isoformat()})
        self.settle()

    def machine_presses(self, call: str, digit: str) -> None:
        """Let Twilio report a key in a call that, as far as it can tell, a machine has answered."""
        [(page, _)] = self.store.query("notifications", ("sid", "==", call))
        form = {"AccountSid": ACCOUNT, "CallSid": call, "Digits": digit, "AnsweredBy": "machine_start"}
        posted = Post(Purpose.STATUS, call, callbacks.url(PUBLIC_URL, "voice", page), tuple(form.items()))
        self._call_back(sign(TOKEN, self.new_id(), posted, self.now))

    # Time

    def settle(self) -> None:
        """Let everything happen that is due now."""
        for _ in range(MOST_ROUNDS):
            webhooks = self.network.due(self.now)
            for webhook in webhooks:
                self._call_back(webhook)
            job = self.queue.take(self.now)
            if job:
                self._deliver(job)
            if not job and not webhooks:
                return
        raise AssertionError("the night does not come to rest")

    def passes(self, length: timedelta) -> None:
        """Let time pass, event by event, the sweep every minute."""
        end = self.now + length
        while self.now < end:
            self.now = min(end, *self._instants())
            self.settle()
            if self.sweeps and self.now >= self.swept_at + timedelta(minutes=1):
                self.sweep()

    def sweep(self) -> list[sweep.Swept]:
        """Sweep; gives what was put right, or nothing when the sweep itself failed."""
        self.swept_at = self.now
        swept: list[sweep.Swept] = []
        work = partial(sweep.sweep, self.store, self.queue, self.twilio, topic=self.queue, watcher=self.watcher)
        refused = self.denials.at("sweep")
        door.swept(self._call("sweep"), self.believes("sweep"), lambda: swept.append(work(self.moment)), refused)
        self.settle()
        return swept

    def _instants(self) -> list[datetime]:
        ahead = [self.swept_at + timedelta(minutes=1)] if self.sweeps else []
        ahead += [job.due for job in self.queue.jobs[:1]]
        following = self.network.next_due()
        return [one for one in [*ahead, following] if one and one > self.now] or [self.now + timedelta(days=365)]

    def takes(self, length: timedelta) -> None:
        """Let every request to Twilio take this long; a sweep that is due meanwhile runs beside it."""

        def waits() -> None:
            self.now += length
            if self.now >= self.swept_at + timedelta(minutes=1):
                self.sweep()

        self.wire.waits = waits

    # Deliveries

    def _deliver(self, job: Job) -> None:
        try:
            said, status, _ = self._run(job)
        except Death:
            said, status = "died", 500
        self.reasons.append(f"{job.function}: {said}")
        if status >= 300:
            self.queue.again(job, self.now)

    def _run(self, job: Job) -> door.Plain:
        if job.function == "route":
            envelope = {"message": {"data": base64.b64encode(job.body).decode(), "messageId": str(job.order)}}
            return door.pushed(
                self._call("route", json.dumps(envelope).encode()),
                self.believes("route"),
                lambda data: route.arrived(data, self.store, self.queue, self.moment()),
                self.denials.at("route"),
            )
        if job.function == "notify":
            return door.tasked(
                self._call("notify", job.body),
                self.believes("notify"),
                lambda task: notify.due(task, self.store, self.queue, self.twilio, self.moment()),
                self.denials.at("notify"),
            )
        return door.tasked(
            self._call("escalate", job.body),
            self.believes("escalate"),
            lambda task: escalate.escalate(escalate.Timer.of(task), self.store, self.queue, self.moment()),
            self.denials.at("escalate"),
        )

    def _call(self, function: str, body: bytes = b"") -> flask.Request:
        shown = self.shows(function)
        return _request(body, headers={"Authorization": shown} if shown else None)

    def _call_back(self, webhook: Webhook) -> None:
        said, status, headers = self.posted_by_twilio(webhook)
        self.network.answered(webhook, status, said, headers["Content-Type"], self.now)

    def posted_by_twilio(self, webhook: Webhook) -> door.Plain:
        """Give the answer to a webhook."""
        parts = urlsplit(webhook.url)
        return door.signed(
            _request(
                urlencode(webhook.form).encode(),
                path=parts.path,
                query=parts.query,
                content_type="application/x-www-form-urlencoded",
                headers=webhook.headers,
            ),
            self.settings,
            lambda posted: reply.webhook(posted, self.store, self.queue, self.moment(), self.denials),
            self.denials,
        )


def _request(
    body: bytes,
    *,
    path: str = "/",
    query: str = "",
    content_type: str = "application/json",
    headers: dict[str, str] | None = None,
) -> flask.Request:
    named = (headers or {}).items()
    builder = EnvironBuilder(
        path, method="POST", query_string=query, data=body, content_type=content_type, headers=named
    )
    return flask.Request(builder.get_environ())


UTC_NIGHT = datetime(2026, 11, 21, 2, 14, tzinfo=UTC)
