"""Turns JSON values into the plain, bounded text that an alert is made of."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping

from tocsin import body
from tocsin.domain.alert import Severity
from tocsin.errors import Malformed

TITLE = 1024  # characters, as in PagerDuty's summary
KEY = 255  # characters, as in PagerDuty's dedup_key
LABELS = 64
VALUE = 1024  # characters of one label
LINK = 2048
DETAILS = 8192

_NESTED = (dict, list)
_RESERVED = re.compile(r"__.*__", re.DOTALL)
_URL = re.compile(r"https?://[^\s/?#:]\S*", re.IGNORECASE)
_SEVERITIES = {
    Severity.CRITICAL: "critical crit page emergency emerg fatal disaster alert urgent blocker p0 p1 sev0 sev1 s1",
    Severity.ERROR: "error err major high severe p2 sev2 s2",
    Severity.WARNING: "warning warn minor medium moderate average p3 sev3 s3",
    Severity.INFO: "info information informational notice low none debug trivial p4 p5 sev4 sev5 s4 s5",
}
_WORDS = {word: severity for severity, words in _SEVERITIES.items() for word in words.split()}


def text(value: object) -> str:
    """Give any JSON value as text: nothing for null, 1 for 1.0, compact JSON with sorted keys for objects and lists."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**63:
        return str(int(value))
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def members(value: object) -> Mapping[str, object]:
    """Give what an object holds; anything else holds nothing."""
    return value if isinstance(value, dict) else {}


def first(*values: object) -> str:
    """Give the first that says something, as one line."""
    return next(filter(None, map(one_line, values)), "")


def listed(value: object) -> str:
    """Give a list of names, or of objects that have one, as one text; anything else as one line."""
    if not isinstance(value, list):
        return one_line(value)
    return one_line(", ".join(filter(None, (one_line(members(one).get("name", one)) for one in value))))


def word(value: object) -> str:
    """Give a state or an action as it is compared: without blanks around it, in lower case."""
    return text(value).strip().casefold()


def folded(value: object) -> dict[str, object]:
    """Give an object by names without case and punctuation: MONITORNAME, monitorName and monitor_name are one."""
    return {"".join(filter(str.isalnum, name)).casefold(): inner for name, inner in members(value).items()}


def opened(value: object) -> object:
    """Give the JSON value that a text holds, as in a field of a form; what is no JSON stays as it is."""
    if not isinstance(value, str) or not value.lstrip().startswith(("{", "[")):
        return value
    try:
        return body.read(value.encode(), "", "", len(value) * 4)
    except Malformed:
        return value


def cut(value: str, limit: int) -> str:
    """Give at most `limit` characters; what was cut ends in an ellipsis."""
    return value if len(value) <= limit else value[: limit - 1] + "…"


def one_line(value: object) -> str:
    """Give a title or a name: white space collapsed, at most 1,024 characters."""
    return cut(" ".join(text(value).split()), TITLE)


def untitled(integration: str) -> str:
    """Say in the place of a title that there was none: an empty page would be taken for a mistake."""
    return f"Alert without a title from {integration}" if integration else "Alert without a title"


def severity(value: object) -> Severity:
    """Give the severity a word stands for; unknown for any other, numbers too, since tools count them either way."""
    return _WORDS.get(text(value).strip().casefold(), Severity.UNKNOWN)


def link(*values: object) -> str:
    """Give the first that a browser should be sent to: http or https, with a host, complete, not cut."""
    for value in values:
        url = value.strip() if isinstance(value, str) else ""
        if len(url) <= LINK and _URL.fullmatch(url):
            return url
    return ""


def digest(*values: object) -> str:
    """Give 32 hexadecimal digits that are equal only for equal JSON values; the order of keys does not matter."""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:32]


def key(value: object) -> str:
    """Give a sender's own dedup key in at most 255 characters: two long ones stay as different as they are."""
    whole = text(value).strip()
    return whole if len(whole) <= KEY else f"{whole[:200]}-{digest(whole)}"


def labels(values: Mapping[str, object]) -> dict[str, str]:
    """Give the scalars of an object that say something, at most 64 of them.

    Firestore refuses fields without a name and those that begin and end with two underscores: the former are left out,
    the latter lose the underscores, so that `__name__` is `name` where that is free.
    """
    kept: dict[str, str] = {}
    for whole, value in values.items():
        name = whole[:KEY]  # first: what is left may be what Firestore refuses
        free = name.strip("_") if name.startswith("__") and _RESERVED.fullmatch(name) else name
        taken = free != name and free in values
        if free and not taken and value not in (None, "") and not isinstance(value, _NESTED):
            kept[free] = cut(text(value), VALUE)
        if len(kept) == LABELS:
            break
    return kept


def lines(pairs: Iterable[tuple[str, object]]) -> str:
    """Give `name: value` lines for a person to read, without the empty ones, at most 8,192 characters."""
    written = ((name, text(value).strip()) for name, value in pairs)
    return cut("\n".join(f"{name}: {value}" if name else value for name, value in written if value), DETAILS)
