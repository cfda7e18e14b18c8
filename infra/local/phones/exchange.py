"""What texts and calls share: the account, the agenda, the faults, and the webhooks that tell of a status."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from infra.local.phones.agenda import Agenda
from infra.local.phones.faults import Faults, Kind, On
from infra.local.phones.webhooks import Post, Webhook, webhook

API_VERSION = "2010-04-01"


@dataclass(frozen=True)
class Notice:
    """What Twilio's debugger would show: a webhook or TwiML of ours that did not work."""

    at: datetime
    code: int
    text: str


@dataclass(frozen=True)
class Account:
    """Whose telephone network this is; `number` is the one number it has, texts to it are posted to `sms_url`."""

    sid: str
    token: str
    number: str
    sms_url: str


class Exchange:
    """Hands out ids and puts webhooks on the agenda, with the faults that were ordered for them."""

    def __init__(self, account: Account, ids: Callable[[], str]) -> None:
        """Start with nothing to do."""
        self.account = account
        self.ids = ids
        self.agenda = Agenda()
        self.faults = Faults()
        self.notices: list[Notice] = []

    def post(self, post: Post, now: datetime, at: datetime) -> None:
        """Put a signed request on the agenda; an empty URL means that nobody wants to know."""
        if post.url:
            self.agenda.post(at, webhook(self.account.token, self.ids(), post, now))

    def tell(self, on: On, number: str, post: Post, now: datetime, *, late: float = 0) -> None:
        """Post a status callback: once, or missing, late or twice, as ordered for this phone."""
        if not post.url or self.faults.take(Kind.CALLBACK_MISSING, number, on):
            return
        delayed = self.faults.take(Kind.CALLBACK_LATE, number, on)
        at = now + timedelta(seconds=late + (delayed.seconds if delayed else 0))
        copies = 2 if self.faults.take(Kind.CALLBACK_TWICE, number, on) else 1
        for _ in range(copies):
            self.post(post, at, at)

    def retry(self, hook: Webhook, status: int | None, now: datetime) -> bool:
        """Post it again if Twilio would; otherwise a failure is noted."""
        following = hook.again(status, now)
        if following:
            self.agenda.post(now, following)
        elif status is None or status >= 400:  # noqa: PLR2004 -- the first HTTP error
            self.note(now, 11200, f"{hook.url} answered {status or 'nothing'}")
        return following is not None

    def note(self, now: datetime, code: int, text: str) -> None:
        """Keep what went wrong with a webhook, the newest hundred."""
        self.notices = [*self.notices[-99:], Notice(now, code, text)]
