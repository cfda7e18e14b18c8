"""A notification reaches for one person over one channel: it is claimed, sent, recorded, and never believed twice.

PENDING ─claim→ SENDING ─recorded→ SENT          the answer to a send says whether it was taken
   │               ├─ answer lost → UNKNOWN       settled by evidence; without any it is sent again
   │               └─ refused     → FAILED        the person's next channel is tried at once
   └─ somebody answered           → DROPPED
"""

from datetime import datetime, timedelta
from enum import StrEnum

from tocsin.domain.values import dataclass, replace

LEASE = timedelta(seconds=45)
"""How long a claim is believed: longer than a send can take (connect 3 s, read 10 s, one retry of the request)."""

PATIENCE = timedelta(seconds=20)
"""How long an unknown send waits for evidence before it is sent again: a double page beats a lost one."""

LOOK_AGAIN = timedelta(seconds=5)
TOLERANCE = timedelta(seconds=1)
MOST_TRIES = 3
_LINES = 300


class State(StrEnum):
    """Where a notification stands."""

    PENDING = "pending"
    SENDING = "sending"
    UNKNOWN = "unknown"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"


@dataclass(frozen=True)
class Happening:
    """One line of a notification's history."""

    at: datetime
    what: str
    why: str


@dataclass(frozen=True)
class Notification:
    """`due` is when it was wanted, `next_at` when somebody must look at it and None in the end: the sweep goes by it.

    `begun_at` is the first claim, since which evidence is looked for, `claimed_at` the last one. `then` names the same
    person's later notifications of this page, `because` says why this person. `held` is the channel while the page
    waits for its turn at a phone that has had too many. A digest has the words in `digest` and in `carried` the ids of
    those that it speaks for as well; each of them names it as its `carrier`.
    `zone` is where the person reads the times in it. `lead` are words that the page begins with. `beside` says that the
    person was asked beside whoever has it, `linked` that a text to him has a link. Until `expires_at` it is kept.
    """

    id: str
    incident: str
    generation: int
    episode: int
    step: int
    level: int
    user: str
    user_name: str
    number: str
    channel: str
    due: datetime
    because: str
    zone: str = "UTC"
    then: tuple[str, ...] = ()
    state: State = State.PENDING
    next_at: datetime | None = None
    owner: str = ""
    begun_at: datetime | None = None
    claimed_at: datetime | None = None
    tries: int = 0
    refusals: int = 0
    code: str = ""
    sid: str = ""
    delivery: str = ""
    held: str = ""
    carrier: str = ""
    carried: tuple[str, ...] = ()
    digest: str = ""
    lead: str = ""
    beside: bool = False
    linked: bool = False
    expires_at: datetime | None = None
    history: tuple[Happening, ...] = ()

    def noting(self, at: datetime, what: str, why: str) -> "Notification":
        """Add a line to the history; when it grows too long for a document, lines in the middle go."""
        kept = self.history
        if len(kept) >= _LINES:
            kept = (*kept[: _LINES // 2], *kept[_LINES // 2 + 1 :])
        return replace(self, history=(*kept, Happening(at, what, why)))


class Verdict(StrEnum):
    """What has to be done about a notification now."""

    SEND = "send"
    SETTLE = "look for evidence"
    DROP = "drop"
    EARLY = "not due yet"
    BUSY = "being seen to"
    GIVE_UP = "give up"
    DONE = "done already"


def look(notification: Notification, now: datetime) -> Verdict:
    """Say what is to be done, whoever asks and however often; whether somebody has answered is asked elsewhere."""
    if notification.state is State.PENDING:
        return Verdict.EARLY if now < (notification.next_at or notification.due) - TOLERANCE else Verdict.SEND
    if notification.state not in {State.SENDING, State.UNKNOWN}:
        return Verdict.DONE
    waiting = notification.next_at is not None and now < notification.next_at - _slack(notification)
    return Verdict.BUSY if waiting else Verdict.SETTLE


def _slack(notification: Notification) -> timedelta:
    """Give how much too early a look may be: a lease holds to its end, a time to look again is a wish."""
    return TOLERANCE if notification.state is State.UNKNOWN else timedelta(0)


def after_silence(notification: Notification, now: datetime) -> Verdict:
    """Say what follows when no evidence of an unknown send was found: wait, send again, or give this channel up."""
    if notification.claimed_at and now < notification.claimed_at + PATIENCE:
        return Verdict.SETTLE
    return Verdict.SEND if notification.tries < MOST_TRIES else Verdict.GIVE_UP


def claim(notification: Notification, owner: str, code: str, now: datetime) -> Notification:
    """Take it for one sender; the owner's token tells a commit whose reply was lost from somebody else's claim."""
    again = notification.state is not State.PENDING
    claimed = replace(
        notification,
        state=State.SENDING,
        owner=owner,
        code=code,
        tries=notification.tries + 1,
        begun_at=notification.begun_at or now,
        claimed_at=now,
        next_at=now + LEASE,
        held="",
        carrier="",
    )
    why = "no evidence of the last attempt: possibly a duplicate"
    return claimed.noting(now, "sending again", why) if again else claimed


def sent(notification: Notification, sid: str, now: datetime, why: str) -> Notification:
    """Record that the provider has it; evidence of an earlier attempt counts whatever the state is."""
    if notification.state is State.SENT:
        return notification
    return replace(notification, state=State.SENT, sid=sid, held="", next_at=None).noting(now, "sent", why)


def held(notification: Notification, until: datetime, now: datetime, why: str) -> Notification:
    """Let it wait for its turn at a phone that has been paged enough for now."""
    held = "" if notification.carried else notification.channel  # what speaks for others is not spoken for
    waiting = replace(notification, held=held, carrier="", next_at=until)
    return waiting.noting(now, "held", f"until {until:%H:%M:%S} UTC: {why}")


def waiting(notification: Notification, until: datetime, now: datetime, why: str) -> Notification:
    """Let it wait for a channel that fails for everybody; nothing of it was tried."""
    return replace(notification, carrier="", next_at=until).noting(now, "waiting", f"until {until:%H:%M:%S} UTC: {why}")


def carried(notification: Notification, carrier: str, now: datetime, why: str) -> Notification:
    """Let another page to the same phone speak for it; what becomes of that one is looked up when it must be known."""
    return replace(notification, held="", carrier=carrier, next_at=now + LEASE).noting(now, "carried", why)


def lost(notification: Notification, now: datetime, why: str) -> Notification:
    """Record that the answer was lost: it may have been sent."""
    changed = replace(notification, state=State.UNKNOWN, next_at=now + LOOK_AGAIN)
    return changed if notification.state is State.UNKNOWN else changed.noting(now, "unknown", why)


def postponed(notification: Notification, now: datetime, wait: timedelta, why: str) -> Notification:
    """Record a refusal that asks for patience (429): nothing was sent, but an earlier attempt may have been."""
    return replace(
        notification,
        state=State.PENDING if notification.tries <= 1 else State.UNKNOWN,
        owner="",
        next_at=now + wait,
        tries=max(0, notification.tries - 1),
        refusals=notification.refusals + 1,
    ).noting(now, "postponed", why)


def failed(notification: Notification, now: datetime, why: str) -> Notification:
    """Record that this way does not reach the person."""
    return replace(notification, state=State.FAILED, held="", next_at=None).noting(now, "failed", why)


def dropped(notification: Notification, now: datetime, why: str) -> Notification:
    """Record that it is not needed any more."""
    return replace(notification, state=State.DROPPED, held="", next_at=None).noting(now, "dropped", why)


def hastened(notification: Notification, now: datetime, why: str) -> Notification:
    """Bring it forward, because what came before it failed."""
    return replace(notification, due=now, next_at=now).noting(now, "hastened", why)


_OTHER = {"sms": "voice", "voice": "sms"}


def otherwise(notification: Notification, now: datetime) -> Notification:
    """Give the same page over the phone's other channel: better a call against the rules than nobody reached."""
    channel = _OTHER.get(notification.channel, "voice")
    spare = replace(
        notification,
        id=f"{notification.id}-{channel}",
        channel=channel,
        then=(),
        state=State.PENDING,
        due=now,
        next_at=now,
        owner="",
        begun_at=None,
        claimed_at=None,
        tries=0,
        refusals=0,
        sid="",
        delivery="",
        held="",
        carrier="",
        carried=(),
        digest="",
        history=(),
    )
    return spare.noting(
        now, "added", f"{notification.channel} failed, and no rule of this person names another channel"
    )


def path(identity: str) -> str:
    """Give the document's path."""
    return f"notifications/{identity}"
