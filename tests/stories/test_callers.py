"""Who may set a page going: Pub/Sub, Cloud Tasks and the clock, each at its own function, and nobody else."""

import json
from collections.abc import Callable
from datetime import datetime

import flask
import pytest
from werkzeug.test import EnvironBuilder

from tests.clients.google import Google, token
from tests.clients.test_identity import FORGED, HEADERS
from tests.stories.night import Night
from tests.stories.world import World
from tocsin import door
from tocsin.clients.identity import REMOVED, Caller

BY = {"route": "pubsub", "notify": "tasks", "escalate": "tasks", "sweep": "scheduler"}
COLLECTIONS = ("incidents", "notifications", "codes", "phones", "inbound", "events", "open", "quarantine")


def account(function: str) -> str:
    return f"tocsin-by-{BY[function]}@pager-123.iam.gserviceaccount.com"


def audience(function: str) -> str:
    return f"https://europe-west1-pager-123.cloudfunctions.net/{function}"


def shown(function: str, now: datetime) -> str:
    """Gives what Google's clouds show when they call a function."""
    at = int(now.timestamp())
    said = {"iss": "https://accounts.google.com", "aud": audience(function), "email": account(function)}
    return f"Bearer {token({**said, 'email_verified': True, 'iat': at, 'exp': at + 3600})}"


class Guarded:
    """A world whose functions believe nobody but the accounts of Google's clouds."""

    def __init__(self, world: World, *, platform_checks: bool = False) -> None:
        self.world = world
        self.google = Google()
        certificates = self.google.certificates()
        self.callers = {name: Caller(account(name), audience(name), certificates, platform_checks) for name in BY}
        world.shows = lambda function: shown(function, world.now)
        world.believes = lambda function: lambda header: self.callers[function].check(header, world.now)


@pytest.fixture
def guarded(night: Night) -> Guarded:
    return Guarded(night.world)


def test_a_night_goes_on_as_ever_when_the_clouds_show_who_they_are(night: Night, guarded: Guarded) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down").has_had_enough()
    night.passes(minutes=6)
    night.phone("secondary").receives("checkout is down").answers("ack").receives("Acknowledged")
    assert night.is_acknowledged("Secondary Person")
    night.phone("primary").has_had_enough()
    assert guarded.google.asked == 1


def test_behind_cloud_run_it_goes_on_without_signatures(night: Night) -> None:
    guarded = Guarded(night.world, platform_checks=True)
    night.world.shows = lambda function: f"{shown(function, night.world.now).rpartition('.')[0]}.{REMOVED}"
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down").answers("ack").receives("Acknowledged")
    assert guarded.google.asked == 0


def test_pages_go_on_while_googles_certificates_cannot_be_read(night: Night, guarded: Guarded) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down").answers("ack").receives("Acknowledged")
    guarded.google.away = True
    night.passes(hours=20)
    night.alert("search is down", name="search")
    night.phone("primary").receives("search is down").answers("ack").receives("Acknowledged")
    assert guarded.google.asked > 1


def test_what_came_before_the_certificates_could_be_read_is_routed_then(night: Night, guarded: Guarded) -> None:
    guarded.google.away = True
    night.alert("checkout is down")
    assert night.incidents() == []
    guarded.google.away = False
    night.passes(seconds=60)
    night.phone("primary").receives("checkout is down").answers("ack").receives("Acknowledged")


@pytest.mark.parametrize("function", BY)
def test_the_token_for_one_function_opens_no_other(night: Night, guarded: Guarded, function: str) -> None:
    for other in BY.keys() - {function}:
        assert knocks(night.world, function, shown(other, night.world.now)) == ("Forbidden", 403)
    assert guarded.google.asked == 1


@pytest.mark.parametrize("function", BY)
def test_whoever_forges_a_token_has_nothing_done(night: Night, guarded: Guarded, function: str) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down")
    before = documents(night.world)
    for forged in (None, *HEADERS.values(), *(f"Bearer {make()}" for make in FORGED.values())):
        assert knocks(night.world, function, forged) == ("Forbidden", 403)
    told = night.world.store.query("audit")
    assert documents(night.world) == before
    assert guarded.google.keys == ["first"]
    assert [(one["kind"], one["what"], one["about"], one["count"]) for _, one in told] == [
        ("denied", "a call that is not from our own cloud", f"functions/{function}", 1)
    ]
    night.phone("primary").answers("ack").receives("Acknowledged")


def knocks(world: World, function: str, header: str | None) -> tuple[str, int]:
    """Call a function with a body that would be acted upon, and expect that nobody even reads it."""
    body = json.dumps({"message": {"data": ""}, "notification": "1", "incident": "1"}).encode()
    headers = [("Authorization", header)] if header is not None and "\n" not in header else []
    builder = EnvironBuilder(method="POST", data=body, content_type="application/json", headers=headers)
    request = flask.Request(builder.get_environ())
    check = world.believes(function)
    ways: dict[str, Callable[..., door.Plain]] = {
        "route": door.pushed,
        "notify": door.tasked,
        "escalate": door.tasked,
        "sweep": _swept,
    }
    refused = world.denials.at(function)
    said, status, _ = ways[function](request, check, lambda _: pytest.fail("it was handed on"), refused)
    return said, status


def _swept(
    request: flask.Request, check: door.Check, work: Callable[[bytes], object], refused: door.Refused
) -> door.Plain:
    return door.swept(request, check, lambda: work(b""), refused)


def documents(world: World) -> dict[str, object]:
    return {name: world.store.query(name, limit=1000) for name in COLLECTIONS}
