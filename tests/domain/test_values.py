"""A value with some fields changed is what `dataclasses.replace` gives."""

import dataclasses
from datetime import UTC, datetime

from tocsin.domain.incident import Entry
from tocsin.domain.values import replace

AT = datetime(2026, 11, 21, 2, 14, tzinfo=UTC)


def test_a_value_is_given_with_some_fields_changed_and_itself_stays() -> None:
    before = Entry(AT, "paging", "the primary", by="tocsin")
    after = replace(before, why="the secondary")
    assert after == dataclasses.replace(before, why="the secondary") != before
    assert before == Entry(AT, "paging", "the primary", by="tocsin")
    assert hash(after) == hash(Entry(AT, "paging", "the secondary", by="tocsin"))
