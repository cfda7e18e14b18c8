"""Reads matchers on the labels of an alert, written as Alertmanager writes them."""

import re
from typing import Annotated

from pydantic import BeforeValidator

from infra.cli.fields import text
from tocsin.domain.maintenance import Matcher, Relation

FORM = re.compile(r'\s*([A-Za-z_][A-Za-z0-9_.:/-]*)\s*(=~|!~|!=|=)\s*(?:"(.*)"|([^"\s=~][^"\s]*)?)\s*')


def matcher(value: object) -> Matcher:
    """Read `severity="warning"`, `host!=web-1`, `alertname=~"Disk.*"` or `team!~"a|b"`."""
    match = FORM.fullmatch(text(value))
    if not match:
        raise ValueError(
            f'"{value}" is not a matcher: write a label, = != =~ or !~, and a value, as in \'host="db-1"\''
        )
    label, relation, quoted, bare = match.groups()
    made = Matcher(label, Relation(relation), quoted or bare or "")
    try:
        re.compile(made.value if relation in {Relation.MATCHES, Relation.MATCHES_NOT} else "")
    except re.error as error:
        raise ValueError(f'"{value}" is not a pattern: {error}') from None
    return made


LabelMatcher = Annotated[Matcher, BeforeValidator(matcher)]
