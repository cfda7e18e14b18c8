"""Reads New Relic's workflow webhooks, one alert for an issue, and those of its legacy notification channels.

Settings: in New Relic, Alerts, Destinations, add a webhook with the endpoint URL
`https://YOUR-HOST/ingest/newrelic/<integration key>`; then in Alerts, Workflows, add it under Notify, and under "Notify
when" choose activated, acknowledged, priority changed and closed. The default payload is read as it is; this template
says more:

```json
{
  "id": {{ json issueId }},
  "issueUrl": {{ json issuePageUrl }},
  "title": {{ json annotations.title.[0] }},
  "description": {{ json annotations.description.[0] }},
  "priority": {{ json priority }},
  "state": {{ json state }},
  "trigger": {{ json triggerEvent }},
  "owner": {{ json owner }},
  "impactedEntities": {{ json entitiesData.names }},
  "totalIncidents": {{ json totalIncidents }},
  "alertPolicyNames": {{ json accumulations.policyName }},
  "alertConditionNames": {{ json accumulations.conditionName }},
  "runbookUrl": {{ json accumulations.runbookUrl }},
  "workflowName": {{ json workflowName }}
}
```

The issue's id is the dedup key (legacy: the incident's id), so that an issue stays one trouble until it is closed; that
one of its incidents ended changes nothing. CLOSED resolves. A user's action on an issue that is open acknowledges,
except where `owner` says that nobody has it. The priority (legacy: severity) is the severity.
"""

from collections.abc import Mapping

from tocsin.domain.alert import Action, Alert
from tocsin.sources import Posted, _plain
from tocsin.sources._unknown import kept

_IDS = ("id", "issueId", "incident_id")
_STATES = ("state", "current_state")
_CLOSED = {"closed", "resolved"}
_ACKNOWLEDGED = {"acknowledged", "issue_acknowledged", "user_action"}
_LABELS = {
    "alertPolicyNames": "policy",
    "alertConditionNames": "condition",
    "policy_name": "policy",
    "condition_name": "condition",
    "account_name": "account",
    "workflowName": "workflow",
}
_TITLES = ("title", "condition_name", "details", "alertConditionNames")


def parse(posted: Posted) -> list[Alert]:
    """Give the issue's alert; a template that names neither id nor state pages as it is."""
    issue = _plain.members(posted.payload)
    identity = next(filter(None, (_plain.key(issue.get(name)) for name in _IDS)), "")
    state = _plain.first(*(issue.get(name) for name in _STATES))
    if not identity or not state:
        return kept(posted)
    affected = _plain.first(*(_plain.listed(issue.get(name)) for name in ("impactedEntities", "targets")))
    return [
        Alert(
            action=_action(issue, state.casefold()),
            dedup_key=identity,
            title=_plain.first(*(_plain.listed(issue.get(name)) for name in _TITLES))
            or _plain.untitled(posted.integration),
            severity=_plain.severity(issue.get("priority") or issue.get("severity")),
            affected=affected,
            link=_plain.link(*(issue.get(name) for name in ("issueUrl", "incident_url", "violation_callback_url"))),
            labels=_plain.labels(
                {label: _plain.listed(issue.get(name)) for name, label in _LABELS.items() if name in issue}
            ),
            details=_details(issue, affected),
        )
    ]


def _action(issue: Mapping[str, object], state: str) -> Action:
    if state in _CLOSED:
        return Action.RESOLVE
    nobody = "owner" in issue and not _plain.first(issue["owner"])
    if {state, _plain.word(issue.get("trigger"))} & _ACKNOWLEDGED and not nobody:
        return Action.ACKNOWLEDGE
    return Action.TRIGGER


def _details(issue: Mapping[str, object], affected: str) -> str:
    runbooks = ("runbookUrl", "runbook_url")
    return _plain.lines(
        [
            ("", issue.get("description")),
            ("", issue.get("details")),
            ("impacted", affected),
            ("incidents", issue.get("totalIncidents")),
            ("owner", issue.get("owner")),
            ("runbook", _plain.first(*(_plain.listed(issue.get(name)) for name in runbooks))),
        ]
    )
