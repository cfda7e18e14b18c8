"""Finds in a log what must never stand there: telephone numbers, mail addresses, keys, tokens, signatures, codes."""

import re
from collections.abc import Iterable

FORMS = {
    "a telephone number": r"(?:\+|%2[Bb])\d{7,15}",
    "a mail address": r"[\w.+-]{2,}@(?![\w.-]*gserviceaccount)[\w-]+\.[\w.-]+",
    "an identity token": r"eyJ[\w-]{5,}\.[\w-]+",
    "credentials": r"(?i:\b(?:bearer|basic)) +[\w+/=.-]{8,}",
    "a key of ours": r"tocsin[a-z2-7]{26}",
    "a key of a test's": r"key-?of-?\w[\w-]*|\bdemo-?0?checkout\w*",
    "a calendar's key": r"[0-9a-f]{32}\.ics",
    "a code": r"\bcode \d{4}\b",
}


def leaked(log: str, secrets: Iterable[str] = ()) -> list[str]:
    """Give each line that holds one, with what it is."""
    known = {"a secret": "|".join(map(re.escape, secrets))} if secrets else {}
    forms = {name: re.compile(pattern) for name, pattern in (FORMS | known).items()}
    return [f"{name}: {line}" for line in log.splitlines() for name, form in forms.items() if form.search(line)]
