"""What a page survives: a stop and a new start, functions that are killed at any moment, a killed supervisor."""

import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.system.conftest import Start
from tests.system.pager import PRIMARY, SECONDARY, SLEEPER, Pager, calls_in, eventually, is_alive, post, texts_in

# A claim is believed for 45 s; whoever died with one has its page sent by the sweep after that.
LEASE_SECONDS = 90


@pytest.fixture(scope="module")
def survivor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pager]:
    """A pager whose functions are killed time and again; it still ends in order."""
    pager = Pager(tmp_path_factory.mktemp("survivor"))
    try:
        yield pager
        pager.stop()
    finally:
        pager.kill()


@pytest.fixture(scope="module")
def abandoned(survivor: Pager) -> str:
    """The title of a page whose sender is killed before its text was made; other tests run while its claim lasts."""
    _kill_while_sending(survivor, "the text that never was", "lost_before")
    survivor.rests()
    return "the text that never was"


@pytest.mark.usefixtures("abandoned")
def test_functions_killed_right_after_they_accepted_page_once(survivor: Pager) -> None:
    for number in range(3):
        survivor.alert(f"the gate {number} is open")
        os.kill(survivor.functions, signal.SIGKILL)
        _is_paged_once(survivor, PRIMARY, f"the gate {number} is open")
        survivor.rests()


def test_functions_killed_while_a_text_is_on_its_way_do_not_send_it_again(survivor: Pager) -> None:
    survivor.rests()
    _kill_while_sending(survivor, "the text that was made", "lost_after")
    _is_paged_once(survivor, PRIMARY, "the text that was made")


def test_functions_killed_in_the_moment_of_an_escalation_page_the_next_level_once(survivor: Pager) -> None:
    survivor.alert("the tower leans", service="night")
    shown = survivor.show(survivor.incident("the tower leans"))
    due = datetime.fromisoformat(shown["next_at"])
    eventually(lambda: datetime.now(UTC) >= due, lambda: "time stands still")

    os.kill(survivor.functions, signal.SIGKILL)

    _is_paged_once(survivor, SECONDARY, "the tower leans")
    assert survivor.show(shown)["level"] == 2


def test_a_call_and_an_escalation_that_were_due_happen_once_after_a_stop_and_a_new_start(start: Start) -> None:
    stopped = start()
    stopped.alert("the freezer is warm", service="night")
    stopped.text(SLEEPER, "the freezer is warm")
    incident = stopped.incident("the freezer is warm")
    assert len(stopped.show(incident)["due"]) == 2
    stopped.stop()

    pager = start(port=stopped.port)

    _has_paged_both_levels(pager, "the freezer is warm")


def test_a_supervisor_that_is_killed_leaves_no_process_and_the_next_one_goes_on(start: Start) -> None:
    killed = start()
    functions = killed.functions
    killed.alert("the cellar is wet", service="night")
    killed.kill()
    eventually(lambda: not is_alive(functions), lambda: f"{functions} lives on")

    _has_paged_both_levels(start(port=killed.port), "the cellar is wet")


def test_functions_killed_before_a_text_was_made_have_it_sent_once_by_those_that_come_after(
    survivor: Pager, abandoned: str
) -> None:
    _is_paged_once(survivor, PRIMARY, abandoned)
    (notification,) = survivor.show(survivor.incident(abandoned))["notifications"]
    assert notification["tries"] == 2


def _kill_while_sending(pager: Pager, title: str, fault: str) -> None:
    """Kill the functions while they wait for the answer to a text, which was made or not, as the fault says."""
    post(f"{pager.url}/phone/faults", {"kind": fault, "number": PRIMARY, "on": "text", "seconds": 60})
    pager.alert(title)
    pager.sees(lambda state: not state["faults"])
    os.kill(pager.functions, signal.SIGKILL)


def _has_paged_both_levels(pager: Pager, title: str) -> None:
    """Wait for the first level's text and call and the second one's text, and let nothing have been sent twice."""
    pager.text(SECONDARY, title)
    pager.sees(lambda state: calls_in(state, SLEEPER))
    incident = pager.incident(title)
    pager.sees(lambda _: all(each["state"] == "sent" for each in pager.show(incident)["notifications"]))
    notifications = pager.show(incident)["notifications"]
    paged = [(each["level"], each["channel"], each["tries"]) for each in notifications]
    assert sorted(paged) == [(1, "sms", 1), (1, "voice", 1), (2, "sms", 1)]
    state = pager.state
    assert len(texts_in(state, SLEEPER, title)) == len(calls_in(state, SLEEPER)) == 1
    pager.stop()


def _is_paged_once(pager: Pager, number: str, title: str) -> None:
    """Wait until the text is there and recorded as sent, and let it be the only one, delivered or not."""
    pager.text(number, title, seconds=LEASE_SECONDS)
    incident = pager.incident(title)
    pager.sees(lambda _: _is_sent(pager.show(incident)["notifications"], number))
    phone = next(phone for phone in pager.state["phones"] if phone["number"] == number)
    assert len([each for each in phone["messages"] if title in each["body"]]) == 1


def _is_sent(notifications: list[dict[str, Any]], number: str) -> bool:
    return any((each["number"], each["channel"], each["state"]) == (number, "sms", "sent") for each in notifications)
