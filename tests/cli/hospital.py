"""A healthy deployment on loopback: what Google's, Twilio's and our own addresses answer when nothing is wrong.

Google's answers are written after the REST references of Cloud Tasks v2, Pub/Sub v1, Cloud Scheduler v1, Firestore v1
and Secret Manager v1; Twilio's after those of its accounts, numbers, dialling permissions and campaigns.
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests

from infra.cli.doctor.asking import Google, Telephone
from infra.cli.doctor.cloud import FILTERS, wanted_expiry, wanted_indexes
from infra.cli.doctor.finding import Deployment
from tocsin.clients.embedded import EmbeddedStore
from tocsin.domain.callbacks import REPEAT
from tocsin.domain.config import Config
from tocsin.settings import from_environment

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
ACCOUNT, TOKEN, NUMBER = "AC" + "0" * 32, "the-auth-token", "+12025550100"
PROJECT = "projects/pager-123"
HERE = f"{PROJECT}/locations/europe-west1"
DATABASE = f"{PROJECT}/databases/(default)/collectionGroups"
OWN = f"/twilio/2010-04-01/Accounts/{ACCOUNT}"

Answer = tuple[int, Any]


def index(collection: str, equal: str, then: str, order: str) -> dict[str, Any]:
    fields = [{"fieldPath": equal, "order": "ASCENDING"}, {"fieldPath": then, "order": order}]
    return {
        "name": f"{DATABASE}/{collection}/indexes/CICAgJiUpoMK",
        "queryScope": "COLLECTION",
        "fields": [*fields, {"fieldPath": "__name__", "order": order}],
        "state": "READY",
    }


def country(iso: str, code: str, *, enabled: bool) -> dict[str, Any]:
    return {"iso_code": iso, "country_codes": [code], "low_risk_numbers_enabled": enabled}


def google() -> dict[str, Answer]:
    return {
        f"/cloudtasks/v2/{HERE}/queues/tocsin": (200, {"name": f"{HERE}/queues/tocsin", "state": "RUNNING"}),
        f"/cloudtasks/v2/{HERE}/queues/tocsin-urgent": (200, {"state": "RUNNING"}),
        **{
            f"/pubsub/v1/{PROJECT}/subscriptions/{name}": (
                200,
                {
                    "topic": f"{PROJECT}/topics/tocsin-events",
                    "filter": takes,
                    "pushConfig": {"pushEndpoint": "https://route.example"},
                    "deadLetterPolicy": {
                        "deadLetterTopic": f"{PROJECT}/topics/tocsin-dead",
                        "maxDeliveryAttempts": 100,
                    },
                    "state": "ACTIVE",
                },
            )
            for name, takes in FILTERS.items()
        },
        f"/pubsub/v1/{PROJECT}/subscriptions/tocsin-dead": (
            200,
            {"topic": f"{PROJECT}/topics/tocsin-dead", "state": "ACTIVE"},
        ),
        f"/cloudscheduler/v1/{HERE}/jobs/tocsin-sweep": (
            200,
            {"state": "ENABLED", "lastAttemptTime": "2026-11-22T02:59:30.123456Z", "status": {}},
        ),
        f"/firestore/v1/{DATABASE}/-/indexes": (200, {"indexes": [index(*one) for one in sorted(wanted_indexes())]}),
        f"/firestore/v1/{DATABASE}/-/fields": (
            200,
            {
                "fields": [
                    {"name": f"{DATABASE}/{collection}/fields/{name}", "ttlConfig": {"state": "ACTIVE"}}
                    for collection, name in sorted(wanted_expiry())
                ]
            },
        ),
        f"/secretmanager/v1/{PROJECT}/secrets/tocsin-twilio-auth-token/versions": (
            200,
            {
                "versions": [
                    {"name": f"{PROJECT}/secrets/tocsin-twilio-auth-token/versions/2", "state": "ENABLED"},
                    {"name": f"{PROJECT}/secrets/tocsin-twilio-auth-token/versions/1", "state": "DISABLED"},
                ],
                "totalSize": 2,
            },
        ),
    }


def twilio(public_url: str) -> dict[str, Answer]:
    hook = f"{public_url}/reply/sms{REPEAT}"
    number = {
        "phone_number": NUMBER, "sms_url": hook, "sms_method": "POST", "sms_fallback_url": hook,
        "capabilities": {"voice": True, "sms": True, "mms": True, "fax": False},
    }  # fmt: skip
    service = "MG" + "0" * 32
    return {
        f"{OWN}.json": (200, {"sid": ACCOUNT, "status": "active", "type": "Full"}),
        f"{OWN}/Balance.json": (200, {"account_sid": ACCOUNT, "balance": "48.2", "currency": "EUR"}),
        f"{OWN}/IncomingPhoneNumbers.json": (200, {"incoming_phone_numbers": [number], "page": 0}),
        "/twilio/v1/DialingPermissions/Countries": (
            200,
            {"content": [country("US", "1", enabled=True), country("DE", "49", enabled=False)], "meta": {}},
        ),
        "/twilio/v1/Services": (200, {"services": [{"sid": service}], "meta": {}}),
        f"/twilio/v1/Services/{service}/PhoneNumbers": (200, {"phone_numbers": [{"phone_number": NUMBER}]}),
        f"/twilio/v1/Services/{service}/Compliance/Usa2p": (200, {"compliance": [{"campaign_status": "VERIFIED"}]}),
    }


def doors() -> dict[str, Answer]:
    refusal = (403, "Your client does not have permission to get this URL.")
    return {
        "/ingest/": (404, {"status": "refused", "message": "There is nothing here."}),
        "/ingest/generic/no-such-key-of-anybody": (403, {"status": "refused"}),
        "/reply/sms": (415, "Twilio's webhooks are forms, sent with POST."),
        "/reply/sms signed": (403, "Forbidden"),
        "/reply/page/forged": (404, "This is no link of ours. Nothing was done."),
        "/calendar/wrong": (404, "There is no such calendar."),
    } | {f"/{name}": refusal for name in ("route", "notify", "escalate", "sweep")}


@dataclass
class Hospital:
    """What answers, by path; `asked` keeps each path with its query, `found` is what leads there."""

    answers: dict[str, Answer]
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    url: str = ""

    def answer(self, target: str, headers: Any) -> Answer:
        parts = urlsplit(target)
        self.asked.append((parts.path, dict(parse_qsl(parts.query))))
        signed = " signed" if headers.get("X-Twilio-Signature") else ""
        return self.answers.get(parts.path + signed, (404, {"code": 20404, "message": "not found"}))

    def changes(self, path: str, change: Callable[[Any], object]) -> None:
        """Let something else be answered at a path."""
        status, body = deepcopy(self.answers[path])
        change(body)
        self.answers[path] = (status, body)

    def found(self, config: Config | None, *, on_google: bool = True) -> Deployment:
        """Give the deployment whose addresses all lead here."""
        settings = from_environment(
            {
                "GOOGLE_CLOUD_PROJECT": "pager-123", "PUBLIC_URL": self.url, "TWILIO_ACCOUNT_SID": ACCOUNT,
                "TWILIO_AUTH_TOKEN": TOKEN, "TWILIO_FROM_NUMBER": NUMBER,
            }
        )  # fmt: skip
        base = self.url + "/{service}"
        cloud = Google(requests.Session(), "pager-123", "europe-west1", base) if on_google else None
        telephone = Telephone(ACCOUNT, TOKEN, NUMBER, f"{self.url}/twilio")
        return Deployment(settings, NOW, config, EmbeddedStore(":memory:"), requests.Session(), telephone, cloud)


@contextmanager
def open_hospital() -> Iterator[Hospital]:
    hospital = Hospital({})

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, body = hospital.answer(self.path, self.headers)
            raw = (body if isinstance(body, str) else json.dumps(body)).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        do_POST = do_GET  # noqa: N815 - the name that http.server looks for

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hospital.url = f"http://127.0.0.1:{server.server_address[1]}"
    hospital.answers = google() | twilio(hospital.url) | doors()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield hospital
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
