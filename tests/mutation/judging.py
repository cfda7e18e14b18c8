"""Runs the tests that reach a mutant, quickest first, each mutant in a process of its own that knows no other."""

from __future__ import annotations

import ast
import gc
import importlib
import inspect
import io
import multiprocessing
import resource
import signal
import sys
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass, field
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import CodeType, FrameType
from typing import TypeVar

import hypothesis
import pytest

ROOT = Path(__file__).resolve().parents[2]
DOMAIN = ROOT / "functions" / "tocsin" / "domain"
OURS = {"tocsin", "infra", "tests", "__main__", "__mp_main__"}
_SETTINGS = ("-q", "-x", "--tb=no", "--no-header", "--assert=plain", "-p", "no:cacheprovider", "-p", "no:xdist")
_FORK = multiprocessing.get_context("fork")
_HANGS, _SLOWER = 5.0, 10.0
"""A test that computes for these seconds, and so many times as long as without a mutant, hangs."""

_MEMORY = 4 << 30
_FINE = {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}
T = TypeVar("T")


@dataclass
class Known:
    """What a run without any mutant shows: how long each test takes, what it calls, which packages it needs."""

    seconds: dict[str, float] = field(default_factory=dict)
    calls: dict[str, set[str]] = field(default_factory=dict)
    packages: list[str] = field(default_factory=list)
    broken: str = ""

    def reaching(self, module: str, where: str) -> list[dict[str, float]]:
        """Give the tests of a mutant with their seconds, quickest first: the module's own, then the others.

        They are those that call its function; of what is no function, the module's own and all that call one of it.
        What no test calls none can notice, but for what cannot even be imported: that any twenty will do.
        """
        of_own = f"/test_{module}.py::"
        exactly = [test for test, calls in self.calls.items() if f"{module}.{where}" in calls]
        nearly = [
            test
            for test, calls in self.calls.items()
            if of_own in test or any(one.startswith(f"{module}.") for one in calls)
        ]
        ordered = sorted(exactly or nearly or list(self.seconds)[:20], key=lambda test: self.seconds[test])
        own = [test for test in ordered if of_own in test]
        others = [test for test in ordered if test not in own]
        return [{test: self.seconds[test] for test in part} for part in (own, others)]


class _Watcher:
    """A plugin that notes what each test calls of the domain, and how long it takes."""

    def __init__(self, known: Known) -> None:
        self.known = known
        self.imported: dict[str, set[str]] = {}
        self.calls: set[str] = set()

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(self, collector: pytest.Collector) -> Generator[None, T, T]:
        with self._watched():
            report = yield
        self.imported[collector.nodeid] = self.calls  # what a file works out while it is imported its tests rely on
        return report

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, T, T]:
        began = time.monotonic()
        with self._watched():
            done = yield
        self.known.seconds[item.nodeid] = time.monotonic() - began
        self.known.calls[item.nodeid] = self.calls | self.imported.get(item.nodeid.partition("::")[0], set())
        return done

    @contextmanager
    def _watched(self) -> Iterator[None]:
        self.calls = set()
        sys.settrace(self._called)
        try:
            yield
        finally:
            sys.settrace(None)

    def _called(self, frame: FrameType, *_: object) -> None:
        path = frame.f_code.co_filename
        is_function = frame.f_code.co_flags & inspect.CO_OPTIMIZED  # a class's body runs but once, for everybody
        if is_function and path.startswith(str(DOMAIN)):
            self.calls.add(f"{Path(path).stem}.{frame.f_code.co_qualname.replace('.<locals>', '')}")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.known.broken = report.nodeid


class _Choice:
    """A plugin that runs the chosen tests alone, in the given order, and remembers the first one that fails."""

    def __init__(self, tests: Mapping[str, float]) -> None:
        self.seconds = tests
        self.order = {test: number for number, test in enumerate(tests)}
        self.failed = ""
        _must_end_within(_HANGS)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = sorted((one for one in items if one.nodeid in self.order), key=lambda one: self.order[one.nodeid])

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        _must_end_within(_HANGS + _SLOWER * self.seconds[item.nodeid])

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not self.failed:
            self.failed = report.nodeid

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed and not self.failed:
            self.failed = report.nodeid


