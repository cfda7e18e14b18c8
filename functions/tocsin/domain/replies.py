"""What a person means by a text: the whole of it must be a command, and a doubt never acknowledges."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum


class Wish(StrEnum):
    """What was asked for."""

    ACKNOWLEDGE = "acknowledge"
    RESOLVE = "resolve"
    ESCALATE = "escalate"
    HELP = "help"
    STOP = "stop"
    START = "start"
    UNCLEAR = "unclear"


@dataclass(frozen=True)
class Reply:
    """A wish and the four-digit code it names; without a code it means the only page open on that phone."""

    wish: Wish
    code: str = ""


_VERBS = {
    Wish.ACKNOWLEDGE: ("ack", "acknowledge", "a", "ok"),
    Wish.RESOLVE: ("resolve", "res", "r"),
    Wish.ESCALATE: ("escalate", "esc", "e"),
}
_WISHES = {verb: wish for wish, verbs in _VERBS.items() for verb in verbs}
_VERB = "|".join(sorted(_WISHES, key=len, reverse=True))
_VERB_FIRST = re.compile(rf"({_VERB}) ?#?([0-9]{{4}})")
_CODE_FIRST = re.compile(rf"#?([0-9]{{4}}) ?({_VERB})?")
_BARE_ACKNOWLEDGE = frozenset({"ack", "acknowledge", "a", "ok", "4"})

# The carrier acts on these by itself when they stand alone, and stops or lets through what we send; "end" or "cancel"
# must not mean resolve.
_STOP = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "optout", "revoke"})
_START = frozenset({"start", "yes", "unstop"})
_HELP = frozenset({"help", "info", "?"})

_SIGNATURE = re.compile(r"\n\s*(--|sent from my\b).*", re.DOTALL | re.IGNORECASE)
_QUOTES = dict.fromkeys(map(ord, "\"'`´‘’‚‛“”„‟«»‹›"))
_LONGEST = 1600


def understand(text: str) -> Reply:
    """Read a text message; everything that is not wholly a command is unclear."""
    exactly = unicodedata.normalize("NFKC", text).strip().casefold()
    if exactly in _STOP:
        return Reply(Wish.STOP)
    if exactly in _START:
        return Reply(Wish.START)
    words = _plain(text) if len(text) <= _LONGEST else ""
    if words in _HELP:
        return Reply(Wish.HELP)
    if words in _BARE_ACKNOWLEDGE:
        return Reply(Wish.ACKNOWLEDGE)
    if match := _VERB_FIRST.fullmatch(words):
        return Reply(_WISHES[match[1]], match[2])
    if match := _CODE_FIRST.fullmatch(words):
        return Reply(_WISHES[match[2]] if match[2] else Wish.ACKNOWLEDGE, match[1])
    return Reply(Wish.UNCLEAR)


def _plain(text: str) -> str:
    """Undo what phones add: styled letters, curly quotes, invisible characters, a signature, a full stop.

    Digits are kept only as ASCII digits after NFKC, so that no other script's numerals slip through.
    """
    folded = unicodedata.normalize("NFKC", _SIGNATURE.sub("", text)).translate(_QUOTES).casefold()
    kept = "".join(" " if unicodedata.category(one) == "Zs" or one in "\t\r\n" else one for one in folded)
    visible = "".join(one for one in kept if unicodedata.category(one)[0] != "C")
    return " ".join(visible.split()).rstrip(" .,;:!。" + "".join(one for one in visible if _emoji(one))).strip()


def _emoji(character: str) -> bool:
    return unicodedata.category(character) in {"So", "Sk", "Mn"}


KEYS = {"4": Wish.ACKNOWLEDGE, "6": Wish.RESOLVE, "5": Wish.ESCALATE, "*": Wish.HELP}
"""What a key on the phone means: the first and the second as on PagerDuty's calls."""


def pressed(digits: str, answered_by: str) -> Reply:
    """Read a pressed key; a machine that answers presses nothing that counts."""
    if answered_by.startswith(("machine", "fax")):
        return Reply(Wish.UNCLEAR)
    return Reply(KEYS.get(digits[:1], Wish.UNCLEAR))
