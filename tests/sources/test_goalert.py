"""Holds where GoAlert's token may be, and that it is in no label."""

import pytest

from tocsin.errors import Malformed
from tocsin.sources import Posted, goalert

PATH = goalert.PATHS[0]


@pytest.mark.parametrize(
    ("query", "payload"), [({"token": " k1 "}, None), ({}, {"token": "k1"}), ({"token": "k1"}, {"token": "k2"})]
)
def test_the_integration_key_is_the_token(query: dict[str, str], payload: object) -> None:
    assert goalert.key(Posted(payload, path=PATH, query=query)) == "k1"


@pytest.mark.parametrize("payload", [None, {}, [], "token", {"token": " "}])
def test_without_a_token_nobody_is_let_in(payload: object) -> None:
    with pytest.raises(Malformed, match=r"\?token=KEY") as refusal:
        goalert.key(Posted(payload, path=PATH))
    assert refusal.value.status == 401


def test_the_token_is_written_nowhere() -> None:
    alerts = goalert.parse(Posted({"summary": "s", "token": "k1"}, path=PATH, query={"token": "k1", "a": "b"}))
    assert "k1" not in str(alerts)
    assert dict(alerts[0].labels) == {"a": "b"}