def _must_end_within(seconds: float) -> None:
    """End this process by a signal when it has computed for so long from now on: a mutant can loop for ever."""
    signal.setitimer(signal.ITIMER_PROF, seconds)


class _Planted(SourceFileLoader):
    """Gives a module the code of a mutant instead of its own."""

    def __init__(self, name: str, path: str, code: CodeType) -> None:
        super().__init__(name, path)
        self.code = code

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002 - it knows one module only
        return self.code


class _Planter(MetaPathFinder):
    def __init__(self, module: str, tree: ast.Module) -> None:
        self.name, self.path = f"tocsin.domain.{module}", str(DOMAIN / f"{module}.py")
        self.code = compile(ast.fix_missing_locations(tree), self.path, "exec")

    def find_spec(self, fullname: str, *_: object) -> ModuleSpec | None:
        """Give the mutant to whoever imports its module first."""
        if fullname != self.name:
            return None
        return spec_from_file_location(fullname, self.path, loader=_Planted(fullname, self.path, self.code))


def learn(folder: str) -> Known:
    """Run a folder's tests without any mutant; in a process of its own, so that this one stays without our modules."""
    here, process = _start(lambda: _learnt(folder))
    known: Known = here.recv()
    process.join()
    return known


def _learnt(folder: str) -> Known:
    known = Known()
    code = _pytest([folder], _Watcher(known))
    known.broken = known.broken or ("" if code == 0 else f"{folder} ends with {code}")
    known.packages = [name for name in sys.modules if name.partition(".")[0] not in OURS]
    return known


def draw_alike() -> None:
    """Let every mutant meet the same examples; one that fails is enough, it need not be made small."""
    phases = [hypothesis.Phase.explicit, hypothesis.Phase.generate]
    hypothesis.settings.register_profile("mutation", derandomize=True, database=None, deadline=None, phases=phases)
    hypothesis.settings.load_profile("mutation")


def prepare(packages: Sequence[str]) -> None:
    """Import what the tests need of others once, here: every mutant's process has it from its start."""
    for name in packages:
        with suppress(ImportError):
            importlib.import_module(name)
    assert not any(name.partition(".")[0] == "tocsin" for name in sys.modules)
    gc.freeze()  # what every fork shares is not to be copied by its collector


def killer(module: str, tree: ast.Module, stages: Iterable[Mapping[str, float]]) -> str:
    """Give the test that fails because of a mutant, or nothing; only to be asked in a process of its own.

    Each stage's tests come with the seconds they usually take, in the order in which to run them.
    """
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    try:
        sys.meta_path.insert(0, _Planter(module, tree))
    except SyntaxError:
        return "the compiler"
    return next((by for by in map(_failing, stages) if by), "")


def _failing(tests: Mapping[str, float]) -> str:
    choice = _Choice(tests)
    code = _pytest(sorted({test.partition("::")[0] for test in tests}), choice) if tests else 0
    return choice.failed or ("" if code in _FINE else f"pytest ends with {code}")


def _pytest(paths: Sequence[str], plugin: object) -> int:
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        return int(pytest.main([*_SETTINGS, *paths], plugins=[plugin]))


def all_of(questions: Iterator[Callable[[], str]], jobs: int) -> Iterator[tuple[int, str]]:
    """Answer each question in a process of its own, so many at once; one that hangs or dies has found its mutant."""
    waiting: dict[Connection, tuple[int, BaseProcess]] = {}
    numbered = enumerate(questions)
    while True:
        while len(waiting) < jobs and (following := next(numbered, None)):
            here, process = _start(following[1])
            waiting[here] = (following[0], process)
        if not waiting:
            return
        ready = wait(list(waiting))
        for here in [one for one in waiting if one in ready]:
            number, process = waiting.pop(here)
            yield number, _answer(here, process)


def _start(ask: Callable[[], object]) -> tuple[Connection, BaseProcess]:
    here, there = _FORK.Pipe(duplex=False)
    process = _FORK.Process(target=lambda: there.send(ask()))
    process.start()
    there.close()
    return here, process


def _answer(here: Connection, process: BaseProcess) -> str:
    try:
        answer: str = here.recv()
    except EOFError:
        answer = "hangs or dies"
    process.join()
    here.close()
    return answer
