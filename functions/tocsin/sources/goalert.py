"""Reads GoAlert's generic API, as JSON, as a form or from the address alone.

Settings: where the other tool asks for GoAlert's address (Uptime Kuma: Base URL) enter `https://YOUR-HOST/ingest` and
as token the integration key: alerts then come to `/ingest/api/v2/generic/incoming?token=KEY`. Whatever posts to a URL
of its own can use `/ingest/goalert/<integration key>`. Fields are `summary`, `details`, `action` and `dedup`.

Alerts are the same if `dedup` is the same; without it, if `summary` and `details` are, as in GoAlert. `action=close`
resolves, anything else triggers. GoAlert has no severities: all are unknown, which pages as critical does.
"""

from collections.abc import Mapping

from tocsin.domain.alert import Action, Alert
from tocsin.errors import Malformed
from tocsin.sources import Posted, _plain
from tocsin.sources._unknown import kept

PATHS = ("api/v2/generic/incoming",)
EMPTY = True

_FIELDS = {"summary", "details", "action", "dedup"}


def key(posted: Posted) -> str:
    """Give the token, from the address or from the form; raises Malformed (401) if there is none."""
    for place in (posted.query, _plain.members(posted.payload)):
        if token := _plain.text(place.get("token")).strip():
            return token
    raise Malformed("The integration key is missing: add ?token=KEY to the address.", status=401)


def parse(posted: Posted) -> list[Alert]:
    """Give the one alert; what the body says counts for more than what the address says. Raises Malformed."""
    said: Mapping[str, object] = {**posted.query, **_plain.members(posted.payload)}
    if not any(_plain.text(said.get(name)) for name in _FIELDS):
        if posted.payload is None:
            raise Malformed("Nothing was said: send summary.")
        return kept(posted)
    summary, details = _plain.one_line(said.get("summary")), _plain.text(said.get("details")).strip()
    return [
        Alert(
            action=Action.RESOLVE if _plain.word(said.get("action")) == "close" else Action.TRIGGER,
            dedup_key=_plain.key(said.get("dedup")) or _plain.digest(summary, details),
            title=_plain.first(summary, details, said.get("dedup")) or _plain.untitled(posted.integration),
            link=_plain.link(*details.split()),
            labels=_plain.labels({name: value for name, value in said.items() if name not in {*_FIELDS, "token"}}),
            details=_plain.lines([("", details)]),
        )
    ]
