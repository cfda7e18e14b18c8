"""A call as Twilio keeps it: the record, the resource of the REST API, and the form of its webhooks."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from infra.local.phones import twiml
from infra.local.phones.exchange import API_VERSION
from infra.local.phones.messages import E164
from infra.local.phones.webhooks import DIGITS, is_url
from infra.local.phones.wire import Refused, rfc2822

LIVE = frozenset({"queued", "ringing", "in-progress"})


@dataclass(frozen=True)
class Spoken:
    """What was said, and when it began."""

    at: datetime
    text: str


@dataclass(frozen=True)
class Call:
    """A call as Twilio keeps it, with what the person heard and pressed; `timeout` in seconds of ringing."""

    sid: str
    sender: str
    to: str
    status: str
    created_at: datetime
    updated_at: datetime
    timeout: int
    callback: str = ""
    events: tuple[str, ...] = ("completed",)
    url: str = ""
    twiml: str = ""
    detection: bool = False
    reordered: bool = False
    sequence: int = 0
    started_at: datetime | None = None
    ended_at: datetime | None = None
    answered_by: str | None = None
    spoken: tuple[Spoken, ...] = ()
    pressed: str = ""

    @property
    def live(self) -> bool:
        """Say whether it has not ended."""
        return self.status in LIVE

    @property
    def at(self) -> datetime:
        """Give when it was made."""
        return self.created_at

    @property
    def seconds(self) -> int | None:
        """Give how long it was spoken in, once it is over."""
        if self.status != "completed" or not self.started_at or not self.ended_at:
            return None
        return int((self.ended_at - self.started_at).total_seconds())


def resource(call: Call, account: str) -> dict[str, Any]:
    """Give the Call resource of the REST API."""
    uri = f"/{API_VERSION}/Accounts/{account}/Calls/{call.sid}"
    absent = "parent_call_sid", "phone_number_sid", "price", "forwarded_from", "group_sid", "caller_name", "trunk_sid"
    return {
        **dict.fromkeys(absent),
        "account_sid": account,
        "answered_by": call.answered_by,
        "api_version": API_VERSION,
        "date_created": rfc2822(call.created_at),
        "date_updated": rfc2822(call.updated_at),
        "direction": "outbound-api",
        "duration": None if call.seconds is None else str(call.seconds),
        "end_time": rfc2822(call.ended_at),
        "from": call.sender,
        "from_formatted": call.sender,
        "price_unit": "USD",
        "queue_time": "0",
        "sid": call.sid,
        "start_time": rfc2822(call.started_at),
        "status": call.status,
        "subresource_uris": {"events": f"{uri}/Events.json"},
        "to": call.to,
        "to_formatted": call.to,
        "uri": f"{uri}.json",
    }


def webhook_form(call: Call, account: str, event: str = "") -> list[tuple[str, str]]:
    """Give what every webhook of a call says."""
    form = {
        "CallSid": call.sid,
        "AccountSid": account,
        "ApiVersion": API_VERSION,
        "From": call.sender,
        "Caller": call.sender,
        "To": call.to,
        "Called": call.to,
        "Direction": "outbound-api",
        "CallStatus": "initiated" if event == "initiated" else call.status,
    }
    if event:
        form["CallbackSource"] = "call-progress-events"
    if event and call.seconds is not None:
        form["CallDuration"] = str(call.seconds)
    if call.answered_by:
        form["AnsweredBy"] = call.answered_by
    return list(form.items())


def check(form: dict[str, str], number: str) -> None:
    """Refuse what Twilio refuses, in its order."""
    to, sender = form.get("To", ""), form.get("From", "")
    script, callback = form.get("Twiml", ""), form.get("StatusCallback", "http://none")
    wrong = (
        (not to, 21201, ""),
        (not sender, 21213, ""),
        (not E164.fullmatch(to), 21211, to),
        (sender != number, 21210, sender),
        (not script and not is_url(form.get("Url", "")), 21205, ""),
        (len(script) > twiml.MOST, 20001, f"Twiml has {len(script)} characters, {twiml.MOST} are allowed"),
        (not is_url(callback), 21609, callback),
        (not DIGITS.fullmatch(form.get("Timeout", "60")), 20001, f"Timeout is {form.get('Timeout')}"),
    )
    for happened, code, detail in wrong:
        if happened:
            raise Refused(code, detail)
