"""A WSGI application called from the front: environment in, answer out.

https://peps.python.org/pep-3333/
"""

import contextlib
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, Any, Final
from urllib.parse import unquote_to_bytes

from kg.web import access

Environ = dict[str, Any]  # Any: what WSGI puts there

CANCELLATION: Final = "kg.cancellation"
"""Key of the `Cancellation` that ends what runs for a client that has gone away."""
REFUSAL: Final = "kg.refusal"
"""Key of an error that the front found; the application answers with it and does nothing else."""


def make_environ(scope: Any, body: IO[bytes], size: int | None) -> Environ:
    """The environment of an ASGI request whose body was read already; `size` None: it has none.

    `RAW_URI` and `REQUEST_URI` hold the target undecoded. A header whose name holds `_` is left
    out, since `X_Y` would pass for `X-Y`.
    """
    raw, query = scope["raw_path"], scope["query_string"].decode("latin-1")
    target = raw.decode("latin-1") + (f"?{query}" if query else "")
    client, server = scope["client"] or ("", 0), scope["server"] or ("", 0)
    environ: Environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(raw).decode("latin-1"),
        "QUERY_STRING": query,
        "RAW_URI": target,
        "REQUEST_URI": target,
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": client[0],
        "REMOTE_PORT": str(client[1]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": body,
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        access.OUTSIDE: True,
    }
    for name, value in scope["headers"]:
        if b"_" in name or name in (b"content-length", b"transfer-encoding"):
            continue
        key = name.decode("latin-1").upper().replace("-", "_")
        key = key if key == "CONTENT_TYPE" else f"HTTP_{key}"
        mark = "; " if key == "HTTP_COOKIE" else ","
        text = value.decode("latin-1")
        environ[key] = f"{environ[key]}{mark}{text}" if key in environ else text
    environ.setdefault("HTTP_HOST", "")
    if size is not None:
        environ["CONTENT_LENGTH"] = str(size)
    return environ


@dataclass
class Answer:
    """What the application answered: a whole body, or blocks that are made while they are sent."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes | None = None
    blocks: Iterator[bytes] = field(default_factory=lambda: iter(()))
    close: Callable[[], None] = lambda: None
    """To be called once the blocks are no longer wanted."""

    def header(self, name: str) -> str:
        """The value of a header, empty where there is none."""
        return next((value for key, value in self.headers if key.lower() == name), "")


def call(app: Callable[..., Iterable[bytes]], environ: Environ, most: int) -> Answer:
    """The application's answer, with its body where it says a length of at most `most` bytes."""
    started: list[tuple[int, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: Sequence[tuple[str, str]], _: object = None) -> None:
        started[:] = [(int(status[:3]), list(headers))]

    result = app(environ, start_response)
    with contextlib.ExitStack() as stack:
        close = getattr(result, "close", lambda: None)
        stack.callback(close)
        blocks = iter(result)
        if not started:
            raise RuntimeError("the application sent no status before its body")
        answer = Answer(*started[0], blocks=blocks)
        length = answer.header("content-length")
        bare = environ["REQUEST_METHOD"] == "HEAD" or answer.status in (204, 304)
        if bare or (length.isdigit() and int(length) <= most):
            answer.body = b"" if bare else b"".join(blocks)
        else:
            answer.close = close
            stack.pop_all()
        return answer
