"""What is looked up as an id, and what is not."""

import pytest

from tocsin.domain.identity import is_id


@pytest.mark.parametrize("text", ["i1", "i1-1-1-ada-1", "A_9", "x" * 300])
def test_ours_are_ids(text: str) -> None:
    assert is_id(text) is True


@pytest.mark.parametrize("text", ["", "-i1", "_i1", "i/1", "i1\n", "í1", "x" * 301, 7, None])
def test_nothing_else_is(text: object) -> None:
    assert is_id(text) is False
