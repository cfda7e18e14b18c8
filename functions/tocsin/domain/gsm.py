"""Text for telephones: the GSM 7-bit alphabet, because one character outside it doubles a message's price."""

import re
import unicodedata
from functools import lru_cache
from itertools import accumulate

# GSM 03.38: the basic table, and the extension table whose characters count twice.
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("^{}\\[~]|€")
_TWICE = re.compile(f"[{re.escape(''.join(sorted(_EXTENDED)))}]")
_TWO_SEGMENTS = 2 * 153
_CUT = "..."

_SAME = {
    "‘": "'", "’": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "`": "'", "´": "'",
    "–": "-", "—": "-", "−": "-", "‐": "-", "‑": "-", "…": "...", "•": "*", "·": "*", "→": "->", "←": "<-",
    "✓": "ok", "✔": "ok", "✗": "x", "×": "x", "°": " deg", "µ": "u", "≥": ">=", "≤": "<=", "≠": "!=",
    "\u2044": "/",
    "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ø": "ø", "œ": "oe", "Œ": "OE", "þ": "th", "ð": "d", "ı": "i",
}  # fmt: skip


def plain(text: str) -> str:
    """Give the nearest text in the alphabet: one line, no accents it lacks, no emoji, nothing invisible, no links.

    A link in a page that somebody else wrote is bait, so "://" loses its slashes.
    """
    letters = "".join(map(_letter, text))
    return " ".join(letters.replace("://", ": ").split())


@lru_cache(maxsize=2048)
def _letter(character: str) -> str:
    if character == "\n" or unicodedata.category(character)[0] in "CZ":
        return "" if unicodedata.category(character) == "Cf" else " "
    if character in _BASIC or character in _EXTENDED:
        return character
    decomposed = unicodedata.normalize("NFKD", _SAME.get(character, character))
    known = "".join(_SAME.get(one, one if one in _BASIC or one in _EXTENDED else "") for one in decomposed)
    if "\u2044" in decomposed:
        return f" {known}"  # a fraction after a digit: 1 1/2, never 11/2
    return known or ("" if unicodedata.category(character)[0] in "MS" else "?")


def septets(text: str) -> int:
    """Count the 7-bit units a text takes; the extension table's characters take two."""
    return len(text) + len(_TWICE.findall(text))


def fitted(text: str, tail: str = "") -> str:
    """Cut `text` with a visible mark so that it and `tail` fit two segments of 153 units; the tail is kept whole."""
    room = _TWO_SEGMENTS - septets(tail)
    if septets(text) <= room:
        return text + tail
    taken = accumulate(map(septets, text))
    length = sum(1 for units in taken if units <= room - len(_CUT))
    return text[:length].rstrip() + _CUT + tail
