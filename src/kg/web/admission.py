"""At both ends of every request: who asks, may it, what did it cost; then its line in the log."""

import time
from typing import Final

from flask import Flask, Response, request

from kg.web import access
from kg.web.budget import network_of
from kg.web.services import services

_STARTED: Final = "kg.started"
_WAITED: Final = "kg.waited"
_CLIENT: Final = "kg.client"

_FREE: Final = frozenset(
    (
        "static",
        "explain",
        "explorer.vis_file",
        "docs.docs",
        "openapi.document",
        "pages.healthz",
        "pages.limits",
        "pages.measured",
        "pages.readyz",
    )
)
"""What costs next to nothing, or must answer whatever a client has done: never refused or charged."""


def init_app(app: Flask) -> None:
    """Registers the hooks; before all others, so that they run first and last."""
    app.before_request(_begin)
    app.before_request(_admit)
    app.after_request(_note)


def client() -> str:
    """Who asks, as the budgets and shares count clients."""
    return str(request.environ[_CLIENT])


def count_waiting(seconds: float) -> None:
    """Time of this request that was spent waiting for a worker, which the client is not charged."""
    request.environ[_WAITED] = request.environ.get(_WAITED, 0.0) + seconds


def _begin() -> None:
    environ = request.environ
    environ[_STARTED] = time.perf_counter()
    proxies = services().settings.trusted_proxies
    environ[_CLIENT] = network_of(access.client_of(environ, proxies))
    if request.url_rule is not None:
        environ[access.ROUTE] = request.url_rule.rule


def _admit() -> None:
    if request.endpoint not in _FREE:
        services().budget.check(client())


def _note(response: Response) -> Response:
    """Charges the client, and notes the request unless a layer outside this application does."""
    environ, found = request.environ, services()
    started = environ[_STARTED]
    if request.endpoint not in _FREE:
        seconds = time.perf_counter() - started - environ.get(_WAITED, 0.0)
        found.budget.seconds.charge(client(), seconds)
    if environ.get(access.OUTSIDE):
        return response

    def write() -> None:
        access.note(
            access.describe(
                environ,
                response.status_code,
                response.headers,
                time.perf_counter() - started,
                response.content_length or 0,
                trusted_proxies=found.settings.trusted_proxies,
            )
        )

    if response.is_streamed:
        response.call_on_close(write)
    else:
        write()
    return response
