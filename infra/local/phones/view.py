"""What the page and the tests see of the phones, as JSON-able values."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from infra.local.phones.calls import Call
from infra.local.phones.messages import Message
from infra.local.phones.network import Network

SHOWN = 60


@dataclass(frozen=True)
class Person:
    """Whose phone it is; `role` is a few words, such as the schedule's name."""

    number: str
    name: str
    role: str
    on_call: bool


def phones(network: Network, people: Sequence[Person]) -> list[dict[str, Any]]:
    """Give every phone with its newest texts and calls, oldest first."""
    return [phone(network, person) for person in people]


def phone(network: Network, person: Person) -> dict[str, Any]:
    """Give one phone; texts that have not arrived are there too, with their status."""
    texts = sorted(
        [*network.messages(person.number), *network.undelivered(person.number)], key=lambda message: message.at
    )
    return {
        **asdict(person),
        "messages": [text(message) for message in texts[-SHOWN:]],
        "calls": [call(each) for each in network.calls(person.number)[-SHOWN:]],
    }


def text(message: Message) -> dict[str, Any]:
    """Give a text as its phone sees it."""
    return {
        "sid": message.sid,
        "mine": message.direction == "inbound",
        "body": message.body,
        "status": message.status,
        "error_code": message.error_code,
        "at": stamp(message.at),
    }


def call(each: Call) -> dict[str, Any]:
    """Give a call as its phone hears it."""
    return {
        "sid": each.sid,
        "status": each.status,
        "answered_by": each.answered_by,
        "at": stamp(each.at),
        "started_at": stamp(each.started_at) if each.started_at else None,
        "ended_at": stamp(each.ended_at) if each.ended_at else None,
        "spoken": [{"at": stamp(spoken.at), "text": spoken.text} for spoken in each.spoken],
        "pressed": each.pressed,
    }


def stamp(at: datetime) -> str:
    """Give a time as the page reads it."""
    return at.isoformat(timespec="milliseconds")
