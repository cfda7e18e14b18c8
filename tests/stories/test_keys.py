"""A key opens the one service it is of: whoever has another service's can neither page nor silence this one."""

import pytest

from tests.stories.night import Night


@pytest.mark.parametrize("state", ["resolved", "firing"])
def test_the_key_of_one_service_changes_nothing_of_another(night: Night, state: str) -> None:
    night.alert("checkout is down")
    night.phone("primary").receives("checkout is down")
    before = night.incident
    night.alert("checkout is down", service="reports", state=state)
    assert night.world.store.get(f"incidents/{before.id}")["status"] == "triggered"  # type: ignore[index]
    assert night.told_of(before, "resolved") == 0
    night.passes(minutes=6)
    texts = [one.body for one in night.phone("secondary").received()]
    assert [text for text in texts if text.startswith("checkout is down")], "it still escalates"
    for phone in night.phones.values():
        phone.has_had_enough()


def test_a_title_that_is_a_template_is_a_title(night: Night) -> None:
    for number, title in enumerate(
        ("{{''.__class__.__mro__}}", "{{7*7}} ${7*7} #{7*7}", "{% for x in y %}", "%s %(x)s {0}")
    ):
        night.alert(title, name=str(number), service="stock")
        assert night.incident.title == title
        night.passes(minutes=20)
        night.operator_acknowledges()
    for phone in night.phones.values():
        phone.has_had_enough()
