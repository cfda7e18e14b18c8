"""What a reply does to the incidents on a phone: only what is certain, and always with words that say so."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.domain.examples import HOUR, MINUTE, NOW, config, incident
from tocsin.domain import wording
from tocsin.domain.answers import Answer, Page, Said, answer
from tocsin.domain.escalation import page_next
from tocsin.domain.incident import Status, acknowledge, resolve
from tocsin.domain.replies import Reply, Wish

CONFIG = config()
LATER = NOW + MINUTE
OPEN = page_next(incident(), CONFIG, NOW)
OTHER = replace(OPEN, id="i2", title="disk full", opened_at=NOW + MINUTE)
ACKNOWLEDGED = acknowledge(OPEN, "Bram", NOW, "by text")
RESOLVED = resolve(OPEN, "Bram", NOW, "by text")
PAGES = {
    "open": Page("4821", OPEN, 1),
    "other": Page("0042", OTHER, 1),
    "has": Page("4821", ACKNOWLEDGED, 1),
    "over": Page("4821", RESOLVED, 1),
}


def ask(wish: Wish, code: str, *pages: Page) -> Answer:
    return answer(Reply(wish, code), pages, Said("Ada", "by text", LATER), CONFIG, LATER)


@pytest.mark.parametrize(
    ("wish", "page", "status", "words"),
    [
        (Wish.ACKNOWLEDGE, "open", Status.ACKNOWLEDGED, "Acknowledged 4821"),
        (Wish.RESOLVE, "open", Status.RESOLVED, "Resolved 4821"),
        (Wish.ESCALATE, "open", Status.TRIGGERED, "Escalated 4821"),
        (Wish.RESOLVE, "has", Status.RESOLVED, "Resolved 4821"),
        (Wish.ESCALATE, "has", Status.TRIGGERED, "Escalated 4821"),
        (Wish.ACKNOWLEDGE, "has", None, "Already acknowledged by Bram at 02:14 UTC"),
        (Wish.ACKNOWLEDGE, "over", None, "Already resolved by Bram at 02:14 UTC"),
        (Wish.RESOLVE, "over", None, "Already resolved by Bram at 02:14 UTC"),
        (Wish.ESCALATE, "over", None, "Already resolved by Bram at 02:14 UTC"),
    ],
)
def test_a_named_page_is_answered(wish: Wish, page: str, status: Status | None, words: str) -> None:
    given_answer = ask(wish, "4821", PAGES[page], PAGES["other"])
    assert (given_answer.incident.status if given_answer.incident else None) == status
    assert given_answer.words.startswith(words)
    assert not given_answer.passive
    if given_answer.incident:
        assert given_answer.incident.id == "i1"
        assert any("Ada" in entry.why and "by text" in entry.why for entry in given_answer.incident.timeline)


def test_an_unknown_code_changes_nothing_and_says_so() -> None:
    for wish in (Wish.ACKNOWLEDGE, Wish.RESOLVE, Wish.ESCALATE):
        assert ask(wish, "9999", PAGES["open"]) == Answer(wording.UNKNOWN_CODE.format(code="9999"))


def test_a_bare_ack_takes_the_only_page_that_waits() -> None:
    taken = ask(
        Wish.ACKNOWLEDGE,
        "",
        Page("4821", replace(ACKNOWLEDGED, id="i3"), 1),
        Page("1111", RESOLVED, 1),
        PAGES["other"],
    )
    assert taken.incident
    assert (taken.incident.id, taken.incident.status) == ("i2", Status.ACKNOWLEDGED)


def test_one_incident_under_two_codes_is_one_page() -> None:
    taken = ask(Wish.ACKNOWLEDGE, "", Page("4821", OPEN, 1), Page("4822", OPEN, 1))
    assert taken.incident
    assert taken.incident.status is Status.ACKNOWLEDGED


def test_a_bare_ack_to_several_pages_changes_nothing_and_lists_them() -> None:
    refused = ask(Wish.ACKNOWLEDGE, "", PAGES["open"], PAGES["other"])
    assert (refused.incident, refused.passive) == (None, True)
    assert "4821 checkout is down" in refused.words
    assert "0042 disk full" in refused.words


def test_whoever_is_second_hears_who_was_first() -> None:
    late = replace(ACKNOWLEDGED, id="i2", title="disk full", answered_by="Carla", opened_at=NOW + HOUR)
    second = ask(Wish.ACKNOWLEDGE, "", PAGES["has"], Page("0042", late, 1), Page("1111", RESOLVED, 1))
    assert second == Answer("Already acknowledged by Carla at 02:14 UTC: disk full (0042)", passive=True)


def test_what_was_passed_on_is_not_passed_on_again() -> None:
    """Two people escalating the same page would otherwise skip the one who has it now."""
    passed = ask(Wish.ESCALATE, "4821", PAGES["open"]).incident
    assert passed
    second = ask(Wish.ESCALATE, "4821", Page("4821", passed, 1))
    assert second.incident is None
    assert second.words == wording.passed_on(passed, "4821")
    assert ask(Wish.ESCALATE, "4821", Page("4821", passed, 2)).incident


@pytest.mark.parametrize("pages", [(), (PAGES["over"],)])
def test_with_nothing_open_it_says_so(pages: tuple[Page, ...]) -> None:
    assert ask(Wish.ACKNOWLEDGE, "", *pages) == Answer(wording.NOTHING_OPEN, passive=True)


@pytest.mark.parametrize("wish", [Wish.HELP, Wish.UNCLEAR])
def test_what_is_unclear_gets_help_and_changes_nothing(wish: Wish) -> None:
    assert ask(wish, "", PAGES["open"]) == Answer(wording.HELP, passive=True)


@given(
    wish=st.sampled_from(Wish),
    code=st.sampled_from(["", "4821", "0042", "9999"]),
    names=st.lists(st.sampled_from(sorted(PAGES)), max_size=4),
)
@settings(deadline=None)
def test_every_answer_has_words_and_only_a_command_changes_anything(wish: Wish, code: str, names: list[str]) -> None:
    given_answer = ask(wish, code, *[PAGES[name] for name in names])
    assert given_answer.words
    if given_answer.incident:
        assert wish in {Wish.ACKNOWLEDGE, Wish.RESOLVE, Wish.ESCALATE}
        assert not given_answer.passive
        assert given_answer.incident.generation > OPEN.generation


def test_a_bare_ack_never_means_a_page_that_may_not_have_arrived() -> None:
    listed = ask(Wish.ACKNOWLEDGE, "", Page("4821", OPEN, 1, sent=False))
    assert listed.incident is None
    assert "4821 checkout is down" in listed.words
    assert ask(Wish.ACKNOWLEDGE, "4821", Page("4821", OPEN, 1, sent=False)).incident


def test_what_was_written_before_an_answer_and_found_after_it_does_not_pass_the_page_on() -> None:
    taken = acknowledge(OPEN, "Bram", LATER, "by text")
    early = Said("Ada", "by text", NOW)
    late = answer(Reply(Wish.ESCALATE, "4821"), [Page("4821", taken, 1)], early, CONFIG, LATER + HOUR)
    assert (late.incident, late.words.startswith("Already acknowledged by Bram")) == (None, True)


def test_an_escalation_written_in_the_second_of_the_answer_gives_way_to_it() -> None:
    taken = acknowledge(OPEN, "Bram", LATER, "by text")
    asked = Said("Ada", "by text", LATER)
    assert answer(Reply(Wish.ESCALATE, "4821"), [Page("4821", taken, 1)], asked, CONFIG, LATER).incident is None


def test_a_code_means_the_first_of_the_pages_that_carry_it() -> None:
    taken = ask(Wish.ACKNOWLEDGE, "4821", PAGES["open"], Page("4821", OTHER, 1))
    assert taken.incident
    assert taken.incident.id == "i1"
