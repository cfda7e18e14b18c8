"""Trouble to order: what the next requests, deliveries and callbacks of a phone run into."""

from dataclasses import dataclass, replace
from enum import StrEnum

from infra.local.phones.wire import LOST, Answer, Refused


class Kind(StrEnum):
    """What goes wrong, and what `code`, `status` and `seconds` of the fault mean there."""

    REFUSED = "refused"  # the create is answered with Twilio's error `code` (and HTTP `status`)
    THROTTLED = "throttled"  # 429 with Retry-After of `seconds`
    BROKEN = "broken"  # HTTP `status`: 500 or 503
    LOST_BEFORE = "lost_before"  # nothing was made, and the connection is cut after `seconds`
    LOST_AFTER = "lost_after"  # it was made, and the connection is cut after `seconds`
    UNDELIVERED = "undelivered"  # the text ends as undelivered, with the error `code`
    FAILED = "failed"  # the text (with the error `code`) or the call ends as failed
    BUSY = "busy"  # the call meets a busy line
    VOICEMAIL = "voicemail"  # a machine picks up after ringing for `seconds`
    CALLBACK_TWICE = "callback_twice"  # each time counts one callback
    CALLBACK_LATE = "callback_late"  # by `seconds`
    CALLBACK_MISSING = "callback_missing"
    CALLBACKS_REORDERED = "callbacks_reordered"  # each time counts one message or call: the last status comes first
    REPLY_LOST = "reply_lost"  # the webhook of a text from the phone is never posted


class On(StrEnum):
    """Texts or calls."""

    TEXT = "text"
    CALL = "call"


@dataclass(frozen=True)
class Fault:
    """One order: for one `number` or all, for texts, calls or both, `times` times or (None) until it is cancelled."""

    kind: Kind
    number: str | None = None
    on: On | None = None
    times: int | None = 1
    code: int = 0
    status: int = 0
    seconds: float = 0

    def covers(self, number: str, on: On) -> bool:
        """Say whether this text or call of this phone meets the fault."""
        return self.number in {None, number} and self.on in {None, on} and self.times != 0


class Faults:
    """What was ordered, first come first served."""

    def __init__(self, orders: tuple[Fault, ...] = ()) -> None:
        """Go on with these orders."""
        self.orders = list(orders)

    def take(self, kind: Kind, number: str, on: On) -> Fault | None:
        """Give the first fault of this kind that is due here, and count it."""
        for place, fault in enumerate(self.orders):
            if fault.kind is kind and fault.covers(number, on):
                if fault.times is not None:
                    self.orders[place] = replace(fault, times=fault.times - 1)
                self.orders = [each for each in self.orders if each.times != 0]
                return fault
        return None

    def refuse(self, number: str, on: On) -> Answer | None:
        """Stop a create before anything is made: raises Refused, or gives the lost answer."""
        if fault := self.take(Kind.LOST_BEFORE, number, on):
            return replace(LOST, hold=fault.seconds)
        if fault := self.take(Kind.THROTTLED, number, on):
            raise Refused(20429, headers={"Retry-After": f"{fault.seconds:g}"})
        if fault := self.take(Kind.BROKEN, number, on):
            status = fault.status or 503
            raise Refused(fault.code or 20000 + status, status=status)
        if fault := self.take(Kind.REFUSED, number, on):
            raise Refused(fault.code, status=fault.status)
        return None

    def lose(self, answer: Answer, number: str, on: On) -> Answer:
        """Lose the answer of a create that was made, if that was ordered."""
        fault = self.take(Kind.LOST_AFTER, number, on)
        return replace(answer, lost=True, hold=fault.seconds) if fault else answer
