"""Who read what is on record, and where an auditor asks for it nobody can take the record away."""

from tests.gcp.terraform import TEAM, Plan, Terraform
from tests.gcp.test_map import in_terraform
from tests.gcp.test_rights import account
from tests.gcp.written import ROOT

READ = "google_project_iam_audit_config"


def test_what_people_read_is_on_record_and_what_the_functions_do_is_not(team: Plan) -> None:
    records = {one.values["service"]: one.values["audit_log_config"] for one in team.of(READ)}
    assert records.keys() == {"datastore.googleapis.com", "secretmanager.googleapis.com"}
    for kinds in records.values():
        assert {one["log_type"] for one in kinds} == {"ADMIN_READ", "DATA_READ", "DATA_WRITE"}
        for one in kinds:
            assert {account(member) for member in one["exempted_members"]} == {f"tocsin-{n}" for n in in_terraform()}


def test_everybody_or_nobody_may_be_asked_for(terraform: Terraform) -> None:
    everybody = terraform.plan({**TEAM, "access_logs": "everybody"})
    assert [kind["exempted_members"] for one in everybody.of(READ) for kind in one.values["audit_log_config"]] == [
        []
    ] * 6
    assert list(terraform.plan({**TEAM, "access_logs": "none"}).of(READ)) == []


def test_a_small_team_locks_nothing_that_it_cannot_unlock(team: Plan) -> None:
    assert list(team.of("google_logging_project_bucket_config")) == []
    assert list(team.of("google_logging_project_sink")) == []


def test_what_an_auditor_asks_for_is_locked_for_as_long_as_was_said(company: Plan) -> None:
    bucket = company.only("google_logging_project_bucket_config", "audit")
    assert (bucket["locked"], bucket["retention_days"], bucket["location"]) == (True, 400, "global")
    sink = company.only("google_logging_project_sink", "audit")
    assert sink["destination"].startswith("logging.googleapis.com/")
    assert 'jsonPayload.message=~"^audit sealed up to entry ")' in sink["filter"]
    assert sink["filter"].endswith('OR logName:"cloudaudit.googleapis.com"')
    sealed = (ROOT / "functions" / "tocsin" / "audit.py").read_text(encoding="utf-8")
    assert 'log.event(f"audit sealed up to entry {' in sealed
