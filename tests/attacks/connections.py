"""Clients that are many, silent or slow: sockets of the loopback address."""

import contextlib
import selectors
import socket
import threading
import time
from collections.abc import Iterator, Sequence

_PAUSE_SECONDS = 0.2


@contextlib.contextmanager
def idle(
    port: int, number: int, *, pause: float = 0.0, within: float = 20.0
) -> Iterator[list[socket.socket]]:
    """That many connections over which nothing is sent, so many seconds after each other.

    Where the backlog of a server is full, a connection waits a second or more until it is tried again,
    and the first ones may be over before the last one is there: all are opened anew where that took
    longer than `within` seconds.
    """
    for _ in range(5):
        with contextlib.ExitStack() as stack:
            started, opened = time.monotonic(), []
            for _ in range(number):
                connection = socket.create_connection(("127.0.0.1", port), 20)
                opened.append(stack.enter_context(connection))
                time.sleep(pause)
            if time.monotonic() - started <= within:
                yield opened
                return
    raise TimeoutError(f"{number} connections take longer than {within} s")


@contextlib.contextmanager
def dribbling(port: int, beginnings: Sequence[bytes]) -> Iterator[list[socket.socket]]:
    """Connections that send their beginning and from then on a byte now and then."""
    done = threading.Event()
    with idle(port, len(beginnings)) as connections:
        for connection, beginning in zip(connections, beginnings, strict=True):
            connection.sendall(beginning)

        def send() -> None:
            while not done.wait(_PAUSE_SECONDS):
                for connection in connections:
                    with contextlib.suppress(OSError):
                        connection.send(b"x")

        sender = threading.Thread(target=send)
        sender.start()
        try:
            yield connections
        finally:
            done.set()
            sender.join()


def is_closed(connection: socket.socket) -> bool:
    """Whether the server has said or ended something on a connection from which nothing was read."""
    with selectors.DefaultSelector() as selector:
        selector.register(connection, selectors.EVENT_READ)
        return bool(selector.select(0))


def read_status(connection: socket.socket, seconds: float) -> int:
    """The status of the answer that comes, 0 where the server closes without one."""
    connection.settimeout(seconds)
    found = b""
    with contextlib.suppress(ConnectionResetError):
        while b"\r\n" not in found and (block := connection.recv(65536)):
            found += block
    return int(found.split()[1]) if found else 0
