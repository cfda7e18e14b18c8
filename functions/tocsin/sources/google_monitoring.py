"""Reads incidents of Google Cloud Monitoring, from its webhook (versions 1.0 to 1.2) or through a Pub/Sub push.

Settings: in the Cloud console, Monitoring, Alerting, Edit notification channels, add a webhook with the endpoint URL
`https://YOUR-HOST/ingest/google_monitoring/<integration key>` (no basic auth: the key is in the URL), and choose it in
the alerting policies. Or add a Pub/Sub channel, and to its topic a push subscription with the same endpoint.

The incident's id is the dedup key, the one in its URL where the body has none, else policy, condition and resource; the
state `closed` resolves. The severity is the policy's, else the label `severity` of policy, metadata or resource; "No
severity" is unknown, which pages like a critical one.
"""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from tocsin import body
from tocsin.domain.alert import Action, Alert, Severity
from tocsin.errors import Malformed
from tocsin.sources import Posted, _plain
from tocsin.sources._unknown import kept

_ID = re.compile(r"/incidents/([^/?#]+)")
_NAMES = ("policy_name", "condition_name", "resource_type_display_name", "scoping_project_id")
_CLOSED = {"closed", "resolved"}


def parse(posted: Posted) -> list[Alert]:
    """Give the incident's alert; what is no incident pages with what there is."""
    payload = _delivered(posted.payload)
    incident = _plain.members(_plain.members(payload).get("incident"))
    if not incident:
        return kept(replace(posted, payload=payload))
    affected = _plain.first(incident.get("resource_display_name"), incident.get("resource_name"))
    return [
        Alert(
            action=Action.RESOLVE if _plain.word(incident.get("state")) in _CLOSED else Action.TRIGGER,
            dedup_key=_dedup_key(incident, affected),
            title=_title(incident, affected) or _plain.untitled(posted.integration),
            severity=_severity(incident),
            affected=affected,
            link=_plain.link(incident.get("url")),
            labels=_labels(incident),
            details=_plain.lines(
                [
                    ("", _documentation(incident)),
                    ("policy", incident.get("policy_name")),
                    ("condition", incident.get("condition_name")),
                    ("resource", affected),
                    ("observed", incident.get("observed_value")),
                    ("threshold", incident.get("threshold_value")),
                ]
            ),
        )
    ]


def _delivered(payload: object) -> object:
    """Give what a Pub/Sub push carries; a push of anything but JSON is left as it is."""
    data = _plain.members(_plain.members(payload).get("message")).get("data")
    if not isinstance(data, str):
        return payload
    try:
        raw = base64.b64decode(data, validate=True)
        return body.read(raw, "", "", len(raw))
    except (binascii.Error, ValueError, Malformed):
        return payload


def _dedup_key(incident: Mapping[str, object], affected: str) -> str:
    if identity := _plain.key(incident.get("incident_id")):
        return identity
    if found := _ID.search(_plain.link(incident.get("url"))):
        return _plain.key(found[1])
    return _plain.digest(*map(_plain.text, (incident.get("policy_name"), incident.get("condition_name"), affected)))


def _title(incident: Mapping[str, object], affected: str) -> str:
    named = _plain.first(incident.get("condition_name"), incident.get("policy_name"))
    subject = _plain.members(incident.get("documentation")).get("subject")
    return _plain.first(incident.get("summary"), subject, f"{named} on {affected}" if named and affected else named)


def _severity(incident: Mapping[str, object]) -> Severity:
    known = (_plain.severity(labels.get("severity")) for labels in [incident, *_label_sets(incident)])
    return next((severity for severity in known if severity is not Severity.UNKNOWN), Severity.UNKNOWN)


def _label_sets(incident: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    metadata = _plain.members(incident.get("metadata"))
    yield _plain.members(incident.get("policy_user_labels"))
    yield _plain.members(metadata.get("user_labels"))
    yield _plain.members(metadata.get("system_labels"))
    yield _plain.members(_plain.members(incident.get("resource")).get("labels"))
    yield _plain.members(_plain.members(incident.get("metric")).get("labels"))


def _labels(incident: Mapping[str, object]) -> dict[str, str]:
    merged: dict[str, object] = {}
    for labels in _label_sets(incident):
        merged = {**labels, **merged}
    return _plain.labels({name: incident.get(name) for name in _NAMES} | merged)


def _documentation(incident: Mapping[str, object]) -> object:
    documentation = incident.get("documentation")
    return documentation.get("content") if isinstance(documentation, dict) else documentation
