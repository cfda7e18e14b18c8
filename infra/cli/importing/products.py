"""The products whose configuration can be taken over: what is read of each, and what is made of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from infra.cli.importing.export import Dialect, Export, Resource
from infra.cli.importing.move import Move
from infra.cli.importing.oncall import account as oncall
from infra.cli.importing.oncall import wire as oncall_wire
from infra.cli.importing.opsgenie import account as opsgenie
from infra.cli.importing.opsgenie import wire as opsgenie_wire
from infra.cli.importing.pagerduty import account as pagerduty
from infra.cli.importing.pagerduty import wire as pagerduty_wire
from infra.cli.importing.settling import settled
from infra.cli.importing.values import Configuration
from infra.cli.importing.writing import document


@dataclass(frozen=True)
class Product:
    """What is asked of a product's API, how, and what is made of the answers."""

    resources: Callable[[datetime], tuple[Resource, ...]]
    dialect: Dialect
    configuration: Callable[[Move, Export], Configuration]


PRODUCTS = {
    "pagerduty": Product(pagerduty_wire.resources, pagerduty_wire.DIALECT, pagerduty.configuration),
    "opsgenie": Product(opsgenie_wire.resources, opsgenie_wire.DIALECT, opsgenie.configuration),
    "grafana-oncall": Product(oncall_wire.resources, oncall_wire.DIALECT, oncall.configuration),
}


def imported(product: Product, export: Export, move: Move, heading: tuple[str, ...]) -> tuple[str, dict[str, Any]]:
    """Give the file's text and the report."""
    export.tell(product.resources(move.now), move.report)
    found = settled(move, product.configuration(move, export))
    return document(found, move, heading), move.report.wire()
