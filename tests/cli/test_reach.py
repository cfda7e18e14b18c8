"""Who is on call in the next days and cannot be relied on to be reached: named, with what to do about it."""

import json
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.cli.launching import typed
from tocsin.clients.embedded import EmbeddedStore
from tocsin.domain.phone import Phone, path
from tocsin.domain.verification import Verification
from tocsin.records import to_document

NOW = datetime.now(UTC)
NUMBERS = {"alice": "+15550100101", "bob": "+15550100102", "carol": "+15550100103"}


def reach(pager: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return typed("--data", ".tocsin", "reach", *words, cwd=pager)


def people(pager: Path, *words: str) -> dict[str, dict[str, Any]]:
    said = json.loads(reach(pager, *words, "--output", "json").stdout)
    return {each["user"]: each for each in said["people"]}


def proved(user: str) -> Phone:
    return Phone(reached_at=NOW - timedelta(days=1), verification=Verification(verified_at=NOW, verified_user=user))


def knows(pager: Path, **phones: Phone) -> None:
    store = EmbeddedStore(pager / "tocsin.db")
    for user, phone in phones.items():
        store.transact(lambda tx, user=user, phone=phone: tx.put(path(NUMBERS[user]), to_document(phone)))  # type: ignore[misc]


def test_all_phones_that_have_proved_themselves_are_no_worry(pager: Path) -> None:
    knows(pager, **{user: proved(user) for user in NUMBERS})
    result = reach(pager)
    assert (result.returncode, result.stderr) == (0, "")
    head, alice, bob, carol = result.stdout.splitlines()
    assert head.split() == ["WHO", "ON", "CALL", "NUMBER", "VERIFIED", "ANSWERED", "A", "PAGE", "BY"]
    assert alice.startswith("Alice Martin     checkout-primary, now")
    assert "policy checkout, always" in bob
    assert "the catch-all, always" in carol
    day = f"{NOW - timedelta(days=1):%Y-%m-%d}"
    assert alice.split()[-5:] == ["...0101", f"{NOW:%Y-%m-%d}", day, "text,", "call"]


def test_a_phone_that_was_never_tried_fails_and_says_what_to_do(pager: Path) -> None:
    knows(pager, alice=proved("alice"), carol=replace(proved("carol"), verification=Verification()))
    result = reach(pager)
    assert result.returncode == 1
    bad, warned = result.stderr.splitlines()
    assert bad == (
        "cannot be relied on: Bob Okafor: the number was never verified, and no page was ever answered from it "
        "(infra/tocsin --data .tocsin verify bob)"
    )
    assert warned.startswith("warning: Carol Lindqvist: the number was never verified (")
    said = json.loads(reach(pager, "--output", "json").stdout)
    assert said["unreachable"] == ["bob"]
    bob = people(pager)["bob"]
    assert (bob["reachable"], bob["verified_at"], bob["answered_at"], bob["opted_out"]) == (False, None, None, False)
    assert [each["name"] for each in bob["doubts"]] == ["unproved"]
    assert bob["channels"] == ["sms", "voice"]


def test_a_stop_is_told(pager: Path) -> None:
    knows(pager, **{user: replace(proved(user), opted_out=user == "alice") for user in NUMBERS})
    assert people(pager)["alice"]["opted_out"]
    result = reach(pager)
    assert result.returncode == 0
    assert "Alice Martin: the number has opted out of texts with STOP: only calls arrive" in result.stderr


def test_a_number_verified_for_somebody_else_proves_nothing(pager: Path) -> None:
    knows(pager, alice=Phone(verification=Verification(verified_at=NOW, verified_user="bob")))
    assert not people(pager)["alice"]["reachable"]


def test_only_days_that_make_sense_are_looked_at(pager: Path) -> None:
    assert reach(pager, "--days", "0").returncode == 2
    assert people(pager, "--days", "1").keys() == NUMBERS.keys()
