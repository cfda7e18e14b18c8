"""What somebody orders about an incident: done or refused with words, never by a text that is not wholly an order."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.domain.examples import HOUR, MINUTE, NOW, config, event, incident, notification, user
from tests.domain.test_gsm import TWO_SEGMENTS
from tocsin.domain import merging, names, terminal, wording
from tocsin.domain.alert import Action
from tocsin.domain.config import Target, TargetKind, Urgency
from tocsin.domain.escalation import Fired, add, fire, page_next, pass_on
from tocsin.domain.gsm import septets
from tocsin.domain.incident import Status, acknowledge, joined, note, resolve, unneeded
from tocsin.domain.orders import Said, join_up, order
from tocsin.domain.people import Chosen
from tocsin.domain.replies import Reply, Wish, length, understand

CONFIG = config()
OPEN = page_next(incident(), CONFIG, NOW)
TAKEN = acknowledge(OPEN, "Ada", NOW + MINUTE, "by text")
OVER = resolve(OPEN, "Ada", NOW + MINUTE, "by text")
LATER = NOW + 2 * MINUTE
ADA = Said("Ada", "by text", LATER, "ada")
CARLA = Chosen(user("carla"), "asked by Ada")


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("snooze 4821 1h", Reply(Wish.SNOOZE, "4821", "1h")),
        ("Snooze #4821 for 30 Minutes.", Reply(Wish.SNOOZE, "4821", "30 minutes")),
        ("pass 4821 bob", Reply(Wish.PASS, "4821", "bob")),
        ("Pass 4821 to Bob Okafor!", Reply(Wish.PASS, "4821", "bob okafor")),
        ("reassign 4821 bob", Reply(Wish.PASS, "4821", "bob")),
        ("add 4821 bob\n\nSent from my iPhone", Reply(Wish.ADD, "4821", "bob")),
        ("priority 4821 P1", Reply(Wish.PRIORITY, "4821", "p1")),
        ("prio 4821 5", Reply(Wish.PRIORITY, "4821", "5")),
        ("merge 4821 4822", Reply(Wish.MERGE, "4821", "4822")),
        ("merge 4821 into #4822", Reply(Wish.MERGE, "4821", "4822")),
        ("note 4821 Rolling back v2.1; ETA 5 min!", Reply(Wish.NOTE, "4821", "Rolling back v2.1; ETA 5 min!")),
        (
            "NOTE #4821: Who has the “root” key?\nAsk Bob.",
            Reply(Wish.NOTE, "4821", "Who has the “root” key?\nAsk Bob."),
        ),
        ("who", Reply(Wish.WHO)),
        ("Who?", Reply(Wish.UNCLEAR)),
        ("who checkout", Reply(Wish.WHO, "", "checkout")),
        ("Status", Reply(Wish.STATUS)),
        ("?", Reply(Wish.HELP)),
        ("commands", Reply(Wish.HELP)),
    ],
)
def test_an_order_is_understood(text: str, reply: Reply) -> None:
    assert understand(text) == reply


ORDERED = ["snooze 4821 1h", "pass 4821 bob", "add 4821 bob", "priority 4821 p1", "merge 4821 4822", "note 4821 x"]
UNCLEAR = [
    *(f"Liked “{text}”" for text in ORDERED),
    *(f"please {text}" for text in ORDERED),
    *(f"don't {text}" for text in ORDERED),
    "snooze",
    "snooze 4821",
    "snooze 1h",
    "snooze 4821 1h please",
    "snooze 4821 an hour",
    "snooze 4821 -1h",
    "snooze 4821 1.5h",
    "snooze 4821 1y",
    "snooze 4821 1h 30m",
    "snooze 4821 9999999s",
    "snooze 48211 1h",
    "pass 4821",
    "pass bob",
    "pass bob 4821",
    "add bob",
    "priority 4821",
    "priority 4821 p0",
    "priority 4821 p6",
    "priority 4821 high",
    "merge 4821",
    "merge 4821 4822 4823",
    "note",
    "note 4821",
    "note 4821\n-- \nAda",
    "note rolling back",
    "status 4821 please",
    "who\x00",
    "note 4821 " + "x" * 1600,
]


@pytest.mark.parametrize("text", UNCLEAR[:-2], ids=ascii)
def test_what_is_not_wholly_an_order_is_unclear(text: str) -> None:
    assert understand(text) == Reply(Wish.UNCLEAR)


def test_a_text_longer_than_a_carrier_joins_is_no_note() -> None:
    assert understand(UNCLEAR[-1]) == Reply(Wish.UNCLEAR)


@pytest.mark.parametrize("flood", ["who ", "note 4821 ", "pass 4821 ", "snooze 4821 1", "add 4821 to ", "note "])
def test_a_flood_of_orders_is_read_in_proportion_to_its_length(flood: str) -> None:
    assert understand(flood * 20_000) == Reply(Wish.UNCLEAR)


@pytest.mark.parametrize(
    ("words", "seconds"),
    [("1s", 1), ("45 secs", 45), ("30m", 1800), ("30 min", 1800), ("2h", 7200), ("1 hour", 3600), ("7d", 604_800),
     ("1w", 604_800), ("x", None), ("", None), ("1", None), ("h", None)],
)  # fmt: skip
def test_a_length_is_a_number_and_a_unit(words: str, seconds: int | None) -> None:
    assert length(words) == (None if seconds is None else timedelta(seconds=seconds))


@pytest.mark.parametrize(("words", "done"), [("0s", False), ("1s", True), ("7d", True), ("604801s", False)])
def test_a_snooze_lasts_from_a_second_to_a_week(words: str, done: bool) -> None:  # noqa: FBT001
    made = order(Reply(Wish.SNOOZE, "4821", words), OPEN, ADA, CONFIG, LATER)
    assert bool(made.incidents) == done
    assert made.incidents or made.words == wording.SNOOZES


ORDERS = [
    Reply(Wish.SNOOZE, "4821", "1h"),
    Reply(Wish.PASS, "4821", "carla"),
    Reply(Wish.ADD, "4821", "carla"),
    Reply(Wish.PRIORITY, "4821", "p1"),
]


@pytest.mark.parametrize("asked", ORDERS, ids=lambda one: one.wish)
def test_nothing_is_ordered_about_what_is_over_but_a_note(asked: Reply) -> None:
    assert order(asked, OVER, ADA, CONFIG, LATER).incidents == ()
    noted = order(Reply(Wish.NOTE, "4821", "it was DNS"), OVER, ADA, CONFIG, LATER).incidents[0]
    assert (noted.status, noted.timeline[-1].what, noted.timeline[-1].why) == (
        Status.RESOLVED,
        "note",
        "Ada: it was DNS",
    )


@pytest.mark.parametrize("wish", [Wish.SNOOZE, Wish.PASS])
def test_what_was_written_before_an_answer_takes_nothing_away(wish: Wish) -> None:
    asked = next(one for one in ORDERS if one.wish is wish)
    early = replace(ADA, at=NOW + MINUTE / 2)
    made = order(asked, TAKEN, early, CONFIG, LATER)
    assert (made.incidents, made.words.startswith("Already acknowledged by Ada")) == ((), True)
    assert order(asked, TAKEN, ADA, CONFIG, LATER).incidents


def test_whom_it_is_passed_to_is_paged_by_rules_of_their_own_and_the_level_stays() -> None:
    passed = pass_on(TAKEN, CARLA, "Ada", CONFIG, LATER, "by text")
    assert (passed.status, passed.level, passed.round, passed.answered_by) == (Status.TRIGGERED, 1, 0, "")
    assert (passed.generation, passed.episode) == (TAKEN.generation + 1, TAKEN.episode + 1)
    assert [(one.user, one.channel, one.due) for one in passed.new] == [
        ("carla", "sms", LATER),
        ("carla", "voice", LATER + 2 * MINUTE),
    ]
    assert passed.next_at == LATER + 5 * MINUTE
    assert fire(passed, OPEN.generation, 1, LATER + HOUR)[0] is Fired.STALE
    assert fire(passed, passed.generation, 1, LATER + 5 * MINUTE)[0] is Fired.ESCALATED


def test_beyond_the_last_level_a_passed_page_waits_as_long_as_the_catch_all() -> None:
    passed = pass_on(replace(OPEN, level=3), CARLA, "Ada", CONFIG, LATER, "by text")
    assert (passed.next_at, passed.level) == (LATER + 30 * MINUTE, 3)


def test_whoever_is_added_is_paged_whoever_has_it_until_they_answer_or_all_is_over() -> None:
    added = add(TAKEN, [CARLA], "Ada", LATER, "by text")
    page = added.new[0]
    assert (added.status, added.answered_by, added.asked) == (Status.ACKNOWLEDGED, "Ada", ("carla",))
    assert unneeded(added, page) == ""
    assert unneeded(acknowledge(added, "Bram", LATER, "by text"), page) == ""
    assert unneeded(joined(added, "carla", "Carla", LATER, "by text"), page) == "Carla has answered"
    assert unneeded(resolve(added, "Ada", LATER, "by text"), page) == "already resolved by Ada"
    assert unneeded(added, notification()) == "already acknowledged by Ada"


def test_adding_somebody_keeps_the_escalation_and_what_is_still_to_be_sent() -> None:
    added = add(OPEN, [CARLA], "Ada", LATER, "by text")
    assert (added.next_at, added.level, added.episode, added.step) == (OPEN.next_at, 1, OPEN.episode, OPEN.step)
    assert {due.notification for due in OPEN.outbox} < {due.notification for due in added.outbox}
    assert [due.at for due in added.outbox if not due.notification] == [OPEN.next_at]
    assert all(unneeded(added, page) == "" for page in OPEN.new)
    again = add(joined(added, "carla", "Carla", LATER, "by text"), [CARLA], "Ada", LATER, "by text")
    assert not {one.id for one in added.new} & {one.id for one in again.new}


def test_whoever_was_asked_is_not_asked_twice() -> None:
    asked = Reply(Wish.ADD, "4821", "carla")
    added = order(asked, TAKEN, ADA, CONFIG, LATER).incidents[0]
    assert order(asked, added, ADA, CONFIG, LATER).incidents == ()


def test_a_person_is_found_by_id_by_name_or_by_a_word_of_it_that_only_one_has() -> None:
    people = {
        "bo": replace(user("bram"), id="bo", name="Bob Okafor"),
        "bob": replace(user("ada"), id="bob", name="Robert O'Brien"),
        "al": replace(user("carla"), id="al", name="Alice Okafor"),
    }
    known = config(users=people)

    def found(words: str) -> list[str]:
        return [target.id for target in names.users(known, words)]

    assert [found("bob"), found("bob okafor"), found("ALICE"), found("o’brien")] == [["bob"], ["bo"], ["al"], ["bob"]]
    assert [found("okafor"), found("okaf"), found("")] == [["bo", "al"], [], []]


def test_what_matches_best_is_meant_and_then_a_user_before_a_schedule() -> None:
    both = config(schedules={**CONFIG.schedules, "ada": CONFIG.schedules["shop"]})
    assert names.targets(both, "ada") == (Target(TargetKind.USER, "ada"),)
    assert names.targets(both, "shop") == (Target(TargetKind.SCHEDULE, "shop"),)
    shopkeepers = replace(both, users={**both.users, "eve": replace(user("ada"), id="eve", name="Eve Shop")})
    assert names.targets(shopkeepers, "shop") == (Target(TargetKind.SCHEDULE, "shop"),), "an id beats a word of a name"
    assert names.targets(shopkeepers, "eve shop") == (Target(TargetKind.USER, "eve"),)


def test_a_note_that_is_too_long_is_refused_and_many_long_ones_still_fit_a_document() -> None:
    assert order(Reply(Wish.NOTE, "", "x" * 2001), OPEN, ADA, CONFIG, LATER).incidents == ()
    full = OPEN
    for number in range(300):
        full = note(full, "Ada", f"{number} {'é' * 1990}", LATER)
    assert sum(len(line.why.encode()) for line in full.timeline) < 500_000
    assert full.timeline[0] == OPEN.timeline[0]
    assert full.timeline[-1].why.startswith("Ada: 299 ")


SOURCE = replace(OPEN, id="i2", dedup_key="k2", title="disk full", triggered_at=NOW - HOUR)


def test_merging_resolves_one_into_the_other_with_a_line_on_both() -> None:
    source, target = merging.merge(SOURCE, replace(TAKEN, urgency=Urgency.LOW), "Ada", LATER, "by text")
    assert (source.status, source.merged_into, target.status, target.merged) == (
        Status.RESOLVED,
        "i1",
        Status.ACKNOWLEDGED,
        ("i2",),
    )
    assert source.timeline[-1].why == "Ada resolved by text: merged into checkout is down"
    assert target.timeline[-1].why == "Ada merged disk full into this by text"
    assert (target.urgency, target.generation, target.new) == (Urgency.HIGH, TAKEN.generation, ())


def test_each_merged_trouble_ends_by_its_own_resolve() -> None:
    _, target = merging.merge(SOURCE, OPEN, "Ada", LATER, "by text")
    mine, its = event(Action.RESOLVE, 500), event(Action.RESOLVE, 500, dedup_key="k2")
    assert [merging.since(target, one) for one in (mine, its)] == [NOW, NOW - HOUR]
    half = merging.without(target, its)
    assert [one.dedup_key for one in half.firing] == ["k1"]
    assert merging.without(half, mine).firing == ()
    assert [one.dedup_key for one in merging.again(half, its).firing] == ["k1", "k2"]
    assert merging.again(target, its) is target
    assert merging.again(OPEN, its) is OPEN


def test_what_was_merged_before_goes_along() -> None:
    _, second = merging.merge(SOURCE, OPEN, "Ada", LATER, "by text")
    _, third = merging.merge(second, replace(OPEN, id="i3", dedup_key="k3"), "Ada", LATER, "by text")
    assert ([one.dedup_key for one in third.firing], third.merged) == (["k3", "k1", "k2"], ("i1", "i2"))


def test_only_two_that_are_open_can_be_merged() -> None:
    assert join_up(OPEN, OPEN, "", ADA, LATER).words == wording.SAME
    assert join_up(OVER, replace(OPEN, id="i2"), "", ADA, LATER).incidents == ()
    assert join_up(replace(OPEN, id="i2"), OVER, "", ADA, LATER).incidents == ()


@given(
    name=st.text(max_size=300), title=st.text(max_size=1024), code=st.integers(0, 9999).map(lambda one: f"{one:04d}")
)
@settings(deadline=None)
def test_every_answer_to_an_order_or_a_question_fits_two_segments(name: str, title: str, code: str) -> None:
    people = {one: replace(user(one), name=name) for one in ("ada", "bram", "carla", "dana")}
    known = config(users=people)
    known = replace(known, services={f"{n}": replace(known.services["checkout"], name=name) for n in range(9)})
    about = replace(OPEN, title=title, answered_by=name)
    said = Said(name, "by text", LATER, "ada")
    asked = [
        Reply(Wish.SNOOZE, code, "7d"),
        Reply(Wish.PASS, code, "carla"),
        Reply(Wish.PASS, code, name),
        Reply(Wish.ADD, code, "carla"),
        Reply(Wish.ADD, code, name),
        Reply(Wish.NOTE, code, title),
        Reply(Wish.PRIORITY, code, "p1"),
    ]
    texts = [order(one, about, said, known, LATER).words for one in asked]
    texts += [
        wording.changed_all(texts[1], 100, 100),
        wording.joined(about, code),
        wording.not_one(name, [name] * 9),
        join_up(replace(about, id="i2"), about, code, said, LATER).words,
        terminal.who("", [], known, NOW, "UTC"),
        terminal.who("", [about], known, NOW, "UTC"),
        terminal.who(name, [], known, NOW, "UTC"),
        terminal.who("shop", [], known, NOW, "UTC"),
        terminal.status([(code, about)] * 9, NOW, "UTC"),
        terminal.status([(code, acknowledge(about, name, NOW, ""))] * 9, NOW, "UTC"),
        terminal.status([], NOW, "UTC"),
        *(wording.HELP, wording.SNOOZES, wording.NOTES, wording.SAME, wording.ONE_EACH),
        wording.page(about, notification(code=code, lead=f"{name} asks for help"), again=True),
    ]
    assert all(text and septets(text) <= TWO_SEGMENTS for text in texts)
