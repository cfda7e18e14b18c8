"""Lets people in who come with a browser, by a link in a text, and tells looking from pressing a button."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin import door, log, received, trace
from tocsin.domain import sheet
from tocsin.errors import Forbidden, Malformed, Unavailable
from tocsin.linked import SEE_OTHER, Pressed

if TYPE_CHECKING:
    from collections.abc import Callable

    import flask

    from tocsin.denials import Denials
    from tocsin.domain.sheet import Sheet


def is_link(request: flask.Request) -> bool:
    """Say whether somebody opens the link in a text, rather than Twilio calling back."""
    return door.below(request.path, "reply").startswith("page/")


def linked(request: flask.Request, work: Callable[[Pressed], Sheet], denials: Denials | None = None) -> door.Plain:
    """Give the page behind a link; whoever only looks, a person or whatever reads links in texts, has nothing done."""
    trace.begin(request.headers)
    token = door.below(request.path, "reply").removeprefix("page/")
    try:
        made = work(Pressed(token, _pressed(request)))
    except Malformed as error:
        return sheet.said(str(error)), error.status, {**sheet.HEADERS, "Allow": "GET, HEAD, POST"}
    except Forbidden as error:
        # Without the path in the log: it may hold a link, with one character too many.
        log.event(f"refused: {error}", "WARNING")
        if denials:
            denials.refused("reply", str(error))
        return sheet.said("This is no link of ours. Nothing was done."), 404, dict(sheet.HEADERS)
    except Unavailable as error:
        log.event(f"no page: {error}", "ERROR")
        return (
            sheet.said("Not done: please try again, or reply to the text."),
            503,
            {**sheet.HEADERS, "Retry-After": "5"},
        )
    again = {"Location": token} if made.status == SEE_OTHER else {}  # relative: the same address, asked for anew
    return made.html, made.status, {**sheet.HEADERS, **again}


def _pressed(request: flask.Request) -> str:
    """Give the button that was pressed, none for whoever looks."""
    if request.method in {"GET", "HEAD"}:
        received.drop(request)
        return ""
    if request.method != "POST" or request.mimetype != "application/x-www-form-urlencoded":
        received.drop(request)
        raise Malformed("A page is looked at, or one of its buttons is pressed. Nothing was done.", status=405)
    button = dict(received.form(request)).get("do", "")
    if button not in sheet.ACTIONS:
        raise Malformed("There is no such button. Nothing was done.")
    return button
