"""Each command of the operator's that reads what names people, or changes anything, writes one entry in the audit."""

import json
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from infra.cli.commands import tocsin
from infra.local import emulators
from tests.cli.broken import GOOD
from tests.cli.test_incidents import alert
from tests.cli.test_verify import SID, twilio
from tocsin import audit, wiring
from tocsin.clients.embedded import EmbeddedStore
from tocsin.domain.audit import Entry, Kind

ACTION, CHANGE, ACCESS = Kind.ACTION, Kind.CONFIGURATION, Kind.ACCESS

TOLD: dict[str, tuple[str, Kind]] = {
    "apply": ("FILE --allow-gaps", CHANGE),
    "audit export": ("", ACCESS),
    "audit list": ("", ACCESS),
    "audit verify": ("", ACCESS),
    "backup": ("NEW", ACCESS),
    "explain": ("ID", ACCESS),
    "feed": ("", ACCESS),
    "incident ack": ("ID --by bob", ACTION),
    "incident add": ("ID bob", ACTION),
    "incident escalate": ("ID", ACTION),
    "incident list": ("", ACCESS),
    "incident note": ("ID cold", ACTION),
    "incident pass": ("ID bob", ACTION),
    "incident priority": ("ID P2", ACTION),
    "incident resolve": ("ID", ACTION),
    "incident show": ("ID", ACCESS),
    "incident snooze": ("ID 1h", ACTION),
    "override add": ("checkout-primary bob --to '2099-01-01 09:00'", CHANGE),
    "override list": ("", ACCESS),
    "plan": ("FILE", ACCESS),
    "reach": ("", ACCESS),
    "replay quarantine": ("", ACCESS),
    "replay record": ("--since '2020-01-01 00:00'", ACCESS),
    "restore": ("BACKUP --go", CHANGE),
    "rollback": ("1 --allow-gaps", CHANGE),
    "roster export": ("", ACCESS),
    "route test": ("team=db", ACCESS),
    "shifts": ("checkout-primary", ACCESS),
    "show": ("", ACCESS),
    "simulate": ("--since '2020-01-01 00:00'", ACCESS),
    "test-page": ("alice --no-wait", ACTION),
    "trigger": ("checkout 'cart is slow'", ACTION),
    "verify": ("alice", ACTION),
    "versions": ("", ACCESS),
    "who": ("checkout", ACCESS),
}

OTHERWISE = {
    "check": "reads a file alone",
    "completion": "reads nothing",
    "cost": "reads prices alone",
    "doctor": "reads whether it works; its test page is one",
    "import": "reads and writes files alone",
    "incident merge": "is two incidents that change: test_orders",
    "key hash": "reads a key alone",
    "key new": "makes what only `apply` lets open anything",
    "key rotate": "makes what only `apply` lets open anything",
    "ledger": "counts",
    "map": "reads a file alone",
    "override cover": "is `override add` for a shift",
    "override remove": "test_audit",
    "override swap": "is `override add` twice",
    "replay dead-letters": "reads a file; what --go routes is told as of the quarantine",
    "replay events": "reads a file; what --go routes is told as of the quarantine",
    "sbom": "reads nothing",
    "schema": "reads nothing",
    "shadow": "reads as `simulate` does",
    "sources": "reads nothing",
}


def leaves(command: click.Command, *named: str) -> Iterator[str]:
    """Give the commands that do something, by their words."""
    if isinstance(command, click.Group):
        for name, each in command.commands.items():
            yield from leaves(each, *named, name)
    else:
        yield " ".join(named)


def test_every_command_says_what_it_leaves_in_the_audit() -> None:
    assert sorted(leaves(tocsin)) == sorted([*TOLD, *OTHERWISE])


@pytest.fixture
def here(pager: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Let the commands speak to the pager within this process."""
    for made in vars(wiring).values():
        if hasattr(made, "cache_clear"):
            made.cache_clear()
    with twilio() as (url, _):
        settings = json.loads((pager / ".tocsin" / "settings.json").read_text())
        settings |= {"TWILIO_ACCOUNT_SID": "AC" + SID, "TWILIO_AUTH_TOKEN": "token"}
        settings |= {"TWILIO_FROM_NUMBER": "+15550100100", "TWILIO_API_URL": url}
        settings |= {"PUBLIC_URL": f"http://127.0.0.1:{emulators.free_port()}"}
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        (pager / ".tocsin" / "settings.json").write_text(json.dumps(settings))
        yield pager
    for made in vars(wiring).values():
        if hasattr(made, "cache_clear"):
            made.cache_clear()


def entries(pager: Path) -> dict[str, Entry]:
    return audit.entries(dict(EmbeddedStore(pager / "tocsin.db").query("audit", limit=1000)))


@pytest.mark.parametrize("command", TOLD)
def test_a_command_is_told_once_with_whoever_typed_it(here: Path, command: str) -> None:
    alert(here, "checkout is down")
    [(incident, _)] = EmbeddedStore(here / "tocsin.db").query("incidents")
    words, kind = TOLD[command]
    (here / "team.yaml").write_text(GOOD)
    known = {"FILE": here / "team.yaml", "NEW": here / "new", "BACKUP": here / "backup", "ID": incident}
    line = [str(known.get(word, word)) for word in shlex.split(words)]
    data = ["--data", str(here / ".tocsin")]
    if command == "restore":
        assert CliRunner().invoke(tocsin, [*data, "backup", str(known["BACKUP"])]).exit_code == 0
    if command == "rollback":
        assert CliRunner().invoke(tocsin, [*data, "apply", str(known["FILE"]), "--allow-gaps"]).exit_code == 0
    before = entries(here)
    result = CliRunner().invoke(tocsin, [*data, *command.split(), *line])
    new = [one for name, one in entries(here).items() if name not in before]
    assert [one.kind for one in new] == [kind], result.output
    assert new[0].login
    assert new[0].channel == "on the command line"
    assert new[0].at.tzinfo is UTC
    assert datetime.now(UTC) >= new[0].at


def test_whoever_looks_sees_it_also_while_nothing_can_be_written_down(here: Path) -> None:
    store = EmbeddedStore(here / "tocsin.db")
    store.transact(lambda tx: tx.put("config/current", {**(tx.get("config/current") or {}), "schema_version": 9}))
    result = CliRunner().invoke(tocsin, ["--data", str(here / ".tocsin"), "incident", "list"])
    assert result.exit_code == 0
    assert "no incidents" in result.output
    assert "(not in the audit: " in result.output
    assert len(entries(here)) == 1
