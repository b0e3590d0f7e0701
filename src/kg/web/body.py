"""The body of a request: read whole, within a length and a time, before anything else happens."""

import asyncio
import contextlib
import io
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import IO, Any, Final

from kg.errors import FULL_DISK, BodyTooLarge, RequestTimeout, StorageFull
from kg.settings import Settings

Receive = Callable[[], Awaitable[Mapping[str, Any]]]  # Any: what ASGI puts there

_UPLOADS: Final = ("/store", "/sparql/update")
"""Where a client with a token may send bodies of `max_upload_bytes`."""

_MEMORY_BYTES: Final = 1 << 20
"""Bodies beyond that go to a temporary file."""


async def read_body(
    scope: Any, receive: Receive, settings: Settings
) -> tuple[IO[bytes], int | None]:
    """The body and its length, None where the request has none.

    Raises BodyTooLarge, RequestTimeout, StorageFull, and ConnectionResetError where the client goes
    away.
    """
    names = dict(scope["headers"])
    if b"content-length" not in names and b"transfer-encoding" not in names:
        return io.BytesIO(), None
    most = _most_bytes(scope["path"], names, settings)
    if int(names.get(b"content-length", b"0")) > most:
        raise BodyTooLarge(f"the body is over {most:,} bytes", limit=most)
    with full_disk_named(), contextlib.ExitStack() as stack:
        is_short = 0 < int(names.get(b"content-length", b"0")) <= _MEMORY_BYTES
        body: IO[bytes] = io.BytesIO()
        if not is_short:
            body = stack.enter_context(tempfile.SpooledTemporaryFile(_MEMORY_BYTES))
        size, more = 0, True
        try:
            async with asyncio.timeout(settings.body_seconds):
                while more:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise ConnectionResetError
                    size += len(message["body"])
                    if size > most:
                        raise BodyTooLarge(f"the body is over {most:,} bytes", limit=most)
                    body.write(message["body"])
                    more = message["more_body"]
        except TimeoutError as error:
            seconds = settings.body_seconds
            raise RequestTimeout(
                f"the body did not come within {seconds:g} seconds", limit=seconds
            ) from error
        body.seek(0)
        stack.pop_all()  # from here on the caller closes it
        return body, size


@contextlib.contextmanager
def full_disk_named() -> Iterator[None]:
    """Raises StorageFull where the disk has no room for what the block writes of a body."""
    try:
        yield
    except OSError as error:
        if error.errno not in FULL_DISK:
            raise
        raise StorageFull("the disk is full: there is no room for this body") from error


def _most_bytes(path: str, headers: Mapping[bytes, bytes], settings: Settings) -> int:
    usual: int = settings.max_body_bytes
    if b"authorization" in headers and path.startswith(_UPLOADS):
        return max(usual, settings.max_upload_bytes)
    return usual
