"""Throws arbitrary JSON, forms and addresses at every source: alerts within their bounds, or Malformed."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin import sources
from tocsin.domain.alert import Action, Alert
from tocsin.errors import Malformed
from tocsin.sources import Posted

HERE = Path(__file__).parent
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=40)
    | st.sampled_from(["trigger", "resolve", "firing", "resolved", "ok", "critical", "https://a.example/x", "k" * 2000])
)
NAMES = st.sampled_from(
    [
        *("event_action", "dedup_key", "payload", "summary", "source", "severity", "links", "images", "custom_details"),
        *("alerts", "status", "labels", "annotations", "fingerprint", "truncatedAlerts", "generatorURL", "title"),
        *("state", "alert", "event", "id", "message", "host", "url", "tags", "client", "commonLabels", "__name__"),
    ]
) | st.text(max_size=5)
# What a source's own objects have in them; a source meets the names of all others too.
WORDS = re.compile(r"[A-Za-z_]{3,24}")
OWN = {
    source: st.sampled_from(sorted({name for file in (HERE / source).glob("*.[fj]*") for name in WORDS.findall(
        file.read_text(errors="replace")) if ".expected" not in file.name}) or ["title"]) for source in sources.names()
}  # fmt: skip
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner), max_leaves=25)


def shaped(own: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    """Give JSON whose names, and many of whose values, are words of a source's examples."""
    return st.recursive(
        own | SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(own, inner, max_size=6)
    )


SHAPED = {source: shaped(own) for source, own in OWN.items()}
QUERIES = st.dictionaries(NAMES, st.text(max_size=9))


OPTIONS = st.dictionaries(
    st.sampled_from(["title", "severity", "dedup_key", "state", "affected", "link", "alerts", "resolved", "branches"]),
    st.sampled_from(["title", "alert.title", "alerts.0", "alerts.0.labels", "", ".", "a..b", "0", "labels.__name__"]),
)
PATHS = [(source, path) for source in sources.names() for path in (source, *sources.load(source).paths)]


@pytest.mark.parametrize(("source", "path"), PATHS)
@settings(deadline=None)
@given(data=st.data(), options=OPTIONS, query=QUERIES, inside=st.text(min_size=1))
def test_any_json_gives_alerts_or_is_malformed(
    source: str, path: str, data: st.DataObject, options: dict[str, str], query: dict[str, str], inside: str
) -> None:
    payload = data.draw(JSON | SHAPED[source])
    inside = inside if "*" in path else ""
    posted = Posted(payload, path=path, options=options, integration="shop", query=query, inside=inside)
    answered(source, posted)


@pytest.mark.parametrize("source", sources.names())
@settings(deadline=None)
@given(data=st.data(), query=QUERIES, headers=st.dictionaries(st.sampled_from(["x-github-event"]), st.text()))
def test_any_form_and_any_address_gives_alerts_or_is_malformed(
    source: str, data: st.DataObject, query: dict[str, str], headers: dict[str, str]
) -> None:
    texts = OWN[source] | st.text(max_size=20) | st.sampled_from(["{}", '{"a": [1]}', "[", '{"action": "close"}'])
    form = data.draw(st.none() | st.dictionaries(OWN[source] | NAMES, texts, min_size=1))
    answered(source, Posted(form, path=source, integration="shop", query=query, headers=headers))


def answered(source: str, posted: Posted) -> None:
    try:
        alerts = sources.load(source).parse(posted)
    except Malformed:
        return
    assert alerts == sources.load(source).parse(posted)
    check_all(alerts)


def check_all(alerts: list[Alert]) -> None:
    for alert in alerts:
        check(alert)
    keys = [alert.dedup_key for alert in alerts if alert.dedup_key]
    assert len(keys) == len(set(keys))


def check(alert: Alert) -> None:
    assert 1 <= len(alert.title) <= 1024
    assert alert.title == " ".join(alert.title.split())
    assert len(alert.dedup_key) <= 255
    assert alert.dedup_key or alert.action in {Action.TRIGGER, Action.CHANGE}
    assert alert.link == "" or re.match(r"https?://[^\s/?#:]", alert.link, re.IGNORECASE)
    assert len(alert.details) <= 8192
    assert len(alert.labels) <= 64
    for name, value in alert.labels.items():
        assert name
        assert not (name.startswith("__") and name.endswith("__"))
        assert 1 <= len(value) <= 1024


