"""At both ends of every request: who asks, may it, what did it cost; then its line in the log."""

import threading
import time
from typing import Final

from flask import Flask, Response, request

from kg.errors import RateLimited
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

_DELAY_SECONDS: Final = 0.5
_delayed: Final = threading.BoundedSemaphore(16)
"""Threads that may wait at once to refuse; further requests are refused at once."""


def init_app(app: Flask) -> None:
    """Registers the hooks; before all others, so that they run first and last."""
    app.before_request(_begin)
    app.before_request(_admit)
    app.after_request(_note)


def client() -> str:
    """Who asks, as the budgets and shares count clients; empty where nobody is charged."""
    return str(request.environ[_CLIENT])


def count_waiting(seconds: float) -> None:
    """Time of this request that was spent waiting for a worker, which the client is not charged."""
    request.environ[_WAITED] = request.environ.get(_WAITED, 0.0) + seconds


def _begin() -> None:
    environ = request.environ
    environ[_STARTED] = time.perf_counter()
    proxies = services().settings.trusted_proxies
    is_free = request.endpoint in _FREE
    environ[_CLIENT] = "" if is_free else network_of(access.client_of(environ, proxies))
    if request.url_rule is not None:
        environ[access.ROUTE] = request.url_rule.rule


def _admit() -> None:
    """Lets the request in, or refuses it.

    One that asks on and on although it is refused waits for its refusals: 12 connections would
    otherwise get thousands a second, which costs others more than the queries did.
    """
    if not client():
        return
    try:
        services().budget.check(client())
    except RateLimited:
        request.environ[_CLIENT] = ""  # a refusal is not charged, or waiting would never be enough
        if _delayed.acquire(blocking=False):
            try:
                time.sleep(_DELAY_SECONDS)
            finally:
                _delayed.release()
        raise


def _note(response: Response) -> Response:
    """Charges the client, and notes the request unless a layer outside this application does."""
    environ, found = request.environ, services()
    if _STARTED not in environ:  # refused before this application looked at it
        _begin()
    started = environ[_STARTED]
    if client():
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
