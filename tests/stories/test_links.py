"""The link in a text: whoever opens it looks, whoever presses a button answers, and nothing else ever does."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from urllib.parse import urlencode, urlsplit

import flask
import pytest
from werkzeug.test import EnvironBuilder

from tests.stories.night import Night
from tests.stories.test_audit import flaws
from tests.stories.test_callers import documents
from tests.stories.world import LINK_SECRET, PUBLIC_URL
from tocsin import browse, linked
from tocsin.domain import links
from tocsin.domain.config import Config, Rule
from tocsin.domain.incident import Incident

FORM = "application/x-www-form-urlencoded"
METHODS = ("GET", "HEAD")


class Buttons(HTMLParser):
    """What a page lets one press, and what it would load or run."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.add(tag)
        if tag == "button":
            self.names.append(given.get("value") or "")
        if tag == "a":
            self.links.append(given.get("href") or "")
        assert not [name for name in given if name.startswith("on") or name in {"src", "action", "formaction"}]


class Browser:
    """Somebody's browser, or whatever reads the links in texts before they do."""

    def __init__(self, night: Night) -> None:
        self.night = night
        self.secrets: tuple[str, ...] = (LINK_SECRET,)
        self.html, self.status, self.headers = "", 0, dict[str, str]()

    def asks(
        self, path: str, method: str = "GET", body: bytes = b"", kind: str = "", sent: Mapping[str, str] | None = None
    ) -> "Browser":
        builder = EnvironBuilder(path, method=method, data=body, content_type=kind, headers=list((sent or {}).items()))
        request = flask.Request(builder.get_environ())
        assert browse.is_link(request)
        world = self.night.world
        self.html, self.status, self.headers = browse.linked(
            request, lambda asked: linked.linked(asked, self.secrets, world.store, world.queue, world.moment())
        )
        return self

    def looks(self, url: str) -> "Browser":
        return self.asks(urlsplit(url).path)

    def presses(self, url: str, button: str) -> "Browser":
        """Press a button, and follow where that leads; time passes for what it sets going."""
        self.asks(urlsplit(url).path, "POST", urlencode({"do": button}).encode(), FORM)
        if self.status == 303:
            assert self.headers["Location"] == url.rpartition("/")[2]
            self.looks(url)
        self.night.passes(seconds=2)
        return self

    @property
    def buttons(self) -> list[str]:
        return Buttons(self.html).names


@pytest.fixture
def linking(night: Night, team: Config) -> Browser:
    """A night whose people have asked for links, in a service without much in its text."""
    users = {name: replace(user, links=True) for name, user in team.users.items()}
    night.world.config = replace(team, users=users)
    return Browser(night)


def link(night: Night, user: str = "primary") -> str:
    found = re.search(rf"{PUBLIC_URL}/reply/page/\S+", night.phone(user).text)
    assert found, f"no link in {night.phone(user).text!r}"
    return found[0]


def paged(night: Night) -> str:
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down", "Reply ack ", "/reply/page/")
    return link(night)


def test_a_button_acknowledges_as_the_one_whom_the_text_went_to(night: Night, linking: Browser) -> None:
    url = paged(night)
    assert linking.looks(url).buttons == ["acknowledge", "resolve"]
    assert night.is_open()
    linking.presses(url, "acknowledge")
    assert night.is_acknowledged("Primary Person")
    assert night.told("acknowledged", "Primary Person acknowledged by link") == 1
    written = [one for _, one in night.world.store.query("audit", limit=100) if "link" in one["channel"]]
    assert sorted((one["kind"], one["by"], one["what"]) for one in written) == [
        ("access", "Primary Person", "an incident shown"),
        ("action", "Primary Person", "acknowledged"),
    ]
    assert "Acknowledged by Primary Person." in linking.html
    assert linking.buttons == ["resolve"]
    night.passes(hours=1)
    night.phone("secondary").stays_silent()


def test_a_button_resolves_also_what_was_acknowledged_with_the_other(night: Night, linking: Browser) -> None:
    url = paged(night)
    linking.presses(url, "acknowledge").presses(url, "resolve")
    assert night.is_resolved("Primary Person")
    assert "It is over" in linking.html
    assert linking.buttons == []