LABELS = st.dictionaries(st.text(max_size=4), st.text(max_size=4) | st.integers(0, 3), min_size=1, max_size=3)


def alertmanager(*alerts: dict[str, Any]) -> list[Alert]:
    return sources.load("alertmanager").parse(Posted({"alerts": list(alerts)}, path="alertmanager"))


@given(one=LABELS, other=LABELS, fingerprints=st.sampled_from([("f", "f"), (None, None), ("f", "g"), (None, "f")]))
def test_alertmanagers_alerts_are_the_same_only_if_labels_and_fingerprint_are(
    one: dict[str, object], other: dict[str, object], fingerprints: tuple[str | None, str | None]
) -> None:
    alerts = alertmanager(
        {"labels": one, "fingerprint": fingerprints[0]}, {"labels": other, "fingerprint": fingerprints[1]}
    )
    same = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True) and len(set(fingerprints)) == 1
    assert len(alerts) == (1 if same else 2)


@given(labels=LABELS, fingerprint=st.text(max_size=300), data=st.data())
def test_an_alert_and_its_resolve_have_the_same_key_in_any_order_of_labels(
    labels: dict[str, object], fingerprint: str, data: st.DataObject
) -> None:
    shuffled = dict(data.draw(st.permutations(list(labels.items()))))
    (fired,) = alertmanager({"status": "firing", "labels": labels, "fingerprint": fingerprint})
    (resolved,) = alertmanager(
        {
            "status": "resolved",
            "labels": shuffled,
            "fingerprint": fingerprint,
            "annotations": {"summary": "other words"},
            "endsAt": "2024-05-04T01:12:03Z",
        }
    )
    assert fired.dedup_key == resolved.dedup_key
    assert (fired.action, resolved.action) == (Action.TRIGGER, Action.RESOLVE)


def test_a_thousand_alerts_are_read_and_of_more_the_firing_ones() -> None:
    resolved = [{"status": "resolved", "labels": {"n": n}} for n in range(600)]
    firing = [{"status": "firing", "labels": {"n": n}} for n in range(600, 1200)]
    assert len(alertmanager(*resolved, *firing[:400])) == 1000
    alerts = alertmanager(*resolved, *firing)
    assert sum(alert.action is Action.TRIGGER for alert in alerts) == 600
    assert len(alerts) == 1000
    assert "200 more alerts" in alerts[0].details


def test_generic_refuses_more_than_a_thousand_alerts_and_says_so() -> None:
    with pytest.raises(Malformed, match="1001 alerts; send at most 1000") as refusal:
        sources.load("generic").parse(Posted([{"title": str(n)} for n in range(1001)], path="generic"))
    assert refusal.value.status == 413


@given(title=st.text(), host=st.text(), noise=st.integers())
def test_generic_closes_what_it_opened_by_title_and_host(title: str, host: str, noise: int) -> None:
    parse = sources.load("generic").parse
    (fired,) = parse(Posted({"title": title + ".", "host": host, "status": "down", "value": noise}, path="generic"))
    (resolved,) = parse(Posted({"title": title + ".", "host": host, "status": "up", "value": 0}, path="generic"))
    assert fired.dedup_key == resolved.dedup_key
    assert (fired.action, resolved.action) == (Action.TRIGGER, Action.RESOLVE)


@given(one=st.text(min_size=1), other=st.text(min_size=1), hosts=st.tuples(st.text(), st.text()))
def test_generic_keeps_other_titles_and_hosts_apart(one: str, other: str, hosts: tuple[str, str]) -> None:
    parse = sources.load("generic").parse
    pairs = [(f"a{one}a", f"b{hosts[0]}b"), (f"a{other}a", f"b{hosts[1]}b")]
    keys = {parse(Posted({"title": title, "host": host}, path="generic"))[0].dedup_key for title, host in pairs}
    assert len(keys) == len(set(pairs))
