"""A monitoring tool posts: its source is found, its key checked, its body read and published; only then is it 202."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from tocsin import body, log, sources
from tocsin.domain.alert import Event
from tocsin.errors import Forbidden, Malformed, TocsinError, Unavailable
from tocsin.sources import Found, Posted

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from datetime import datetime

    from tocsin.current import Current
    from tocsin.domain.alert import Alert
    from tocsin.domain.config import Integration
    from tocsin.intake import Intake


@dataclass(frozen=True)
class Incoming:
    """A request as it comes in: `path` below /ingest/, header names in lower case, the body still on its way."""

    method: str
    path: str
    headers: Mapping[str, str]
    chunks: AsyncIterator[bytes]


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    body: dict[str, object]
    retry_after: int = 0


async def ingest(
    incoming: Incoming,
    intake: Intake,
    current: Current,
    now: datetime,
    new_id: Callable[[], str],
) -> Answer:
    """Accept what a monitoring tool posts; every refusal is in the words of that tool's protocol."""
    try:
        found = sources.find(incoming.path)
    except Malformed as error:
        return Answer(error.status, {"status": "refused", "message": str(error), "errors": list(error.reasons)})
    try:
        alerts, integration = await _read(incoming, found, current, now, new_id)
        await intake.accept(_events(alerts, integration, now, new_id))
    except TocsinError as error:
        return _refusal(error, found)
    log.event(f"accepted {len(alerts)} from {found.source.name}", integration=integration.id)
    return Answer(202, found.source.accepted(alerts))


async def _read(
    incoming: Incoming, found: Found, current: Current, now: datetime, new_id: Callable[[], str]
) -> tuple[list[Alert], Integration]:
    if incoming.method != "POST" and (found.source.reads or incoming.method != "GET"):
        raise Malformed(f"Alerts are sent with POST, not {incoming.method[:10]}.", status=405)
    payload = await _payload(incoming, found)
    posted = Posted(payload, found.path, incoming.headers)
    integration = await _integration(found.key or found.source.key(posted), current, now)
    posted = Posted(payload, found.path, incoming.headers, integration.options, integration.id)
    alerts = [one if one.dedup_key else replace(one, dedup_key=new_id()) for one in found.source.parse(posted)]
    return alerts, integration


async def _payload(incoming: Incoming, found: Found) -> object:
    limit = found.source.limit
    raw = bytearray()
    async for chunk in incoming.chunks:
        raw += chunk
        if len(raw) > limit:
            raise Malformed(f"The body is larger than the {limit} bytes that are read here.", status=413)
    if not found.source.reads:
        return None
    headers = incoming.headers
    return body.read(bytes(raw), headers.get("content-type", ""), headers.get("content-encoding", ""), limit)


async def _integration(key: str, current: Current, now: datetime) -> Integration:
    found = current.known(key, now) or await asyncio.to_thread(current.integration, key, now)
    if not found:
        raise Forbidden("There is no integration with this key.")
    return found


def _events(alerts: list[Alert], integration: Integration, now: datetime, new_id: Callable[[], str]) -> list[Event]:
    # A microsecond apart, so that two statements of one body keep their order whatever the order of delivery.
    return [
        Event(new_id(), now + timedelta(microseconds=number), integration.id, integration.service, alert)
        for number, alert in enumerate(alerts)
    ]


def _refusal(error: TocsinError, found: Found) -> Answer:
    source = found.source
    if isinstance(error, Malformed):
        return Answer(error.status, source.refused(error.status, str(error), error.reasons))
    if isinstance(error, Unavailable):
        log.event(f"not accepted: {error}", "ERROR", source=source.name)
        said = source.refused(source.unavailable, "Not accepted just now: please send it again.", ())
        return Answer(source.unavailable, said, retry_after=5)
    return Answer(403, source.refused(403, str(error), ()))
