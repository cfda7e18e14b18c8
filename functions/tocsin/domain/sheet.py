"""What a link shows: the incident and two buttons, to be read on a phone in the dark, with no script or picture."""

import base64
import hashlib
from collections.abc import Mapping
from datetime import datetime
from html import escape

from tocsin.domain import wording
from tocsin.domain.incident import Incident, Status
from tocsin.domain.notification import Notification
from tocsin.domain.values import dataclass
from tocsin.domain.wall import day_and_clock

ACTIONS = frozenset({"acknowledge", "resolve"})
"""What the buttons ask for."""

_LONGEST = 1500
_STYLE = """
:root{color-scheme:light dark;--back:#fff;--ink:#1a1a1a;--soft:#5a5a5a;--line:#d0d0d0;--act:#0b5d2a;--on:#fff}
@media(prefers-color-scheme:dark){:root{--back:#000;--ink:#d8d2c8;--soft:#9a948a;--line:#333;--act:#1f7a43;--on:#fff}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:36rem;padding:1.5rem 1.25rem 3rem;background:var(--back);color:var(--ink);
font:1.125rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
h1{font-size:1.6rem;line-height:1.25;margin:.25rem 0 .75rem}
p{margin:.5rem 0}.soft{color:var(--soft);font-size:1rem}
pre{white-space:pre-wrap;font:1rem/1.45 ui-monospace,monospace;border-left:3px solid var(--line);padding-left:.75rem}
button,.done{display:flex;align-items:center;justify-content:center;width:100%;min-height:4rem;margin:1rem 0;
font:inherit;font-size:1.35rem;font-weight:600;border-radius:.75rem;border:2px solid var(--act)}
button{background:var(--act);color:var(--on)}
.done{border-color:transparent;color:var(--soft);font-weight:400}
button.second{background:transparent;color:var(--ink);border-color:var(--line)}
button:focus-visible{outline:3px solid var(--ink);outline-offset:3px}
""".strip()
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

HEADERS: Mapping[str, str] = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_HASH}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
}


@dataclass(frozen=True)
class Sheet:
    """A page and its HTTP status."""

    html: str
    status: int = 200


def shown(incident: Incident, page: Notification, now: datetime, *, open_: bool) -> str:
    """Give the incident as it stands; the buttons that still mean something come before what may be long."""
    lines = [
        f'<p class="soft">{escape(incident.service_name)}</p>',
        f"<h1>{escape(wording.title(incident))}</h1>",
        f"<p>{escape(_standing(incident, now, page.zone))}</p>",
        *_buttons(incident, page, open_=open_),
    ]
    if incident.affected:
        lines.append(f"<p>{escape(incident.affected[:_LONGEST])}</p>")
    if incident.details:
        lines.append(f"<pre>{escape(incident.details[:_LONGEST])}</pre>")
    if incident.link.startswith(("https://", "http://")):
        lines.append(f'<p><a href="{escape(incident.link)}" rel="noopener noreferrer">{escape(incident.link)}</a></p>')
    return _whole(wording.title(incident), lines)


def said(words: str) -> str:
    """Give a page that is one sentence."""
    return _whole("Tocsin", [f"<h1>{escape(words)}</h1>"])


def _standing(incident: Incident, now: datetime, zone: str) -> str:
    since = day_and_clock(incident.triggered_at, now, zone)
    words = {
        Status.TRIGGERED: "Nobody has answered yet.",
        Status.ACKNOWLEDGED: f"Acknowledged by {incident.answered_by}.",
        Status.RESOLVED: f"Resolved by {incident.answered_by}.",
    }
    urgency = f"{incident.priority}, {incident.urgency}" if incident.priority else incident.urgency.capitalize()
    return f"{words[incident.status]} {urgency} urgency, since {since}."


def _buttons(incident: Incident, page: Notification, *, open_: bool) -> list[str]:
    if incident.status is Status.RESOLVED:
        return ['<p class="soft">It is over: there is nothing left to do here.</p>']
    if not open_:
        return ['<p class="soft">This link is not the way to answer any more. The newest text from Tocsin is.</p>']
    asked = incident.status is Status.TRIGGERED or page.user in incident.asked
    # Where the first button was nothing else may come to lie: a finger that taps twice would resolve.
    first = (
        '<button name="do" value="acknowledge">Acknowledge</button>' if asked else '<p class="done">Acknowledged</p>'
    )
    second = '<button name="do" value="resolve" class="second">Resolve</button>'
    return [
        '<form method="post">',
        first,
        second,
        f'<p class="soft">You answer as {escape(page.user_name)}.</p>',
        "</form>",
    ]


def _whole(title: str, lines: list[str]) -> str:
    head = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body><main>"
    )
    return "\n".join([head, *lines, "</main></body></html>\n"])
