"""The examination finds what is wrong, says what to do, and finds nothing where nothing is."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from infra.cli.configfile import load
from infra.cli.doctor import cloud, doors, inside, telephone
from infra.cli.doctor.asking import Telephone
from infra.cli.doctor.command import CHECKS
from infra.cli.doctor.finding import Check, Deployment, Finding, State
from tests.cli.hospital import DATABASE, HERE, NOW, OWN, PROJECT, Hospital, open_hospital
from tests.cli.launching import typed
from tests.gcp.written import Module
from tocsin import books
from tocsin.domain.canary import Flight
from tocsin.domain.config import Budget, Canary, Config
from tocsin.records import to_document

named = pytest.mark.parametrize
TEAM: Config = load(Path(__file__).parents[1] / "stories" / "team.yaml")
WATCHED = replace(TEAM, canary=Canary("canary", timedelta(minutes=10)))
SERVICE = "/twilio/v1/Services/MG" + "0" * 32


@pytest.fixture
def hospital() -> Iterator[Hospital]:
    with open_hospital() as opened:
        yield opened


def swept(found: Deployment, ago: timedelta = timedelta(minutes=2), differences: int = 0) -> Deployment:
    found.store.transact(lambda tx: tx.put(books.PATH, {"at": NOW - ago, "differences": differences}))
    return found


def flown(found: Deployment, ago: timedelta, **seen: Any) -> Deployment:
    flight = Flight("a" * 32, NOW - ago, **seen)
    found.store.transact(lambda tx: tx.put("canary/current", to_document(flight)))
    return found


def broken(found: Deployment, *checks: Check) -> list[Finding]:
    return [one for check in checks or CHECKS for one in check(found) if one.state is State.BROKEN]


def test_nothing_is_broken_where_nothing_is(hospital: Hospital) -> None:
    found = flown(swept(hospital.found(WATCHED)), timedelta(minutes=3), texted_at=NOW)
    findings = [one for check in CHECKS for one in check(found)]
    assert [one for one in findings if one.state is State.BROKEN] == []
    assert {one.part for one in findings if one.state is State.WELL} >= {
        *("configuration", "sweep", "books", "pages", "canary", "ingest", "reply", "calendar", "keys", "signatures"),
        *("notify", "queue tocsin-urgent", "subscription tocsin-route", "subscription tocsin-route-urgent"),
        *("dead letters", "clock", "last sweep", "indexes", "expiry"),
        *("secrets", "Twilio", "balance", "number", "answers", "countries", "registration"),
    }
    assert all(one.remedy == "" for one in findings if one.state is State.WELL)
    assert all(one.remedy for one in findings if one.state is State.DOUBTFUL)


def gone(hospital: Hospital, path: str) -> None:
    del hospital.answers[path]


def put(path: str, **fields: Any) -> Callable[[Hospital], None]:
    return lambda hospital: hospital.changes(path, lambda body: body.update(fields))


def to(path: str, status: int, body: Any = "") -> Callable[[Hospital], None]:
    return lambda hospital: hospital.answers.update({path: (status, body)})


WRONG: list[tuple[str, Callable[[Hospital], None], Check, str, str]] = [
    ("a proxy's page", to("/ingest/", 404, "<h1>not found</h1>"), doors.answer, "ingest", "ingest answers 404"),
    ("a function that is away", to("/reply/sms", 503), doors.answer, "reply", "reply answers 503"),
    ("an open calendar", to("/calendar/wrong", 200, "BEGIN:VCALENDAR"), doors.answer, "calendar", "answers 200"),
    ("any key opens", to("/ingest/generic/no-such-key-of-anybody", 202), doors.keys, "keys", "answered 202"),
    ("a forger is believed", to("/reply/sms signed", 200), doors.signatures, "signatures", "answered 200"),
    ("a forged link opens", to("/reply/page/forged", 200), doors.signatures, "links", "a forged link is answered 200"),
    ("a function without a guard", to("/notify", 200, "given up"), doors.private, "notify", "notify answers 200"),
    ("a guard asleep", to("/sweep", 500), doors.private, "sweep", "sweep answers 500"),
    ("a paused queue", put(f"/cloudtasks/v2/{HERE}/queues/tocsin-urgent", state="PAUSED"), cloud.queues,
     "queue tocsin-urgent", "the queue tocsin-urgent is PAUSED"),
    ("no queue", lambda hospital: gone(hospital, f"/cloudtasks/v2/{HERE}/queues/tocsin"), cloud.queues, "queues",
     "404"),
    ("no push", put(f"/pubsub/v1/{PROJECT}/subscriptions/tocsin-route", pushConfig={}), cloud.subscriptions,
     "subscription tocsin-route", "to nobody"),
    ("no filter", put(f"/pubsub/v1/{PROJECT}/subscriptions/tocsin-route-urgent", filter=""), cloud.subscriptions,
     "subscription tocsin-route-urgent", "pushes everything"),
    ("a detached topic", put(f"/pubsub/v1/{PROJECT}/subscriptions/tocsin-route", topic="_deleted-topic_"),
     cloud.subscriptions, "subscription tocsin-route", "ACTIVE"),
    ("no dead letters", put(f"/pubsub/v1/{PROJECT}/subscriptions/tocsin-route", deadLetterPolicy={}),
     cloud.subscriptions, "dead letters", "go to nowhere"),
    ("dead letters nobody keeps", put(f"/pubsub/v1/{PROJECT}/subscriptions/tocsin-dead", topic="_deleted-topic_"),
     cloud.subscriptions, "dead letters", "tocsin-dead"),
    ("a clock that stands", put(f"/cloudscheduler/v1/{HERE}/jobs/tocsin-sweep", state="PAUSED"), cloud.clock, "clock",
     "is PAUSED"),
    ("a sweep that fails", put(f"/cloudscheduler/v1/{HERE}/jobs/tocsin-sweep", status={"code": 13}), cloud.clock,
     "last sweep", "that failed"),
    ("a sweep long ago", put(f"/cloudscheduler/v1/{HERE}/jobs/tocsin-sweep", lastAttemptTime="2026-11-22T02:50:00Z"),
     cloud.clock, "last sweep", "600 s ago"),
    ("an index that is made", lambda hospital: hospital.changes(
        f"/firestore/v1/{DATABASE}/-/indexes", lambda body: body["indexes"][0].update(state="CREATING")),
     cloud.indexes, "indexes", "indexes are ready"),
    ("no index", to(f"/firestore/v1/{DATABASE}/-/indexes", 200, {}), cloud.indexes, "indexes", "0 of"),
    ("nothing expires", to(f"/firestore/v1/{DATABASE}/-/fields", 200, {}), cloud.expiry, "expiry", "codes.until"),
    ("no version", put(f"/secretmanager/v1/{PROJECT}/secrets/tocsin-twilio-auth-token/versions", versions=[]),
     cloud.secrets, "secrets", "no version that is enabled"),
    ("a suspended account", put(f"{OWN}.json", status="suspended"), telephone.account, "Twilio", "is suspended"),
    ("a trial", put(f"{OWN}.json", type="Trial"), telephone.account, "Twilio", "is a trial"),
    ("a wrong token", to(f"{OWN}.json", 401, {"code": 20003, "message": "Authenticate"}), telephone.account, "Twilio",
     "answers 401: Authenticate"),
    ("an empty purse", put(f"{OWN}/Balance.json", balance="1.5"), telephone.account, "balance", "1.50 EUR are left"),
    ("somebody else's number", put(f"{OWN}/IncomingPhoneNumbers.json", incoming_phone_numbers=[]), telephone.number,
     "number", "is no number of this account"),
    ("a fallback elsewhere", lambda hospital: hospital.changes(
        f"{OWN}/IncomingPhoneNumbers.json",
        lambda body: body["incoming_phone_numbers"][0].update(sms_fallback_url="https://old.example/reply/sms")),
     telephone.number, "fallback", "texts that fail are sent to https://old.example/reply/sms"),
    ("a country that is barred", to("/twilio/v1/DialingPermissions/Countries", 200, {"content": []}),
     telephone.countries, "countries", "the countries of caller, contact"),
    ("no campaign", put(f"{SERVICE}/Compliance/Usa2p", compliance=[]), telephone.registration, "registration",
     "its campaign is missing"),
    ("a campaign under way", put(f"{SERVICE}/Compliance/Usa2p", compliance=[{"campaign_status": "IN_PROGRESS"}]),
     telephone.registration, "registration", "IN_PROGRESS"),
    ("a number in no campaign", put(f"{SERVICE}/PhoneNumbers", phone_numbers=[]), telephone.registration,
     "registration", "its campaign is missing"),
]  # fmt: skip


@named(("change", "check", "part", "words"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_what_is_wrong_is_found_with_what_to_do(
    hospital: Hospital, change: Callable[[Hospital], None], check: Check, part: str, words: str
) -> None:
    assert broken(hospital.found(TEAM), check) == []
    change(hospital)
    [finding] = broken(hospital.found(TEAM), check)
    assert finding.part == part
    assert words in finding.sentence
    assert finding.remedy


@named(
    "change",
    [
        {"sms_url": "https://pager.example/reply/sms"},
        {"sms_url": ""},
        {"sms_method": "GET"},
    ],
)
def test_the_numbers_webhook_has_to_be_ours_with_its_repeats(hospital: Hospital, change: dict[str, str]) -> None:
    path = f"{OWN}/IncomingPhoneNumbers.json"
    hospital.changes(path, lambda body: body["incoming_phone_numbers"][0].update(change))
    [finding] = broken(hospital.found(TEAM), telephone.number)
    assert finding.part == "answers"
    assert f"{hospital.url}/reply/sms#rc=3&rp=5xx,ct,rt" in finding.remedy
    assert (path, {"PhoneNumber": "+12025550100"}) in hospital.asked


def test_the_doors_of_a_second_region_are_knocked_at_and_twilio_falls_back_to_them(hospital: Hospital) -> None:
    with open_hospital() as second:
        found = replace(hospital.found(TEAM), second_url=second.url)
        assert [one.part for one in doors.answer_again(found)] == ["second ingest", "second reply"]
        assert broken(found, doors.answer_again) == []
        [fallback] = broken(found, telephone.number)
        assert f"{second.url}/reply/sms#rc=3&rp=5xx,ct,rt" in fallback.remedy
        to("/reply/sms", 503)(second)
        [away] = broken(found, doors.answer_again)
        assert away.sentence == f"reply answers 503 at {second.url}"
    [skipped] = doors.answer_again(hospital.found(TEAM))
    assert skipped.state is State.SKIPPED


def test_a_number_without_a_fallback_is_doubtful(hospital: Hospital) -> None:
    path = f"{OWN}/IncomingPhoneNumbers.json"
    hospital.changes(path, lambda body: body["incoming_phone_numbers"][0].update(sms_fallback_url=""))
    [finding] = [one for one in telephone.number(hospital.found(TEAM)) if one.state is State.DOUBTFUL]
    assert 'nothing is set for "Primary handler fails"' in finding.sentence


def test_each_page_of_the_countries_is_read(hospital: Hospital) -> None:
    users = {name: replace(user, phone="+4930901820") for name, user in TEAM.users.items()}
    found = hospital.found(replace(TEAM, users=users))
    [barred] = broken(found, telephone.countries)
    assert "the countries of caller, contact" in barred.sentence
    german = {"country_codes": ["49"], "low_risk_numbers_enabled": True}
    path = "/twilio/v1/DialingPermissions/Countries"
    hospital.answers[path] = (200, {"content": [german], "meta": {}})
    assert broken(found, telephone.countries) == []
    assert [query["Page"] for asked, query in hospital.asked if asked == path] == ["0", "0"]


@named("status", [401, 403])
def test_what_the_operator_may_not_look_at_is_skipped_with_what_gives_the_right(
    hospital: Hospital, status: int
) -> None:
    said = {"error": {"code": status, "message": "The caller does not have permission", "status": "PERMISSION_DENIED"}}
    to(f"/cloudtasks/v2/{HERE}/queues/tocsin-urgent", status, said)(hospital)
    [finding] = cloud.queues(hospital.found(TEAM))
    assert finding.state is State.SKIPPED
    assert "does not have permission" in finding.sentence
    assert "operators" in finding.remedy


def test_on_one_machine_what_is_googles_is_skipped_by_name(hospital: Hospital) -> None:
    found = hospital.found(TEAM, on_google=False)
    checks = (cloud.queues, cloud.subscriptions, cloud.clock, cloud.indexes, cloud.expiry, cloud.secrets, doors.private)
    findings = [one for check in checks for one in check(found)]
    assert {one.state for one in findings} == {State.SKIPPED}
    assert len({one.part for one in findings}) == len(checks)
    assert hospital.asked == []


def test_a_stand_in_that_knows_no_balance_is_no_trouble_and_nobody_at_all_is(hospital: Hospital) -> None:
    del hospital.answers[f"{OWN}/Balance.json"]
    assert [one.state for one in telephone.account(hospital.found(TEAM))] == [State.WELL, State.SKIPPED]
    alone = replace(hospital.found(TEAM), telephone=Telephone("AC", "t", "+1", "http://127.0.0.1:9"))
    [finding] = telephone.account(alone)
    assert (finding.state, "could not be asked" in finding.sentence) == (State.BROKEN, True)


def test_the_last_sweep_must_be_young_and_its_books_must_balance(hospital: Hospital) -> None:
    assert [one.sentence for one in broken(hospital.found(TEAM), inside.sweeps)] == ["no sweep has ever read the books"]
    [old] = broken(swept(hospital.found(TEAM), timedelta(minutes=20)), inside.sweeps)
    assert "1200 seconds ago" in old.sentence
    [unbalanced] = broken(swept(hospital.found(TEAM), differences=3), inside.sweeps)
    assert unbalanced.sentence == "they held 3 differences"


def test_a_page_that_is_late_is_told(hospital: Hospital) -> None:
    found = hospital.found(TEAM)
    assert broken(found, inside.waiting) == []
    late = {"next_at": NOW - timedelta(minutes=5), "due": NOW - timedelta(minutes=6), "held": "", "carrier": ""}
    found.store.transact(lambda tx: tx.put("notifications/n", late))
    [finding] = broken(found, inside.waiting)
    assert finding.sentence == "the oldest page is 360 s late; overdue: 1"


def test_the_canary_is_looked_after(hospital: Hospital) -> None:
    [none] = inside.canary(hospital.found(TEAM))
    assert (none.state, none.sentence) == (State.DOUBTFUL, "no canary is sent")
    [lost] = broken(flown(hospital.found(WATCHED), timedelta(minutes=6), routed_at=NOW), inside.canary)
    assert lost.sentence == "the canary of 02:54 UTC was routed"
    assert broken(flown(hospital.found(WATCHED), timedelta(minutes=4)), inside.canary) == []


@named(("texts", "state"), [(7, State.WELL), (8, State.DOUBTFUL), (20, State.DOUBTFUL)])
def test_how_much_of_the_budget_is_used_is_told(hospital: Hospital, texts: int, state: State) -> None:
    found = hospital.found(replace(TEAM, budget=Budget(10.0, 1.0, 1.0)))
    spent = {"through": NOW, "texts": texts, "calls": 0}
    found.store.transact(lambda tx: tx.put("spending/2026-11", spent))
    [finding] = inside.budget(found)
    assert (finding.state, finding.sentence) == (state, f"{texts}0 % of 10 are used by {texts} texts and 0 calls")
    assert not list(inside.budget(hospital.found(TEAM)))


def test_the_doubts_about_the_configuration_are_told_and_break_nothing(hospital: Hospital) -> None:
    findings = list(inside.configuration(hospital.found(TEAM)))
    assert findings[0].sentence.startswith("8 services, 5 people")
    twins = {name: replace(user, phone="+12025550111") for name, user in TEAM.users.items()}
    doubtful = list(inside.configuration(hospital.found(replace(TEAM, users=twins))))
    assert any("have the same phone" in one.sentence for one in doubtful)
    [finding] = broken(hospital.found(None), inside.configuration)
    assert finding.sentence == "there is no configuration: nobody can be paged"


def test_what_firestore_must_have_is_read_as_terraform_reads_it() -> None:
    tables = Module.read("firestore.tf")
    rows = tables.local("indexes").values()
    assert cloud.wanted_indexes() == {
        tuple(row[part] for part in ("collection", "equal", "then", "order")) for row in rows
    }
    kept = {(collection, "expires_at") for collection in tables.local("kept")}
    assert cloud.wanted_expiry() == set(tables.local("expiring").items()) | kept


def test_the_command_says_it_all_and_exits_with_1(pager: Path) -> None:
    result = typed("--data", ".tocsin", "doctor", "--output", "json", cwd=pager)
    said = json.loads(result.stdout)
    assert result.returncode == 1
    assert said["broken"] == sum(one["state"] == "broken" for one in said["findings"])
    assert {"part": "pager", "state": "broken", "remedy": "infra/local/up"}.items() <= said["findings"][-1].items()
    text = typed("--data", ".tocsin", "doctor", cwd=pager).stdout
    assert "broken    sweep: no sweep has ever read the books\n          is the clock running?" in text
    assert text.splitlines()[-1] == f"{said['broken']} broken"


def test_a_test_page_for_nobody_is_refused(pager: Path) -> None:
    result = typed("--data", ".tocsin", "doctor", "--page", "alicia", cwd=pager)
    assert (result.returncode, result.stderr) == (1, 'Error: there is no user "alicia", did you mean alice?\n')
