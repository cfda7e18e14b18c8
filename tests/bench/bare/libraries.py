"""The least that a function can be which needs libraries: it imports those named in BENCH_LIBRARIES."""

import os
from importlib import import_module

import flask

for library in os.environ["BENCH_LIBRARIES"].split():
    import_module(library)


def nothing(_request: flask.Request) -> tuple[str, int]:
    """Answer and do nothing."""
    return "", 202
