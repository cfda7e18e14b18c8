"""Posts as fast as the answers come, or at a pace, over connections that stay open, and says how long answers took."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import cast

import uvloop

HEAD_END = b"\r\n\r\n"
LENGTH = b"content-length:"
Post = Callable[[int], bytes]
NUMBERS = itertools.count()  # never the same alert twice in one process


@dataclass
class Taken:
    """What came of it: the answers by status, each one's seconds, and the seconds from the first post to the last."""

    statuses: Counter[int] = field(default_factory=Counter)
    times: list[float] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Give the answers in a second."""
        return len(self.times) / self.seconds

    def ms(self, share: float) -> float:
        """Give the milliseconds within which this share of the answers came."""
        ordered = sorted(self.times)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class Line(asyncio.Protocol):
    """One connection: one post at a time, and `then` is called with each answer's status and seconds."""

    def __init__(self, then: Callable[[Line, int, float], object]) -> None:
        self._then = then
        self._read = b""
        self._posted = 0.0
        self._transport: asyncio.Transport
        self.ended = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_exception(error or ConnectionError("the server hung up"))

    def post(self, request: bytes, since: float | None = None) -> None:
        """Send a request; its time counts from `since`, when it should have been sent."""
        self._posted = since or time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._read += data
        end = self._read.find(HEAD_END)
        if end < 0:
            return
        head = self._read[:end].lower()
        at = head.find(LENGTH)
        length = int(head[at + len(LENGTH) :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(self._read) < end + len(HEAD_END) + length:
            return
        self._read = b""
        self._then(self, int(head[9:12]), time.perf_counter() - self._posted)

    def close(self) -> None:
        """Say that nothing more is sent."""
        if not self.ended.done():
            self.ended.set_result(None)
        self._transport.close()


def request(path: str, body: bytes, port: int, kind: str = "application/json") -> bytes:
    """Give a POST as it goes over the wire."""
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}"
    return head.encode() + HEAD_END + body


def flat_out(port: int, post: Post, connections: int, seconds: float) -> Taken:
    """Post over so many connections for so long, on each the next once the one before is answered."""
    until = time.perf_counter() + seconds
    posts = (post(number) for number in itertools.takewhile(lambda _: time.perf_counter() < until, NUMBERS))
    return uvloop.run(_flat_out(port, posts, connections))


def counted(port: int, post: Post, connections: int, first: int, count: int) -> Taken:
    """Post so many in the same way."""
    return uvloop.run(_flat_out(port, map(post, range(first, first + count)), connections))


def steady(port: int, post: Post, per_second: float, connections: int, count: int) -> Taken:
    """Post so many at a pace."""
    return uvloop.run(paced(port, map(post, range(10**6, 10**6 + count)), per_second, connections))


async def _flat_out(port: int, posts: Iterator[bytes], connections: int) -> Taken:
    taken = Taken()

    def answered(line: Line, status: int, took: float) -> None:
        taken.statuses[status] += 1
        taken.times.append(took)
        following(line)

    def following(line: Line) -> None:
        if (one := next(posts, None)) is None:
            line.close()
        else:
            line.post(one)

    lines = await _connected(port, connections, answered)
    begun = time.perf_counter()
    for line in lines:
        following(line)
    await asyncio.gather(*(line.ended for line in lines))
    taken.seconds = time.perf_counter() - begun
    return taken


async def _connected(port: int, count: int, then: Callable[[Line, int, float], object]) -> list[Line]:
    loop = asyncio.get_running_loop()
    made = [await loop.create_connection(lambda: Line(then), "127.0.0.1", port) for _ in range(count)]
    return [line for _, line in made]


async def paced(port: int, posts: Iterator[bytes], per_second: float, connections: int) -> Taken:
    """Post at a pace, whatever the answers; a post that had to wait for a connection counts from its own time."""
    taken, free, waiting = Taken(), asyncio.Queue[Line](), 0

    def answered(line: Line, status: int, took: float) -> None:
        taken.statuses[status] += 1
        taken.times.append(took)
        free.put_nowait(line)

    lines = await _connected(port, connections, answered)
    for line in lines:
        free.put_nowait(line)
    begun = time.perf_counter()
    for waiting, one in enumerate(posts):
        due = begun + waiting / per_second
        if (early := due - time.perf_counter()) > 0:
            await asyncio.sleep(early)
        (await free.get()).post(one, due)
    for _ in lines:
        (await free.get()).close()
    taken.seconds = time.perf_counter() - begun
    return taken
