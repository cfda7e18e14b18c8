"""`python -m infra.cli`: the operator's command line; `infra/tocsin` calls it."""

from infra.cli.commands import tocsin

tocsin(prog_name="tocsin")
