"""One JSON line per event on standard output, in the shape Cloud Logging reads, with what is secret masked."""

import json
import logging
import re
import sys
from typing import Any

from tocsin import trace

_encoded = json.JSONEncoder(default=str).encode  # made once: json.dumps makes one for each line
_MASK = "***"
# What is secret by its form, each with a text without which it need not be looked for, and what is left of it. Ids of
# ours and of Twilio's are not secret: without them a line says nothing.
_VALUE = r"[^\s\"'\\?&,;}]{4,}"
_ADDRESS = r"(?<![\w.+-])([\w.+-])[\w.+-]{0,63}(@(?![\w.-]*gserviceaccount\.com)[\w-]+(?:\.[\w-]+)+)"
_NAMED = r"(?i)((?<![a-z0-9])(?:routing_|service_|api_?|genie_?|auth_?|x-twilio-){name}\\?[\"']?\s*[:=]\s*\\?[\"']?)"
_FORMS = tuple(
    (hint.casefold(), re.compile(pattern, re.ASCII), left)
    for hint, pattern, left in (
        ("+", r"\+\d{7,15}", lambda found: mask(found[0])),
        ("%2", r"%2[Bb]\d{7,15}", lambda found: mask(found[0])),
        ("tocsin", r"\btocsin[a-z2-7]{26}\b", _MASK),
        ("eyJ", r"(?<![\w-])eyJ[\w-]+\.[\w-]+\.[\w-]*", _MASK),
        (".ics", r"\b[0-9a-f]{32}\.ics\b", _MASK),
        ("earer ", rf"(\b[Bb]earer +){_VALUE}", rf"\1{_MASK}"),
        ("asic ", rf"(\b[Bb]asic +){_VALUE}", rf"\1{_MASK}"),
        ("GenieKey ", rf"(\bGenieKey +){_VALUE}", rf"\1{_MASK}"),
        ("ingest/", rf"(\bingest/[a-z0-9_]{{1,40}}/){_VALUE}", rf"\1{_MASK}"),
        ("page/", rf"(\bpage/){_VALUE}", rf"\1{_MASK}"),
        ("code ", r"\b(code )\d{4}\b", rf"\1{_MASK}"),
        ("ey", _NAMED.replace("{name}", "key") + _VALUE, rf"\1{_MASK}"),
        ("oken", _NAMED.replace("{name}", "token") + _VALUE, rf"\1{_MASK}"),
        ("ignature", _NAMED.replace("{name}", "signature") + _VALUE, rf"\1{_MASK}"),
        ("@", _ADDRESS, rf"\1{_MASK}\2"),
    )
)
_SHORTEST = 8  # characters; what is shorter would be found in words
_hidden: set[str] = set()


def event(message: str, severity: str = "INFO", **fields: object) -> None:
    """Write one line; `fields` are names of things (incident, notification, function), never keys or bodies."""
    line = _encoded({"severity": severity, "message": message, **trace.fields(), **fields})
    sys.stdout.write(redacted(line) + "\n")
    sys.stdout.flush()


def hide(*secrets: str) -> None:
    """Keep these values out of every line from now on."""
    _hidden.update(one for one in secrets if len(one) >= _SHORTEST)


def redacted(text: str) -> str:
    """Mask telephone numbers and mail addresses, keys, tokens, signatures and whatever is hidden."""
    for secret in _hidden:
        text = text.replace(secret, _MASK)
    held = text.casefold()
    for hint, form, left in _FORMS:
        if hint in held:
            text = form.sub(left, text)
    return text


def mask(number: str) -> str:
    """Hide the middle of a telephone number."""
    return f"{number[:3]}{_MASK}{number[-2:]}"


def guard() -> None:
    """Mask what the framework and the libraries write as well, down to the tracebacks of what nobody foresaw."""
    logging.setLogRecordFactory(_Record)


class _Record(logging.LogRecord):
    """A record without secrets, whoever formats it; a traceback is made at once, for it would be made of the error."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.exc_info and self.exc_info[0]:
            self.exc_text = redacted(logging.Formatter().formatException(self.exc_info))

    def getMessage(self) -> str:  # noqa: N802 - the library's name
        return redacted(super().getMessage())
