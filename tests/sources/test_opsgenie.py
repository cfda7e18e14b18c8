"""Holds the answers of Opsgenie's Alert API: which key, which words, and that a request is always the same one."""

import uuid

import pytest

from tocsin.domain.alert import Action, Alert
from tocsin.errors import Malformed
from tocsin.sources import Posted, opsgenie


def posted(**headers: str) -> Posted:
    return Posted({}, path="v2/alerts", headers=headers)


@pytest.mark.parametrize("header", ["GenieKey k1", "geniekey  k1 ", "GENIEKEY\tk1"])
def test_the_integration_key_is_the_api_key(header: str) -> None:
    assert opsgenie.key(posted(authorization=header.replace("\t", " "))) == "k1"


@pytest.mark.parametrize("header", ["", "GenieKey", "GenieKey  ", "Basic k1", "Bearer k1", "k1"])
def test_without_an_api_key_nobody_is_let_in(header: str) -> None:
    with pytest.raises(Malformed, match="Authorization: GenieKey") as refusal:
        opsgenie.key(posted(authorization=header))
    assert refusal.value.status == 401
    assert opsgenie.refused(401, str(refusal.value), ())["message"] == "Could not authenticate"


def test_an_accepted_request_is_taken_for_later_under_an_id() -> None:
    answer = opsgenie.accepted([Alert(Action.TRIGGER, "alias", "t")])
    assert (answer["result"], answer["took"]) == ("Request will be processed", 0.0)
    assert str(uuid.UUID(str(answer["requestId"]))) == answer["requestId"]
    assert answer == opsgenie.accepted([Alert(Action.RESOLVE, "alias", "other")])
    assert answer != opsgenie.accepted([Alert(Action.TRIGGER, "another", "t")])


def test_a_refused_one_has_errors_and_one_to_be_repeated_has_none() -> None:
    answer = opsgenie.refused(422, "The body is empty.", ("message can not be empty",))
    assert set(answer) == {"message", "errors", "took", "requestId"}
    assert answer["errors"] == {"body": "The body is empty.; message can not be empty"}
    assert set(opsgenie.refused(503, "Later.", ())) == {"message", "took", "requestId"}


@pytest.mark.parametrize(
    ("priority", "severity"),
    [("P1", "critical"), ("p2", "error"), ("P3", "warning"), ("P4", "info"), ("P5", "info"), ("P9", "unknown")],
)
def test_priorities_are_severities(priority: str, severity: str) -> None:
    (alert,) = opsgenie.parse(Posted({"message": "m", "priority": priority}, path="v2/alerts"))
    assert str(alert.severity) == severity
