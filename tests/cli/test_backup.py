"""A backup is read by its owner only; restoring says first what it would do, and leaves what is there as it is."""

import json
import stat
from pathlib import Path

from tests.cli.test_incidents import alert, incident, listed
from tests.cli.test_oncall import answered, said, tocsin


def test_a_backup_is_not_written_over_another_and_nobody_else_reads_it(pager: Path) -> None:
    alert(pager, "checkout is down")
    assert "1 incidents" in said(pager, "backup", "night.jsonl")
    assert stat.S_IMODE((pager / "night.jsonl").stat().st_mode) == 0o600
    head, *documents, last = [json.loads(line) for line in (pager / "night.jsonl").read_text().splitlines()]
    assert (head["kind"], head["format"], last["documents"]) == ("tocsin backup", 1, len(documents))
    again = tocsin(pager, "backup", "night.jsonl")
    assert again.returncode == 1
    assert "it is there already" in again.stderr


def test_a_restore_says_what_it_would_do_and_then_does_it_once(pager: Path) -> None:
    alert(pager, "checkout is down")
    [before] = listed(pager)
    said(pager, "backup", "night.jsonl")
    (pager / "tocsin.db").rename(pager / "lost.db")
    for left in ("tocsin.db-wal", "tocsin.db-shm"):
        (pager / left).unlink(missing_ok=True)
    assert "nothing was changed: --go does it" in said(pager, "restore", "night.jsonl")
    assert "no configuration has been applied yet" in tocsin(pager, "versions").stdout
    assert "there already, and left as it is: 0" in said(pager, "restore", "night.jsonl", "--go")
    assert listed(pager) == [before]
    incident(pager, "ack", before["id"])
    again = answered(pager, "restore", "night.jsonl", "--go")
    assert again["new"] == {}
    assert listed(pager)[0]["status"] == "acknowledged"
    told = [one["what"] for one in answered(pager, "audit", "list")["entries"] if one["kind"] != "access"]
    assert told == ["restored", "acknowledged", "restored"]


def test_a_damaged_backup_is_refused_in_a_sentence(pager: Path) -> None:
    said(pager, "backup", "night.jsonl")
    text = (pager / "night.jsonl").read_text()
    (pager / "night.jsonl").write_text(text.replace("Alice", "Mallory"))
    result = tocsin(pager, "restore", "night.jsonl", "--go")
    assert result.returncode == 1
    assert "was changed or cut since it was written" in result.stderr
