"""A night on Google's emulators of Firestore and Pub/Sub: the functions meet the clients they meet on Google Cloud."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from infra.local.emulators import Emulator, free_port
from tests.system.conftest import Start
from tests.system.pager import PRIMARY, SECONDARY, Pager, calls_in
from tests.system.programs import google_emulators


def test_an_alert_is_texted_and_a_texted_ack_stops_it(emulated: Pager) -> None:
    emulated.alert("the pump has stopped", service="checkout")
    emulated.text(PRIMARY, "the pump has stopped")
    emulated.says(PRIMARY, "ack")
    emulated.text(PRIMARY, "Nobody else is paged")

    incident = emulated.incident("the pump has stopped", "acknowledged")
    emulated.sees(lambda _: emulated.show(incident)["notifications"][1]["state"] == "dropped")
    assert calls_in(emulated.state, PRIMARY) == []
    emulated.settle()


def test_without_an_answer_it_rings_and_escalates_until_its_tool_resolves_it(emulated: Pager) -> None:
    emulated.alert("the belt has torn", service="checkout")
    emulated.text(PRIMARY, "the belt has torn")
    emulated.sees(lambda state: calls_in(state, PRIMARY))
    emulated.text(SECONDARY, "the belt has torn")
    emulated.alert("the belt has torn", service="checkout")
    incident = emulated.incident("the belt has torn")
    emulated.sees(lambda _: emulated.show(incident)["alerts"] == 2)

    emulated.resolve("the belt has torn", service="checkout")

    shown = emulated.show(emulated.incident("the belt has torn", "resolved"))
    assert (shown["answered_by"], shown["due"], shown["level"]) == ("checkout-pagerduty", [], 2)
    assert [event["outcome"] for event in shown["events"]] == ["opened", "joined", "resolved"]
    emulated.text(PRIMARY, "the belt has torn")
    emulated.text(SECONDARY, "the belt has torn")


@pytest.fixture(scope="module")
def named() -> Iterator[dict[str, str]]:
    """Emulators of our own, by the settings that name them; no pager ends them."""
    found = google_emulators()
    with ExitStack() as emulators:
        firestore = found.start_firestore(free_port())
        emulators.callback(firestore.stop)
        pubsub = found.start_pubsub(free_port())
        emulators.callback(pubsub.stop)
        yield {"FIRESTORE_EMULATOR_HOST": firestore.host, "PUBSUB_EMULATOR_HOST": pubsub.host}
        assert _lives(firestore)
        assert _lives(pubsub)


def _lives(emulator: Emulator) -> bool:
    return emulator.process is None or emulator.process.poll() is None


def test_emulators_that_the_environment_names_keep_an_incident_over_a_restart(
    start: Start, named: dict[str, str]
) -> None:
    first = start("--emulators", settings=named)
    first.alert("the valve sticks")
    first.text(PRIMARY, "the valve sticks")
    incident = first.incident("the valve sticks")
    first.stop()

    second = start("--emulators", port=first.port, settings=named)

    assert second.incident("the valve sticks")["id"] == incident["id"]
    second.says(PRIMARY, "ack")
    second.text(PRIMARY, "Nobody else is paged")
    second.incident("the valve sticks", "acknowledged")
    second.stop()
