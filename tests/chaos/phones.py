"""The people of the storm: they look at their phones, and answer some pages by text and some calls with a key."""

import asyncio
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import msgspec

from tests.chaos.team import MANAGER

LOOK = 0.25  # seconds between two looks
ANSWERED = 0.6  # of the pages of the first level; the manager answers all, as somebody must
PICKED_UP = 0.5
REPLY = re.compile(r"Reply ack (\d{4})")
PATIENCE = aiohttp.ClientTimeout(total=30)


@dataclass(frozen=True)
class Answer:
    """A text that somebody sent about a page."""

    sid: str
    notification: str
    words: str


@dataclass
class People:
    """Everything the phones ever showed, by SID, and what people answered; `file` is where the phones keep it."""

    url: str
    file: Path
    random: random.Random
    messages: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: dict[str, dict[str, Any]] = field(default_factory=dict)
    answers: list[Answer] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)

    async def run(self, session: aiohttp.ClientSession) -> None:
        """Look and answer until cancelled."""
        async with asyncio.TaskGroup() as reactions:
            while True:
                self.look()
                for page in [one for one in self.messages.values() if one["sid"] not in self._seen and _is_page(one)]:
                    self._seen.add(page["sid"])
                    if self.random.random() < (1 if page["to"] == MANAGER else ANSWERED):
                        reactions.create_task(self._answer(page, self._words(page), session))
                for call in [one for one in self.calls.values() if one["sid"] not in self._seen and _rings(one)]:
                    self._seen.add(call["sid"])
                    if self.random.random() < PICKED_UP:
                        reactions.create_task(self._pick_up(call["sid"], session))
                await asyncio.sleep(LOOK)

    def look(self) -> None:
        """Take in what the phones show now; they keep the newest five hundred texts and calls."""
        if not self.file.exists():
            return
        kept = msgspec.json.decode(self.file.read_bytes())
        self.messages |= {one["sid"]: one for one in kept["messages"]}
        self.calls |= {one["sid"]: one for one in kept["calls"]}

    def sent(self) -> list[dict[str, Any]]:
        """Give the texts and calls that were made to page somebody."""
        return [one for one in (*self.messages.values(), *self.calls.values()) if one["callback"]]

    def _words(self, page: dict[str, Any]) -> str:
        found = REPLY.search(page["body"])
        code = found[1] if found else ""
        words: str = self.random.choice([f"ack {code}", code, f"{code}a", f"Ack {code}.", f"resolve {code}"])
        return words

    async def _answer(self, page: dict[str, Any], words: str, session: aiohttp.ClientSession) -> None:
        await asyncio.sleep(self.random.uniform(0.2, 3))
        sent = {"number": page["to"], "body": words}
        async with session.post(f"{self.url}/phone/text", json=sent, timeout=PATIENCE) as answer:
            sid = (await answer.json())["sid"]
        self.answers.append(Answer(sid, notification(page), words))

    async def _pick_up(self, call: str, session: aiohttp.ClientSession) -> None:
        """Pick up, listen a moment, press 4; if that is not heard the call ends by itself."""
        for action, more in (("pick-up", {}), ("press", {"digit": "4"})):
            await asyncio.sleep(self.random.uniform(0.5, 2))
            async with session.post(f"{self.url}/phone/{action}", json={"call": call, **more}, timeout=PATIENCE):
                pass


def notification(made: Mapping[str, Any]) -> str:
    """Give the notification that a text or call was made for."""
    (identity,) = parse_qs(urlsplit(str(made["callback"])).query)["n"]
    return identity


def _is_page(message: dict[str, Any]) -> bool:
    return bool(message["callback"] and message["status"] == "delivered" and REPLY.search(message["body"]))


def _rings(call: dict[str, Any]) -> bool:
    return bool(call["status"] == "ringing")
