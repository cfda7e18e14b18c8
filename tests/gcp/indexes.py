"""Says which composite index a question needs, as Firestore would, and whether infra/gcp/firestore.tf declares it.

A single field is indexed by itself, upwards and downwards, unless it is exempt, and equal values of several fields are
found by merging such indexes. Whatever compares or sorts one field beside an equal value of another needs an index of
its own (firebase.google.com/docs/firestore/query-data/index-overview).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from tests.gcp.written import Module


@dataclass(frozen=True, order=True)
class Index:
    """Equal values first, whose direction does not matter, then the field that is compared or sorted."""

    collection: str
    equal: frozenset[str]
    then: str
    order: str


class Unindexed(Exception):
    """Firestore would refuse this question with FAILED_PRECONDITION, or never find what is exempt."""


def needed(collection: str, where: Iterable[tuple[str, str]], order_by: str | None) -> Index | None:
    """Give the composite index for a question, or None; `where` are fields with their operators."""
    where = list(where)
    equal = frozenset(field for field, operator in where if operator == "==")
    ranged = [order_by.lstrip("-")] if order_by else [field for field, operator in where if operator != "=="]
    if not equal or not ranged:
        return None
    order = "DESCENDING" if (order_by or "").startswith("-") else "ASCENDING"
    return Index(collection, equal, ranged[0], order)


@cache
def _firestore() -> Module:
    return Module.read("firestore.tf")


@cache
def declared() -> frozenset[Index]:
    """Give the composite indexes in firestore.tf."""
    rows = _firestore().local("indexes").values()
    return frozenset(Index(row["collection"], frozenset({row["equal"]}), row["then"], row["order"]) for row in rows)


@cache
def exempt() -> frozenset[tuple[str, str]]:
    """Give the fields, with their collections, that firestore.tf leaves out of every index."""
    rows = _firestore().local("unindexed").items()
    return frozenset((collection, field) for collection, fields in rows for field in fields)


def check(collection: str, where: Iterable[tuple[str, str]], order_by: str | None) -> None:
    """Raise Unindexed for a question that could not be answered on Google Cloud."""
    where = list(where)
    index = needed(collection, where, order_by)
    if index and index not in declared():
        raise Unindexed(f"infra/gcp/firestore.tf has no {index}.")
    asked = {field for field, _ in where} | ({order_by.lstrip("-")} if order_by else set())
    if hidden := sorted(field for field in asked if (collection, field) in exempt()):
        raise Unindexed(f"infra/gcp/firestore.tf leaves {', '.join(hidden)} of {collection} out of every index.")
