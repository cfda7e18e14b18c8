"""Finds in a log what must never stand there: telephone numbers, mail addresses, keys, tokens, signatures, codes."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

FORMS = {
    "a telephone number": (("+", "%2"), r"(?:\+|%2[Bb])\d{7,15}"),
    "a mail address": (("@",), r"[\w.+-]{2,}@(?![\w.-]*gserviceaccount)[\w-]+\.[\w.-]+"),
    "an identity token": (("eyJ",), r"eyJ[\w-]{5,}\.[\w-]+"),
    "credentials": (("earer ", "asic ", "EARER ", "ASIC "), r"(?i:\b(?:bearer|basic)) +[\w+/=.-]{8,}"),
    "a key of ours": (("tocsin",), r"tocsin[a-z2-7]{26}"),
    "a key of a test's": (("key-of", "keyof"), r"key-?of-?\w[\w-]*"),
    "a key of the demo's": (("demo",), r"\bdemo-?0?checkout\w*"),
    "a calendar's key": ((".ics",), r"[0-9a-f]{32}\.ics"),
    "a code": (("code ",), r"\bcode \d{4}\b"),
}
"""Each with texts of which one is in whatever has it: most lines need no closer look."""

SECRETS = ("the-auth-token", "the-next-auth-token", "the-secret-of-links")
"""Those that most tests are run with."""

SHOWN = frozenset({"a telephone number", "a key of a test's", "a key of the demo's"})
"""What `infra/local/up` tells whoever sits before it, and a log never."""

Forms = Mapping[str, tuple[tuple[str, ...], re.Pattern[str]]]


def compiled(forms: Mapping[str, tuple[tuple[str, ...], str]]) -> Forms:
    return {name: (hints, re.compile(form)) for name, (hints, form) in forms.items()}


_COMPILED = compiled(FORMS)


def leaked(log: str, secrets: Iterable[str] = SECRETS, shown: Iterable[str] = ()) -> list[str]:
    """Give each line that holds one, with what it is; what may be `shown` here is passed over."""
    known = {f"a secret, {number}": ((one,), re.compile(re.escape(one))) for number, one in enumerate(secrets)}
    return matching(log, {name: form for name, form in {**_COMPILED, **known}.items() if name not in set(shown)})


def matching(text: str, forms: Forms) -> list[str]:
    """Give each line that one of the forms is found in, with the name of the form."""
    return [
        f"{name}: {line}"
        for name, (hints, form) in forms.items()
        for line in dict.fromkeys(line for hint in hints for line in _lines(text, hint))
        if form.search(line)
    ]


def _lines(text: str, hint: str) -> Iterator[str]:
    """Give the lines with a hint in them, without touching the others."""
    at = text.find(hint)
    while at >= 0:
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        yield text[text.rfind("\n", 0, at) + 1 : end]
        at = text.find(hint, end)


def left(folder: Path) -> list[str]:
    """Give what the processes that ran below a folder have left in their logs and said on their terminals."""
    found = []
    for data in sorted({path.parent for path in folder.rglob("functions.log*")}):
        secrets = [*SECRETS, *(path.read_text() for path in data.glob("twilio-auth-token"))]
        for path in sorted(data.glob("functions.log*")):
            found += [f"{path}: {each}" for each in leaked(path.read_text(errors="replace"), secrets)]
        for path in data.parent.glob("output"):
            found += [f"{path}: {each}" for each in leaked(path.read_text(errors="replace"), secrets, SHOWN)]
    return found
