"""A monitoring tool posts: its source is found, its key checked, its body read and published; only then is it 202."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING

from tocsin import body, log, sources
from tocsin.domain.alert import Event
from tocsin.domain.values import dataclass, replace
from tocsin.errors import Forbidden, Malformed, TocsinError, Unavailable
from tocsin.sources import Found, Posted, Source

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from datetime import datetime

    from tocsin.clients.sns import Sns
    from tocsin.current import Current
    from tocsin.denials import Denials
    from tocsin.domain.alert import Alert
    from tocsin.domain.config import Integration
    from tocsin.intake import Intake


FETCHES = 2  # for one body: a certificate, a confirmation

WRONG = "an integration key that opens nothing"
UNPROVEN = "a sender of alerts that did not prove who it is"
_UNKNOWN = "There is no integration with this key."


@dataclass(frozen=True)
class Incoming:
    """A request as it comes in: `path` below /ingest/, header names in lower case, the body still on its way.

    `query` is what follows the question mark, as it was sent.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    chunks: AsyncIterator[bytes]
    query: bytes = b""


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    body: dict[str, object]
    retry_after: int = 0


def nobody() -> Sns:
    """Stand in for SNS where nothing may be fetched."""
    raise Unavailable("Nothing is fetched from here.")


async def ingest(
    incoming: Incoming,
    intake: Intake,
    current: Current,
    now: datetime,
    new_id: Callable[[], str],
    sns: Callable[[], Sns] = nobody,
    denials: Denials | None = None,
) -> Answer:
    """Accept what a monitoring tool posts; every refusal is in the words of that tool's protocol.

    `sns` is called for sources that must fetch something to know who posts. `denials` counts who did not prove that.
    """
    try:
        found = sources.find(incoming.path)
    except Malformed as error:
        return Answer(error.status, {"status": "refused", "message": str(error), "errors": list(error.reasons)})
    try:
        posted, integration = await _read(incoming, found, current, now)
        posted = await _believed(posted, found.source, sns)
        alerts = [one if one.dedup_key else replace(one, dedup_key=new_id()) for one in found.source.parse(posted)]
        message = found.source.message(posted)
        events = _events(alerts, integration, now, _identities(message, integration, new_id))
        await intake.accept(events, by_themselves=bool(message))
    except TocsinError as error:
        if denials and isinstance(error, Forbidden):
            await _counted(denials, WRONG if str(error) == _UNKNOWN else UNPROVEN, found.source.name)
        return _refusal(error, found)
    log.event(f"accepted {len(alerts)} from {found.source.name}", integration=integration.id)
    if denials and denials.is_due():
        # Beside the answer: nobody who is believed waits for what others have tried.
        asyncio.get_running_loop().run_in_executor(None, denials.settle)
    return Answer(found.source.taken, found.source.accepted(alerts))


async def _counted(denials: Denials, why: str, source: str) -> None:
    """Count a refusal; whoever was refused waits while it is written, since afterwards we may have no processor."""
    denials.count("ingest", why, source)
    if denials.is_due():
        await asyncio.to_thread(denials.settle)


async def _read(incoming: Incoming, found: Found, current: Current, now: datetime) -> tuple[Posted, Integration]:
    source = found.source
    if incoming.method not in source.methods:
        taken = " or ".join(source.methods)
        raise Malformed(f"Alerts are sent with {taken}, not {incoming.method[:10]}.", status=405)
    raw, query, headers = await _raw(incoming, found), body.form(incoming.query), incoming.headers
    kind, encoding = headers.get("content-type", ""), headers.get("content-encoding", "")
    is_read = source.reads and not (source.empty and not raw.strip())
    payload = body.read(raw, kind, encoding, source.limit) if is_read else None
    posted = Posted(payload, found.path, headers, query=query, inside=found.inside, raw=raw)
    integration = await _integration(found.key or found.source.key(posted), current, now)
    if integration.source != source.name and integration.options:
        _check_elsewhere(integration.source)
    return replace(posted, options=integration.options, integration=integration.id), integration


def _check_elsewhere(source: str) -> None:
    """Raise Forbidden for the key of an integration whose sender is checked: through another source it would not be."""
    if sources.load(source).checks:
        raise Forbidden(f"This key is of an integration whose sender is checked: post to /ingest/{source}/ with it.")


async def _raw(incoming: Incoming, found: Found) -> bytes:
    limit = found.source.limit
    raw = bytearray()
    async for chunk in incoming.chunks:
        raw += chunk
        if len(raw) > limit:
            raise Malformed(f"The body is larger than the {limit} bytes that are read here.", status=413)
    return bytes(raw)


async def _believed(posted: Posted, source: Source, sns: Callable[[], Sns]) -> Posted:
    """Return when the source believes the sender; raises Forbidden if it does not, Unavailable if it cannot tell."""
    for _ in range(FETCHES + 1):
        url = source.check(posted)
        if not url:
            return posted
        content = await asyncio.to_thread(sns().get, url)
        posted = replace(posted, fetched={**posted.fetched, url: content})
    raise Forbidden("The sender asks for more than is ever fetched.")


async def _integration(key: str, current: Current, now: datetime) -> Integration:
    found = current.known(key, now) or await asyncio.to_thread(current.integration, key, now)
    if not found:
        raise Forbidden(_UNKNOWN)
    return found


def _identities(message: str, integration: Integration, new_id: Callable[[], str]) -> Callable[[int], str]:
    """Give how events get their ids: a message with one of its own, sent again or replayed, is known already."""
    if not message:
        return lambda _: new_id()
    return lambda number: hashlib.sha256(f"{integration.id}/{number}/{message}".encode()).hexdigest()[:32]


def _events(
    alerts: list[Alert], integration: Integration, now: datetime, identities: Callable[[int], str]
) -> list[Event]:
    # A microsecond apart, so that two statements of one body keep their order whatever the order of delivery.
    return [
        Event(identities(number), now + timedelta(microseconds=number), integration.id, integration.service, alert)
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
