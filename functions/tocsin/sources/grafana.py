"""Reads the webhook of Grafana, from unified alerting (one alert for each one in the group) and from the legacy one.

Settings: in Grafana, Alerting, Contact points, add a contact point of the type Webhook with the URL
`https://YOUR-HOST/ingest/grafana/<integration key>` and the method POST, and leave "Disable resolved message" off. To
have bodies signed, fill in the HMAC secret there and the same one as `secret` in the integration's options; a timestamp
header, if you name one there, is named in `timestamp_header`. Grafana 8 and older: Alerting, Notification channels, a
channel of the type webhook with the same URL.

Unified alerts are read as Alertmanager's are: the same fingerprint and labels are the same alert, each is resolved by
itself, and `severity`, `priority` or `level` among the labels is the severity. A legacy rule is known by its id within
its organisation, `ok` resolves it, every other state (alerting, no_data, even one we do not know) triggers, and a tag
`severity` is the severity. A custom payload of any other shape pages as it is; with `state` in the integration's
options it is read as `generic` reads it.
"""

from collections.abc import Mapping

from tocsin.domain.alert import Action, Alert
from tocsin.sources import Posted, _plain, _secret, alertmanager
from tocsin.sources._unknown import kept

LIMIT = alertmanager.LIMIT

_SIGNATURE = "x-grafana-alerting-signature"


def check(posted: Posted) -> str:
    """Raise Forbidden if the options have a secret and the body was not signed with it."""
    stamp = posted.options.get("timestamp_header", "").lower()
    before = f"{posted.headers.get(stamp, '')}:".encode(errors="replace") if stamp else b""
    return _secret.check(posted, _SIGNATURE, before + posted.raw)


def parse(posted: Posted) -> list[Alert]:
    """Give each alert of a group, or the one of a legacy rule."""
    body = _plain.members(posted.payload)
    alerts = body.get("alerts")
    if isinstance(alerts, list) and all(isinstance(one, dict) for one in alerts):
        group = {**body, "alerts": [_with_values(one) for one in alerts]}
        return alertmanager.parse(Posted(group, posted.path, integration=posted.integration))
    if _plain.text(body.get("ruleId")) or _plain.first(body.get("ruleName")):
        return [_legacy(body, posted.integration)]
    return kept(posted)


def _with_values(one: Mapping[str, object]) -> Mapping[str, object]:
    """Put the measured values among the annotations, where a person reads them and nothing is derived from them."""
    annotations, values = _plain.members(one.get("annotations")), one.get("valueString")
    if not values or not (one.get("labels") or one.get("fingerprint")):
        return one
    return {**one, "annotations": {"values": values, **annotations}}


def _legacy(rule: Mapping[str, object], integration: str) -> Alert:
    matches = rule.get("evalMatches")
    matched = [_plain.members(match) for match in matches] if isinstance(matches, list) else []
    first = _plain.members(matched[0].get("tags")) if len(matched) == 1 else {}
    labels = _plain.labels({**first, **_plain.members(rule.get("tags"))})
    identity = (rule.get("orgId"), rule.get("ruleId"))
    name = _plain.first(rule.get("ruleName"), rule.get("title"))
    return Alert(
        action=Action.RESOLVE if _plain.word(rule.get("state")) == "ok" else Action.TRIGGER,
        dedup_key=_plain.key("-".join(["rule", *filter(None, map(_plain.text, identity))]))
        if _plain.text(rule.get("ruleId"))
        else _plain.digest(name),
        title=name or _plain.untitled(integration),
        severity=_plain.severity(labels.get("severity")),
        affected=_plain.first(*(labels.get(tag) for tag in alertmanager.AFFECTED)),
        link=_plain.link(rule.get("ruleUrl")),
        labels=labels,
        details=_plain.lines(
            [("", rule.get("message")), ("state", rule.get("state"))]
            + [(_plain.first(match.get("metric")), match.get("value")) for match in matched]
        ),
    )
