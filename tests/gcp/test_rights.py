"""Who may do what, as Terraform would have it: the whole matrix, for a small team and for a large one."""

from tests.gcp.terraform import Plan
from tests.gcp.test_map import in_terraform, roles
from tests.gcp.written import Module

Grant = tuple[str, str, str]
PUBSUB_ITSELF = "Pub/Sub itself, by the project's number, which is known after the first step of an apply"
BUILD = {"roles/artifactregistry.writer", "roles/logging.logWriter", "roles/storage.objectViewer"}


LOOKS = {f"roles/{api}.viewer" for api in ("cloudscheduler", "cloudtasks", "pubsub", "secretmanager")}


def grants(plan: Plan) -> set[Grant]:
    """Gives who, what, and on what: each right that is given anywhere."""
    of = ("service_account_id", "secret_id", "topic", "subscription", "name", "project")
    found = set()
    for one in plan.resources:
        if one.kind.endswith("_iam_member"):
            on = next(str(one.values[name]) for name in of if one.values.get(name))
            found.add((account(one.values.get("member", PUBSUB_ITSELF)), one.values["role"], account(on)))
    return found


def account(member: str) -> str:
    """Gives the account's own name for what stands in its place."""
    return member.rpartition(" google_service_account ")[2] or member


def test_each_function_has_the_roles_of_its_clients_and_no_other(team: Plan) -> None:
    held = {name: {role for who, role, _ in grants(team) if who == f"tocsin-{name}"} for name in in_terraform()}
    # Without a heartbeat URL there is no secret for the watcher, but the sweep has the auth token all the same.
    wanted = {name: {f"roles/{role}" for role in roles(row)} for name, row in in_terraform().items()}
    assert {name: {role.removeprefix("projects/pager-123/") for role in of} for name, of in held.items()} == wanted


def test_whoever_only_adds_documents_can_replace_and_remove_none(team: Plan) -> None:
    [role] = team.of("google_project_iam_custom_role")
    assert (role.values["role_id"], role.values["permissions"]) == ("tocsin.adds", ["datastore.entities.create"])


def test_each_right_is_on_the_one_thing_it_is_for(company: Plan) -> None:
    on = {(role, thing) for who, role, thing in grants(company) if who in {f"tocsin-{name}" for name in in_terraform()}}
    assert on == {
        ("roles/datastore.user", "pager-123"),
        ("roles/datastore.viewer", "pager-123"),
        ("projects/pager-123/roles/tocsin.adds", "pager-123"),
        ("roles/pubsub.publisher", "tocsin-events"),
        ("roles/cloudtasks.enqueuer", "tocsin"),
        ("roles/cloudtasks.enqueuer", "tocsin-urgent"),
        ("roles/iam.serviceAccountUser", "tocsin-by-tasks"),
        ("roles/secretmanager.secretAccessor", "tocsin-twilio-auth-token"),
        ("roles/secretmanager.secretAccessor", "tocsin-twilio-auth-token-secondary"),
        ("roles/secretmanager.secretAccessor", "tocsin-heartbeat-url"),
        ("roles/secretmanager.secretAccessor", "tocsin-link-secret"),
        ("roles/secretmanager.secretAccessor", "tocsin-link-secret-secondary"),
    }


def test_rights_to_documents_end_at_the_database(company: Plan) -> None:
    for one in company.of("google_project_iam_member"):
        if one.values["role"].rpartition("/")[2].startswith(("datastore.", "tocsin.")):
            [condition] = one.values["condition"]
            assert condition["expression"] == 'resource.name == "projects/pager-123/databases/(default)"'


def test_only_who_calls_a_function_may_call_it(team: Plan, company: Plan) -> None:
    for plan in (team, company):
        invokers = {
            (one.values["name"], account(one.values["member"]))
            for one in plan.of("google_cloud_run_v2_service_iam_member")
        }
        assert invokers == {
            ("ingest", "allUsers"),
            ("reply", "allUsers"),
            ("calendar", "allUsers"),
            ("route", "tocsin-by-pubsub"),
            ("notify", "tocsin-by-tasks"),
            ("escalate", "tocsin-by-tasks"),
            ("sweep", "tocsin-by-scheduler"),
        }
        open_to_all = {role for who, role, _ in grants(plan) if who.startswith("all")}
        assert open_to_all == {"roles/run.invoker"}


