"""Many nights on call, each with at least ten faults: no invariant is violated, and every kind of fault was seen."""

import os

from tests.simulation import batch
from tests.simulation.faults import FEWEST
from tests.simulation.night import draw
from tests.simulation.world import World

NIGHTS = 50_000 if os.environ.get("CI") else 2_000


def test_no_night_violates_an_invariant_and_every_fault_was_seen() -> None:
    tally = batch.run(0, NIGHTS, batch.CORES)
    assert not tally.failed, f"tests/simulation/run --shrink --seed {min(tally.failed)}: {tally.failed}"
    assert tally.fewest >= FEWEST
    assert tally.missing() == {}


def test_a_seed_tells_the_same_story_every_time() -> None:
    for seed in range(20):
        assert _story(seed) == _story(seed)


def _story(seed: int) -> str:
    world = World(draw(seed), telling=True)
    world.live()
    return "\n".join(world.story.lines)
