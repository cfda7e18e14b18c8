"""The least that a function on the framework's ASGI mode can be which needs libraries: those in BENCH_LIBRARIES."""

import os
from importlib import import_module

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

for library in os.environ["BENCH_LIBRARIES"].split():
    import_module(library)


@functions_framework.aio.http
async def nothing(_request: Request) -> Response:
    """Answer and do nothing."""
    return Response(status_code=202)
