"""Who tries keys learns nothing: ten thousand are refused in the same words, and whoever has one is not held up."""

import json
import secrets
from datetime import UTC, datetime
from random import Random

from tests.hostile.doors import GOOD_REQUESTS, KEYS, Doors, Request
from tocsin import wiring
from tocsin.domain.keys import BYTES, PREFIX, key

GUESSES = 10_000
BODY = json.dumps({"title": "checkout is down"}).encode()


def guess(doors: Doors, shown: str) -> tuple[int, bytes]:
    said = doors.ask("generic", Request(f"/generic/{shown}", BODY))
    assert said.published == 0
    return said.status, said.body


def test_ten_thousand_keys_open_nothing_and_the_right_one_goes_on_to(doors: Doors) -> None:
    random = Random(4)
    answers = {guess(doors, key(random.randbytes(BYTES))) for _ in range(GUESSES // 2)}
    answers |= {guess(doors, secrets.token_hex(16)) for _ in range(GUESSES // 2)}
    [(status, said)] = answers
    assert status == 403
    assert b"There is no integration with this key." in said
    doors.still_open("generic")


def test_what_is_nearly_a_key_is_answered_as_what_is_none(doors: Doors) -> None:
    right = KEYS[2]
    near = [
        right[:-1],
        right[1:],
        right + "x",
        right.upper(),
        right[::-1],
        right.replace("-", "_"),
        PREFIX,
    ]
    strange = ["x", "0" * 500, "%00", "%F0%9F%98%80", "..", "%2e%2e", "'--", "*", "sha256:" + "0" * 64]
    assert {guess(doors, one) for one in near} == {guess(doors, "none-of-ours-at-all")}
    assert {status for status, _ in (guess(doors, one) for one in strange)} <= {403, 404, 400}


def test_the_hash_that_is_kept_of_a_key_opens_nothing(doors: Doors) -> None:
    """Whoever reads the configuration, or the documents, has no key."""
    config = wiring.current().config(datetime.now(UTC))
    kept = [one for integration in config.integrations.values() for one in integration.keys]
    assert len(kept) >= len(KEYS)
    for one in kept:
        assert guess(doors, one)[0] == 403
        assert guess(doors, f"sha256:{one}")[0] == 403


def test_a_key_in_a_body_is_guessed_no_better(doors: Doors) -> None:
    event = json.loads(GOOD_REQUESTS["pagerduty"].body)
    random = Random(5)
    answers = set()
    for _ in range(1000):
        body = json.dumps({**event, "routing_key": key(random.randbytes(BYTES))}).encode()
        said = doors.ask("pagerduty", Request("/v2/enqueue", body))
        assert said.published == 0
        answers.add((said.status, said.body))
    assert len(answers) == 1
    doors.still_open("pagerduty")
