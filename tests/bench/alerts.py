"""The alerts that are posted: PagerDuty events of some 400 bytes, and Alertmanager's own for the peer."""

from __future__ import annotations

import json
from dataclasses import dataclass

from tests.bench.load import request
from tests.bench.team import key

NUMBER = b"000000000000"


@dataclass(frozen=True)
class Posts:
    """Requests by number: a template for each service, with the number as dedup key or, with `keys`, one of so many."""

    templates: tuple[tuple[bytes, bytes], ...]
    keys: int | None = None

    def __call__(self, number: int) -> bytes:
        """Give the request of a number."""
        head, tail = self.templates[number % len(self.templates)]
        return head + b"%012d" % (number if self.keys is None else number % self.keys) + tail


def pagerduty(port: int, services: list[str], *, keys: int | None = None, action: str = "trigger") -> Posts:
    """Give what posts events, spread over the services."""
    return Posts(tuple(_event(port, key(service), action) for service in services), keys)


def _event(port: int, routing_key: str, action: str) -> tuple[bytes, bytes]:
    payload = {
        "summary": "checkout answers 5xx to more than 2 % of its requests",
        "source": "web-1.example.com",
        "severity": "critical",
        "component": "checkout",
        "group": "shop",
        "custom_details": {"rate": "4.2 %", "runbook": "https://wiki.example.com/checkout/5xx"},
    }
    event = {
        "routing_key": routing_key,
        "event_action": action,
        "dedup_key": NUMBER.decode(),
        "payload": payload,
    }
    return _around(request("/v2/enqueue", json.dumps(event).encode(), port))


def alertmanager(port: int) -> Posts:
    """Give what posts distinct alerts to Alertmanager."""
    labels = {"alertname": "Checkout5xx", "instance": NUMBER.decode(), "severity": "critical", "service": "checkout"}
    notes = {"summary": "checkout answers 5xx to more than 2 % of its requests", "runbook": "https://wiki.example.com"}
    body = json.dumps([{"labels": labels, "annotations": notes, "generatorURL": "http://web-1.example.com"}])
    return Posts((_around(request("/api/v2/alerts", body.encode(), port)),))


def _around(posted: bytes) -> tuple[bytes, bytes]:
    head, _, tail = posted.partition(NUMBER)
    return head, tail
