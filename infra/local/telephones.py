"""Connects the phones to this pager: its Twilio account, everybody in its configuration, and its incidents."""

import asyncio
import contextlib
import secrets
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from infra.local.phones.app import Phones
from infra.local.phones.network import Network
from infra.local.phones.view import Person
from tocsin import desk, wiring
from tocsin.clients.store import Store
from tocsin.domain.config import Config, TargetKind
from tocsin.domain.schedule import on_call
from tocsin.errors import Unavailable

# As many as fit beside the phones; the command line shows the rest.
SHOWN = 12


def connect(data: Path, settings: Mapping[str, str], store: Store, demo: str) -> Phones:
    """Give the telephone network of the account in the settings; what it holds outlives a restart in `data`."""
    network = Network(
        settings["TWILIO_ACCOUNT_SID"],
        settings["TWILIO_AUTH_TOKEN"],
        settings["TWILIO_FROM_NUMBER"],
        f"{settings['PUBLIC_URL']}/reply/sms",
        ids=lambda: secrets.token_hex(16),
    )
    shown = Incidents(store)
    return Phones(network, people=people, incidents=shown.newest, demo=demo, path=data / "phones.json")


class Incidents:
    """The newest incidents as the page shows them."""

    def __init__(self, store: Store) -> None:
        """Begin with none."""
        self._store = store
        self._last: list[dict[str, Any]] = []

    async def newest(self) -> list[dict[str, Any]]:
        """Give them with their timelines, times as text; while the store cannot be read, as they were."""
        with contextlib.suppress(Unavailable):
            self._last = await asyncio.to_thread(self._read)
        return self._last

    def _read(self) -> list[dict[str, Any]]:
        found = desk.incidents(self._store, open_only=False, limit=SHOWN)
        shown: list[dict[str, Any]] = msgspec.to_builtins([_shown(desk.show(self._store, each)) for each in found])
        return shown


def _shown(incident: dict[str, Any]) -> dict[str, Any]:
    """Give what the page draws of an incident."""
    lines = [
        {
            "at": line["at"],
            "kind": line["what"],
            "text": line["what"][:1].upper() + line["what"][1:],
            "reason": line["why"],
        }
        for line in incident["timeline"]
    ]
    drawn = {name: incident[name] for name in ("id", "title", "status", "stage", "opened_at", "due")}
    return drawn | {"number": incident["id"][:8], "service": incident["service_name"], "timeline": lines}


def people() -> list[Person]:
    """Give everybody who has a phone in the configuration in force, in the file's order."""
    now = datetime.now(UTC)
    config = wiring.current().config(now)
    return [
        Person(user.phone, user.name, ", ".join(roles(config, name, now)), any(on_duty(config, name, now)))
        for name, user in config.users.items()
    ]


def on_duty(config: Config, user: str, now: datetime) -> Iterator[str]:
    """Give the schedules that have this user on call now."""
    for name, schedule in config.schedules.items():
        shift = on_call(schedule, now)
        if shift and shift.user == user:
            yield name


def roles(config: Config, user: str, now: datetime) -> Iterator[str]:
    """Say when this user is paged: on call now, named by a level, or for what nobody else takes."""
    yield from on_duty(config, user, now)
    for policy in config.policies.values():
        for number, level in enumerate(policy.levels, 1):
            if any(target.kind is TargetKind.USER and target.id == user for target in level.targets):
                yield f"{policy.id} level {number}"
    if user in config.catch_all.users:
        yield "catch-all"
