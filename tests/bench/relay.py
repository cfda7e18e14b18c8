"""Stands between Pub/Sub's emulator and `route`: pulls, and keeps 80 pushes in flight as Google Cloud does.

The emulator itself pushes twice at a time, on a tick of 100 ms: it would hide how fast the functions are. Nor does it
know filters: here what is urgent and the rest are pushed as by the two subscriptions that are deployed, each with a
window of its own.
"""

from __future__ import annotations

import asyncio
import base64
import json
import time
from typing import Any

import aiohttp
import grpc.aio
from google.pubsub_v1.types import AcknowledgeRequest, PullRequest, PullResponse

from tocsin.ledger import events_in

IN_FLIGHT, OTHERS_IN_FLIGHT = 80, 2
PULLED = 200
OK = 200
PAUSE = 0.2  # seconds before a message that was refused is pushed again


class Relay:
    """One subscription; `routed` counts the events and `messages` the messages that were taken, `last_at` says when."""

    def __init__(self, host: str, subscription: str, url: str) -> None:
        self._subscription, self._url = subscription, url
        channel = grpc.aio.insecure_channel(host, [("grpc.max_receive_message_length", -1)])
        base = "/google.pubsub.v1.Subscriber/"
        self._pull = channel.unary_unary(f"{base}Pull", PullRequest.serialize, PullResponse.deserialize)
        self._take = channel.unary_unary(f"{base}Acknowledge", AcknowledgeRequest.serialize, lambda _: None)
        self._places = {True: asyncio.Semaphore(IN_FLIGHT), False: asyncio.Semaphore(OTHERS_IN_FLIGHT)}
        self._lines: dict[bool, asyncio.Queue[Any]] = {True: asyncio.Queue(), False: asyncio.Queue()}
        self.routed = self.messages = self.refused = 0
        self.last_at = 0.0

    async def run(self) -> None:
        """Deliver until cancelled."""
        connector = aiohttp.TCPConnector(limit=IN_FLIGHT + OTHERS_IN_FLIGHT)
        async with aiohttp.ClientSession(connector=connector) as session, asyncio.TaskGroup() as group:
            for urgent in self._lines:
                group.create_task(self._deliver(session, group, urgent=urgent))
            while True:
                found = await self._pull(PullRequest(subscription=self._subscription, max_messages=PULLED), timeout=600)
                for received in PullResponse.pb(found).received_messages:
                    self._lines["urgent" in received.message.attributes].put_nowait(received)

    async def _deliver(self, session: aiohttp.ClientSession, group: asyncio.TaskGroup, *, urgent: bool) -> None:
        while True:
            await self._places[urgent].acquire()
            group.create_task(self._push(session, await self._lines[urgent].get(), urgent=urgent))

    async def _push(self, session: aiohttp.ClientSession, received: Any, *, urgent: bool) -> None:
        data = received.message.data
        message = {"data": base64.b64encode(data).decode(), "messageId": received.message.message_id}
        try:
            body = json.dumps({"message": message, "subscription": self._subscription}).encode()
            while not await self._taken(session, body):
                self.refused += 1
                await asyncio.sleep(PAUSE)
        finally:
            self._places[urgent].release()
        self.routed += len(events_in(data))
        self.messages += 1
        self.last_at = time.perf_counter()
        await self._take(AcknowledgeRequest(subscription=self._subscription, ack_ids=[received.ack_id]))

    async def _taken(self, session: aiohttp.ClientSession, body: bytes) -> bool:
        try:
            async with session.post(self._url, data=body, headers={"Content-Type": "application/json"}) as answer:
                return answer.status == OK
        except aiohttp.ClientError:
            return False
