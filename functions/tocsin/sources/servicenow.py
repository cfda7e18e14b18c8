"""Reads incidents that ServiceNow posts from a business rule or a flow.

Settings: in ServiceNow, System Definition, Business Rules, add one on the table Incident: when async, on insert and
update, with the condition that is to page (for instance priority is 1 - Critical), advanced, and this script:

```javascript
(function executeRule(current, previous) {
  var incident = {url: gs.getProperty('glide.servlet.uri') + current.getLink(true)};
  ['sys_id', 'number', 'short_description', 'description', 'state', 'priority'].forEach(function (name) {
    incident[name] = String(current.getValue(name) || '');
  });
  ['cmdb_ci', 'assignment_group', 'assigned_to', 'category'].forEach(function (name) {
    incident[name] = String(current.getDisplayValue(name) || '');
  });
  incident.previous_state = previous ? String(previous.getValue('state') || '') : 'none';
  incident.previous_priority = previous ? String(previous.getValue('priority') || '') : 'none';
  var post = new sn_ws.RESTMessageV2();
  post.setEndpoint('https://YOUR-HOST/ingest/servicenow/<integration key>');
  post.setHttpMethod('post');
  post.setRequestHeader('Content-Type', 'application/json');
  post.setRequestBody(JSON.stringify({incident: incident}));
  post.execute();
})(current, previous);
```

A flow may post the same fields to the same URL, as `{"incident": {...}}` or bare.

The sys_id is the dedup key, else the number. Resolved, Closed and Canceled (6, 7, 8) resolve. In Progress (2)
acknowledges what was New or On Hold before at the same priority: somebody has taken it there. Without the previous
state and priority it acknowledges too, so an incident that is in progress when it is first posted pages nobody; with
them a reopened or raised one triggers. Everything else triggers. The priority is the severity (1 critical, 2 error, 3
warning, 4 and 5 information), or the more urgent of impact and urgency.
"""

import re
from collections.abc import Mapping

from tocsin.domain.alert import Action, Alert, Severity
from tocsin.sources import Posted, _plain
from tocsin.sources._unknown import kept

_RESOLVED = {"6", "7", "8", "resolved", "closed", "canceled", "cancelled"}
_TAKEN = {"2", "in progress", "work in progress"}
_WAITING = {"1", "3", "new", "on hold"}
_SEVERITIES = {
    "1": Severity.CRITICAL,
    "2": Severity.ERROR,
    "3": Severity.WARNING,
    "4": Severity.INFO,
    "5": Severity.INFO,
}
_LABELS = ("number", "category", "priority", "impact", "urgency", "assignment_group", "cmdb_ci")
_RANK = re.compile(r"\s*([1-5])(?:\s*-.*|\.0)?\s*", re.DOTALL)


def parse(posted: Posted) -> list[Alert]:
    """Give the incident's alert; what has neither sys_id nor number pages as it is."""
    whole = _plain.members(posted.payload)
    incident = _plain.members(whole.get("incident")) or _plain.members(whole.get("result")) or whole
    identity = _plain.key(_value(incident.get("sys_id"))) or _plain.key(_value(incident.get("number")))
    if not identity:
        return kept(posted)
    labels = {name: _shown(incident.get(name)) for name in _LABELS}
    title = _plain.first(_shown(incident.get("short_description")), _shown(incident.get("description")))
    return [
        Alert(
            action=_action(incident),
            dedup_key=identity,
            title=title or _plain.one_line(labels["number"]) or _plain.untitled(posted.integration),
            severity=_severity(incident),
            affected=_plain.one_line(labels["cmdb_ci"]),
            link=_plain.link(incident.get("url"), incident.get("link")),
            labels=_plain.labels(labels),
            details=_plain.lines(
                [("", _shown(incident.get("description"))), ("state", _shown(incident.get("state")))]
                + [(name, labels[name]) for name in ("number", "assignment_group")]
                + [("assigned_to", _shown(incident.get("assigned_to")))]
            ),
        )
    ]


def _value(field: object) -> object:
    """Give the stored value of a field, which the Table API may give together with the one it shows."""
    return field.get("value") if isinstance(field, dict) else field


def _shown(field: object) -> object:
    return (field.get("display_value") or field.get("value")) if isinstance(field, dict) else field


def _words(field: object) -> set[str]:
    return {_plain.word(_value(field)), _plain.word(_shown(field))}


def _action(incident: Mapping[str, object]) -> Action:
    state = _words(incident.get("state"))
    if state & _RESOLVED:
        return Action.RESOLVE
    before, priority = incident.get("previous_state"), incident.get("previous_priority")
    was_waiting = before is None or bool(_words(before) & _WAITING)
    was_the_same = priority is None or bool(_words(priority) & _words(incident.get("priority")))
    return Action.ACKNOWLEDGE if state & _TAKEN and was_waiting and was_the_same else Action.TRIGGER


def _severity(incident: Mapping[str, object]) -> Severity:
    if rank := _rank(incident.get("priority")):
        return _SEVERITIES[rank]
    ranks = [rank for rank in map(_rank, (incident.get("impact"), incident.get("urgency"))) if rank]
    return _SEVERITIES[min(ranks)] if ranks else Severity.UNKNOWN


def _rank(field: object) -> str:
    found = (_RANK.fullmatch(_plain.text(said)) for said in (_value(field), _shown(field)))
    return next((match[1] for match in found if match), "")
