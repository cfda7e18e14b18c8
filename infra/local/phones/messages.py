"""Texts: from queued to delivered, the resource Twilio shows of them, and the carrier's STOP, START and HELP."""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from infra.local.phones import twiml
from infra.local.phones.exchange import API_VERSION, Exchange
from infra.local.phones.faults import Kind, On
from infra.local.phones.webhooks import Post, Purpose, Webhook, is_url
from infra.local.phones.wire import ERRORS, Answer, Refused, rfc2822

E164 = re.compile(r"\+[1-9][0-9]{6,14}")
GSM7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM7_TWICE = frozenset("\f^{}\\[~]|€")
MOST = 1600
STEPS = {"queued": ("sending", 0.05), "sending": ("sent", 0.1), "sent": ("delivered", 0.25)}
LOST = frozenset({"undelivered", "failed"})
REORDERED = {"sending": 3.0, "sent": 2.0}
OPT_OUT = {
    **dict.fromkeys(["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "OPTOUT", "REVOKE"], "STOP"),
    **dict.fromkeys(["START", "YES", "UNSTOP"], "START"),
    **dict.fromkeys(["HELP", "INFO"], "HELP"),
}
CARRIER_SAYS = {
    "STOP": "You get no more messages from this number. Reply START to get them again.",
    "START": "You get messages from this number again. Reply STOP to end them.",
    "HELP": "Reply STOP to get no more messages from this number. Message and data rates may apply.",
}


@dataclass(frozen=True)
class Message:
    """A text as Twilio keeps it; `direction` is Twilio's: inbound is what the phone sent."""

    sid: str
    direction: str
    sender: str
    to: str
    body: str
    status: str
    created_at: datetime
    updated_at: datetime
    sent_at: datetime | None = None
    arrived_at: datetime | None = None
    callback: str = ""
    reordered: bool = False
    fate: str = "delivered"
    fate_code: int | None = None

    @property
    def error_code(self) -> int | None:
        """Give why it did not arrive, once that is so."""
        return self.fate_code if self.status in LOST else None

    @property
    def phone(self) -> str:
        """Give the number of the person's phone."""
        return self.sender if self.direction == "inbound" else self.to

    @property
    def at(self) -> datetime:
        """Give when the phone showed it, or else when it was made."""
        return self.arrived_at or self.created_at


class Texts:
    """All texts, by SID, oldest first, and who has opted out."""

    def __init__(self, exchange: Exchange) -> None:
        """Start with none."""
        self.exchange = exchange
        self.messages: dict[str, Message] = {}
        self.opted_out: set[str] = set()

    def create(self, form: dict[str, str], now: datetime) -> Answer:
        """Make a text as the REST call asks; raises Refused."""
        to, faults = form.get("To", ""), self.exchange.faults
        self._check(form)
        if lost := faults.refuse(to, On.TEXT):
            return lost
        if to in self.opted_out:
            raise Refused(21610, to)
        message = self._send("outbound-api", to, form["Body"], now, form.get("StatusCallback", ""))
        return faults.lose(Answer(201, self.resource(message)), to, On.TEXT)

    def receive(self, sender: str, body: str, now: datetime) -> str:
        """Take a text from a phone: the carrier's words first, then the webhook. Gives its SID."""
        message = Message(
            f"SM{self.exchange.ids()}", "inbound", sender, self.exchange.account.number, body, "received", now, now,
            sent_at=now, arrived_at=now,
        )  # fmt: skip
        self.messages[message.sid] = message
        word = OPT_OUT.get(body.strip().upper(), "")
        if word:
            self._carrier(word, sender, now)
        if not self.exchange.faults.take(Kind.REPLY_LOST, sender, On.TEXT):
            form = inbound(message, self.exchange.account.sid, word)
            self.exchange.post(Post(Purpose.TEXT, message.sid, self.exchange.account.sms_url, form), now, now)
        return message.sid

    def answered(self, hook: Webhook, body: str, content_type: str, now: datetime) -> None:
        """Send what the webhook's TwiML answers; to somebody who opted out nothing is sent."""
        try:
            bodies = twiml.messages(body, content_type)
        except twiml.Unreadable as error:
            self.exchange.note(now, error.code, str(error))
            return
        phone = self.messages[hook.about].sender
        for text in bodies if phone not in self.opted_out else []:
            self._send("outbound-reply", phone, text, now)

    def advance(self, sid: str, at: datetime) -> None:
        """Take a text one step further, tell its callback, and plan the next step."""
        message = self.messages[sid]
        following = STEPS[message.status][0]
        status = message.fate if following == "delivered" else following
        message = replace(
            message,
            status=status,
            updated_at=at,
            sent_at=message.sent_at or (at if status == "sent" else None),
            arrived_at=at if status == "delivered" else None,
        )
        self.messages[sid] = message
        self._tell(message, at)
        self._plan(message, at)

    def resource(self, message: Message) -> dict[str, Any]:
        """Give the Message resource of the REST API."""
        account = self.exchange.account.sid
        uri = f"/{API_VERSION}/Accounts/{account}/Messages/{message.sid}"
        code = message.error_code
        return {
            "account_sid": account,
            "api_version": API_VERSION,
            "body": message.body,
            "date_created": rfc2822(message.created_at),
            "date_sent": rfc2822(message.sent_at),
            "date_updated": rfc2822(message.updated_at),
            "direction": message.direction,
            "error_code": code,
            "error_message": ERRORS.get(code, (0, "Unknown error"))[1] if code else None,
            "from": message.sender,
            "messaging_service_sid": None,
            "num_media": "0",
            "num_segments": str(segments(message.body)),
            "price": None,
            "price_unit": "USD",
            "sid": message.sid,
            "status": message.status,
            "subresource_uris": {"media": f"{uri}/Media.json"},
            "to": message.to,
            "uri": f"{uri}.json",
        }

    def _check(self, form: dict[str, str]) -> None:
        """Refuse what Twilio refuses, in its order."""
        to, sender, body = form.get("To", ""), form.get("From", ""), form.get("Body", "")
        wrong = (
            (not to, 21604, ""),
            (not sender, 21603, ""),
            (not body, 21602, ""),
            (not E164.fullmatch(to), 21211, to),
            (sender != self.exchange.account.number, 21606, sender),
            (len(body) > MOST, 21617, f"it has {len(body)}"),
            ("StatusCallback" in form and not is_url(form["StatusCallback"]), 21609, form.get("StatusCallback", "")),
        )
        for happened, code, detail in wrong:
            if happened:
                raise Refused(code, detail)

    def _send(self, direction: str, to: str, body: str, now: datetime, callback: str = "") -> Message:
        """Queue a text to a phone; its fate is what was ordered for the phone."""
        faults = self.exchange.faults
        fault = faults.take(Kind.UNDELIVERED, to, On.TEXT) or faults.take(Kind.FAILED, to, On.TEXT)
        message = Message(
            f"SM{self.exchange.ids()}", direction, self.exchange.account.number, to, body, "queued", now, now,
            callback=callback,
            reordered=bool(callback and faults.take(Kind.CALLBACKS_REORDERED, to, On.TEXT)),
            fate=fault.kind if fault else "delivered",
            fate_code=(fault.code or 30003) if fault else None,
        )  # fmt: skip
        self.messages[message.sid] = message
        self._plan(message, now)
        return message

    def _plan(self, message: Message, now: datetime) -> None:
        if message.status in STEPS:
            self.exchange.agenda.add(now + timedelta(seconds=STEPS[message.status][1]), message.sid, "text")

    def _tell(self, message: Message, now: datetime) -> None:
        form = [
            ("MessageSid", message.sid),
            ("SmsSid", message.sid),
            ("AccountSid", self.exchange.account.sid),
            ("ApiVersion", API_VERSION),
            ("From", message.sender),
            ("To", message.to),
            ("MessageStatus", message.status),
            ("SmsStatus", message.status),
        ]
        if message.error_code:
            form.append(("ErrorCode", str(message.error_code)))
        late = REORDERED.get(message.status, 0) if message.reordered else 0
        post = Post(Purpose.STATUS, message.sid, message.callback, form)
        self.exchange.tell(On.TEXT, message.to, post, now, late=late)

    def _carrier(self, word: str, phone: str, now: datetime) -> None:
        """Do what the carrier does with its words, before the pager hears of it."""
        if word == "STOP":
            self.opted_out.add(phone)
        if word == "START":
            self.opted_out.discard(phone)
        self._send("outbound-reply", phone, CARRIER_SAYS[word], now)


def inbound(message: Message, account: str, word: str) -> list[tuple[str, str]]:
    """Give the form of the webhook for a text from a phone; `word` is STOP, START, HELP or nothing."""
    form = {
        "ToCountry": "US",
        "SmsMessageSid": message.sid,
        "NumMedia": "0",
        "SmsSid": message.sid,
        "SmsStatus": "received",
        "Body": message.body,
        "FromCountry": "US",
        "To": message.to,
        "NumSegments": str(segments(message.body)),
        "MessageSid": message.sid,
        "AccountSid": account,
        "From": message.sender,
        "ApiVersion": API_VERSION,
    }
    return list({**form, "OptOutType": word}.items() if word else form.items())


def segments(body: str) -> int:
    """Count the segments of a text: 160 or 153 septets in GSM-7, 70 or 67 UTF-16 units otherwise."""
    if all(char in GSM7 or char in GSM7_TWICE for char in body):
        size, alone, joined = sum(2 if char in GSM7_TWICE else 1 for char in body), 160, 153
    else:
        size, alone, joined = len(body.encode("utf-16-be", "surrogatepass")) // 2, 70, 67
    return 1 if size <= alone else -(-size // joined)
