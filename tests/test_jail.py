"""What a worker process gives up: the network and other programs, and no more than that."""

import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox

_TRY = """
import socket, subprocess, threading
from kg.engine.jail import close_network
close_network()
for name, act in {
    "socket": lambda: socket.socket(),
    "program": lambda: subprocess.run(["true"]),
    "address": lambda: socket.getaddrinfo("localhost", 80) and socket.create_connection(("127.0.0.1", 1)),
    "file": lambda: open("/proc/self/stat").read(),
    "pipe": lambda: socket.socketpair(),
}.items():
    try:
        act()
        print(name, "open")
    except OSError as error:
        print(name, "closed")
later = []
def try_socket():
    try:
        socket.socket()
    except PermissionError:
        later.append("closed")
thread = threading.Thread(target=try_socket)
thread.start()
thread.join()
print("thread", *later)
"""

_READ = """
import sys
import pyoxigraph as ox
from kg.engine.jail import close_network
close_network()
store = ox.Store.read_only(sys.argv[1])
print(len(list(store.query("SELECT * { GRAPH ?g { ?s ?p ?o } }"))))
"""


def run(*arguments: str) -> list[str]:
    result = subprocess.run(
        [sys.executable, "-c", *arguments], capture_output=True, text=True, check=True
    )
    return result.stdout.splitlines()


def test_sockets_and_programs_are_refused_and_files_and_pipes_are_not() -> None:
    assert run(_TRY) == [
        "socket closed",
        "program closed",
        "address closed",
        "file open",
        "pipe open",
        "thread closed",
    ]


def test_a_store_of_many_files_is_read_inside(tmp_path: Path) -> None:
    """The engine opens 16 files with the store and the others when it first reads them."""
    store = ox.Store(str(tmp_path / "store"))
    for number in range(3):
        store.update(f"INSERT DATA {{ GRAPH <x:g{number}> {{ <x:a> <x:b> {number} }} }}")
        store.flush()
    assert len(list((tmp_path / "store").glob("*.sst"))) > 16
    del store
    assert run(_READ, str(tmp_path / "store")) == ["3"]
