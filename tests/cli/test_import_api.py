"""What is fetched from an API is what a folder of its answers holds; the token goes nowhere else."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from infra.cli.commands import tocsin
from infra.cli.importing.export import saved
from infra.cli.importing.fetching import TRIES, Api
from infra.cli.importing.products import PRODUCTS
from tests.cli.account import TOKEN, Account, listening
from tests.cli.moving import EXPORTS, NOW, moved
from tocsin.errors import Forbidden, Malformed, TocsinError, Unavailable

each_product = pytest.mark.parametrize("product", PRODUCTS)


@pytest.fixture
def account(product: str) -> Iterator[Account]:
    with listening(Account(product, saved(EXPORTS / product))) as ours:
        yield ours


def api(account: Account, token: str = TOKEN, pauses: list[float] | None = None) -> Api:
    return Api(account.url, token, PRODUCTS[account.product].dialect, (pauses if pauses is not None else []).append)


@each_product
def test_an_account_becomes_the_same_file_as_a_folder_of_its_answers(account: Account, product: str) -> None:
    export = api(account).export(PRODUCTS[product].resources(NOW))
    assert moved(product, export)[0] == (EXPORTS / f"{product}.yaml").read_text()


@pytest.mark.parametrize("product", ["pagerduty"])
def test_what_only_some_queries_answer_is_asked_for(account: Account, product: str) -> None:
    api(account).export(PRODUCTS[product].resources(NOW))
    asked = "\n".join(account.asked)
    for wanted in (
        "/users?include%5B%5D=contact_methods&include%5B%5D=notification_rules&limit=100&offset=0",
        "/users?include%5B%5D=contact_methods&include%5B%5D=notification_rules&limit=100&offset=2",
        "/schedules?include%5B%5D=schedule_layers",
        "/schedules/SPRIM/overrides?since=2026-03-01T00%3A00%3A00Z&until=2026-08-28T00%3A00%3A00Z",
        "/services?include%5B%5D=integrations",
    ):
        assert wanted in asked


@each_product
def test_a_busy_api_is_asked_again_after_the_pause_it_wants(account: Account, product: str) -> None:
    account.busy.extend([(429, {"Retry-After": "7"}), (503, {}), (429, {"Retry-After": "99999"}), (500, {})])
    account.busy.append((429, {"Retry-After": "Sun, 01 Mar 1970 00:00:00 GMT"}))
    pauses: list[float] = []
    export = api(account, pauses=pauses).export(PRODUCTS[product].resources(NOW))
    assert pauses == [7, 2, 300, 8, 0]
    assert len(export.answers["users"]) == len(account.export.answers["users"])


@pytest.mark.parametrize("product", ["pagerduty"])
def test_an_api_that_stays_busy_is_given_up(account: Account) -> None:
    account.busy.extend([(429, {})] * TRIES)
    pauses: list[float] = []
    with pytest.raises(Unavailable, match="/users answers 429, 6 times over"):
        api(account, pauses=pauses).export(PRODUCTS["pagerduty"].resources(NOW))
    assert pauses == [1, 2, 4, 8, 16]


@each_product
def test_a_token_that_is_not_accepted_is_one_sentence_without_it(account: Account, product: str) -> None:
    with pytest.raises(Forbidden, match="answers 401: the token is not accepted there") as caught:
        api(account, "another-token").export(PRODUCTS[product].resources(NOW))
    assert "another-token" not in str(caught.value)


@pytest.mark.parametrize("product", ["pagerduty"])
def test_what_this_account_does_not_have_is_left_out_with_a_word(account: Account, product: str) -> None:
    account.denied.add("teams")
    _, entries = moved(product, api(account).export(PRODUCTS[product].resources(NOW)))
    [why] = [each["why"] for each in entries if each["name"] == "teams.json"]
    assert why.startswith("was not given")


@pytest.mark.parametrize("product", ["pagerduty"])
def test_an_address_that_is_no_api_is_refused(account: Account) -> None:
    account.denied.add("users")
    with pytest.raises(Malformed, match="/users answers 404: is this the address of the API"):
        api(account).export(PRODUCTS["pagerduty"].resources(NOW))


def test_the_token_goes_to_no_address_that_everybody_could_listen_to() -> None:
    with pytest.raises(Malformed, match="is not an https address: the token would be readable on its way"):
        Api("http://api.example.com", TOKEN, PRODUCTS["pagerduty"].dialect, list[float]().append)


@pytest.mark.parametrize("product", ["pagerduty"])
def test_an_api_that_cannot_be_reached_is_one_sentence(account: Account) -> None:
    unreachable = Account("pagerduty", account.export, "http://127.0.0.1:9")
    with pytest.raises(TocsinError, match=r"/users cannot be reached \(ConnectionError\), 6 times over"):
        api(unreachable).export(PRODUCTS["pagerduty"].resources(NOW))


@pytest.mark.parametrize("product", ["opsgenie"])
@pytest.mark.parametrize("by", ["file", "environment"])
def test_the_command_takes_the_token_from_a_file_or_the_environment_and_never_prints_it(
    account: Account, tmp_path: Path, by: str
) -> None:
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    words = ["import", "opsgenie", "--url", account.url, *(["--token-file", str(file)] if by == "file" else [])]
    settings = {"TOCSIN_IMPORT_TOKEN": TOKEN if by == "environment" else None}
    result = CliRunner().invoke(tocsin, words, env=settings)
    assert result.exit_code == 0, result.output
    assert "  anna-schmidt:\n" in result.stdout
    assert TOKEN not in result.output


def test_without_a_token_nothing_is_asked() -> None:
    words = ["import", "pagerduty", "--url", "https://127.0.0.1:9"]
    result = CliRunner().invoke(tocsin, words, env={"TOCSIN_IMPORT_TOKEN": None})
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: the API wants a token: put it into TOCSIN_IMPORT_TOKEN, or into a file")
