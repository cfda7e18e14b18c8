"""What is deployed for a small team and for a large one."""

from typing import Any

from infra.cli.doctor.cloud import FILTERS
from tests.gcp.terraform import TEAM, Plan, Terraform
from tests.gcp.test_map import in_terraform
from tocsin.clients.pubsub import URGENT


def services(plan: Plan) -> dict[tuple[str, str], dict[str, Any]]:
    """Gives how each function runs, by its name and region."""
    return {
        (one.values["name"], one.values["location"]): one.values["service_config"][0]
        for one in plan.of("google_cloudfunctions2_function")
    }


def kinds(plan: Plan) -> set[str]:
    return {one.kind for one in plan.resources}


def test_a_small_team_pays_for_nothing_that_only_waits(team: Plan) -> None:
    assert {one["min_instance_count"] for one in services(team).values()} == {0}
    assert not {kind for kind in kinds(team) if kind.startswith("google_compute_")}
    assert {region for _, region in services(team)} == {"europe-west1"}


def test_every_function_is_built_from_the_one_archive_with_its_own_entry_point(company: Plan) -> None:
    [archive] = {one.values["name"] for one in company.of("google_storage_bucket_object")}
    assert "output_sha256" in archive
    for one in company.of("google_cloudfunctions2_function"):
        [build] = one.values["build_config"]
        assert build["entry_point"] == one.values["name"]
        assert build["environment_variables"] == {"GOOGLE_FUNCTION_SOURCE": "functions/main.py"}
        assert build["source"][0]["storage_source"][0]["object"] == archive


def test_as_many_threads_are_started_as_requests_are_sent_at_once(company: Plan) -> None:
    for one in services(company).values():
        assert one["environment_variables"]["THREADS"] == str(one["max_instance_request_concurrency"])
    assert services(company)["reply", "europe-west1"]["max_instance_request_concurrency"] == 32


def test_the_other_sizes_are_left_as_they_are(company: Plan) -> None:
    ingest, route = services(company)["ingest", "europe-west4"], services(company)["route", "europe-west1"]
    assert (ingest["min_instance_count"], ingest["max_instance_count"]) == (2, 100)
    assert ingest["max_instance_request_concurrency"] == in_terraform()["ingest"]["concurrency"]
    assert (route["min_instance_count"], route["max_instance_count"]) == (0, in_terraform()["route"]["max_instances"])


def test_ingest_and_reply_run_in_the_second_region_with_the_timers_of_the_first(company: Plan) -> None:
    again = {name for name, region in services(company) if region == "europe-west4"}
    assert again == {"ingest", "reply"}
    for one in services(company).values():
        assert one["environment_variables"]["TOCSIN_LOCATION"] == "europe-west1"
        assert one["environment_variables"]["FUNCTIONS_URL"] == "https://europe-west1-pager-123.cloudfunctions.net"
        assert one["environment_variables"]["PUBLIC_URL"] == "https://pager.example.com"


def test_without_a_domain_each_region_knows_its_own_address(terraform: Terraform) -> None:
    """Twilio signs the URL it calls: for its fallback that is the second region's."""
    plan = terraform.plan({**TEAM, "second_region": "europe-west4"})
    urls = {
        place: one["environment_variables"]["PUBLIC_URL"]
        for place, one in services(plan).items()
        if place[0] == "reply"
    }
    second = "https://europe-west4-pager-123.cloudfunctions.net"
    assert urls == {
        ("reply", "europe-west1"): "https://europe-west1-pager-123.cloudfunctions.net",
        ("reply", "europe-west4"): second,
    }
    assert plan.outputs["twilio"]["primary_handler_fails"] == f"{second}/reply/sms#rc=3&rp=5xx,ct,rt"
    assert plan.outputs["webhooks_again"] == f"{second}/ingest"
    assert f"export TOCSIN_SECOND_URL='{second}'" in plan.outputs["environment"].splitlines()


