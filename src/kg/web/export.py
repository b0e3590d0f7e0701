"""Whole graphs as files: `/export`, `/export/<graph or all>.<suffix>[.gz]`, streamed."""

import base64
import contextlib
import gzip
import queue
import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import IO

from flask import Blueprint, Response, request

from kg.engine.explain import not_acceptable
from kg.errors import GraphUnknown
from kg.formats import Format, find_format
from kg.namespaces import BASE
from kg.release.exports import read_exports
from kg.release.recounted import read_catalogue
from kg.store import Store
from kg.store.dump import dump
from kg.web.negotiation import wanted_format
from kg.web.services import services
from kg.web.triples import send_triples

blueprint = Blueprint("export", __name__)

_GRAPHS = BASE + "graph/"


@blueprint.route("/export/<path:name>")
def export(name: str) -> Response:
    """One graph, or `all`, in the format of the suffix. Raises GraphUnknown and NotAcceptable."""
    name, zipped = (name[:-3], True) if name.endswith(".gz") else (name, False)
    stem, _, suffix = name.rpartition(".")
    format = find_format(suffix, "graph")
    store = services().store()
    graph = None if stem == "all" else _GRAPHS + stem
    if graph and graph not in store.graphs():
        raise GraphUnknown(f"no graph {stem!r}; /export lists those there are")
    plain = services().settings.default_graph == "plain"
    body = stream(store, format, graph, zipped=zipped, with_default=plain)
    if request.method == "HEAD":
        body = iter(())
    response = Response(body, content_type=format.content_type)
    if zipped:
        response.content_type = "application/gzip"
    saved_as = file_name(stem, store.release, format.suffix) + (".gz" if zipped else "")
    response.headers["Content-Disposition"] = f'attachment; filename="{saved_as}"'
    measured = read_exports(store).get(stem, {}).get(format.suffix)
    if measured and not (zipped or plain):
        digest = base64.b64encode(bytes.fromhex(measured.sha256)).decode()
        response.headers["Repr-Digest"] = f"sha-256=:{digest}:"  # RFC 9530
    response.headers["X-KG-Release"] = store.release
    return response


def file_name(name: str, release: str, suffix: str) -> str:
    """What a file is called where it is saved."""
    return f"{name.replace('/', '-')}-{release}.{suffix}"


@blueprint.route("/.well-known/void")
def description() -> Response:
    """Every graph described: VoID and DCAT, with counts by class and property."""
    format = wanted_format("graph", request.args.get("format"))
    if format is None:
        raise not_acceptable("graph")
    return send_triples(read_catalogue(services().store()), format)


class _Gone(Exception):
    """The client went away; ends the writer."""


class _Channel:
    """A binary output whose blocks another thread reads; a full queue makes the writer wait."""

    def __init__(self) -> None:
        self._blocks: queue.Queue[bytes | None] = queue.Queue(maxsize=8)
        self._gone = threading.Event()
        self._failed = False

    def write(self, block: bytes) -> int:
        """Hands a block over; raises _Gone once the reader has stopped."""
        self._put(bytes(block))
        return len(block)

    def _put(self, block: bytes | None) -> None:
        while not self._gone.is_set():
            with contextlib.suppress(queue.Full):
                return self._blocks.put(block, timeout=1)
        raise _Gone

    def flush(self) -> None:
        """Nothing to do; the engine asks."""

    def finish(self, *, failed: bool = False) -> None:
        """Says that no further block comes; `failed`: and that the text is not complete."""
        self._failed = failed
        self._put(None)

    def blocks(self) -> Iterator[bytes]:
        """The blocks until the writer finishes; a failed writer breaks the connection off."""
        try:
            while (block := self._blocks.get()) is not None:
                yield block
            if self._failed:
                raise OSError("the export failed; the connection is broken off on purpose")
        finally:
            self._gone.set()


def stream(
    store: Store,
    format: Format,
    graph: str | None,
    *,
    zipped: bool,
    with_default: bool = False,
) -> Iterator[bytes]:
    """The export in blocks, made while they are sent; what of `graph`, see `dump`.

    One thread of its own reads the store and writes, since an engine result must not cross
    threads; only bytes do. It starts with the first block asked for. Memory stays at a few blocks.
    """
    channel = _Channel()
    write = partial(dump, store, format=format, graph=graph, with_default=with_default)
    arguments = (write, channel, zipped)
    threading.Thread(target=_write, args=arguments, name="export", daemon=True).start()
    yield from channel.blocks()


def _write(write: Callable[[IO[bytes]], None], channel: _Channel, zipped: bool) -> None:
    complete = False
    try:
        _dump(write, channel, zipped)
        complete = True
    except _Gone:
        return
    finally:  # whatever ends this thread, the reader must not wait for ever
        with contextlib.suppress(_Gone):
            channel.finish(failed=not complete)


def _dump(write: Callable[[IO[bytes]], None], channel: _Channel, zipped: bool) -> None:
    output: IO[bytes] = channel  # type: ignore[assignment]  # writers only call write and flush
    if not zipped:
        write(output)
        return
    with gzip.GzipFile(fileobj=output, mode="wb", mtime=0) as archive:
        write(archive)  # type: ignore[arg-type]  # a binary file
