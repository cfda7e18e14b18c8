"""Reads the webhook of Prometheus Alertmanager (version 4, and 3 or none): one alert for each one in the group.

Settings: in `alertmanager.yml`, give a receiver a webhook and route to it:

```yaml
receivers:
  - name: tocsin
    webhook_configs:
      - url: https://YOUR-HOST/ingest/alertmanager/<integration key>
        send_resolved: true
```

Alerts are the same if fingerprint and labels are the same. The pair, because some senders repeat a fingerprint on other
labels; never the group, which changes with its members, and never the summary, which different alerts share. A body of
any other shape pages as it is.
"""

from collections.abc import Mapping

from tocsin.domain.alert import Action, Alert, Severity
from tocsin.sources import Posted, _plain
from tocsin.sources._unknown import kept

LIMIT = 4 * 1024 * 1024  # a group of 1,000 has 1 to 2 MB, and Alertmanager does not repeat what was refused
ALERTS = 1_000

_SEVERITY_LABELS = ("severity", "priority", "level")
_TITLES = ("summary", "message", "title", "description")
_PLACES = ("instance", "pod", "host", "hostname", "node")
AFFECTED = ("instance", "pod", "host", "hostname", "node", "service", "job")
_LINKS = ("dashboard_url", "dashboardURL", "dashboard", "runbook_url", "runbook")


def parse(posted: Posted) -> list[Alert]:
    """Give each alert of the group once, in the state it was last given in; any other shape pages as it is.

    Of more than 1,000 alerts the firing ones come first and the rest are counted in the details, like those that
    Alertmanager itself cut off: refusing would lose them all.
    """
    group = _object(posted.payload)
    alerts = group.get("alerts")
    if not isinstance(alerts, list) or not all(isinstance(one, dict) for one in alerts):
        return kept(posted)
    latest = {_dedup_key(one): one for one in alerts}
    chosen = sorted(latest.items(), key=lambda item: _action(item[1], group) is Action.RESOLVE)[:ALERTS]
    missing = _count(group.get("truncatedAlerts")) + len(latest) - len(chosen)
    return [_alert(dedup_key, one, group, posted.integration, missing) for dedup_key, one in chosen]


def _alert(
    dedup_key: str, one: Mapping[str, object], group: Mapping[str, object], integration: str, missing: int
) -> Alert:
    labels = _plain.labels({**_object(group.get("commonLabels")), **_object(one.get("labels"))})
    annotations = {**_object(group.get("commonAnnotations")), **_object(one.get("annotations"))}
    links = [annotations.get(name) for name in _LINKS]
    affected = next((labels[name] for name in AFFECTED if labels.get(name)), "")
    return Alert(
        action=_action(one, group),
        dedup_key=dedup_key,
        title=_title(annotations, labels, affected) or _plain.untitled(integration),
        severity=_severity(labels),
        affected=_plain.one_line(affected),
        link=_plain.link(one.get("generatorURL"), one.get("dashboardURL"), *links, group.get("externalURL")),
        labels=labels,
        details=_details(annotations, one, missing),
    )


def _object(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _dedup_key(one: Mapping[str, object]) -> str:
    fingerprint, labels = _plain.text(one.get("fingerprint")), _object(one.get("labels"))
    if not fingerprint and not labels:
        return _plain.digest(one.get("annotations"), one.get("generatorURL"))
    identity = _plain.digest(fingerprint, labels)
    return f"{fingerprint[:64]}-{identity}" if fingerprint else identity


def _action(one: Mapping[str, object], group: Mapping[str, object]) -> Action:
    for status in (one.get("status"), group.get("status")):
        match _plain.text(status).strip().casefold():
            case "resolved":
                return Action.RESOLVE
            case "firing":
                return Action.TRIGGER
    return Action.TRIGGER


def _severity(labels: Mapping[str, str]) -> Severity:
    known = (_plain.severity(labels.get(name)) for name in _SEVERITY_LABELS)
    return next((severity for severity in known if severity is not Severity.UNKNOWN), Severity.UNKNOWN)


def _title(annotations: Mapping[str, object], labels: Mapping[str, str], affected: str) -> str:
    for name in _TITLES:
        if title := _plain.one_line(annotations.get(name)):
            return _plain.one_line(f"{title}{_where(title, labels)}")
    if alertname := labels.get("alertname"):
        return _plain.one_line(f"{alertname} on {affected}" if affected else alertname)
    return _plain.one_line(", ".join(f"{name}={value}" for name, value in sorted(labels.items())))


def _where(title: str, labels: Mapping[str, str]) -> str:
    """Say where it is, if the title names no place: many rules have one summary for all ("Pod is crash looping.")."""
    places = dict.fromkeys(labels[name] for name in _PLACES if labels.get(name))
    named = any(place.partition(":")[0].casefold() in title.casefold() for place in places)
    return f" ({', '.join(places)})" if places and not named else ""


def _count(value: object) -> int:
    # Some senders write every number as a float.
    return max(int(value), 0) if isinstance(value, int | float) else 0


def _details(annotations: Mapping[str, object], one: Mapping[str, object], missing: int) -> str:
    note = f"{missing} more alerts of this group were cut off; see Alertmanager." if missing else ""
    return _plain.lines([("", note), *annotations.items(), ("startsAt", one.get("startsAt"))])