def test_who_is_let_in_from_where(team: Plan, company: Plan) -> None:
    from_anywhere, inside = "ALLOW_ALL", "ALLOW_INTERNAL_ONLY"
    expected = {
        "ingest": from_anywhere,
        "reply": from_anywhere,
        "calendar": from_anywhere,
        "notify": from_anywhere,  # on the shared address, with the right token only
        "escalate": from_anywhere,
        "route": inside,
        "sweep": inside,
    }
    assert {name: one["ingress_settings"] for (name, _), one in services(team).items()} == expected
    behind = dict.fromkeys(("ingest", "reply", "calendar"), "ALLOW_INTERNAL_AND_GCLB")
    assert {name: one["ingress_settings"] for (name, _), one in services(company).items()} == expected | behind


def test_the_domain_leads_to_each_public_function_in_every_region(company: Plan) -> None:
    backends = {one.key: len(one.values["backend"]) for one in company.of("google_compute_backend_service")}
    assert backends == {"ingest": 2, "reply": 2, "calendar": 1}
    [matcher] = company.only("google_compute_url_map", "pager")["path_matcher"]
    assert [rule["paths"] for rule in matcher["path_rule"]] == [
        ["/calendar", "/calendar/*"],
        ["/ingest", "/ingest/*"],
        ["/reply", "/reply/*"],
    ]
    assert company.only("google_compute_global_forwarding_rule", "pager")["port_range"] == "443"


def test_a_large_body_is_turned_away_before_a_function_reads_it(company: Plan) -> None:
    policy = company.only("google_compute_security_policy", "body")
    refused, allowed = sorted(policy["rule"], key=lambda rule: int(rule["priority"]))
    assert refused["match"][0]["expr"][0]["expression"].endswith("int(request.headers['content-length']) > 4194304")
    assert (refused["action"], allowed["action"]) == ("deny(403)", "allow")


def test_a_push_is_repeated_soon_and_long_before_it_is_a_dead_letter(team: Plan) -> None:
    dead = team.only("google_pubsub_subscription", "dead")
    for push in (one.values for one in team.of("google_pubsub_subscription", "route")):
        assert push["retry_policy"] == [{"minimum_backoff": "1s", "maximum_backoff": "30s"}]
        assert push["expiration_policy"] == [{"ttl": ""}]
        assert push["dead_letter_policy"][0]["max_delivery_attempts"] == 100
        [config] = push["push_config"]
        assert (
            config["push_endpoint"] == "uri of service_config of google_cloudfunctions2_function route in europe-west1"
        )
        assert dead["topic"] == push["dead_letter_policy"][0]["dead_letter_topic"]


def test_each_alert_is_pushed_by_one_of_two_subscriptions(team: Plan) -> None:
    """By the mark that `ingest` publishes (tests/clients/test_pubsub.py), and as `doctor` looks for it."""
    pushes = [one.values for one in team.of("google_pubsub_subscription", "route")]
    assert {push["name"]: push["filter"] for push in pushes} == FILTERS
    assert set(FILTERS.values()) == {f"attributes:{URGENT.decode()}", f"NOT attributes:{URGENT.decode()}"}
    assert len({push["topic"] for push in pushes}) == 1


def test_the_database_can_be_turned_back_and_not_be_deleted(team: Plan) -> None:
    database = team.only("google_firestore_database", "documents")
    assert database["point_in_time_recovery_enablement"] == "POINT_IN_TIME_RECOVERY_ENABLED"
    assert database["delete_protection_state"] == "DELETE_PROTECTION_ENABLED"
    assert (database["name"], database["location_id"]) == ("(default)", "europe-west1")
    assert [one.values["schedule"] for one in team.of("google_cloud_scheduler_job")] == ["* * * * *"]


def test_no_secret_is_in_the_plan(company: Plan) -> None:
    kept = [one.values for one in company.of("google_secret_manager_secret_version")]
    assert [(one["secret_data"], one["secret_data_wo"]) for one in kept] == [(None, None)] * 5


def test_what_has_to_be_pasted_is_said(company: Plan) -> None:
    assert company.outputs["webhooks"]["alertmanager"] == "https://pager.example.com/ingest/alertmanager/KEY"
    assert company.outputs["twilio"]["a_message_comes_in"] == "https://pager.example.com/reply/sms#rc=3&rp=5xx,ct,rt"
    assert "export PUBLIC_URL='https://pager.example.com'" in company.outputs["environment"].splitlines()
