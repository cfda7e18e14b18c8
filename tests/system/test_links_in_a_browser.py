"""The page behind a link in a real browser: a hundred hostile alerts run nothing, and it is readable at any width."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, Route, sync_playwright

from tests.domain.examples import NOW, incident, notification
from tests.system.programs import program
from tests.system.test_phones_in_a_browser import ARGUMENTS, Seen
from tocsin.domain import sheet
from tocsin.domain.incident import Incident, Status

URL = "https://pager.example/reply/page/token"
RUN = "window.ran=(window.ran||0)+1"
TAGS = [
    "img src=x onerror={}",
    "svg onload={}",
    "body onload={}",
    "input autofocus onfocus={}",
    "video src=x onerror={}",
    "details open ontoggle={}",
    "marquee onstart={}",
    "iframe srcdoc='<script>parent.{}</script>'",
    "object data=x onerror={}",
    "select autofocus onfocus={}",
    "audio src=x onerror={}",
    "style onload={}",
    "math><mi onmouseover={}",
    "a href=javascript:{}",
]
BEFORE = ["", '">', "'>", "</h1>", "</p>", "</pre>", "</title>", "</style>", "</main>", "--><!--"]
PAYLOADS = [f"{before}<{tag.format(RUN)}>" for before in BEFORE for tag in TAGS] + [
    f"<script>{RUN}</script>",
    f"</script><script>{RUN}</script>",
    f"<script src=data:,{RUN}></script>",
    f"<scr<script>ipt>{RUN}</scr</script>ipt>",
    f"<SCRIPT>{RUN}</SCRIPT>",
    f"\x00<script>{RUN}</script>",
    f"<base href=https://evil.example><script>{RUN}</script>",
    f"<meta http-equiv=refresh content='0;javascript:{RUN}'>",
    f"<form action=javascript:{RUN}><button>",
    f"&lt;script&gt;{RUN}&lt;/script&gt;",
    f"\u003cscript\u003e{RUN}",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[BrowserContext]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program("chromium"), args=ARGUMENTS)
        context = chromium.new_context(color_scheme="dark")
        context.set_default_timeout(20_000)
        yield context
        chromium.close()


def opened(page: Page, html: str, *, policy: bool = True) -> None:
    """Let the page be what lies at the link, with the headers that it is sent with, or without its policy."""
    headers = {name: value for name, value in sheet.HEADERS.items() if policy or "Policy" not in name}
    page.unroute_all()
    page.route("**/*", lambda route: _answered(route, html, headers))
    page.goto(URL)


def _answered(route: Route, html: str, headers: dict[str, str]) -> None:
    if route.request.url == URL:
        route.fulfill(body=html, headers=headers)
    else:
        route.abort()


def spoilt(words: str) -> Incident:
    return incident(
        title=words,
        service_name=words,
        affected=words,
        details=words,
        link=f"https://x.example/{words}",
        answered_by=words,
        priority=words,
        status=Status.ACKNOWLEDGED,
    )


def test_there_are_a_hundred() -> None:
    assert len(set(PAYLOADS)) >= 100


@pytest.mark.parametrize("policy", [True, False], ids=["as it is sent", "without its policy"])
def test_whatever_an_alert_says_nothing_of_it_runs(browser: BrowserContext, *, policy: bool) -> None:
    page, seen = browser.new_page(), Seen()
    seen.follow(page)
    for words in PAYLOADS:
        opened(page, sheet.shown(spoilt(words), notification(user_name=words), NOW, open_=True), policy=policy)
        assert page.evaluate("window.ran || 0") == 0, words
        assert page.locator("script, img, svg, iframe, object, video, audio, base, input, select").count() == 0, words
        assert page.locator("button").count() == 1
    assert set(seen.requests) == {URL}
    assert seen.complaints == []
    page.close()


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_it_is_read_and_pressed_at_any_width(browser: BrowserContext, width: int) -> None:
    page = browser.new_page()
    page.set_viewport_size({"width": width, "height": 700})
    opened(page, sheet.shown(incident(title="w" * 400, details="x" * 3000), notification(), NOW, open_=True))
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for button in page.locator("button").all():
        box = button.bounding_box()
        assert box
        assert box["height"] >= 60
        assert box["width"] >= min(280, width - 60)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(0, 0, 0)"
    page.close()


def test_where_the_first_button_was_no_other_one_comes_to_lie(browser: BrowserContext) -> None:
    page = browser.new_page()
    page.set_viewport_size({"width": 390, "height": 844})
    opened(page, sheet.shown(incident(), notification(), NOW, open_=True))
    first = page.locator("button[value=acknowledge]").bounding_box()
    assert first
    opened(page, sheet.shown(incident(status=Status.ACKNOWLEDGED, answered_by="Ada"), notification(), NOW, open_=True))
    at = {"x": first["x"] + first["width"] / 2, "y": first["y"] + first["height"] / 2}
    assert page.evaluate("({x, y}) => document.elementFromPoint(x, y).tagName", at) != "BUTTON"
    assert page.locator("button[value=resolve]").count() == 1
    page.close()