def test_nobody_else_has_any_right(team: Plan) -> None:
    functions = {f"tocsin-{name}" for name in in_terraform()} | {"allUsers"}
    callers = {"tocsin-by-pubsub", "tocsin-by-tasks", "tocsin-by-scheduler"}
    others = {(who, role) for who, role, _ in grants(team) if who not in functions | callers}
    assert {role for who, role in others if who == "tocsin-build"} == BUILD
    assert {role for who, role in others if who == PUBSUB_ITSELF} == {
        "roles/pubsub.publisher",
        "roles/pubsub.subscriber",
    }
    assert {who for who, _ in others} == {"tocsin-build", PUBSUB_ITSELF}
    itself = Module.read("pubsub.tf").local("pubsub_itself")
    assert itself == "serviceAccount:service-${data.google_project.this.number}@gcp-sa-pubsub.iam.gserviceaccount.com"


def test_no_role_is_a_broad_one(company: Plan) -> None:
    held = {role for _, role, _ in grants(company)}
    assert not [
        role for role in held if role in {"roles/owner", "roles/editor", "roles/viewer"} or "admin" in role.lower()
    ]


def test_no_function_runs_as_an_account_it_shares(company: Plan) -> None:
    accounts = {
        one.values["name"]: account(one.values["service_config"][0]["service_account_email"])
        for one in company.of("google_cloudfunctions2_function")
    }
    assert accounts == {name: f"tocsin-{name}" for name in in_terraform()}


def test_each_secret_is_handed_to_the_functions_that_need_it_and_to_no_other(company: Plan) -> None:
    held = {
        one.values["name"]: {each["key"] for each in one.values["service_config"][0]["secret_environment_variables"]}
        for one in company.of("google_cloudfunctions2_function")
    }
    assert held == {
        "ingest": set(),
        "route": set(),
        "escalate": set(),
        "calendar": set(),
        "notify": {"TWILIO_AUTH_TOKEN", "TOCSIN_LINK_SECRET"},
        "reply": {
            "TWILIO_AUTH_TOKEN",
            "TWILIO_AUTH_TOKEN_SECONDARY",
            "TOCSIN_LINK_SECRET",
            "TOCSIN_LINK_SECRET_SECONDARY",
        },
        "sweep": {"TWILIO_AUTH_TOKEN", "TOCSIN_HEARTBEAT_URL", "TOCSIN_LINK_SECRET"},
    }


def test_an_operator_may_do_what_the_command_line_does(company: Plan) -> None:
    held = {role for who, role, _ in grants(company) if who == "group:sre@example.com"}
    assert (
        held
        == {
            "roles/datastore.user",
            "roles/pubsub.publisher",
            "roles/cloudtasks.enqueuer",
            "roles/iam.serviceAccountUser",
            "roles/secretmanager.secretAccessor",
        }
        | LOOKS
    )


def test_what_an_operator_may_look_at_shows_no_secret_and_changes_nothing(company: Plan) -> None:
    looks = {one.values["role"] for one in company.of("google_project_iam_member", "looks")}
    assert looks == LOOKS


def test_each_function_is_told_whose_token_to_believe(team: Plan, company: Plan) -> None:
    for plan in (team, company):
        told = {}
        for one in plan.of("google_cloudfunctions2_function"):
            variables = one.values["service_config"][0]["environment_variables"]
            told[one.values["name"]] = account(variables["TOCSIN_CALLER"])
            assert variables["TOCSIN_CALLER_CHECKED_BY"] == "cloud-run"
        invokers = {
            one.values["name"]: account(one.values["member"])
            for one in plan.of("google_cloud_run_v2_service_iam_member")
        }
        assert told == {name: "" if who == "allUsers" else who for name, who in invokers.items()}


def test_tokens_are_made_for_the_address_that_the_functions_hold_them_against(company: Plan) -> None:
    """`wiring.caller` expects FUNCTIONS_URL/function, which tasks carry as it is (`wiring.tasks`)."""
    route, urgent = company.of("google_pubsub_subscription", "route")
    assert route.values["push_config"] == urgent.values["push_config"]
    [clock] = company.of("google_cloud_scheduler_job")
    made_for = {
        "route": route.values["push_config"][0]["oidc_token"][0]["audience"],
        "sweep": clock.values["http_target"][0]["oidc_token"][0]["audience"],
    }
    [address] = {
        one.values["service_config"][0]["environment_variables"]["FUNCTIONS_URL"]
        for one in company.of("google_cloudfunctions2_function")
    }
    assert made_for == {name: f"{address}/{name}" for name in made_for}
