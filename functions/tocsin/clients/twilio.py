"""Twilio, through its official library: one text, one call, and what is known of either afterwards."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client
from urllib3.exceptions import NewConnectionError

from tocsin.domain import callbacks, links, tariffs
from tocsin.errors import Unavailable, Uncertain, Undeliverable

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from tocsin.domain.notification import Notification

T = TypeVar("T")

CONNECT, READ = 3.05, 10.0
"""Seconds; the library's own default is to wait for ever."""

VALIDITY = 120
"""Seconds after which a text that was not sent is thrown away: Twilio's default delivers a page ten hours late."""

RING = 28
"""Seconds a call rings: short enough to end before most voicemails answer."""

_SID = re.compile(r"(SM|MM|CA)[0-9A-Za-z]{32}")
# Lists come newest first. Their date filters know days only and miss what has no date yet: not sent, not dialled.
_NEWEST = 50
_SKEW = timedelta(seconds=5)
_TOO_MANY = 429
_BROKEN = 500
_NO_ANSWER = frozenset({301, 302, 307, 308, 408})
_ACCOUNT = frozenset({401, 403})


@dataclass(frozen=True)
class Inbound:
    """A text that somebody sent us."""

    sid: str
    sender: str
    body: str
    at: datetime


class Reach(TwilioHttpClient):  # type: ignore[misc]  # the library is not typed
    """The library's HTTP client with time-outs, pointed at another host when there is one."""

    def __init__(self, api_url: str = "") -> None:
        """Take the URL that stands in for https://api.twilio.com, or none."""
        super().__init__()
        self.timeout = (CONNECT, READ)
        self._api_url = api_url.rstrip("/")

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        """Send to the chosen host."""
        if self._api_url:
            url = url.replace("https://api.twilio.com", self._api_url, 1)
        return super().request(method, url, *args, **kwargs)


class Twilio:
    """One account and one number. Methods raise Undeliverable, Unavailable (nothing was done) or Uncertain."""

    def __init__(
        self, account: str, token: str, number: str, public_url: str, http: Any = None, link_secret: str = ""
    ) -> None:
        """Take what `reply` is reached at, `public_url`; `http` is another transport for the library.

        Without a `link_secret` no text has a link.
        """
        self._rest = Client(account, token, http_client=http or Reach())
        self._number = number
        self._public_url = public_url.rstrip("/")
        self._link_secret = link_secret

    def url(self, path: str, notification: str) -> str:
        """Give the URL that Twilio calls back about a notification."""
        return callbacks.url(self._public_url, path, notification)

    def link(self, notification: Notification) -> str:
        """Give the link to the page about a notification, or nothing."""
        return links.made(self._public_url, self._link_secret, notification)

    def text(self, to: str, body: str, notification: str) -> str:
        """Send one text and give its SID."""
        return _made_by(
            lambda: self._rest.messages.create(
                to=_usual(to),
                from_=self._number,
                body=body,
                status_callback=self.url("status", notification),
                validity_period=VALIDITY,
            )
        )

    def answer(self, to: str, body: str) -> str:
        """Send a text that needs no receipt."""
        return _made_by(lambda: self._rest.messages.create(to=_usual(to), from_=self._number, body=body))

    def call(self, to: str, twiml: str, notification: str) -> str:
        """Place one call that speaks `twiml` (at most 4,000 characters) and give its SID.

        Without machine detection: it would keep a person waiting in silence, and only a key counts as an answer.
        """
        return _made_by(
            lambda: self._rest.calls.create(
                to=_usual(to),
                from_=self._number,
                twiml=twiml,
                timeout=RING,
                status_callback=self.url("status", notification),
                status_callback_event=["ringing", "answered", "completed"],
            )
        )

    def find_text(self, to: str, words: str, since: datetime, known: Collection[str] = ()) -> str | None:
        """Give the SID of a text to a number that holds the words, made after `since` and none of those known."""
        listed = _asked(lambda: self._rest.messages.list(to=to, from_=self._number, limit=_NEWEST))
        made = (one for one in listed if one.sid not in known and _made(one) >= since - _SKEW)
        return next((str(one.sid) for one in made if words in (one.body or "")), None)

    def find_call(self, to: str, since: datetime, known: Collection[str], rivals: int = 0) -> str | None:
        """Give the SID of a call to a number placed after `since` that is not one of those known.

        A call says of itself only whom it rang. While `rivals` other calls to this number may be among those found, one
        is only sure to be the one looked for if there are more of them than rivals.
        """
        listed = _asked(lambda: self._rest.calls.list(to=to, from_=self._number, limit=_NEWEST))
        made = [str(one.sid) for one in listed if one.sid not in known and _made(one) >= since - _SKEW]
        return made[0] if len(made) > rivals else None

    def credit(self) -> tuple[float, str]:
        """Give what is left of the account's money, and in which currency; less than nothing is a debt."""
        return _asked(lambda: _amount(self._rest.balance.fetch()))

    def inbound(self, since: datetime) -> list[Inbound]:
        """Give the texts that reached our number after `since`, oldest first."""
        listed = _asked(lambda: self._rest.messages.list(to=self._number, date_sent_after=_day(since), limit=500))
        texts = [Inbound(str(one.sid), str(one.from_), one.body or "", _made(one)) for one in listed]
        return sorted((one for one in texts if one.at >= since), key=lambda one: one.at)


def _usual(number: str) -> str:
    """Give a number that costs the usual; raises Undeliverable for any other, whoever has put it into a document."""
    if kind := tariffs.dear(number):
        raise Undeliverable(f"this is {kind}, and those are never paged")
    return number


def _made_by(question: Callable[[], Any]) -> str:
    """Give the SID of what was made; an answer without one leaves open whether anything was."""
    sid = _asked(question).sid
    if not isinstance(sid, str) or not _SID.fullmatch(sid):
        raise Uncertain("Twilio's answer names no message or call")
    return sid


def _amount(balance: Any) -> tuple[float, str]:
    return float(balance.balance), str(balance.currency)


def _day(at: datetime) -> datetime:
    return (at - timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)


def _made(resource: Any) -> datetime:
    made = getattr(resource, "date_created", None)
    return made.astimezone(UTC) if made else datetime.max.replace(tzinfo=UTC)


def _asked(question: Callable[[], T]) -> T:
    """Ask Twilio, and sort what can go wrong by what matters: was it done, and is it worth asking again."""
    try:
        return question()
    except TwilioRestException as error:
        _sort(error)
    except requests.ConnectTimeout as error:
        raise Unavailable("Twilio could not be reached") from error
    except requests.ConnectionError as error:
        if isinstance(getattr(error.args[0], "reason", None), NewConnectionError):
            raise Unavailable("Twilio could not be reached") from error
        raise Uncertain("the connection to Twilio broke") from error
    except (requests.RequestException, TwilioException, ValueError, TypeError, LookupError, AttributeError) as error:
        raise Uncertain("Twilio's answer was lost or made no sense") from error


def _sort(error: TwilioRestException) -> NoReturn:
    if error.status == _TOO_MANY:
        # 20429: never processed, always safe to repeat; the library does not hand the Retry-After header on.
        raise Unavailable("Twilio asks for patience (429)", retry_after=2.0) from error
    if error.status in _ACCOUNT:
        raise Unavailable(f"Twilio refuses the account: error {error.code}", retry_after=15.0) from error
    if error.status >= _BROKEN or error.status in _NO_ANSWER:
        raise Uncertain(f"Twilio answered {error.status}") from error
    raise Undeliverable(f"Twilio error {error.code}: {error.msg}", int(error.code or 0)) from error
