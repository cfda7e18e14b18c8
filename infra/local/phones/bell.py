"""Wakes everybody who waits for a change of the phones."""

import asyncio


class Bell:
    """Rings for all who took a ticket before: no ring between taking it and waiting is missed."""

    def __init__(self) -> None:
        """Start silent."""
        self._event = asyncio.Event()

    def ring(self) -> None:
        """Wake all."""
        self._event.set()
        self._event = asyncio.Event()

    def ticket(self) -> asyncio.Event:
        """Give what to wait for; take it before looking at the state."""
        return self._event


async def heard(ticket: asyncio.Event, seconds: float | None) -> None:
    """Wait for the ring, at most for seconds."""
    try:
        await asyncio.wait_for(ticket.wait(), seconds)
    except TimeoutError:
        return
