"""Twilio in memory, with the production client's methods: texts, calls, receipts, and the lists that prove them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tocsin.clients.twilio import Inbound
from tocsin.domain import callbacks
from tocsin.errors import Uncertain, Undeliverable

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime

    from tests.simulation.faults import Fault
    from tests.simulation.world import World

PUBLIC_URL = "https://pager.example"
OURS = "+15550100100"
SKEW = 5.0
RETRIES = (1.0, 3.0, 8.0)
"""Seconds after which Twilio repeats a webhook that was answered 5xx; the fourth failure loses it."""


class Unwordable(LookupError):
    """What is to be said cannot be put into words: a mistake of ours, in a template perhaps."""


MESSAGE = re.compile(r"<Message>(.*?)</Message>", re.DOTALL)


@dataclass(frozen=True)
class Sent:
    """A text or call that Twilio accepted at `at` seconds and lists from `listed` on; an answer has no notification."""

    sid: str
    kind: str
    to: str
    body: str
    notification: str
    at: float
    listed: float


class Telephones:
    """One Twilio account."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.sent: list[Sent] = []
        self.heard: list[tuple[float, Inbound]] = []
        self.stopped: set[str] = set()
        self.unwordable: set[str] = set()
        self.numbers = 0

    # What the production client does

    def url(self, path: str, notification: str) -> str:
        return callbacks.url(PUBLIC_URL, path, notification)

    def text(self, to: str, body: str, notification: str) -> str:
        return self._make("text", to, body, notification)

    def call(self, to: str, twiml: str, notification: str) -> str:
        return self._make("call", to, twiml, notification)

    def answer(self, to: str, body: str) -> str:
        return self.world.trouble.through("twilio", "answer", lambda: self._accept("answer", to, body, "", None))

    def find_text(self, to: str, words: str, since: datetime, known: Collection[str] = ()) -> str | None:
        return self._find(to, since, lambda one: one.kind == "text" and words in one.body and one.sid not in known)

    def find_call(self, to: str, since: datetime, known: Collection[str], rivals: int = 0) -> str | None:
        return self._find(to, since, lambda one: one.kind == "call" and one.sid not in known, rivals)

    def inbound(self, since: datetime) -> list[Inbound]:
        lag = self.world.trouble.fate("twilio.inbound")
        until = self.world.time - (lag.length if lag else 0.0)
        after = self.world.seconds(since)
        found = self.world.trouble.through("twilio", "inbound", lambda: list(self.heard))
        return [one for at, one in found if after <= at <= until]

    def credit(self) -> tuple[float, str]:
        return self.world.trouble.through("twilio", "credit", lambda: (100.0, "USD"))

    # The network behind it

    def _make(self, kind: str, to: str, body: str, notification: str) -> str:
        fate = self.world.trouble.fate(f"twilio.{kind}")
        if fate and fate.kind == "cannot be worded":
            self.unwordable |= {notification} if fate.variant % 2 else set()
            raise Unwordable("a template names what there is not")
        if notification in self.unwordable:
            raise Unwordable("a template still names what there is not")
        self.world.observed.begun(notification, self.world.time)
        return self.world.trouble.through("twilio", kind, lambda: self._accept(kind, to, body, notification, fate))

    def _accept(self, kind: str, to: str, body: str, notification: str, fate: Fault | None) -> str:
        if to in self.stopped and kind != "call":
            raise Undeliverable("Twilio error 21610", 21610)
        self.numbers += 1
        sid = f"{'CA' if kind == 'call' else 'SM'}{self.numbers:032x}"
        hidden = fate.length if fate and fate.kind == "out of sight" else 0.0
        one = Sent(sid, kind, to, body, notification, self.world.time, self.world.time + hidden)
        self.sent.append(one)
        self.world.tell(to, f"{kind} accepted as {sid[:2]}{self.numbers}: {body if kind != 'call' else notification}")
        if notification:
            self.world.observed.accepted_send(one)
        if kind == "call":
            self.world.people.rung(one, fate)
        else:
            self._carry(one, fate)
        if fate and fate.kind == "receipt overtakes":
            self.world.pause(4.0)
        if hidden:
            raise Uncertain("Twilio's answer was lost")
        return sid

    def _carry(self, one: Sent, fate: Fault | None) -> None:
        world, bad = self.world, fate.kind if fate else ""
        if one.notification:
            self.receipt(one, 0.5, "sent")
        if bad == "never arrives":
            return
        if bad == "said undelivered":
            self.receipt(one, 2.5, "undelivered", "30003")
            return
        if one.notification:
            self.receipt(one, 2.5, "delivered")
        if bad != "delivery is a lie":
            world.at(world.time + 2.0, lambda: world.people.received(one))

    def receipt(self, one: Sent, after: float, status: str, error: str = "") -> None:
        """Report a status, `after` seconds from now."""
        names = ("CallSid", "CallStatus") if one.kind == "call" else ("MessageSid", "MessageStatus")
        form = {names[0]: one.sid, names[1]: status, "ErrorCode": error}
        self.post("status", form, one.notification, max(self.world.time, one.listed) + after)

    def _find(self, to: str, since: datetime, fits: Callable[[Sent], bool], rivals: int = 0) -> str | None:
        lag = self.world.trouble.fate("twilio.find")
        after = self.world.seconds(since) - SKEW
        looked = self.world.observed.looks[to]
        looked.append((self.world.time, False))
        listed = self.world.trouble.through("twilio", "find", lambda: self._listed(lag.length if lag else 0.0))
        looked[-1] = (self.world.time, not lag)
        found = [one.sid for one in listed if one.to == to and one.at >= after and fits(one)]
        return found[0] if len(found) > rivals else None

    def _listed(self, lag: float) -> list[Sent]:
        until = self.world.time - lag
        return [one for one in reversed(self.sent) if max(one.at, one.listed) <= until]

    # Webhooks

    def texted(self, sender: str, body: str) -> str:
        """Let a person's text reach our number; gives its SID."""
        self.numbers += 1
        sid = f"SM{self.numbers:032x}"
        self.heard.append((self.world.time, Inbound(sid, sender, body, self.world.now)))
        form = {"MessageSid": sid, "From": sender, "Body": body}
        if body == "STOP":
            self.stopped.add(sender)
            form["OptOutType"] = "STOP"
        self.post("sms", form, "", self.world.time + 0.2, sender)
        return sid

    def post(self, path: str, form: dict[str, str], notification: str, at: float, sender: str = "") -> None:
        """Call the function `reply`, as late, as often or as little as was planned."""
        fault = self.world.trouble.delivery("webhook")
        if fault and fault.kind == "lost":
            return
        if fault and fault.kind in {"late", "hours late"}:
            # A text or a key waits for nobody longer than the carrier does; receipts do.
            at += fault.length if path == "status" else min(fault.length, 10.0)
        if fault and fault.kind == "twice":
            self._try(path, form, notification, at + fault.length, sender, 0)
        self._try(path, form, notification, at, sender, 0)

    def _try(self, path: str, form: dict[str, str], notification: str, at: float, sender: str, tries: int) -> None:
        def call() -> None:
            status, said = self.world.perform_webhook(path, form, notification)
            if sender and status < 300 and self.world.trouble.delivery("confirmation"):
                status = 504
            if status >= 500 and tries < len(RETRIES):
                self._try(path, form, notification, self.world.time + RETRIES[tries], sender, tries + 1)
            elif status == 200:
                self._answered(form, said, sender)

        self.world.webhooks += 1
        self.world.at(at, call)

    def _answered(self, form: dict[str, str], said: str, sender: str) -> None:
        for words in MESSAGE.findall(said):
            self.world.observed.said(form["MessageSid"], words)
            self.world.at(self.world.time + 1.0, lambda words=words: self.world.tell(sender, f"reads: {words}"))  # type: ignore[misc]
        if "CallSid" in form and "Digits" in form:
            self.world.observed.said(f"{form['CallSid']}-{form['Digits']}", said)
