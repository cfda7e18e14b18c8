"""Reads Azure Monitor's common alert schema, and the metric alerts of the schemas before it.

Settings: in the action group add an action of the type Webhook with the URI
`https://YOUR-HOST/ingest/azure_monitor/<integration key>`, and enable the common alert schema for it.

Alerts are the same if `alertId` is the same: a firing and its resolve share it, and the next firing has another one. An
alert rule that does not resolve by itself, as those of logs unless they are told to, opens an incident for each firing.
Resource health is the same by rule and resource and resolves when the resource is available, service health by its
tracking id. Sev0 is critical, Sev1 an error, Sev2 a warning, Sev3 and Sev4 are information.
"""

from collections.abc import Iterator, Mapping
from urllib.parse import quote

from tocsin.domain.alert import Action, Alert, Severity
from tocsin.sources import Posted, _plain
from tocsin.sources._unknown import kept

_SEVERITIES = {
    "0": Severity.CRITICAL,
    "1": Severity.ERROR,
    "2": Severity.WARNING,
    "3": Severity.INFO,
    "4": Severity.INFO,
}
_PORTAL = "https://portal.azure.com/#blade/Microsoft_Azure_Monitoring/AlertDetailsTemplateBlade/alertId/"
_OVER = {"resolved", "deactivated"}
_SERVICE_OVER = {"resolved", "complete", "canceled", "rca"}


def parse(posted: Posted) -> list[Alert]:
    """Give the one alert of a notification."""
    body = _plain.members(posted.payload)
    data = _plain.members(body.get("data"))
    if essentials := _plain.members(data.get("essentials")):
        return [_common(essentials, data, posted.integration)]
    older = data if "context" in data else body
    context = _plain.members(older.get("context"))
    if context.get("name") or context.get("id"):
        return [_older(older, context, posted.integration)]
    return kept(posted)


def _common(essentials: Mapping[str, object], data: Mapping[str, object], integration: str) -> Alert:
    context, custom = _plain.members(data.get("alertContext")), _plain.members(data.get("customProperties"))
    about = _plain.members(context.get("properties"))
    alert_id = _plain.text(essentials.get("alertId")).strip()
    affected = ", ".join(_affected(essentials))
    rule = _plain.one_line(essentials.get("alertRule"))
    title = _plain.first(about.get("title"), f"{rule} on {affected}" if rule and affected else rule)
    portal = f"{_PORTAL}{quote(alert_id, safe='')}" if alert_id.startswith("/") else ""
    return Alert(
        action=Action.RESOLVE if _is_over(essentials, about) else Action.TRIGGER,
        dedup_key=_dedup_key(essentials, about),
        title=title or _plain.first(essentials.get("description")) or _plain.untitled(integration),
        severity=_severity(essentials.get("severity")),
        affected=_plain.one_line(affected),
        link=_plain.link(essentials.get("investigationLink"), portal),
        labels=_labels(essentials, custom),
        details=_plain.lines([("", essentials.get("description")), *_conditions(context), *about.items()]),
    )


def _dedup_key(essentials: Mapping[str, object], about: Mapping[str, object]) -> str:
    # Azure does not always write the names in an id in the same case.
    rule, targets = _plain.word(essentials.get("alertRule")), _plain.word(essentials.get("alertTargetIDs"))
    if "currentHealthStatus" in about:
        return _plain.digest(rule, targets)
    if tracking := _plain.word(about.get("trackingId")):
        return _plain.digest(rule, tracking)
    known = _plain.word(essentials.get("alertId")) or _plain.word(essentials.get("originAlertId"))
    return _plain.key(known) or _plain.digest(rule, targets)


def _is_over(essentials: Mapping[str, object], about: Mapping[str, object]) -> bool:
    # Health alerts are always fired: whether things are well again stands inside.
    if "currentHealthStatus" in about:
        return _plain.word(about.get("currentHealthStatus")) == "available"
    if "trackingId" in about and _plain.word(about.get("stage")) in _SERVICE_OVER:
        return True
    return _plain.word(essentials.get("monitorCondition")) in _OVER


def _affected(essentials: Mapping[str, object]) -> Iterator[str]:
    items, targets = essentials.get("configurationItems"), essentials.get("alertTargetIDs")
    if isinstance(items, list) and items:
        yield from filter(None, map(_plain.one_line, items))
    elif isinstance(targets, list):
        named = (_plain.one_line(target) for target in targets)
        yield from filter(None, (name.rpartition("/")[2] for name in named if "/providers/" in name.casefold()))


def _conditions(context: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    clauses = _plain.members(context.get("condition")).get("allOf")
    for one in map(_plain.members, clauses if isinstance(clauses, list) else ()):
        name = _plain.first(one.get("metricName"), one.get("searchQuery"), "value")
        threshold = f"{_plain.text(one.get('operator'))} {_plain.text(one.get('threshold'))}".strip()
        yield name, f"{_plain.text(one.get('metricValue'))} ({threshold})"
        yield "results", one.get("linkToSearchResultsUI")


def _labels(named: Mapping[str, object], custom: Mapping[str, object]) -> dict[str, str]:
    # A rule that asks for a severity asks in the pager's words, and labels win: Sev1 would be none of them.
    return _plain.labels({**custom, **{name: value for name, value in named.items() if name != "severity"}})


def _severity(value: object) -> Severity:
    return _SEVERITIES.get(_plain.word(value).removeprefix("sev"), Severity.UNKNOWN)


def _older(said: Mapping[str, object], context: Mapping[str, object], integration: str) -> Alert:
    rule, affected = _plain.one_line(context.get("name")), _plain.one_line(context.get("resourceName"))
    return Alert(
        action=Action.RESOLVE if _plain.word(said.get("status")) in _OVER else Action.TRIGGER,
        dedup_key=_plain.digest(_plain.word(context.get("id")) or rule, _plain.word(context.get("resourceId"))),
        title=_plain.one_line(f"{rule} on {affected}" if rule and affected else rule or _plain.untitled(integration)),
        severity=_severity(context.get("severity")),
        affected=affected,
        link=_plain.link(context.get("portalLink")),
        labels=_labels(context, _plain.members(said.get("properties"))),
        details=_plain.lines([("", context.get("description")), ("condition", context.get("condition"))]),
    )
