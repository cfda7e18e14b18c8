"""Reads Sentry's hooks: issues, issue alerts and metric alerts of an internal integration, and the legacy plugin's.

Settings: in Sentry, Settings, Developer Settings, create an internal integration with the webhook URL
`https://YOUR-HOST/ingest/sentry/<integration key>`, switch "Alert Rule Action" on, give it read access to issues and
events, and tick the webhook `issue`, so that what is resolved in Sentry is resolved here; then choose it as an action
in the alert rules. Put its client secret into the integration's options as `secret`: whatever is not signed with it is
then refused. With the legacy plugin WebHooks, the same URL, no secret, and nothing is ever resolved.

An issue's id is the dedup key, whichever hook names it; a metric alert has the id of its own incident. Issues that are
resolved, archived or ignored resolve, as do metric alerts that are; an assignment or a comment is recorded and pages
nobody. The level is the severity, for metric alerts the action (critical, warning).
"""

import re
from collections.abc import Mapping

from tocsin.domain.alert import Action, Alert
from tocsin.sources import Posted, _plain, _secret
from tocsin.sources._unknown import kept

_SIGNATURE = "sentry-hook-signature"
_ISSUE = re.compile(r"/issues/(\d+)")
_ENDED = {"resolved", "archived", "ignored"}
_LABELS = ("level", "platform", "logger", "environment", "release", "culprit", "type")


def check(posted: Posted) -> str:
    """Raise Forbidden if the options have a secret and the body was not signed with it."""
    return _secret.check(posted, _SIGNATURE, posted.raw)


def parse(posted: Posted) -> list[Alert]:
    """Give the hook's alert, none when the integration is installed; other shapes page as they are."""
    hook = _plain.members(posted.payload)
    data, action = _plain.members(hook.get("data")), _plain.word(hook.get("action"))
    if "installation" in data and action in {"created", "deleted"}:
        return []  # it holds a code that must not be kept
    if "comment" in data and "comment_id" in data:
        return [Alert(Action.CHANGE, "", _plain.first(data["comment"]) or "Comment")]
    if metric := _plain.members(data.get("metric_alert")):
        return [_metric(metric, data, action, posted.integration)]
    issue = _plain.members(data.get("issue"))
    event = _plain.members(data.get("event")) or _plain.members(data.get("error"))
    if not data and hook.get("project") and "event" in hook:
        issue, event = hook, _plain.members(hook.get("event"))
    if issue or event:
        return [_trouble(issue, event, data, action, posted.integration)]
    return kept(posted)


def _trouble(
    issue: Mapping[str, object],
    event: Mapping[str, object],
    data: Mapping[str, object],
    action: str,
    integration: str,
) -> Alert:
    both = {**event, **{name: value for name, value in issue.items() if value not in (None, "")}}
    identity = _identity(issue, event)
    project = _plain.members(issue.get("project")).get("slug", issue.get("project"))
    project = project or event.get("project_slug") or issue.get("project_slug")
    title = _plain.first(issue.get("title"), event.get("title"), both.get("message"), both.get("culprit"))
    links = (
        issue.get("web_url"),
        issue.get("permalink"),
        event.get("web_url"),
        issue.get("url"),
        event.get("issue_url"),
    )
    return Alert(
        action=_action(action, _plain.word(issue.get("status"))),
        dedup_key=_plain.key(f"issue-{identity}") if identity else _plain.digest(project, title),
        title=title or _plain.untitled(integration),
        severity=_plain.severity(both.get("level")),
        affected=_plain.one_line(project),
        link=_plain.link(*links),
        labels=_plain.labels({"project": project} | {name: both.get(name) for name in _LABELS}),
        details=_plain.lines(
            [
                ("", both.get("message") or _plain.members(both.get("metadata")).get("value")),
                ("culprit", both.get("culprit")),
                ("rule", data.get("triggered_rule")),
                ("short id", issue.get("shortId")),
                ("events", issue.get("count")),
                ("first seen", issue.get("firstSeen")),
            ]
        ),
    )


def _identity(issue: Mapping[str, object], event: Mapping[str, object]) -> str:
    identity = _plain.first(issue.get("id"), event.get("issue_id"))
    urls = (event.get("issue_url"), event.get("web_url"), issue.get("url"))
    found = (_ISSUE.search(_plain.link(url)) for url in urls)
    return identity or next((match[1] for match in found if match), "")


def _action(action: str, status: str) -> Action:
    if action == "assigned":
        return Action.CHANGE
    said = status if action == "triggered" else action
    return Action.RESOLVE if said in _ENDED else Action.TRIGGER


def _metric(metric: Mapping[str, object], data: Mapping[str, object], action: str, integration: str) -> Alert:
    rule = _plain.members(metric.get("alert_rule"))
    identity = _plain.first(metric.get("id"), metric.get("identifier"))
    name = _plain.first(rule.get("name"), metric.get("title"))
    return Alert(
        action=Action.RESOLVE if action in _ENDED else Action.TRIGGER,
        dedup_key=_plain.key(f"metric-alert-{identity}") if identity else _plain.digest(rule.get("id"), name),
        title=_plain.first(data.get("description_title"), name) or _plain.untitled(integration),
        severity=_plain.severity(action),
        affected=_plain.listed(metric.get("projects") or rule.get("projects")),
        link=_plain.link(data.get("web_url")),
        labels=_plain.labels({"rule": name, "environment": rule.get("environment"), "query": rule.get("query")}),
        details=_plain.lines([("", data.get("description_text")), ("rule", name), ("query", rule.get("query"))]),
    )
