"""Posts the webhooks of the telephone network as they fall due, on the real clock, and keeps its state on disk."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import aiohttp
import msgspec

from infra.local.phones.bell import Bell, heard
from infra.local.phones.network import Network
from infra.local.phones.webhooks import Webhook


class Delivery:
    """Runs until it is cancelled; whatever is changed elsewhere rings the bell, and is looked at then."""

    def __init__(self, network: Network, bell: Bell, clock: Callable[[], datetime], path: Path | None) -> None:
        """Deliver for a network; with a path its state is read from there and written on change; raises ValueError."""
        self.network = network
        self.bell = bell
        self.clock = clock
        self.path = path
        if path and path.exists():
            self._restore(path)

    async def run(self) -> None:
        """Post what is due, then sleep until the next is, or until the bell."""
        async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as posts:
            while True:
                moved = self._seconds() == 0
                for webhook in self.network.due(self.clock()):
                    posts.create_task(self._post(session, webhook))
                self.save()
                if moved:
                    self.bell.ring()
                await heard(self.bell.ticket(), self._seconds())

    def save(self) -> None:
        """Write the state beside the old one and put it in its place, so that a crash leaves one of them whole."""
        if self.path is None:
            return
        draft = self.path.with_suffix(".new")
        draft.write_bytes(msgspec.json.encode(self.network.snapshot(self.clock())))
        draft.replace(self.path)

    def _restore(self, path: Path) -> None:
        try:
            self.network.restore(msgspec.json.decode(path.read_bytes()), self.clock())
        except msgspec.MsgspecError as error:
            raise ValueError(
                f"{path} is not a state of the phones ({error}); without the file they start empty."
            ) from error

    def _seconds(self) -> float | None:
        at = self.network.next_due()
        return max(0.0, (at - self.clock()).total_seconds()) if at else None

    async def _post(self, session: aiohttp.ClientSession, webhook: Webhook) -> None:
        """Make one request and hand over its answer, or None when there was none."""
        timeout = aiohttp.ClientTimeout(total=webhook.timeout)
        status, body, kind = None, "", ""
        try:
            async with session.post(
                webhook.url, data=list(webhook.form), headers=webhook.headers, timeout=timeout
            ) as answer:
                body, kind = await answer.text(errors="replace"), answer.headers.get("Content-Type", "")
                status = answer.status
        except (aiohttp.ClientError, TimeoutError, ValueError):
            status = None
        self.network.answered(webhook, status, body, kind, self.clock())
        self.bell.ring()
