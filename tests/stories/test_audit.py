"""Who did what, and what somebody tried: in the audit by the same commit, in a chain that shows what was altered."""

from dataclasses import replace
from datetime import timedelta

import pytest

from infra.local.phones.webhooks import Post, Purpose
from infra.local.phones.webhooks import webhook as sign
from tests.stories.night import Night
from tests.stories.test_ledger import change, remove
from tests.stories.world import ACCOUNT, PUBLIC_URL
from tocsin import audit, desk, linked
from tocsin.denials import EVERY
from tocsin.domain.audit import Entry, Kind
from tocsin.domain.chain import Flaw, link, verify
from tocsin.domain.config import Team
from tocsin.domain.orders import Said
from tocsin.domain.replies import Wish


def entries(night: Night) -> dict[str, Entry]:
    return audit.entries(dict(night.world.store.query("audit", order_by="at")))


def told(night: Night) -> list[Entry]:
    return list(entries(night).values())


def flaws(night: Night, logged: str = "") -> tuple[Flaw, ...]:
    return verify(entries(night), audit.head(night.world.store), night.world.now, logged)


def test_an_answer_by_text_names_who_gave_it_for_whom_and_what_it_changed(night: Night) -> None:
    night.changes("users", "primary", organisation="Shop Ltd")
    night.alert("checkout is down")
    night.phone("primary").receives("down").answers("ack").receives("Acknowledged")
    [one] = told(night)
    assert (one.kind, one.what, one.about) == (Kind.ACTION, "acknowledged", f"incidents/{night.incident.id}")
    assert (one.by, one.user, one.organisation) == ("Primary Person", "primary", "Shop Ltd")
    assert (one.channel, one.before["status"], one.after["status"]) == ("by text", "triggered", "acknowledged")
    assert one.after["said"] == "Primary Person acknowledged by text"
    assert one.expires_at == one.at + night.world.config.retention


def test_a_key_on_the_phone_is_told_as_such(night: Night) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("down")
    night.passes(minutes=2)
    night.phone("primary").rings().picks_up().presses("6")
    assert [(one.what, one.channel, one.user) for one in told(night)] == [("resolved", "by phone", "primary")]


def test_on_the_command_line_whoever_typed_is_named_beside_whoever_it_was_done_for(night: Night) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("down")
    world = night.world
    said = Said("Secondary Person", "on the command line", world.now, "secondary", organisation="Hosting", login="olga")
    desk.resolved(world.store, night.incident.id, said.by, world.now, said)
    [one] = told(night)
    assert (one.what, one.by, one.user, one.login) == ("resolved", "Secondary Person", "secondary", "olga")
    assert one.organisation == "Hosting"


def test_every_order_by_text_is_told_and_both_sides_of_a_merge(night: Night) -> None:
    night.alert("checkout is down")
    phone = night.phone("primary").receives("down")
    first = phone.code
    for words, said in (("snooze {code} 1h", "Snoozed"), ("note {code} cold", "Noted"), ("priority {code} p2", "P2")):
        phone.answers(words).receives(said)
    night.passes(minutes=2)
    night.alert("cart is slow")
    phone.receives("cart").answers(f"merge {{code}} {first}").receives("Merged")
    what = [(one.what, one.about == f"incidents/{night.incident.id}") for one in told(night)]
    assert what[:3] == [("snoozed", False), ("note", False), ("priority", False)]
    assert sorted(is_source for _, is_source in what[3:]) == [False, True]


def test_the_monitoring_and_the_escalation_are_no_acts_of_people(night: Night) -> None:
    night.alert("checkout is down")
    night.passes(minutes=6)
    night.resolves("checkout is down")
    for name in ("primary", "secondary"):
        night.phone(name).has_had_enough()
    assert told(night) == []


def test_a_second_delivery_of_an_answer_is_told_once(night: Night) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("down").answers("ack").receives("Acknowledged")
    night.world.network.text(night.phone("primary").number, "ack", night.world.now)
    night.passes(minutes=3)
    night.phone("primary").has_had_enough()
    assert [one.what for one in told(night)] == ["acknowledged"]


