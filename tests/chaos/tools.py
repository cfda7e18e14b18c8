"""The monitoring tools of the storm: each states one thing after the other, and repeats itself until it hears 202."""

import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

import aiohttp

from tests.chaos.diary import Diary
from tests.chaos.team import SERVICES, alertmanager_key, pagerduty_key

PATIENCE = aiohttp.ClientTimeout(total=75)  # longer than any answer takes: a tool never repeats what is still under way
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
MOST_KNOWN = 30


@dataclass
class Statement:
    """That `thing` is in trouble ("trigger") or well again ("resolve"); each try may become an event of its own."""

    thing: str
    action: str
    tries: int = 0
    accepted: bool = False


@dataclass
class Tool:
    """One PagerDuty client or Alertmanager; what it says about one thing is in `statements` in the order of saying.

    `breath` is how many seconds lie between two statements on average.
    """

    name: str
    url: str
    random: random.Random
    diary: Diary
    breath: float
    statements: list[Statement] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    _known: dict[str, tuple[str, str]] = field(default_factory=dict)

    async def run(self, over: asyncio.Event, session: aiohttp.ClientSession) -> None:
        """Speak until it is over, and end with nothing unsaid."""
        while not over.is_set():
            if self.random.random() < 0.7:
                await self._as_pagerduty(session)
            else:
                await self._as_alertmanager(session)
            await asyncio.sleep(self.random.uniform(0.1, 2 * self.breath - 0.1))

    async def _as_pagerduty(self, session: aiohttp.ClientSession) -> None:
        thing, service, action = self._choose("pd")
        event: dict[str, object] = {
            "routing_key": pagerduty_key(service),
            "event_action": action,
            "dedup_key": thing,
        }
        if action == "trigger":
            event["payload"] = {"summary": f"{thing} is down", "source": service, "severity": "critical"}
        await self._until_accepted(session, "v2/enqueue", event, [Statement(thing, action)])

    async def _as_alertmanager(self, session: aiohttp.ClientSession) -> None:
        first, service, action = self._choose("am")
        said = [Statement(first, action)]
        if self.random.random() < 0.5:
            said.append(Statement(self._new("am", service), "trigger"))
        alerts = [_alert(one) for one in said]
        body = {"version": "4", "status": "firing", "alerts": alerts}
        await self._until_accepted(session, f"alertmanager/{alertmanager_key(service)}", body, said)

    def _choose(self, kind: str) -> tuple[str, str, str]:
        """Choose a thing, its service and what is to be said of it: something new, the same again, or its end."""
        chance = self.random.random()
        known = [thing for thing in self._known if thing.startswith(kind)][-MOST_KNOWN:]
        if chance < 0.55 or not known:
            service = self.random.choice(SERVICES)
            return self._new(kind, service), service, "trigger"
        thing = self.random.choice(known)
        return thing, self._known[thing][1], "trigger" if chance < 0.8 else "resolve"

    def _new(self, kind: str, service: str) -> str:
        thing = f"{kind}-{self.name}-{len(self._known):04d}"
        self._known[thing] = (kind, service)
        return thing

    async def _until_accepted(
        self, session: aiohttp.ClientSession, path: str, body: Mapping[str, object], said: Sequence[Statement]
    ) -> None:
        self.statements += said
        pause = FIRST_PAUSE
        while not all(one.accepted for one in said):
            for one in said:
                one.tries += 1
            status = await _post(session, f"{self.url}/ingest/{path}", body)
            self.diary.write("stated", things=[one.thing for one in said], action=said[0].action, status=status)
            if status == HTTPStatus.ACCEPTED:
                for one in said:
                    one.accepted = True
                return
            if status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in {0, HTTPStatus.TOO_MANY_REQUESTS}:
                self.refusals.append(f"{said[0].thing} was refused with {status}")
                return
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)


async def _post(session: aiohttp.ClientSession, url: str, body: object) -> int:
    """Give the status of the answer, 0 when there was none."""
    try:
        async with session.post(url, json=body, timeout=PATIENCE) as answer:
            await answer.read()
            return answer.status
    except (aiohttp.ClientError, TimeoutError):
        return 0


def _alert(one: Statement) -> dict[str, object]:
    status = {"trigger": "firing", "resolve": "resolved"}[one.action]
    return {"status": status, "labels": {"alertname": one.thing, "severity": "critical"}, "fingerprint": "1"}
