"""What goes on in a call that was picked up: words that take time to speak, and keys that are waited for."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from infra.local.phones.twiml import Gather, Hangup, Pause, Redirect, Say, Verb

CHARACTERS_PER_SECOND = 15


@dataclass(frozen=True)
class Speak:
    """These words now, and nothing else for `seconds`."""

    text: str
    seconds: float


@dataclass(frozen=True)
class Listen:
    """Wait for a key, at most for `seconds`."""

    seconds: float


@dataclass(frozen=True)
class Fetch:
    """Post to the URL, with the keys if any were gathered, and go on with the TwiML it answers."""

    url: str
    digits: str | None = None


@dataclass(frozen=True)
class End:
    """Nothing is left to do: hang up."""


Act = Speak | Listen | Fetch | End


@dataclass
class Conversation:
    """The verbs still to run; `gather` takes keys while it is set; `turn` outdates what was planned before."""

    base: str
    verbs: deque[Verb | Listen] = field(default_factory=deque)
    gather: Gather | None = None
    digits: str = ""
    turn: int = 0

    def run(self, verbs: Iterable[Verb]) -> Act:
        """Start a new document."""
        self.verbs, self.gather = deque(verbs), None
        return self.proceed()

    def proceed(self) -> Act:
        """Give what the next verb does; the prompts of a Gather come one by one, then the waiting."""
        self.turn += 1
        verb: Verb | Listen = self.verbs.popleft() if self.verbs else Hangup()
        if isinstance(verb, Gather):
            self.gather, self.digits = verb, ""
            self.verbs.extendleft(reversed([*verb.prompts, Listen(verb.timeout)]))
            return self.proceed()
        if isinstance(verb, Say):
            return Speak(verb.text, max(1.0, len(verb.text) / CHARACTERS_PER_SECOND))
        if isinstance(verb, Pause):
            return Speak("", verb.length)
        if isinstance(verb, Redirect):
            return Fetch(verb.url)
        return verb if isinstance(verb, Listen) else End()

    def press(self, key: str) -> Act | None:
        """Take a key: it interrupts the prompt; enough keys are posted. None if nobody listens."""
        gather = self.gather
        if gather is None:
            return None
        self.turn += 1
        finished = bool(key) and key in gather.finish
        self.digits += "" if finished else key
        self._skip()
        if finished or len(self.digits) == gather.digits:
            return self._gathered(gather)
        self.verbs.appendleft(Listen(gather.timeout))
        return self.proceed()

    def silence(self) -> Act:
        """Nobody pressed a key in time: what there is gets posted, or the call goes on behind the Gather."""
        gather = self.gather
        if gather and (self.digits or gather.post_nothing):
            return self._gathered(gather)
        self.gather = None
        return self.proceed()

    def _skip(self) -> None:
        """Drop the rest of the prompts and the waiting."""
        if any(isinstance(verb, Listen) for verb in self.verbs):
            while not isinstance(self.verbs.popleft(), Listen):
                pass

    def _gathered(self, gather: Gather) -> Fetch:
        self.gather = None
        return Fetch(gather.action, self.digits)
