"""The page with the phones in a real browser: what is paged is read, heard and answered there."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import BrowserContext, Dialog, Locator, Page, Request, expect, sync_playwright

from tests.system.pager import PRIMARY, SECONDARY, Pager
from tests.system.programs import program

# Debian's browser as root in a container, which says nothing to anybody on its own.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
WIDE, NARROW = (1280, 900), (390, 844)
SWIPED = 760  # up to this width one phone is shown, and the next one is swiped to
REST_OF_TITLE = f"\N{RIGHT-TO-LEFT OVERRIDE}\N{HEBREW LETTER ALEF} {'w' * 960}"


@dataclass
class Seen:
    """What the browser asked for and complained about while the page was open."""

    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def follow(self, page: Page) -> None:
        """Write down requests, messages, errors and dialogs; the browser reports what its policy blocks as an error."""
        page.on("request", self._request)
        page.on("console", lambda message: self.complaints.append(message.text) if _bad(message.type) else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", self._dialog)

    def _request(self, request: Request) -> None:
        self.requests.append(request.url)

    def _dialog(self, dialog: Dialog) -> None:
        self.complaints.append(dialog.message)
        dialog.dismiss()


def _bad(kind: str) -> bool:
    return kind in {"error", "warning", "assert"}


@pytest.fixture(scope="module")
def browser() -> Iterator[BrowserContext]:
    binary = program("chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=binary, args=ARGUMENTS)
        context = chromium.new_context()
        context.set_default_timeout(20_000)
        yield context
        chromium.close()


@pytest.fixture
def page(browser: BrowserContext, pager: Pager) -> Iterator[Page]:
    """The page, open and live; at the end it has asked nobody but the pager and complained about nothing."""
    expect.set_options(timeout=20_000)
    seen, page = Seen(), browser.new_page()
    seen.follow(page)
    page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    page.goto(f"{pager.url}/phone")
    expect(page.locator("#link")).to_have_text("Live")
    yield page
    page.close()
    assert seen.requests
    assert [url for url in seen.requests if not url.startswith(f"{pager.url}/phone")] == []
    assert seen.complaints == []


def test_an_alert_arrives_on_the_right_phone_and_a_typed_ack_is_answered(pager: Pager, page: Page) -> None:
    pager.alert("the till is stuck")
    text = _thread(page, PRIMARY).get_by_text("the till is stuck. Reply ack")
    expect(text).to_have_count(1)
    expect(_phone(page, PRIMARY).get_by_text("On call")).to_be_visible()
    expect(_thread(page, SECONDARY).get_by_text("the till is stuck")).to_have_count(0)

    reply = page.get_by_label("Text from Primary Person's phone")
    reply.fill("ack")
    reply.press("Enter")

    expect(_thread(page, PRIMARY).get_by_text("Acknowledged")).to_contain_text("Nobody else is paged")
    expect(_thread(page, PRIMARY).locator(".mine")).to_contain_text("ack")
    incident = _incident(page, "the till is stuck")
    expect(incident.locator(".state-label")).to_have_text("Acknowledged")
    expect(incident.locator(".timeline")).to_contain_text("Primary Person acknowledged")
    expect(incident.locator(".due li")).to_have_count(0)


def test_without_an_answer_the_phone_rings_speaks_and_takes_a_key(pager: Pager, page: Page) -> None:
    pager.alert("the shutters are open", service="checkout")
    expect(_thread(page, PRIMARY).get_by_text("the shutters are open")).to_have_count(1)
    due = _incident(page, "the shutters are open").locator(".due")
    expect(due).to_contain_text("level 2")

    call = _phone(page, PRIMARY).get_by_role("group", name="Incoming call from Tocsin")
    call.get_by_role("button", name="Answer").click()
    talk = _phone(page, PRIMARY).get_by_role("group", name="Call with Tocsin")
    expect(talk.get_by_label("What is spoken")).to_contain_text("the shutters are open")
    talk.get_by_role("button", name="4", exact=True).click()

    expect(talk.get_by_label("What is spoken")).to_contain_text("Acknowledged")
    talk.get_by_role("button", name="Hang up").click()
    expect(_thread(page, PRIMARY)).to_contain_text("pressed 4")
    incident = _incident(page, "the shutters are open")
    expect(incident.locator(".state-label")).to_have_text("Acknowledged")
    expect(incident.locator(".timeline")).to_contain_text("Primary Person acknowledged by phone")


def test_each_line_of_the_timeline_says_what_happened_and_why(pager: Pager, page: Page) -> None:
    pager.alert("the clock is wrong")
    lines = _incident(page, "the clock is wrong").locator(".timeline li")
    expect(lines.filter(has_text="delivered")).to_have_count(1)
    for line in lines.all():
        expect(line.locator(".text")).not_to_be_empty()
        expect(line.locator(".reason")).not_to_be_empty()
    expect(lines.filter(has_text="on call in shop")).to_have_count(1)


def test_three_phones_are_shown_whole_and_the_handsets_stand_side_by_side_at_any_width(page: Page) -> None:
    for width in (360, 390, SWIPED, SWIPED + 1, 768, 840, 841, 1024, 1100, 1240, 1241, 1280, 1366, 1440, 1920):
        page.set_viewport_size({"width": width, "height": 800})
        # As laid out, for one that rings shakes.
        laid_out = "all => all.map(each => [each.offsetTop, each.offsetWidth, each.offsetLeft])"
        handsets = page.locator(".phone .body").evaluate_all(laid_out)
        left, end = page.locator("#shelf").evaluate("shelf => [shelf.offsetLeft, shelf.offsetLeft + shelf.clientWidth]")
        assert len({top for top, _, _ in handsets}) == 1, (width, handsets)
        for _, broad, start in handsets[: 3 if width > SWIPED else 1]:
            assert broad >= 200, (width, handsets)
            assert left <= start, (width, handsets)
            assert start + broad <= end, (width, handsets)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_a_hostile_title_is_only_text_and_the_page_keeps_its_width(
    pager: Pager, page: Page, size: tuple[int, int]
) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    markup = f"<img src=x onerror=alert({size[0]})>"
    pager.alert(f"{markup} {REST_OF_TITLE}", dedup_key=markup)
    expect(_thread(page, PRIMARY).get_by_text(markup)).to_have_count(1)
    heading = page.locator("article.incident h3", has_text=markup)
    expect(heading).to_have_count(1)

    title = pager.incident(markup)["title"]
    assert len(title) > 900
    assert heading.text_content() == title
    assert page.locator("main img[src=x]").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


def test_on_a_narrow_screen_a_tab_leads_to_each_phone(pager: Pager, page: Page) -> None:
    page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    pager.alert("the roof leaks")
    expect(_thread(page, PRIMARY).get_by_text("the roof leaks")).to_be_in_viewport()

    page.get_by_role("navigation", name="Phones").get_by_role("button", name="Secondary").click()

    expect(page.get_by_label("Text from Secondary Person's phone")).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW[0]


def _phone(page: Page, number: str) -> Locator:
    return page.locator(f'article.phone[data-number="{number}"]')


def _thread(page: Page, number: str) -> Locator:
    return _phone(page, number).locator(".thread")


def _incident(page: Page, title: str) -> Locator:
    return page.locator("article.incident", has_text=title)
