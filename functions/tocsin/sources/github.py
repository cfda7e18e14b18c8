"""Reads GitHub's webhooks about what failed: workflows, checks, statuses, deployments and security alerts.

Settings: in a repository or organisation add a webhook with the payload URL
`https://YOUR-HOST/ingest/github/<integration key>`, content type application/json, and of the single events
"Workflow runs", and others named above if they are wanted. As secret enter a long random text, and the same one in the
configuration: `options: {secret: ...}`; what is not signed with it is then refused. `options: {branches: "main,
release/*"}` leaves out all other branches.

Runs are the same if repository, workflow and branch are the same (and the fork, if it is one): a success closes what a
failure opened, whichever run it is. Failure, time-out, a failed start and a wanted action trigger as errors; what was
cancelled or skipped, or is not completed yet, says nothing. Security alerts are the same by their address and end when
they are fixed, resolved or dismissed. Every other event is recorded and pages nobody.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from tocsin.domain.alert import Action, Alert, Severity
from tocsin.sources import Posted, _plain, _secret
from tocsin.sources._unknown import kept

LIMIT = 4 * 1024 * 1024

_FAILED = {"failure", "timed_out", "startup_failure", "action_required", "error"}
_OVER = {"fixed", "resolved", "dismissed", "auto_dismissed", "closed_by_user"}
_RUNS = ("workflow_run", "workflow_job", "check_run", "check_suite")


@dataclass(frozen=True)
class _Run:
    """Something that succeeds or fails on a branch: `identity` is what it has in common with its next try."""

    name: str
    branch: str
    result: str
    identity: tuple[object, ...]
    link: object
    details: tuple[tuple[str, object], ...] = ()


def check(posted: Posted) -> str:
    """Raise Forbidden unless the body is signed with the integration's secret; without a secret anything goes."""
    return _secret.check(posted, "x-hub-signature-256", posted.raw, prefix="sha256=")


def parse(posted: Posted) -> list[Alert]:
    """Give one alert for what failed or succeeded, none for what says nothing."""
    body = _plain.members(posted.payload)
    said = _plain.members(_plain.opened(body.get("payload"))) if set(body) == {"payload"} else body
    repository = _plain.one_line(_plain.members(said.get("repository")).get("full_name"))
    if run := next(_runs(said, repository), None):
        return list(_result(run, repository, posted.options.get("branches", "")))
    if isinstance(said.get("alert"), dict):
        return [_security(said, _plain.members(said["alert"]), repository)]
    if event := _plain.one_line(posted.headers.get("x-github-event")):
        title = _plain.one_line(f"{event} {_plain.text(said.get('action'))} in {repository or 'GitHub'}")
        return [Alert(Action.CHANGE, "", title)]
    if isinstance(said.get("hook"), dict) and "zen" in said:
        return []
    return kept(posted)


def _runs(said: Mapping[str, object], repository: str) -> Iterator[_Run]:
    for kind in _RUNS:
        run = _plain.members(said.get(kind))
        if run:
            yield _run(kind, run, said, repository)
    if state := _plain.members(said.get("deployment_status")):
        where = _plain.first(state.get("environment"), _plain.members(said.get("deployment")).get("environment"))
        yield _Run(
            f"Deployment to {where or 'an environment'}",
            "",
            _plain.word(state.get("state")),
            ("deployment", where),
            _plain.link(state.get("log_url"), state.get("target_url"), _deployments(said)),
            (("", state.get("description")),),
        )
    if "context" in said and "state" in said and "sha" in said:
        listed = said.get("branches")
        branches = [_plain.members(one).get("name") for one in listed] if isinstance(listed, list) else []
        name, details = _plain.one_line(said.get("context")), (("", said.get("description")),)
        branch = _plain.first(*branches)
        yield _Run(name, branch, _plain.word(said.get("state")), ("status", name), said.get("target_url"), details)


def _deployments(said: Mapping[str, object]) -> str:
    """Give the page of all deployments: most of them are made without a URL of their own."""
    repository = _plain.link(_plain.members(said.get("repository")).get("html_url"))
    return f"{repository}/deployments" if repository else ""


def _run(kind: str, run: Mapping[str, object], said: Mapping[str, object], repository: str) -> _Run:
    suite, workflow = _plain.members(run.get("check_suite")), _plain.members(said.get("workflow"))
    app = _plain.first(*(_plain.members(one.get("app")).get("slug") for one in (run, suite)))
    fork = _plain.one_line(_plain.members(run.get("head_repository")).get("full_name"))
    place = _plain.first(run.get("path"), workflow.get("path"), run.get("workflow_id"), run.get("workflow_name"), app)
    name = _plain.first(run.get("name"), workflow.get("name"), app)
    number = f"#{_plain.text(run['run_number'])}" if "run_number" in run else ""
    return _Run(
        name=name or kind.replace("_", " "),
        branch=_plain.first(run.get("head_branch"), suite.get("head_branch")),
        result=_plain.word(run.get("conclusion")),
        # The name of a run may be made of its commit; a job or a check is one among several of its place.
        identity=(kind, place, "" if kind == "workflow_run" and place else name, "" if fork == repository else fork),
        link=_plain.link(run.get("html_url"), run.get("details_url")),
        details=(
            ("", run.get("display_title")),
            ("run", number),
            ("commit", run.get("head_sha")),
            ("by", _plain.members(run.get("actor")).get("login")),
            ("", _plain.members(run.get("output")).get("summary")),
        ),
    )


def _result(run: _Run, repository: str, branches: str) -> Iterator[Alert]:
    wanted = [pattern.strip() for pattern in branches.split(",") if pattern.strip()]
    if wanted and run.branch and not any(fnmatchcase(run.branch, pattern) for pattern in wanted):
        return
    action = Action.RESOLVE if run.result == "success" else Action.TRIGGER if run.result in _FAILED else None
    if action:
        place = f"{repository or 'GitHub'} ({run.branch})" if run.branch else repository or "GitHub"
        state = "succeeded" if action is Action.RESOLVE else "failed" if run.result != "action_required" else "waits"
        yield Alert(
            action=action,
            dedup_key=_plain.digest(repository, run.branch, *run.identity),
            title=_plain.one_line(f"{run.name} {state} in {place}"),
            severity=Severity.ERROR,
            affected=repository,
            link=_plain.link(run.link),
            labels=_plain.labels({"repository": repository, "branch": run.branch, "name": run.name}),
            details=_plain.lines([("result", run.result), *run.details]),
        )


def _security(said: Mapping[str, object], alert: Mapping[str, object], repository: str) -> Alert:
    advisory, rule = _plain.members(alert.get("security_advisory")), _plain.members(alert.get("rule"))
    state = {_plain.word(alert.get("state")), _plain.word(said.get("action"))}
    what = _plain.first(advisory.get("summary"), rule.get("description"), alert.get("secret_type_display_name"))
    link = _plain.link(alert.get("html_url"), alert.get("url"))
    level = _plain.first(advisory.get("severity"), rule.get("security_severity_level"), rule.get("severity"))
    return Alert(
        action=Action.RESOLVE if state & _OVER else Action.TRIGGER,
        dedup_key=_plain.digest("alert", repository, link or alert.get("number")),
        title=_plain.one_line(f"{what or 'Security alert'} in {repository or 'GitHub'}"),
        severity=_plain.severity(level),
        affected=repository,
        link=link,
        labels=_plain.labels({"repository": repository, "number": alert.get("number"), "state": alert.get("state")}),
        details=_plain.lines([("", advisory.get("description")), ("severity", level)]),
    )