def test_a_code_that_means_nothing_is_told_as_denied(night: Night) -> None:
    night.phone("primary").answers("ack 9999").receives("No page on this phone")
    [one] = told(night)
    assert (one.kind, one.what, one.user) == (Kind.DENIED, "a code that means nothing on this phone", "primary")


def test_strangers_and_forgers_are_counted_and_cannot_make_it_write(night: Night) -> None:
    for _ in range(50):
        night.phone("stranger").answers("ack")  # two seconds each
    [stranger, later] = told(night)
    assert (stranger.count, stranger.what, stranger.kind) == (1, "a text from a number that is nobody's", Kind.DENIED)
    assert later.at >= stranger.at + EVERY
    for _ in range(2):
        night.passes(minutes=1)
        night.phone("stranger").answers("ack")
    assert sum(one.count for one in told(night)) == 51


def forged(night: Night) -> int:
    """Post a text that Twilio has not signed, and give the answer's status."""
    form = (("AccountSid", ACCOUNT), ("MessageSid", "SM" + "0" * 32), ("From", "+15550100101"), ("Body", "ack"))
    posted = Post(Purpose.TEXT, "SM" + "0" * 32, f"{PUBLIC_URL}/reply/sms", form)
    return night.world.posted_by_twilio(sign("another token", night.world.new_id(), posted, night.world.now))[1]


def test_a_forged_webhook_is_counted_by_its_door(night: Night) -> None:
    for _ in range(100):
        assert forged(night) == 403
    [one] = told(night)
    assert (one.what, one.about, one.channel) == ("a webhook that is not Twilio's", "functions/reply", "from outside")


def test_a_refusal_that_cannot_be_written_down_is_a_refusal_all_the_same(night: Night) -> None:
    night.world.store.away = True
    assert forged(night) == 403
    night.world.store.away = False


def test_the_sweep_seals_what_came_and_writes_nothing_when_nothing_did(night: Night) -> None:
    night.passes(minutes=5)
    assert night.world.store.get(audit.HEAD) is None
    night.alert("checkout is down")
    night.phone("primary").receives("down").answers("ack").receives("Acknowledged")
    night.passes(minutes=1)
    sealed = night.world.store.get(audit.HEAD)
    assert sealed
    assert [one.seq for one in told(night)] == [sealed["seq"]] == [1]
    night.passes(hours=1)
    assert night.world.store.get(audit.HEAD) == sealed
    assert flaws(night) == ()


@pytest.fixture
def long(night: Night) -> Night:
    """Give a night whose audit has six entries in three seals."""
    night.alert("checkout is down")
    phone = night.phone("primary").receives("down")
    for number in range(3):
        phone.answers(f"note {{code}} number {2 * number}").receives("Noted")
        phone.answers(f"note {{code}} number {2 * number + 1}").receives("Noted")
        night.passes(minutes=1)
    phone.answers("resolve {code}").receives("Resolved")
    phone.has_had_enough()
    night.passes(minutes=1)
    return night


def at(night: Night, seq: int) -> str:
    return next(name for name, one in entries(night).items() if one.seq == seq)


def test_a_change_of_one_entry_is_found_and_named(long: Night) -> None:
    assert flaws(long) == ()
    name = at(long, 3)
    change(long, f"audit/{name}", by="Nobody")
    [flaw] = flaws(long)
    assert flaw.entry == name
    assert flaw.sentence.startswith('entry 3 ("note" of 2026-11-21 02:15')
    assert "was changed" in flaw.sentence


def test_an_entry_that_was_made_illegible_is_named_and_holds_up_none_of_the_others(long: Night) -> None:
    sealed, fresh = at(long, 3), "0" * 64
    change(long, f"audit/{sealed}", at="never")
    change(long, f"audit/{fresh}", at=long.world.now, seq=0)
    long.phone("primary").answers("ack 9999").receives("No page")
    before = len(long.world.watcher.beats)
    long.passes(minutes=2)
    assert len(long.world.watcher.beats) == before + 2
    assert audit.head(long.world.store).seq == 8
    assert {sealed, fresh} <= {one.entry for one in flaws(long)}


