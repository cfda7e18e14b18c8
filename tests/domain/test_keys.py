"""What a key is made of, and when one opens."""

import math
import re
from dataclasses import replace
from random import Random

from tests.domain.examples import NOW, SECOND
from tocsin.domain.config import Integration
from tocsin.domain.keys import BYTES, digest, key

ONE = Integration("alerts", "checkout", "generic", (digest("new"), digest("old")))


def test_a_key_has_32_characters_a_name_to_be_known_by_and_128_bits() -> None:
    made = {key(Random(number).randbytes(BYTES)) for number in range(1000)}
    assert len(made) == 1000
    letters = re.compile(r"tocsin([a-z2-7]{26})")
    drawn = [found[1] for one in made if (found := letters.fullmatch(one))]
    assert len(drawn) == 1000
    assert {len(one) for one in made} == {32}
    assert sum(math.log2(len({one[place] for one in drawn})) for place in range(26)) >= 128


def test_every_bit_of_a_key_is_drawn() -> None:
    """The last bits are those that the text has no room for."""
    zero = key(bytes(BYTES))
    for bit in range(26 * 5):
        drawn = bytearray(BYTES)
        drawn[bit // 8] |= 0x80 >> bit % 8
        assert key(bytes(drawn)) != zero


def test_nothing_but_the_whole_key_has_its_hash() -> None:
    near = ["new", "new ", "New", "ne", "neww", "", "n\ud800w", "new\0"]
    assert len({digest(one) for one in near}) == len(near)
    assert {len(digest(one)) for one in near} == {64}


def test_an_old_key_opens_until_its_time_and_not_an_instant_longer() -> None:
    ending = replace(ONE, until={digest("old"): NOW})
    assert ending.opens(digest("old"), NOW - SECOND)
    assert not ending.opens(digest("old"), NOW)
    assert ending.opens(digest("new"), NOW)
    assert not ending.opens(digest("another"), NOW - SECOND)


def test_without_an_end_every_key_opens() -> None:
    assert ONE.opens(digest("old"), NOW)
    assert ONE.opens(digest("new"), NOW)
