"""The ledger of runs: each goes on where the last one ended, and all are added up."""

from pathlib import Path

from tests.simulation import batch, ledger


def test_a_run_goes_on_after_the_last_seed_of_all_before_it(tmp_path: Path) -> None:
    book = tmp_path / "ledger.jsonl"
    assert ledger.following(book) == 0
    ledger.write(book, "one", 0, batch.Tally(nights=400, struck=7000, pages=2000), 4.2)
    ledger.write(book, "two", 400, batch.Tally(nights=100, struck=1500, pages=500, failed={410: ["I1: lost"]}), 1.0)
    ledger.write(book, "two", 50, batch.Tally(nights=1), 0.1)
    assert ledger.following(book) == 500
    assert [(line["from"], line["to"], line["violations"]) for line in ledger.lines(book)] == [
        *((0, 399, 0), (400, 499, 1), (50, 50, 0)),
    ]
    assert ledger.total(book) == (
        "the ledger: 3 runs of 2 versions, 501 nights, 8,500 faults, 2,500 pages, 1 nights that violated an invariant"
    )


def test_an_interrupted_run_has_lived_through_its_first_seeds_without_a_gap() -> None:
    looks = iter((False, True))
    tally = batch.run(7, batch.CHUNK * 4, 1, enough=lambda: next(looks))
    assert tally.nights == batch.CHUNK * 2
    assert tally.calls == batch.lived(range(7, 7 + batch.CHUNK * 2)).calls
