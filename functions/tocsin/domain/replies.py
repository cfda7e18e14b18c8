"""What a person means by a text: the whole of it must be a command, and a doubt never acknowledges."""

import re
import unicodedata
from datetime import timedelta
from enum import StrEnum

from tocsin.domain.values import dataclass


class Wish(StrEnum):
    """What was asked for."""

    ACKNOWLEDGE = "acknowledge"
    RESOLVE = "resolve"
    ESCALATE = "escalate"
    SNOOZE = "snooze"
    PASS = "pass"  # noqa: S105 - a verb
    ADD = "add"
    NOTE = "note"
    PRIORITY = "priority"
    MERGE = "merge"
    WHO = "who"
    STATUS = "status"
    HELP = "help"
    STOP = "stop"
    START = "start"
    UNCLEAR = "unclear"


@dataclass(frozen=True)
class Reply:
    """A wish and the four-digit code it names; without a code it means the only page open on that phone.

    `rest` is what a wish needs besides: how long, who, the words of a note, a priority, another code.
    """

    wish: Wish
    code: str = ""
    rest: str = ""


_LENGTHS = {
    "s": ("s", "sec", "secs", "second", "seconds"),
    "m": ("m", "min", "mins", "minute", "minutes"),
    "h": ("h", "hr", "hrs", "hour", "hours"),
    "d": ("d", "day", "days"),
    "w": ("w", "week"),
}
_UNITS = {word: unit for unit, words in _LENGTHS.items() for word in words}
_SIZES = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_LENGTH = re.compile(rf"([0-9]{{1,6}}) ?({'|'.join(sorted(_UNITS, key=len, reverse=True))})")


_VERBS = {
    Wish.ACKNOWLEDGE: ("ack", "acknowledge", "a", "ok"),
    Wish.RESOLVE: ("resolve", "res", "r"),
    Wish.ESCALATE: ("escalate", "esc", "e"),
}
_WISHES = {verb: wish for wish, verbs in _VERBS.items() for verb in verbs}
_VERB = "|".join(sorted(_WISHES, key=len, reverse=True))
_VERB_FIRST = re.compile(rf"({_VERB}) ?#?([0-9]{{4}})")
_CODE_FIRST = re.compile(rf"#?([0-9]{{4}}) ?({_VERB})?")
_CODE = "#?([0-9]{4})"
_ORDERS = {
    Wish.SNOOZE: re.compile(rf"snooze ?{_CODE} (?:for )?({_LENGTH.pattern})"),
    Wish.PASS: re.compile(rf"(?:pass|reassign) ?{_CODE} (?:to )?(.+)"),
    Wish.ADD: re.compile(rf"add ?{_CODE} (.+)"),
    Wish.PRIORITY: re.compile(rf"(?:priority|prio) ?{_CODE} (p?[1-5])"),
    Wish.MERGE: re.compile(rf"merge ?{_CODE} (?:into )?{_CODE}"),
}
_WHO = re.compile("who(?: (.+))?")
_BARE_ACKNOWLEDGE = frozenset({"ack", "acknowledge", "a", "ok", "4"})

# The carrier acts on these by itself when they stand alone, and stops or lets through what we send; "end" or "cancel"
# must not mean resolve.
_STOP = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "optout", "revoke"})
_START = frozenset({"start", "yes", "unstop"})
_HELP = frozenset({"help", "info", "?", "commands"})

_SIGNATURE = re.compile(r"\n[^\S\n]*+(--|sent from my\b).*", re.DOTALL | re.IGNORECASE)
_QUOTES = dict.fromkeys(map(ord, "\"'`´‘’‚‛“”„‟«»‹›"))
_LONGEST = 1600


def understand(text: str) -> Reply:
    """Read a text message; everything that is not wholly a command is unclear."""
    exactly = unicodedata.normalize("NFKC", text).strip().casefold()
    if exactly in _STOP:
        return Reply(Wish.STOP)
    if exactly in _START:
        return Reply(Wish.START)
    if len(text) > _LONGEST:
        return Reply(Wish.UNCLEAR)
    words = plain(text)
    if words in _HELP:
        return Reply(Wish.HELP)
    if words in _BARE_ACKNOWLEDGE:
        return Reply(Wish.ACKNOWLEDGE)
    if match := _VERB_FIRST.fullmatch(words):
        return Reply(_WISHES[match[1]], match[2])
    if match := _CODE_FIRST.fullmatch(words):
        return Reply(_WISHES[match[2]] if match[2] else Wish.ACKNOWLEDGE, match[1])
    return _asked(words) or _noted(text) or Reply(Wish.UNCLEAR)


def _asked(words: str) -> Reply | None:
    """Read what needs more than a code, or none."""
    if words == "status":
        return Reply(Wish.STATUS)
    if match := _WHO.fullmatch(words):
        return Reply(Wish.WHO, rest=match[1] or "")
    for wish, form in _ORDERS.items():
        if match := form.fullmatch(words):
            return Reply(wish, match[1], match[2])
    return None


def _noted(text: str) -> Reply | None:
    """Read a note, whose own words stay as they were typed."""
    verb, code, words = [*_SIGNATURE.sub("", text).split(maxsplit=2), "", "", ""][:3]
    named = re.fullmatch(_CODE, plain(code)) if plain(verb) == "note" else None
    return Reply(Wish.NOTE, named[1], words.strip()) if named and words.strip() else None


def length(words: str) -> timedelta | None:
    """Read `30m`, `1h`, `2 hours` or `7d`; None for anything else."""
    match = _LENGTH.fullmatch(plain(words))
    return timedelta(**{_SIZES[_UNITS[match[2]]]: int(match[1])}) if match else None


def plain(text: str) -> str:
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
