"""The map: every function that is deployed, what calls it, and the clients it may touch. Nothing else is here.

A monitoring tool ─▶ ingest ─Pub/Sub▶ route ─Cloud Tasks▶ notify ──▶ Twilio ──▶ a person
                                        ├───Cloud Tasks▶ escalate ─▶ the next one    │
                     sweep repairs all of them             ▲           reply ◀───────┘
                       ├──canary──▶ Pub/Sub
                       └──heartbeat, if all is well──▶ whoever watches from outside

A calendar program ─▶ calendar: the shifts, at a secret URL
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin import door, log, wiring

if TYPE_CHECKING:
    import flask
    from starlette.requests import Request
    from starlette.types import ASGIApp

log.guard()
wiring.collect_seldom()


@door.asynchronous
async def ingest(request: Request) -> ASGIApp:
    """Accept alerts. Called by monitoring tools. Topic, configuration; the store if the topic fails; SNS."""
    from tocsin import ingest as verb

    posted = door.incoming(request, "ingest")
    intake, light, now = wiring.intake(), wiring.light(), wiring.now()
    answer = await verb.ingest(posted, intake, light, now, wiring.new_id, wiring.sns, wiring.light_denials())
    return door.answered(answer)


def route(request: flask.Request) -> door.Plain:
    """Open, join or answer an incident. Called by Pub/Sub, once or more for each alert. Caller, store, tasks."""
    from tocsin import route as verb

    return door.pushed(
        request,
        wiring.caller("route"),
        lambda data: verb.arrived(data, wiring.store(), wiring.tasks(), wiring.moment()),
        wiring.denials().at("route"),
    )


def notify(request: flask.Request) -> door.Plain:
    """Send one text or call. Called by Cloud Tasks when it is due. Caller, store, tasks, Twilio."""
    from tocsin import notify as verb

    return door.tasked(
        request,
        wiring.caller("notify"),
        lambda task: verb.due(task, wiring.store(), wiring.tasks(), wiring.twilio(), wiring.moment()),
        wiring.denials().at("notify"),
    )


def escalate(request: flask.Request) -> door.Plain:
    """Page the next level. Called by Cloud Tasks when a level's time is up. Caller, store, tasks."""
    from tocsin import escalate as verb

    return door.tasked(
        request,
        wiring.caller("escalate"),
        lambda task: verb.escalate(verb.Timer.of(task), wiring.store(), wiring.tasks(), wiring.moment()),
        wiring.denials().at("escalate"),
    )


def reply(request: flask.Request) -> door.Plain:
    """Take a text, a key or a receipt. Called by Twilio, which signs; links in texts lead here too. Store, tasks."""
    from tocsin import browse, linked
    from tocsin import reply as verb

    if browse.is_link(request):
        secrets = wiring.settings().link_secrets
        return browse.linked(
            request,
            lambda asked: linked.linked(asked, secrets, wiring.store(), wiring.tasks(), wiring.moment()),
            wiring.denials(),
        )
    return door.signed(
        request,
        wiring.settings(),
        lambda posted: verb.webhook(posted, wiring.store(), wiring.tasks(), wiring.moment(), wiring.denials()),
        wiring.denials(),
    )


def sweep(request: flask.Request) -> door.Plain:
    """Do what was due and did not happen. Called every minute by Cloud Scheduler. Caller, all clients, watcher."""
    from tocsin import sweep as verb

    return door.swept(
        request,
        wiring.caller("sweep"),
        lambda: verb.sweep(
            wiring.store(), wiring.tasks(), wiring.twilio(), wiring.moment, wiring.topic(), wiring.watcher()
        ),
        wiring.denials().at("sweep"),
    )


def calendar(request: flask.Request) -> door.Plain:
    """Give the shifts of a schedule or a user. Called by calendar programs, which know a secret URL. Store."""
    from tocsin import feed as verb

    return door.fetched(
        request,
        "calendar",
        lambda path: verb.feed(path, wiring.store(), wiring.current(), wiring.now()),
        wiring.denials(),
    )