@pytest.mark.parametrize("method", METHODS)
def test_a_hundred_looks_of_whatever_reads_links_do_nothing(night: Night, linking: Browser, method: str) -> None:
    url = paged(night)
    before = documents(night.world)
    for _ in range(100):
        for path in (urlsplit(url).path, urlsplit(url).path + "?do=acknowledge"):
            assert linking.asks(path, method, sent={"Purpose": "prefetch"}).status == 200
    assert documents(night.world) == before
    assert night.is_open()
    night.phone("primary").answers("ack").receives("Acknowledged")


def test_whoever_reads_who_answered_is_told_of_once_in_five_minutes(night: Night, linking: Browser) -> None:
    url = paged(night)
    linking.looks(url)
    assert night.world.store.query("audit") == []
    night.phone("primary").answers("ack").receives("Acknowledged")
    for _ in range(60):
        assert "Acknowledged by Primary Person." in linking.looks(url).html
        night.world.now += timedelta(seconds=10)
    looks = [one for _, one in night.world.store.query("audit") if one["kind"] == "access"]
    assert 2 <= len(looks) <= 3
    assert {(one["user"], one["about"]) for one in looks} == {("primary", f"incidents/{night.incident.id}")}
    night.passes(minutes=1)
    assert flaws(night) == ()


def test_nobody_has_a_link_who_did_not_ask_for_one(night: Night) -> None:
    night.alert("checkout is down")
    assert "://" not in night.phone("primary").receives("checkout is down").text
    night.phone("primary").answers("ack").receives("Acknowledged")


def test_a_text_with_a_link_keeps_its_commands_and_fits_two_segments(night: Night, linking: Browser) -> None:
    night.alert("checkout is down, and so is " + "everything behind it " * 30)
    phone = night.phone("primary").receives("checkout is down", "...")
    assert phone.text.endswith(f"Reply ack {phone.code}, resolve {phone.code} or escalate {phone.code}. {link(night)}")
    assert linking.looks(link(night)).status == 200
    phone.answers("ack").receives("Acknowledged")


def test_a_digest_has_no_link_for_it_is_about_several(night: Night, linking: Browser) -> None:
    for name in ("a", "b", "c"):
        night.alert(f"checkout {name} is down", name=name)
    night.phone("primary").receives("checkout a is down", "/reply/page/")
    night.passes(minutes=2)
    night.phone("primary").receives("2 incidents")
    assert "://" not in night.phone("primary").text
    night.phone("primary").answers("ack {code}").receives("Acknowledged").rings()
    linking.presses(link_of(night, "checkout a"), "acknowledge")
    for phone in ("primary", "secondary"):
        night.phone(phone).has_had_enough()


def link_of(night: Night, words: str) -> str:
    [text] = [one.body for one in night.phone("primary").received() if words in one.body and "://" in one.body]
    return text.rpartition(" ")[2]


# Used, expired, forged


def test_pressing_twice_is_pressing_once(night: Night, linking: Browser) -> None:
    url = paged(night)
    linking.presses(url, "acknowledge")
    after = documents(night.world)
    for _ in range(10):
        assert linking.presses(url, "acknowledge").status == 200
    assert documents(night.world) == after


def test_whoever_comes_second_reads_who_has_it(night: Night, linking: Browser) -> None:
    url = paged(night)
    night.phone("primary").answers("ack").receives("Acknowledged")
    linking.presses(url, "acknowledge")
    assert "Acknowledged by Primary Person." in linking.html
    assert night.told("acknowledged") == 1


def test_a_link_of_before_answers_nothing_that_came_after(night: Night, linking: Browser) -> None:
    """Acknowledged, and triggered again since: that is another episode, and its text has another link."""
    night.changes("services", "checkout", acknowledgement_timeout=timedelta(minutes=30))
    old = paged(night)
    linking.presses(old, "acknowledge")
    night.passes(minutes=31)
    night.phone("primary").receives("checkout is down")
    assert night.is_open()
    for button in ("acknowledge", "resolve"):
        linking.presses(old, button)
        assert night.is_open()
    assert linking.looks(old).buttons == []
    assert "not the way to answer any more" in linking.html
    linking.presses(link(night), "acknowledge")
    assert night.is_acknowledged("Primary Person")