@pytest.mark.parametrize(("seq", "sentence"), [(1, "entry 1 is missing"), (4, "entry 4 is missing")])
def test_the_removal_of_one_entry_is_found_and_named(long: Night, seq: int, sentence: str) -> None:
    remove(long, f"audit/{at(long, seq)}")
    [flaw] = flaws(long)
    assert flaw.sentence.startswith(sentence)


def test_the_removal_of_the_last_entries_is_found(long: Night) -> None:
    for seq in (6, 7):
        remove(long, f"audit/{at(long, seq)}")
    assert [one.sentence for one in flaws(long)] == ["entries 6 to 7 are missing at the end"]


@pytest.mark.parametrize("seq", [0, 3, 8])
def test_an_insertion_is_found_and_named(long: Night, seq: int) -> None:
    forged = replace(entries(long)[at(long, 3)], what="resolved", seq=seq)
    change(long, f"audit/{forged.id}", **vars(forged))
    long.world.sweeps = False
    long.passes(minutes=11)
    assert [one.entry for one in flaws(long)][:1] == [forged.id]


def test_an_entry_put_in_the_place_of_another_is_found_also_with_its_own_hash_right(long: Night) -> None:
    old = entries(long)[at(long, 3)]
    forged = replace(old, by="Somebody Else")
    remove(long, f"audit/{old.id}")
    change(long, f"audit/{forged.id}", **vars(replace(forged, hash=link(forged.id, forged))))
    [flaw] = flaws(long)
    assert flaw.sentence.startswith('entry 4 ("note" of ')
    assert flaw.sentence.endswith("does not follow the one before it: that one was put in another's place")


def test_a_chain_that_was_rebuilt_does_not_hold_the_head_that_was_logged(long: Night) -> None:
    assert flaws(long, audit.head(long.world.store).hash) == ()
    first = next(one for one in entries(long).values() if one.seq == 2)
    logged = first.hash
    assert flaws(long, logged) == ()
    for name, one in entries(long).items():
        change(long, f"audit/{name}", **vars(replace(one, seq=0, prev="", hash="", prev_expires_at=None)))
    remove(long, f"audit/{first.id}")
    remove(long, audit.HEAD)
    long.passes(minutes=1)
    assert flaws(long) == (), "somebody who can write everything can rebuild everything"
    assert [one.sentence for one in flaws(long, logged)] == [
        f"the chain does not hold {logged}, which was its head: it was rebuilt or cut"
    ]


def test_what_was_to_be_kept_no_longer_may_be_gone(long: Night) -> None:
    for seq in (1, 2):
        remove(long, f"audit/{at(long, seq)}")
    assert len(flaws(long)) == 1
    long.world.sweeps = False
    long.world.now += timedelta(days=400)
    assert flaws(long) == ()


def test_two_sweeps_at_once_seal_everything_once(long: Night) -> None:
    known = audit.head(long.world.store)
    long.phone("primary").answers("ack 9999").receives("No page")
    moment = long.world.moment()

    class Between:
        """A store in which another sweep seals between the look and the commit."""

        def __getattr__(self, name: str) -> object:
            return getattr(long.world.store, name)

        def transact(self, rule: object) -> object:
            long.phone("primary").answers("ack 8888").receives("No page")
            audit.seal(long.world.store, moment)
            return long.world.store.transact(rule)  # type: ignore[arg-type]

    audit.seal(Between(), moment)  # type: ignore[arg-type]
    assert audit.head(long.world.store).seq == known.seq + 2
    assert flaws(long) == ()


def test_a_team_says_whose_those_are_of_whom_nothing_is_said(night: Night) -> None:
    night.world.config = replace(night.world.config, teams={"web": Team("web", ("primary",), "Agency")})
    night.alert("checkout is down")
    night.phone("primary").receives("down").answers("ack").receives("Acknowledged")
    assert [one.organisation for one in told(night)] == ["Agency"]


