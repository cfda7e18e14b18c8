"""The operator's commands: check and apply a configuration, list and answer incidents, raise one, balance the books."""

import click

from infra.cli import orders
from infra.cli.audit import audit
from infra.cli.backup.command import backup, restore
from infra.cli.completion import completion
from infra.cli.cost.command import cost_
from infra.cli.doctor.command import doctor
from infra.cli.explain import explain
from infra.cli.feed import feed
from infra.cli.importing.command import import_
from infra.cli.incidents import incident
from infra.cli.keyring import key
from infra.cli.ledger import ledger
from infra.cli.mapped import map_
from infra.cli.oncall import shifts, who
from infra.cli.options import Sentences, everywhere
from infra.cli.override import override
from infra.cli.planning.command import apply, check, plan
from infra.cli.planning.history import rollback, show_, versions
from infra.cli.reach import reach
from infra.cli.replay import replay
from infra.cli.roster import roster
from infra.cli.sbom import sbom
from infra.cli.schema import schema
from infra.cli.sources import sources
from infra.cli.test_page import test_page
from infra.cli.trigger import trigger
from infra.cli.verify import verify
from infra.cli.whatif.command import simulate
from infra.cli.whatif.routed import route
from infra.cli.whatif.shadow import shadow


@click.group(cls=Sentences, context_settings={"help_option_names": ["-h", "--help"]})
@everywhere
def tocsin() -> None:
    """Tocsin pages whoever is on call until somebody answers.

    Exit codes: 0 done, 1 refused or not found or mistakes in the file, 2 wrong usage (or as `plan --help` says).
    """


for each in orders.COMMANDS:
    incident.add_command(each)
tocsin.add_command(apply)
tocsin.add_command(audit)
tocsin.add_command(backup)
tocsin.add_command(check)
tocsin.add_command(explain)
tocsin.add_command(completion)
tocsin.add_command(cost_)
tocsin.add_command(doctor)
tocsin.add_command(feed)
tocsin.add_command(import_)
tocsin.add_command(incident)
tocsin.add_command(key)
tocsin.add_command(ledger)
tocsin.add_command(map_)
tocsin.add_command(override)
tocsin.add_command(plan)
tocsin.add_command(reach)
tocsin.add_command(replay)
tocsin.add_command(restore)
tocsin.add_command(rollback)
tocsin.add_command(roster)
tocsin.add_command(route)
tocsin.add_command(sbom)
tocsin.add_command(schema)
tocsin.add_command(shadow)
tocsin.add_command(shifts)
tocsin.add_command(show_)
tocsin.add_command(simulate)
tocsin.add_command(sources)
tocsin.add_command(test_page)
tocsin.add_command(trigger)
tocsin.add_command(versions)
tocsin.add_command(verify)
tocsin.add_command(who)