def test_a_link_of_a_trouble_that_is_over_answers_nothing_of_the_next(night: Night, linking: Browser) -> None:
    old = paged(night)
    night.resolves("checkout is down")
    night.passes(minutes=2)
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down")
    linking.presses(old, "acknowledge")
    assert night.is_open()
    assert "It is over" in linking.looks(old).html
    night.phone("primary").answers("ack {code}").receives("Acknowledged")


def test_a_link_holds_for_a_day(night: Night, linking: Browser) -> None:
    url = paged(night)
    night.phone("primary").answers("ack").receives("Acknowledged")
    night.passes(hours=23, minutes=59)
    assert linking.looks(url).buttons == ["resolve"]
    night.passes(minutes=1)
    before = documents(night.world)
    assert linking.looks(url).status == 410
    assert "This link has expired: it held for a day. Nothing was done." in linking.html
    assert linking.presses(url, "resolve").status == 410
    assert documents(night.world) == before


def forged(url: str, night: Night) -> dict[str, str]:
    """Gives links that are nearly the one that was sent."""
    token = url.rpartition("/")[2]
    page, expires, signature = token.split(".")
    other = page.replace("primary", "secondary")
    far = f"{int(expires, 16) + 86400:x}"
    again = links.token("another secret", page, int(expires, 16))
    return {
        "another person": f"{other}.{expires}.{signature}",
        "a later end": f"{page}.{far}.{signature}",
        "another channel": f"{page[:-1]}2.{expires}.{signature}",
        "another secret": again,
        "no secret": links.token("", page, int(expires, 16)),
        "a signature cut short": token[:-1],
        "one letter more": token + "A",
        "another signature": f"{page}.{expires}.{signature[::-1]}",
        "no signature": f"{page}.{expires}.",
        "no end": f"{page}..{signature}",
        "parts the other way round": f"{signature}.{expires}.{page}",
        "another path below": f"{token}/x",
        "a path of a document": f"..%2F{token}",
        "nothing": "",
        "the incident's id": night.incident.id,
        "not ASCII": token.replace("a", "\N{CYRILLIC SMALL LETTER A}"),
        "an end beyond time": links.token("another secret", page, 16**9),
    }


@pytest.mark.parametrize("case", [
    "another person", "a later end", "another channel", "another secret", "no secret", "a signature cut short",
    "one letter more", "another signature", "no signature", "no end", "parts the other way round",
    "another path below", "a path of a document", "nothing", "the incident's id", "not ASCII", "an end beyond time",
])  # fmt: skip
def test_a_forged_link_says_so_and_does_nothing(night: Night, linking: Browser, case: str) -> None:
    url = paged(night)
    path = f"/reply/page/{forged(url, night)[case]}"
    before = documents(night.world)
    for method, body, kind in (("GET", b"", ""), ("POST", b"do=acknowledge", FORM)):
        linking.asks(path, method, body, kind)
        assert linking.status == 404
        assert "This is no link of ours. Nothing was done." in linking.html
        assert "checkout" not in linking.html
    assert documents(night.world) == before
    night.phone("primary").answers("ack").receives("Acknowledged")


@pytest.mark.parametrize(
    ("method", "body", "kind", "status"),
    [
        ("PUT", b"do=acknowledge", FORM, 405),
        ("DELETE", b"", "", 405),
        ("POST", b'{"do": "acknowledge"}', "application/json", 405),
        ("POST", b"do=acknowledge", "text/plain", 405),
        ("POST", b"do=escalate", FORM, 400),
        ("POST", b"", FORM, 400),
        ("POST", b"x=acknowledge", FORM, 400),
        ("POST", b"do=" + b"x" * 70_000, FORM, 413),
        ("POST", b"do=%ff", FORM, 400),
    ],
)
def test_whatever_is_no_button_does_nothing(
    night: Night, linking: Browser, method: str, body: bytes, kind: str, status: int
) -> None:
    url = paged(night)
    before = documents(night.world)
    assert linking.asks(urlsplit(url).path, method, body, kind).status == status
    assert documents(night.world) == before
    night.phone("primary").answers("ack").receives("Acknowledged")


def test_without_a_secret_there_are_no_links_and_none_opens(night: Night, linking: Browser) -> None:
    url = paged(night)
    linking.secrets = ()
    assert linking.presses(url, "acknowledge").status == 404
    assert night.is_open()
    night.phone("primary").answers("ack").receives("Acknowledged")


