"""Which real client stands behind each name: the one place that asks where we run.

Clients are made at their first use and kept for the life of the process; what a function never asks for is never
imported.
"""

from __future__ import annotations

import gc
import os
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from tocsin import log
from tocsin.current import Current
from tocsin.errors import Forbidden
from tocsin.moment import Moment
from tocsin.settings import Settings, from_environment

if TYPE_CHECKING:
    from collections.abc import Callable

    from tocsin.clients.embedded_queue import EmbeddedQueue
    from tocsin.clients.http import Watcher
    from tocsin.clients.identity import Certificates
    from tocsin.clients.queue import Tasks, Topic
    from tocsin.clients.snapshot import SnapshotReader
    from tocsin.clients.sns import Sns
    from tocsin.clients.store import Store
    from tocsin.clients.twilio import Twilio
    from tocsin.denials import Denials
    from tocsin.intake import Intake


def collect_seldom() -> None:
    """Look for cycles of garbage every 20,000 objects instead of every 700; called before anything large is loaded.

    What is loaded is no garbage, and looking at it again and again takes a tenth of a function's start. Later, requests
    that wait for one publish are many objects that die together: looking there is a fifth of what an alert costs.
    """
    gc.set_threshold(20_000)


@cache
def settings() -> Settings:
    """Give the settings, read once; what is secret in them appears in no line of the log from then on."""
    read = from_environment()
    log.hide(*read.twilio_tokens, *read.link_secrets, read.heartbeat_url)
    return read


@cache
def store() -> Store:
    """Give the documents: SQLite in the embedded cloud, else Firestore or its emulator."""
    if settings().embedded:
        from tocsin.clients.embedded import EmbeddedStore

        return EmbeddedStore(settings().embedded)
    from tocsin.clients.firestore import connect

    return connect(settings().project)


@cache
def topic() -> Topic:
    """Give where accepted events are published."""
    if settings().embedded:
        return _embedded_queue()
    from tocsin.clients import pubsub

    return pubsub.Topic(settings().topic)


@cache
def intake() -> Intake:
    """Give where accepted events become safe; the store is opened only when the topic fails."""
    from tocsin.intake import Intake

    made = Intake(topic(), store)
    gc.freeze()  # all that was loaded need never be looked at again
    return made


@cache
def tasks() -> Tasks:
    """Give where timers are set."""
    if settings().embedded:
        return _embedded_queue()
    from tocsin.clients import tasks as cloud

    here = settings()

    def url(function: str) -> str:
        return f"{here.functions_url}/{function}"

    return cloud.Tasks(here.queue, url, here.tasks_account or None, here.tasks_host or None, here.urgent_queue)


@cache
def _embedded_queue() -> EmbeddedQueue:
    from tocsin.clients.embedded_queue import EmbeddedQueue

    return EmbeddedQueue(settings().embedded)


@cache
def twilio() -> Twilio:
    """Give the telephone."""
    from tocsin.clients import twilio as client

    here = settings()
    token = here.twilio_tokens[0] if here.twilio_tokens else ""
    http = client.Reach(here.twilio_api_url)
    link_secret = here.link_secrets[0] if here.link_secrets else ""
    return client.Twilio(here.twilio_account, token, here.twilio_number, here.public_url, http, link_secret)


@cache
def watcher() -> Watcher | None:
    """Give whoever watches this pager from outside, if anybody does."""
    if not settings().heartbeat_url:
        return None
    from tocsin.clients.http import Watcher

    return Watcher(settings().heartbeat_url)


@cache
def sns() -> Sns:
    """Give Amazon's SNS, as far as it is asked anything."""
    from tocsin.clients.sns import Sns

    return Sns()


@cache
def _certificates() -> Certificates:
    from tocsin.clients.identity import Certificates

    return Certificates()


@cache
def caller(function: str) -> Callable[[str | None], None]:
    """Give what raises Forbidden unless a call of one of our own functions shows that it comes from whom it must.

    On a laptop nobody signs and all are believed; where it is deployed, nobody is until it is said who calls.
    """
    here = settings()
    if not here.caller:
        return _nobody if here.deployed else _everybody
    from tocsin.clients.identity import Caller

    who = Caller(here.caller, f"{here.functions_url}/{function}", _certificates(), here.platform_checks)
    return lambda authorization: who.check(authorization, now())


def _nobody(_: str | None) -> None:
    raise Forbidden("nobody may call this function until TOCSIN_CALLER names the service account that does")


def _everybody(_: str | None) -> None:
    """Believe whoever calls."""


@cache
def current() -> Current:
    """Give the configuration in force, read through the store."""
    return Current(lambda path: store().get(path))


@cache
def light() -> Current:
    """Give the same for the accept path, which does without the Firestore client and its half second of start-up."""
    if settings().embedded:
        return current()
    return Current(_light_store().get)


@cache
def _light_store() -> SnapshotReader:
    from tocsin.clients.snapshot import SnapshotReader

    return SnapshotReader(settings().project)


@cache
def denials() -> Denials:
    """Give where refusals are counted."""
    from tocsin.denials import Denials

    return Denials(lambda path, data: store().transact(lambda tx: tx.create(path, data)), now)


@cache
def light_denials() -> Denials:
    """Give the same for the accept path, which writes them down without the Firestore client as well."""
    if settings().embedded:
        return denials()
    from tocsin.denials import Denials

    return Denials(_light_store().create, now)


def now() -> datetime:
    """Give the time, aware and in UTC."""
    return datetime.now(UTC)


def new_id() -> str:
    """Give a fresh id of 128 random bits."""
    return os.urandom(16).hex()


def moment() -> Moment:
    """Give what a verb knows of the world; raises Unavailable when there is no configuration."""
    at = now()
    return Moment(at, current().config(at), new_id)
