"""What a reply does to the incidents on a phone: only what is certain, and always with words that say so."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.domain.examples import HOUR, MINUTE, NOW, config, incident, level, named
from tocsin.domain import wording
from tocsin.domain.answers import LOCKED, About, Answer, Page, answer, unless_locked
from tocsin.domain.config import Level
from tocsin.domain.escalation import page_next
from tocsin.domain.incident import Status, acknowledge, resolve
from tocsin.domain.orders import Said
from tocsin.domain.replies import Reply, Wish

CONFIG = config()
LATER = NOW + MINUTE
OPEN = page_next(incident(), CONFIG, NOW)
OTHER = replace(OPEN, id="i2", title="disk full", opened_at=NOW + MINUTE)
ACKNOWLEDGED = acknowledge(OPEN, "Bram", NOW, "by text")
RESOLVED = resolve(OPEN, "Bram", NOW, "by text")
PAGES = {
    "open": Page("4821", (About(OPEN, 1),)),
    "other": Page("0042", (About(OTHER, 1),)),
    "has": Page("4821", (About(ACKNOWLEDGED, 1),)),
    "over": Page("4821", (About(RESOLVED, 1),)),
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
    assert [one.status for one in given_answer.incidents] == ([status] if status else [])
    assert given_answer.words.startswith(words)
    assert not given_answer.passive
    for changed in given_answer.incidents:
        assert changed.id == "i1"
        assert any("Ada" in entry.why and "by text" in entry.why for entry in changed.timeline)


def test_an_unknown_code_changes_nothing_and_says_so() -> None:
    for wish in (Wish.ACKNOWLEDGE, Wish.RESOLVE, Wish.ESCALATE):
        denied = "a code that means nothing on this phone"
        assert ask(wish, "9999", PAGES["open"]) == Answer(wording.UNKNOWN_CODE.format(code="9999"), denied=denied)


def test_a_bare_ack_takes_the_only_page_that_waits() -> None:
    taken = ask(
        Wish.ACKNOWLEDGE,
        "",
        Page("4821", (About(replace(ACKNOWLEDGED, id="i3"), 1),)),
        Page("1111", (About(RESOLVED, 1),)),
        PAGES["other"],
    )
    assert [(one.id, one.status) for one in taken.incidents] == [("i2", Status.ACKNOWLEDGED)]


def test_one_incident_under_two_codes_is_one_page() -> None:
    taken = ask(Wish.ACKNOWLEDGE, "", Page("4821", (About(OPEN, 1),)), Page("4822", (About(OPEN, 1),)))
    assert [one.status for one in taken.incidents] == [Status.ACKNOWLEDGED]


def test_a_bare_ack_to_several_pages_changes_nothing_and_lists_them() -> None:
    refused = ask(Wish.ACKNOWLEDGE, "", PAGES["open"], PAGES["other"])
    assert (refused.incidents, refused.passive) == ((), True)
    assert "4821 checkout is down" in refused.words
    assert "0042 disk full" in refused.words


def test_whoever_is_second_hears_who_was_first() -> None:
    late = replace(ACKNOWLEDGED, id="i2", title="disk full", answered_by="Carla", opened_at=NOW + HOUR)
    over = Page("1111", (About(RESOLVED, 1),))
    second = ask(Wish.ACKNOWLEDGE, "", PAGES["has"], Page("0042", (About(late, 1),)), over)
    assert second == Answer("Already acknowledged by Carla at 02:14 UTC: disk full (0042)", passive=True)


def test_what_was_passed_on_is_not_passed_on_again() -> None:
    """Two people escalating the same page would otherwise skip the one who has it now."""
    [passed] = ask(Wish.ESCALATE, "4821", PAGES["open"]).incidents
    second = ask(Wish.ESCALATE, "4821", Page("4821", (About(passed, 1),)))
    assert second.incidents == ()
    assert second.words == wording.passed_on(passed, "4821")
    assert ask(Wish.ESCALATE, "4821", Page("4821", (About(passed, 2),))).incidents


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
    for changed in given_answer.incidents:
        assert wish in {Wish.ACKNOWLEDGE, Wish.RESOLVE, Wish.ESCALATE, Wish.NOTE, Wish.PRIORITY}
        assert not given_answer.passive
        assert changed.generation > OPEN.generation or wish in {Wish.NOTE, Wish.PRIORITY}


def test_a_bare_ack_never_means_a_page_that_may_not_have_arrived() -> None:
    listed = ask(Wish.ACKNOWLEDGE, "", Page("4821", (About(OPEN, 1),), sent=False))
    assert listed.incidents == ()
    assert "4821 checkout is down" in listed.words
    assert ask(Wish.ACKNOWLEDGE, "4821", Page("4821", (About(OPEN, 1),), sent=False)).incidents


def test_what_was_written_before_an_answer_and_found_after_it_does_not_pass_the_page_on() -> None:
    taken = acknowledge(OPEN, "Bram", LATER, "by text")
    early = Said("Ada", "by text", NOW)
    late = answer(Reply(Wish.ESCALATE, "4821"), [Page("4821", (About(taken, 1),))], early, CONFIG, LATER + HOUR)
    assert (late.incidents, late.words.startswith("Already acknowledged by Bram")) == ((), True)


DIGEST = Page("7007", (About(OPEN, 1), About(OTHER, 1), About(ACKNOWLEDGED_TOO := replace(ACKNOWLEDGED, id="i3"), 1)))


@pytest.mark.parametrize(
    ("wish", "changed", "words"),
    [
        (Wish.ACKNOWLEDGE, {"i1", "i2"}, "Acknowledged 7007 (2 of 3, the others were answered before): checkout is"),
        (Wish.RESOLVE, {"i1", "i2", "i3"}, "Resolved 7007 (all 3): checkout is down; disk full"),
        (Wish.ESCALATE, {"i1", "i2"}, "Escalated 7007 (2 of 3, the others were answered before)"),
    ],
)
def test_an_answer_to_a_digest_is_one_to_everything_in_it(wish: Wish, changed: set[str], words: str) -> None:
    answered = ask(wish, "7007", DIGEST)
    assert {one.id for one in answered.incidents} == changed
    assert answered.words.startswith(words)


def test_an_answer_to_a_digest_of_which_nothing_is_left_changes_nothing_and_says_so() -> None:
    over = Page("7007", (About(RESOLVED, 1), About(ACKNOWLEDGED_TOO, 1)))
    late = ask(Wish.ACKNOWLEDGE, "7007", over)
    assert late == Answer("All 2 incidents of 7007 have been answered already: nothing was changed.")


def test_a_bare_ack_takes_a_digest_if_nothing_else_waits() -> None:
    taken = ask(Wish.ACKNOWLEDGE, "", DIGEST)
    assert {one.id for one in taken.incidents} == {"i1", "i2"}


def test_a_bare_ack_never_chooses_between_a_digest_and_another_page() -> None:
    refused = ask(Wish.ACKNOWLEDGE, "", DIGEST, PAGES["open"])
    assert refused.incidents == ()
    assert "7007 all 3 of a digest" in refused.words
    assert "4821 checkout is down" in refused.words


def test_an_escalation_written_in_the_second_of_the_answer_gives_way_to_it() -> None:
    taken = Page("4821", (About(acknowledge(OPEN, "Bram", LATER, "by text"), 1),))
    asked = Said("Ada", "by text", LATER)
    assert answer(Reply(Wish.ESCALATE, "4821"), [taken], asked, CONFIG, LATER).incidents == ()


def test_a_code_means_the_first_of_the_pages_that_carry_it() -> None:
    taken = ask(Wish.ACKNOWLEDGE, "4821", PAGES["open"], Page("4821", (About(OTHER, 1),)))
    assert [one.id for one in taken.incidents] == ["i1"]


@pytest.mark.parametrize("changes", [{"incidents": (ACKNOWLEDGED,)}, {"denied": "a code that means nothing"}])
def test_where_codes_were_guessed_nothing_is_changed_nor_a_code_tried(changes: dict[str, Any]) -> None:
    said = Answer("Done", **changes)
    locked = unless_locked(said, NOW)
    assert (locked.incidents, locked.denied) == ((), LOCKED)
    assert "02:14" in locked.words
    assert unless_locked(said, None) is said


def test_where_codes_were_guessed_questions_are_answered() -> None:
    said = Answer("Nothing is open")
    assert unless_locked(said, NOW) is said


def test_whoever_was_asked_beside_the_one_who_has_it_joins() -> None:
    beside = replace(ACKNOWLEDGED, asked=("ada",))
    for code in ("4821", ""):
        joins = say(Reply(Wish.ACKNOWLEDGE, code), Page("4821", (About(beside, 1),)), user="ada")
        [changed] = joins.incidents
        assert (changed.answered_by, changed.asked) == ("Bram", ())
        assert joins.words == wording.joined(changed, "4821")


def test_of_a_digest_each_is_passed_on_to_whoever_is_next_after_the_one_before() -> None:
    around = Level((named("bram"), named("carla"), named("dana")), 5 * MINUTE, circle="shop-2")
    four = [replace(OPEN, id=f"i{number}", levels=(level(named("ada")), around)) for number in range(4)]
    page = Page("7007", tuple(About(one, one.step) for one in four)).knowing({"shop-2": ("carla",)})
    passed = say(Reply(Wish.ESCALATE, "7007"), page)
    assert [one.takers["shop-2"] for one in passed.incidents] == ["bram", "dana", "carla", "bram"]


# Questions, merges and orders


def say(reply: Reply, *pages: Page, **said: str) -> Answer:
    return answer(reply, pages, Said("Ada", "by text", LATER, **said), CONFIG, LATER)


def test_of_several_wrong_codes_the_first_is_named() -> None:
    assert say(Reply(Wish.MERGE, "1111", "2222"), PAGES["open"]).words == wording.UNKNOWN_CODE.format(code="1111")


def test_a_question_tells_of_what_is_not_over_and_of_each_by_its_first_code() -> None:
    over = Page("1111", (About(replace(RESOLVED, id="i3", title="tape is torn"), 1),))
    told = say(Reply(Wish.STATUS), PAGES["open"], PAGES["other"], Page("7777", (About(OPEN, 1),)), over)
    assert told.words == "2 open here: 4821 triggered: checkout is down; 0042 triggered: disk full"
    assert say(Reply(Wish.STATUS), over).words == say(Reply(Wish.STATUS)).words


@pytest.mark.parametrize(("name", "passive"), [("", False), ("checkout", True), ("the weather today", True)])
def test_a_name_after_who_may_be_the_rest_of_a_sentence(name: str, passive: bool) -> None:  # noqa: FBT001
    assert say(Reply(Wish.WHO, rest=name), PAGES["open"]).passive is passive


def test_two_pages_are_merged_and_a_digest_with_nothing() -> None:
    merged = say(Reply(Wish.MERGE, "4821", "0042"), PAGES["open"], PAGES["other"])
    assert [(one.id, one.status) for one in merged.incidents] == [("i1", Status.RESOLVED), ("i2", Status.TRIGGERED)]
    for code, other in (("4821", "7007"), ("7007", "4821")):
        assert say(Reply(Wish.MERGE, code, other), PAGES["open"], DIGEST) == Answer(wording.ONE_EACH)


def test_an_order_about_a_digest_goes_to_what_is_not_over_and_says_so() -> None:
    page = Page("7007", (About(RESOLVED, 1), About(OTHER, 1), About(replace(OPEN, id="i4"), 1)))
    asked = say(Reply(Wish.PRIORITY, "7007", "p1"), page)
    assert [(one.id, one.priority) for one in asked.incidents] == [("i2", "P1"), ("i4", "P1")]
    assert asked.words == wording.changed_all(say(Reply(Wish.PRIORITY, "7007", "p1"), *_only(page, 1)).words, 2, 3)
    one_left = Page("7007", (About(RESOLVED, 1), About(OTHER, 1)))
    assert say(Reply(Wish.PRIORITY, "7007", "p1"), one_left) == say(Reply(Wish.PRIORITY, "7007", "p1"), *_only(page, 1))


def _only(page: Page, number: int) -> list[Page]:
    return [Page(page.code, (page.about[number],))]


@pytest.mark.parametrize("reply", [Reply(Wish.SNOOZE, "7007", "2h"), Reply(Wish.PASS, "7007", "carla")])
def test_of_a_digest_nothing_is_taken_away_that_somebody_else_has(reply: Reply) -> None:
    mine = About(replace(ACKNOWLEDGED, id="i4", answered_by="Ada"), 1)
    assert {one.id for one in say(reply, Page("7007", (*DIGEST.about, mine))).incidents} == {"i1", "i2", "i4"}
    assert [one.id for one in say(reply, Page("7007", (About(ACKNOWLEDGED, 1),))).incidents] == ["i1"]


def test_an_order_of_whose_digest_nothing_is_left_says_so() -> None:
    taken = Page("7007", (About(ACKNOWLEDGED, 1), About(ACKNOWLEDGED_TOO, 1)))
    assert say(Reply(Wish.SNOOZE, "7007", "2h"), taken) == Answer(wording.nothing_left(2, "7007"))
