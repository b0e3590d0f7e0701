"""The HTTP server: granian, one process whose threads answer, and the query workers beside it."""

import os
import socket

from granian import Granian
from granian.constants import Interfaces

from kg.errors import BadSetting
from kg.settings import Settings


def serve(settings: Settings) -> None:
    """Serves until the process is told to end. Raises BadSetting where the address is taken."""
    _check_free(settings)
    os.environ.update(settings.to_environment())  # the server's process makes the application anew
    Granian(
        "kg.web:create_app",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=settings.threads,
        backpressure=1024,
        log_access=False,
    ).serve()


def _check_free(settings: Settings) -> None:
    """The server itself would answer a taken port with a stack trace."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise BadSetting(
                f"cannot listen on {settings.host}:{settings.port}: {error.strerror}; "
                "choose another with --port or --host"
            ) from error
