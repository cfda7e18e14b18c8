"""Whatever is written in infra/gcp is known to the providers, whether or not Terraform is there to say so."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.gcp.written import MARK, Module

named = pytest.mark.parametrize
META = {"count", "for_each", "depends_on", "lifecycle", "provider"}


def objections(module: Module, known: dict[str, Any]) -> list[str]:
    """Give what no provider would take: unknown names, and what is missing."""
    return [
        objection
        for block in module.blocks()
        for objection in (
            _objections(block.body, known[block.kind], f"{block.kind}.{block.name}", META)
            if block.kind in known
            else [f"{block.kind}.{block.name}: no such resource"]
        )
    ]


def _objections(body: dict[str, Any], block: dict[str, Any], where: str, also: set[str]) -> Iterator[str]:
    inner = dict(_blocks(body))
    settable = {name for name, each in block["attributes"].items() if {"required", "optional"} & each.keys()}
    given = body.keys() - {MARK, "dynamic"} - also
    yield from (f"{where}: {name} is unknown" for name in sorted(given - settable - block["blocks"].keys()))
    wanted = {name for name, each in block["attributes"].items() if each.get("required")}
    wanted |= {name for name, each in block["blocks"].items() if each["required"]}
    yield from (f"{where}: {name} is missing" for name in sorted(wanted - given - inner.keys()))
    for name, bodies in inner.items():
        if name not in block["blocks"]:
            if name not in given:
                yield f"{where}: {name} is unknown"
            continue
        if len(bodies) > block["blocks"][name].get("most", len(bodies)):
            yield f"{where}: {name} is there {len(bodies)} times"
        for one in bodies:
            yield from _objections(one, block["blocks"][name], f"{where}.{name}", set())


def _blocks(body: dict[str, Any]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Give the blocks in a body by name, those that are made by `dynamic` as well."""
    for name, value in body.items():
        if name == "dynamic":
            for one in value:
                yield from ((inner, made["content"]) for inner, made in one.items())
        elif name != "lifecycle" and _is_blocks(value):
            yield name, value


def _is_blocks(value: object) -> bool:
    return isinstance(value, list) and any(isinstance(each, dict) and MARK in each for each in value)


def test_the_providers_know_all_that_is_written(known: dict[str, Any]) -> None:
    assert objections(Module.read(), known) == []


@named(
    ("written", "misspelt", "objection"),
    [
        ("ack_deadline_seconds ", "ack_deadline ", "google_pubsub_subscription.route: ack_deadline is unknown"),
        ("retry_policy {", "retries {", "google_pubsub_subscription.route: retries is unknown"),
        ("minimum_backoff", "min_backoff", "google_pubsub_subscription.route.retry_policy: min_backoff is unknown"),
        ('dynamic "path_rule"', 'dynamic "rule"', "google_compute_url_map.pager.path_matcher: rule is unknown"),
        (
            "  topic                      = google_pubsub_topic.dead.id\n",
            "",
            "google_pubsub_subscription.dead: topic is missing",
        ),
        ('google_cloud_tasks_queue" ', 'google_cloud_task_queue" ', "google_cloud_task_queue.tocsin: no such resource"),
    ],
)
def test_what_is_misspelt_is_noticed(known: dict[str, Any], written: str, misspelt: str, objection: str) -> None:
    module = Module.read()
    assert written in module.text
    assert objection in objections(Module(module.text.replace(written, misspelt, 1)), known)


def test_a_block_that_may_stand_once_may_not_stand_twice(known: dict[str, Any]) -> None:
    twice = "  ttl_config {}\n"
    text = Module.read().text.replace(twice, twice * 2, 1)
    assert objections(Module(text), known) == ["google_firestore_field.expiring: ttl_config is there 2 times"]
