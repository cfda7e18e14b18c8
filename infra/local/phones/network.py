"""A telephone network without a socket or a clock: Twilio on one side, people with phones on the other."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from infra.local.phones import rest
from infra.local.phones.agenda import Agenda, Posting, Step
from infra.local.phones.calls import Call
from infra.local.phones.exchange import Account, Exchange, Notice
from infra.local.phones.faults import Fault, Faults
from infra.local.phones.lines import Lines
from infra.local.phones.messages import Message, Texts
from infra.local.phones.webhooks import Purpose, Webhook
from infra.local.phones.wire import Answer, Refused

KEPT = 500


@dataclass(frozen=True)
class Snapshot:
    """Everything that survives a restart: the newest texts and calls, and what was still to happen."""

    taken_at: datetime
    messages: list[Message]
    calls: list[Call]
    opted_out: list[str]
    steps: tuple[Step, ...]
    postings: tuple[Posting, ...]
    faults: tuple[Fault, ...]


class Network:
    """One Twilio account with one number, and every phone it texts or calls; times are aware."""

    def __init__(self, account_sid: str, auth_token: str, number: str, sms_url: str, *, ids: Callable[[], str]) -> None:
        """Start with silent phones; `ids` gives 32 hexadecimal digits, never the same twice."""
        self.exchange = Exchange(Account(account_sid, auth_token, number, sms_url), ids)
        self._texts = Texts(self.exchange)
        self._lines = Lines(self.exchange)

    def rest(
        self,
        method: str,
        path: str,
        query: Sequence[tuple[str, str]],
        form: Sequence[tuple[str, str]],
        authorization: str | None,
        now: datetime,
    ) -> Answer:
        """Answer one call of Twilio's REST API, errors in Twilio's words; raises nothing."""
        try:
            return rest.answer(rest.Request(method, path, query, form, authorization), self._texts, self._lines, now)
        except Refused as refused:
            return refused.answer

    def due(self, now: datetime) -> list[Webhook]:
        """Let happen what is due, and give the webhooks to post; each is given once."""
        while step := self.exchange.agenda.step(now):
            if step.what == "text":
                self._texts.advance(step.about, step.at)
            else:
                self._lines.advance(step.about, step.what, step.turn, step.at)
        return self.exchange.agenda.webhooks(now)

    def next_due(self) -> datetime | None:
        """Give when something happens next, None if nothing will."""
        return self.exchange.agenda.next()

    def answered(self, webhook: Webhook, status: int | None, body: str, content_type: str, now: datetime) -> None:
        """Take the answer to a webhook; a status of None means none came: refused, reset, or too late."""
        if self.exchange.retry(webhook, status, now):
            return
        kind = content_type.partition(";")[0].strip().lower()
        if webhook.purpose is Purpose.CALL:
            self._lines.answered(webhook, status, body, kind, now)
        elif webhook.purpose is Purpose.TEXT and status and 200 <= status < 300:  # noqa: PLR2004 -- HTTP success
            self._texts.answered(webhook, body, kind, now)

    def text(self, sender: str, body: str, now: datetime) -> str:
        """Send a text from a phone; gives its SID."""
        return self._texts.receive(sender, body, now)

    def pick_up(self, call_sid: str, now: datetime) -> None:
        """Answer a ringing call; raises KeyError for a call that never was, as the two below."""
        self._lines.pick_up(call_sid, now)

    def press(self, call_sid: str, digit: str, now: datetime) -> None:
        """Press a key in a call."""
        self._lines.press(call_sid, digit, now)

    def hang_up(self, call_sid: str, now: datetime) -> None:
        """End a call, or decline it while it rings."""
        self._lines.hang_up(call_sid, now)

    def messages(self, number: str) -> list[Message]:
        """Give what this phone shows, in order: the texts that arrived, and its own."""
        return sorted((each for each in self._of(number) if each.arrived_at), key=lambda message: message.at)

    def undelivered(self, number: str) -> list[Message]:
        """Give the texts to this phone that have not arrived, on their way or lost."""
        return [each for each in self._of(number) if not each.arrived_at]

    def calls(self, number: str) -> list[Call]:
        """Give the calls to this phone, in order, with what was spoken."""
        return [call for call in self._lines.calls.values() if call.to == number]

    def notices(self) -> list[Notice]:
        """Give what Twilio's debugger would show: webhooks without an answer, TwiML that cannot be read."""
        return list(self.exchange.notices)

    def order(self, fault: Fault) -> None:
        """Let something go wrong."""
        self.exchange.faults.orders.append(fault)

    def faults(self) -> list[Fault]:
        """Give what is still ordered."""
        return list(self.exchange.faults.orders)

    def cancel_faults(self) -> None:
        """Let everything work again."""
        self.exchange.faults.orders.clear()

    def snapshot(self, now: datetime) -> dict[str, Any]:
        """Give everything as JSON-able values, the newest five hundred texts and calls."""
        agenda = self.exchange.agenda
        messages = list(self._texts.messages.values())[-KEPT:]
        calls = list(self._lines.calls.values())[-KEPT:]
        known = {message.sid for message in messages} | {call.sid for call in calls}
        steps = tuple(step for step in agenda.steps if step.about in known)
        postings = tuple(each for each in agenda.postings if each.webhook.about in known)
        opted_out, faults = sorted(self._texts.opted_out), tuple(self.exchange.faults.orders)
        kept = Snapshot(now, messages, calls, opted_out, steps, postings, faults)
        document: dict[str, Any] = msgspec.to_builtins(kept)
        return document

    def restore(self, document: dict[str, Any], now: datetime) -> None:
        """Go on from a snapshot; a call that was going on has failed. Raises msgspec.ValidationError."""
        kept = msgspec.convert(document, Snapshot)
        self.exchange.agenda = Agenda(kept.steps, kept.postings)
        self.exchange.faults = Faults(kept.faults)
        self._texts.messages = {message.sid: message for message in kept.messages}
        self._texts.opted_out = set(kept.opted_out)
        self._lines.calls = {call.sid: call for call in kept.calls}
        self._lines.fail_live(now)

    def _of(self, number: str) -> list[Message]:
        return [each for each in self._texts.messages.values() if each.phone == number]
