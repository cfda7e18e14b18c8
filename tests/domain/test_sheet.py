"""The page behind a link: what it says, which buttons it has, and that nothing of an alert becomes markup."""

import base64
import hashlib
import re
from dataclasses import replace

import pytest

from tests.domain.examples import NOW, incident, notification
from tocsin.domain.incident import Incident, acknowledge, resolve
from tocsin.domain.sheet import ACTIONS, HEADERS, said, shown

PAGE = notification(user="ada", user_name="Ada <Lovelace>", zone="UTC")
OPEN = incident(affected="web-1 & web-2", details="<b>5xx</b>", link="https://grafana.example/d/1?a=1&b=2")
TAKEN = acknowledge(OPEN, "Bram", NOW, "by text")


def buttons(one: Incident, *, open_: bool = True) -> list[str]:
    return re.findall(r'<button name="do" value="(\w+)"', shown(one, PAGE, NOW, open_=open_))


def test_what_waits_has_both_buttons_and_names_whoever_answers() -> None:
    html = shown(OPEN, PAGE, NOW, open_=True)
    assert buttons(OPEN) == ["acknowledge", "resolve"]
    assert set(buttons(OPEN)) == ACTIONS
    assert "You answer as Ada &lt;Lovelace&gt;." in html
    assert '<form method="post">' in html
    assert html.index("<form") < html.index("web-1 &amp; web-2") < html.index("&lt;b&gt;5xx") < html.index("grafana")


def test_what_somebody_has_can_be_resolved_and_whoever_was_asked_beside_them_can_join() -> None:
    assert buttons(TAKEN) == ["resolve"]
    assert '<p class="done">Acknowledged</p>' in shown(TAKEN, PAGE, NOW, open_=True)
    assert buttons(replace(TAKEN, asked=("ada",))) == ["acknowledge", "resolve"]


def test_what_is_over_and_what_has_a_newer_text_have_no_buttons_and_say_why() -> None:
    over = resolve(OPEN, "Bram", NOW, "by text")
    assert buttons(over) == buttons(OPEN, open_=False) == []
    assert "It is over: there is nothing left to do here." in shown(over, PAGE, NOW, open_=True)
    assert "The newest text from Tocsin is." in shown(OPEN, PAGE, NOW, open_=False)


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (OPEN, "Nobody has answered yet. High urgency, since 02:14 UTC."),
        (replace(OPEN, priority="P1"), "Nobody has answered yet. P1, high urgency, since 02:14 UTC."),
        (TAKEN, "Acknowledged by Bram. High urgency, since 02:14 UTC."),
        (resolve(OPEN, "Bram", NOW, "by text"), "Resolved by Bram. High urgency, since 02:14 UTC."),
    ],
)
def test_it_says_how_the_incident_stands(one: Incident, words: str) -> None:
    assert f"<p>{words}</p>" in shown(one, PAGE, NOW, open_=True)


def test_only_a_link_that_a_browser_can_follow_is_one() -> None:
    html = shown(OPEN, PAGE, NOW, open_=True)
    link = "https://grafana.example/d/1?a=1&amp;b=2"
    assert f'<a href="{link}" rel="noopener noreferrer">{link}</a>' in html
    assert "<a " in shown(replace(OPEN, link="http://grafana.example"), PAGE, NOW, open_=True)
    for other in ("", "javascript:alert(1)", "ftp://grafana.example"):
        assert "<a " not in shown(replace(OPEN, link=other), PAGE, NOW, open_=True)


def test_what_is_missing_leaves_no_gap_and_what_is_long_is_cut() -> None:
    bare = shown(replace(OPEN, affected="", details=""), PAGE, NOW, open_=True)
    assert "<pre>" not in bare
    assert "<p></p>" not in bare
    long = shown(replace(OPEN, affected="a" * 2000, details="d" * 2000), PAGE, NOW, open_=True)
    assert f"<p>{'a' * 1500}</p>" in long
    assert f"<pre>{'d' * 1500}</pre>" in long


def test_a_sentence_is_a_page() -> None:
    html = said("This link is <too> old.")
    assert html.startswith("<!doctype html>")
    assert "<title>Tocsin</title>" in html
    assert "<h1>This link is &lt;too&gt; old.</h1>" in html
    assert html.endswith("</main></body></html>\n")


def test_its_headers_let_nothing_run_and_nobody_frame_or_keep_it() -> None:
    [style] = re.findall(r"<style>(.*?)</style>", said("x"), re.DOTALL)
    hashed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert HEADERS["Content-Security-Policy"].split("; ") == [
        "default-src 'none'",
        f"style-src 'sha256-{hashed}'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ]
    assert {name: value for name, value in HEADERS.items() if name != "Content-Security-Policy"} == {
        "Content-Type": "text/html; charset=utf-8",
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "X-Robots-Tag": "noindex, nofollow",
    }
