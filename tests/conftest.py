"""Looks for what is secret in all that is written while tests run: by the test, and by the processes it started."""

from collections.abc import Generator, Iterator

import pytest

from tests.leaks import leaked, left


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail a test that wrote a secret, on standard output or error or through a logger."""
    report = yield
    written = [text for title, text in report.sections if title.endswith(call.when)]
    if report.passed and (found := [each for text in written for each in leaked(text)]):
        report.outcome = "failed"
        report.longrepr = "\n".join([f"{item.nodeid} has written what is secret:", *found])
    return report


@pytest.fixture
def capsys(
    capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> pytest.CaptureFixture[str]:
    """Pytest's own; what a test reads of it is looked through like all the rest."""
    read = capsys.readouterr

    def passing_on() -> object:
        said = read()
        request.node.add_report_section("call", "stdout", said.out + said.err)
        return said

    monkeypatch.setattr(capsys, "readouterr", passing_on)
    return capsys


@pytest.fixture(scope="session", autouse=True)
def logs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Look through the logs of every local cloud that ran, once all of them have ended."""
    yield
    assert left(tmp_path_factory.getbasetemp()) == []
