"""Fixed paths: they are found without importing what reads something else."""

import subprocess
import sys
from pathlib import Path

import pytest

from tocsin import sources

FUNCTIONS = Path(str(sources.__file__)).parents[2]
LOADED = """
import sys
from tocsin import sources
sources.find(sys.argv[1])
print(*sorted(name.removeprefix("tocsin.sources.") for name in sys.modules if name.startswith("tocsin.sources.")))
"""


@pytest.mark.parametrize("name", sources.names())
def test_what_has_fixed_paths_is_known_before_it_is_imported(name: str) -> None:
    assert (name in sources.fixed_names()) is bool(sources.load(name).paths)


@pytest.mark.parametrize(
    ("path", "imported"),
    [("v2/enqueue", set(sources.fixed_names())), ("grafana/a-key", {"grafana", "alertmanager"})],
)
def test_a_path_imports_those_that_could_read_it_and_no_other(path: str, imported: set[str]) -> None:
    command = [sys.executable, "-P", "-c", LOADED, path]
    loaded = subprocess.run(command, check=True, capture_output=True, text=True, env={"PYTHONPATH": str(FUNCTIONS)})
    assert {name for name in loaded.stdout.split() if not name.startswith("_")} <= imported