def test_while_the_secret_is_exchanged_links_of_both_hold(night: Night, linking: Browser) -> None:
    url = paged(night)
    linking.secrets = ("the next secret", LINK_SECRET)
    linking.presses(url, "acknowledge")
    assert night.is_acknowledged("Primary Person")
    linking.secrets = ("the next secret",)
    assert linking.looks(url).status == 404


def test_while_the_documents_are_away_nothing_is_claimed(night: Night, linking: Browser) -> None:
    url = paged(night)
    night.world.store.away = True
    for ask in (linking.looks(url), linking.presses(url, "acknowledge")):
        assert (ask.status, ask.headers["Retry-After"]) == (503, "5")
        assert "Not done: please try again, or reply to the text." in ask.html
    night.world.store.away = False
    assert night.is_open()
    night.phone("primary").answers("ack").receives("Acknowledged")


def test_a_page_that_is_gone_says_so(linking: Browser) -> None:
    url = links.token(LINK_SECRET, "long-ago", 2**31)
    assert linking.looks(f"{PUBLIC_URL}/reply/page/{url}").status == 410
    assert "not known any more. Nothing was done." in linking.html


def test_who_was_asked_beside_joins_by_link(night: Night, linking: Browser) -> None:
    url = paged(night)
    linking.presses(url, "acknowledge")
    night.phone("primary").answers("add {code} manager").receives("Paged as well")
    night.phone("manager").receives("asks for help", "/reply/page/")
    linking.presses(link(night, "manager"), "acknowledge")
    assert night.told("joined", "Manager Person joined by link") == 1
    night.passes(hours=1)


# What stands there


def test_a_page_is_not_kept_told_to_others_or_put_into_a_frame(night: Night, linking: Browser) -> None:
    url = paged(night)
    night.phone("primary").answers("ack").receives("Acknowledged")
    for asked in (url, f"{PUBLIC_URL}/reply/page/forged"):
        headers = linking.looks(asked).headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Content-Type-Options"] == "nosniff"
        policy = headers["Content-Security-Policy"]
        for part in ("default-src 'none'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"):
            assert part in policy
        assert "unsafe" not in policy
        assert not Buttons(linking.html).tags & {"script", "img", "iframe", "object", "link", "video", "svg"}


HOSTILE = [
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</title><script>alert(1)</script>",
    "</style><script>alert(1)</script>", "&lt;script&gt;", "<b>bold</b>", "' onmouseover='alert(1)", "{{7*7}}",
    "</main></body><form action=https://evil.example>", "\u202egnp.exe", "<!--", "]]>", "<svg/onload=alert(1)>",
]  # fmt: skip
LINKS = [
    "javascript:alert(1)",
    "data:text/html,<script>",
    "//evil.example",
    "vbscript:x",
    " https://x",
    "ftp://x",
    "/x",
]


@pytest.mark.parametrize("words", HOSTILE)
def test_whatever_an_alert_says_is_only_read(night: Night, linking: Browser, words: str) -> None:
    url = paged(night)
    spoilt = dict.fromkeys(("title", "service_name", "affected", "details", "answered_by", "priority"), words)
    for target in LINKS:
        night.world.store.spoils(f"incidents/{night.incident.id}", **spoilt, link=target)
        found = Buttons(linking.looks(url).html)
        assert found.tags == {
            "html",
            "head",
            "meta",
            "title",
            "style",
            "body",
            "main",
            "p",
            "h1",
            "pre",
            "form",
            "button",
        }
        assert found.links == []
        assert words not in linking.html or "<" not in words
    night.world.store.spoils(f"incidents/{night.incident.id}", title="x", link='https://wiki.example/"><script>')
    assert Buttons(linking.looks(url).html).links == ['https://wiki.example/"><script>']
    night.phone("primary").answers("ack").receives("Acknowledged")


def test_one_link_answers_one_incident(night: Night, linking: Browser) -> None:
    night.rules(Rule("apart", match=()))
    first = paged(night)
    night.passes(minutes=1)
    night.alert("search is down", name="search")
    night.phone("primary").receives("search is down")
    linking.presses(first, "resolve")
    state: dict[str, Incident] = {one.title: one for one in night.incidents()}
    assert (state["checkout is down"].status, state["search is down"].status) == ("resolved", "triggered")
    night.phone("primary").answers("ack").receives("Acknowledged")
