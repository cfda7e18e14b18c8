"""Looks at what carries alerts and timers on Google Cloud: queues, subscriptions, the clock, indexes, secrets."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from infra.cli.doctor.asking import Google, Refused
from infra.cli.doctor.finding import Check, Deployment, Finding, State, judged
from infra.cli.options import ROOT

SECRETS = ("tocsin-twilio-auth-token",)
SILENT = timedelta(minutes=5)
"""How long the clock may not have called the sweep: Cloud Monitoring rings after the same time."""

FILTERS = {"tocsin-route": "NOT attributes:urgent", "tocsin-route-urgent": "attributes:urgent"}
"""What each subscription pushes to route: together everything, and nothing twice."""

_MAY = "terraform.tfvars: name yourself among `operators`, then `terraform apply`"
_APPLY = "`terraform apply` in infra/gcp makes what is missing"
_NOT_ALLOWED = (401, 403)
_INDEX = re.compile(
    r'collection = "(?P<collection>\w+)", equal = "(?P<equal>\w+)", then = "(?P<then>\w+)", order = "(?P<order>\w+)"'
)

Asked = Callable[[Google, Deployment], Iterator[Finding]]


def of_google(part: str) -> Callable[[Asked], Check]:
    """Make a check of one that asks Google: skipped on a laptop and without the right, broken where nothing is."""

    def decorate(asked: Asked) -> Check:
        @wraps(asked)
        def check(found: Deployment) -> Iterator[Finding]:
            if not found.google:
                yield Finding(part, State.SKIPPED, "this pager does not run on Google Cloud")
                return
            try:
                yield from asked(found.google, found)
            except Refused as error:
                state = State.SKIPPED if error.status in _NOT_ALLOWED else State.BROKEN
                yield Finding(part, state, str(error), _MAY if state is State.SKIPPED else _APPLY)

        return check

    return decorate


@of_google("queues")
def queues(google: Google, found: Deployment) -> Iterator[Finding]:
    """Look whether both queues run: a paused one takes tasks and hands none out."""
    for path in (found.settings.urgent_queue, found.settings.queue):
        name, state = path.rpartition("/")[2], google.get("cloudtasks", f"v2/{path}").get("state")
        remedy = f"`gcloud tasks queues resume {name} --location={google.here.rpartition('/')[2]}`"
        yield judged(f"queue {name}", f"the queue {name} is {state}", remedy, well=state == "RUNNING")


@of_google("subscriptions")
def subscriptions(google: Google, found: Deployment) -> Iterator[Finding]:
    """Look whether alerts are pushed to route, and where those go that cannot be."""
    given_up = set()
    for name, wanted in FILTERS.items():
        pushed = google.get("pubsub", f"v1/{google.project}/subscriptions/{name}")
        endpoint, takes = pushed.get("pushConfig", {}).get("pushEndpoint", ""), pushed.get("filter", "")
        runs = pushed.get("state") == "ACTIVE" and bool(endpoint) and pushed.get("topic") == found.settings.topic
        sentence = f"{name} is {pushed.get('state')} and pushes {takes or 'everything'} to {endpoint or 'nobody'}"
        yield judged(f"subscription {name}", sentence, _APPLY, well=runs and takes == wanted)
        given_up.add(pushed.get("deadLetterPolicy", {}).get("deadLetterTopic", ""))
    kept = google.get("pubsub", f"v1/{google.project}/subscriptions/tocsin-dead")
    where = ", ".join(one or "nowhere" for one in sorted(given_up))
    sentence = f"dead letters go to {where}, and tocsin-dead keeps them"
    remedy = f"{_APPLY}; without a subscription dead letters are lost"
    yield judged("dead letters", sentence, remedy, well=given_up == {kept.get("topic")})


@of_google("clock")
def clock(google: Google, found: Deployment) -> Iterator[Finding]:
    """Look whether the sweep is called every minute, and whether its last call went well."""
    job = google.get("cloudscheduler", f"v1/{google.here}/jobs/tocsin-sweep")
    remedy = f"`gcloud scheduler jobs resume tocsin-sweep --location={google.here.rpartition('/')[2]}`"
    yield judged("clock", f"the job tocsin-sweep is {job.get('state')}", remedy, well=job.get("state") == "ENABLED")
    code, last = job.get("status", {}).get("code", 0), job.get("lastAttemptTime")
    at = datetime.fromisoformat(last) if last else None
    said = f"{(found.now - at) // timedelta(seconds=1)} s ago" if at else "never"
    sentence = f"the sweep was called last {said}, {'and that failed' if code else 'without an error'}"
    remedy = "look at the errors of sweep, and at the right of tocsin-by-scheduler to call it"
    yield judged("last sweep", sentence, remedy, well=not code and at is not None and found.now - at < SILENT)


@of_google("indexes")
def indexes(google: Google, _: Deployment) -> Iterator[Finding]:
    """Look whether every question has its index, as firestore.tf names them."""
    path = f"v1/{google.project}/databases/(default)/collectionGroups/-/indexes"
    listed = google.get("firestore", path).get("indexes", [])
    ready = {_index(one) for one in listed if one.get("state") == "READY"}
    missing = sorted(wanted_indexes() - ready)
    names = ", ".join(f"{collection} by {equal} and {then}" for collection, equal, then, _ in missing)
    sentence = f"{len(wanted_indexes()) - len(missing)} of {len(wanted_indexes())} indexes are ready"
    remedy = f"{_APPLY}, and a new index takes minutes: {names}"
    yield judged("indexes", sentence, remedy, well=not missing)


@of_google("expiry")
def expiry(google: Google, _: Deployment) -> Iterator[Finding]:
    """Look whether what expires is cleared away."""
    path = f"v1/{google.project}/databases/(default)/collectionGroups/-/fields"
    listed = google.get("firestore", path, filter="ttlConfig:*").get("fields", [])
    active = {_field(one["name"]) for one in listed if one.get("ttlConfig", {}).get("state") == "ACTIVE"}
    missing = sorted(wanted_expiry() - active)
    names = ", ".join(f"{collection}.{field}" for collection, field in missing)
    sentence = "what expires is cleared away" if not missing else f"not cleared away: {names}"
    yield judged("expiry", sentence, f"{_APPLY}, and a new one takes minutes", well=not missing)


@of_google("secrets")
def secrets(google: Google, _: Deployment) -> Iterator[Finding]:
    """Look whether each secret that is needed has a version that can be read."""
    for name in SECRETS:
        versions = google.get("secretmanager", f"v1/{google.project}/secrets/{name}/versions").get("versions", [])
        enabled = [one["name"].rpartition("/")[2] for one in versions if one.get("state") == "ENABLED"]
        sentence = f"{name} has {f'version {max(enabled, key=int)}' if enabled else 'no version that is enabled'}"
        remedy = "raise its number in `secret_versions`, with the value in TF_VAR_twilio_auth_token, and apply"
        yield judged("secrets", sentence, remedy, well=bool(enabled))


def wanted_indexes() -> set[tuple[str, ...]]:
    """Give the indexes of firestore.tf: collection, the field that is equal, the one compared, its order."""
    return {found.group("collection", "equal", "then", "order") for found in _INDEX.finditer(_firestore())}


def wanted_expiry() -> set[tuple[str, str]]:
    """Give collection and field of what expires by firestore.tf."""
    table = re.search(r"^  expiring\s*= \{(.*?)\}", _firestore(), re.DOTALL | re.MULTILINE)
    kept = re.search(r"^  kept\s*= \[(.*?)\]", _firestore(), re.DOTALL | re.MULTILINE)
    named = set(re.findall(r'(\w+)\s*= "(\w+)"', table[1])) if table else set()
    return named | {(collection, "expires_at") for collection in re.findall(r'"(\w+)"', kept[1] if kept else "")}


def _firestore() -> str:
    return (ROOT / "infra" / "gcp" / "firestore.tf").read_text(encoding="utf-8")


def _index(listed: dict[str, Any]) -> tuple[str, ...]:
    """Give an index as firestore.tf names it; Firestore adds the document's name as a last field."""
    collection = listed["name"].partition("/collectionGroups/")[2].partition("/")[0]
    named = [one for one in listed.get("fields", []) if one.get("fieldPath") != "__name__"]
    fields = tuple(str(one.get("fieldPath")) for one in named)
    return (collection, *fields, str(named[-1].get("order"))) if named else (collection,)


def _field(name: str) -> tuple[str, str]:
    collection, _, field = name.partition("/collectionGroups/")[2].partition("/fields/")
    return collection, field