TEXTS: dict[Wish, tuple[str, Kind | None]] = {
    Wish.ACKNOWLEDGE: ("ack {code}", Kind.ACTION),
    Wish.RESOLVE: ("resolve {code}", Kind.ACTION),
    Wish.ESCALATE: ("escalate {code}", Kind.ACTION),
    Wish.SNOOZE: ("snooze {code} 1h", Kind.ACTION),
    Wish.PASS: ("pass {code} manager", Kind.ACTION),
    Wish.ADD: ("add {code} manager", Kind.ACTION),
    Wish.NOTE: ("note {code} cold", Kind.ACTION),
    Wish.PRIORITY: ("priority {code} p2", Kind.ACTION),
    Wish.WHO: ("who", Kind.ACCESS),
    Wish.STATUS: ("status", Kind.ACCESS),
    Wish.STOP: ("STOP", Kind.ACTION),
    Wish.START: ("START", Kind.ACTION),
    Wish.HELP: ("?", None),
    Wish.UNCLEAR: ("what is this", None),
}
"""Every wish but a merge, which is one entry for each of two incidents."""

KEYS = {Wish.ACKNOWLEDGE: "4", Wish.RESOLVE: "6", Wish.ESCALATE: "5"}


def test_every_wish_that_a_text_can_have_is_tried() -> None:
    assert TEXTS.keys() | {Wish.MERGE} == set(Wish)
    assert set(linked.WISHES.values()) <= set(KEYS), "each button of a page is tried in test_links"


@pytest.mark.parametrize("wish", TEXTS)
def test_a_text_is_told_once_and_so_is_one_with_a_wrong_code(night: Night, wish: Wish) -> None:
    night.alert("checkout is down")
    phone = night.phone("primary").receives("down")
    words, kind = TEXTS[wish]
    night.world.network.text(phone.number, words.format(code=phone.code), night.world.now)
    night.world.settle()
    assert [(one.kind, one.user) for one in told(night)] == ([(kind, "primary")] if kind else [])
    if "{code}" in words:
        night.passes(seconds=2)
        wrong = "9999" if phone.code != "9999" else "8888"
        night.world.network.text(phone.number, words.format(code=wrong), night.world.now)
        night.world.settle()
        assert [(one.kind, one.user) for one in told(night)[1:]] == [(Kind.DENIED, "primary")]
    for name in ("primary", "secondary", "manager"):
        night.phone(name).has_had_enough()


@pytest.mark.parametrize("wish", KEYS)
def test_a_key_is_told_once(night: Night, wish: Wish) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("down")
    night.passes(minutes=2)
    night.phone("primary").rings().picks_up().presses(KEYS[wish])
    assert [(one.kind, one.user, one.channel) for one in told(night)] == [(Kind.ACTION, "primary", "by phone")]
    night.phone("secondary").has_had_enough()


@pytest.fixture
def managed(night: Night) -> Night:
    """Give a night whose service one company runs and another one stands by."""
    night.changes("users", "primary", organisation="Shop Ltd")
    night.changes("users", "secondary", organisation="")
    teams = {"hosting": Team("hosting", ("secondary",), "Hosting GmbH")}
    night.world.config = replace(night.world.config, teams=teams)
    return night


def test_of_two_companies_that_run_it_together_each_entry_names_the_right_one(managed: Night) -> None:
    night = managed
    night.alert("checkout is down")
    primary = night.phone("primary").receives("down")
    primary.answers("ack 0000").receives("No page on this phone")
    primary.answers("escalate {code}").receives("Escalated")
    secondary = night.phone("secondary").receives("down")
    secondary.answers("ack 0000").receives("No page on this phone")
    secondary.answers("ack").receives("Acknowledged")
    world = night.world
    typed = Said("olga", "on the command line", world.now, organisation="Hosting GmbH", login="olga")
    desk.resolved(world.store, night.incident.id, typed.by, world.now, typed)
    assert [(one.organisation, one.kind, one.user or one.login) for one in told(night)] == [
        ("Shop Ltd", Kind.DENIED, "primary"),
        ("Shop Ltd", Kind.ACTION, "primary"),
        ("Hosting GmbH", Kind.DENIED, "secondary"),
        ("Hosting GmbH", Kind.ACTION, "secondary"),
        ("Hosting GmbH", Kind.ACTION, "olga"),
    ]
    for name in ("primary", "secondary"):
        night.phone(name).has_had_enough()
