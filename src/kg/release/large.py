"""The process that loads large graphs, beside the build: how it is started, what it does and says.

A process of its own, because it can have another allocator. Loading makes and frees some hundred
million small pieces of memory in several threads; both copies of 10 million quads at once took 104 s
with glibc as it comes, 84 s with the settings below, 69 s with jemalloc, used where it is installed.

Run as `python -m kg.release.large ROOT FOLDER [optimize]`; says what it did as one line of JSON.
"""

import ctypes.util
import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from kg.engine.evaluators import STORE
from kg.engine.worker import end_with_parent
from kg.errors import BadFiles, BuildFailed, Problem
from kg.release.bulk import count_quads, load_lines
from kg.release.fast import write_fast_store

MERGED: Final = "merged.nt"
"""The merged view while a release is made, in its folder."""

_GLIBC: Final = (
    "glibc.malloc.trim_threshold=4294967296:glibc.malloc.mmap_threshold=33554432:"
    "glibc.malloc.top_pad=67108864:glibc.malloc.tcache_count=65535:glibc.malloc.hugetlb=1"
)
_JEMALLOC: Final = "thp:always,metadata_thp:auto"
"""Large pages: sorting a million keys misses fewer of them."""


@dataclass(frozen=True)
class Loaded:
    """What the process has put into a release."""

    graphs: Mapping[str, int]
    """Quads by large graph."""
    triples: int
    """Of the whole merged view."""


def load_large(root: Path, folder: Path, *, optimize: bool = False) -> Loaded:
    """Loads the large graphs into the store of a folder, closed meanwhile, and makes its fast store.

    With `optimize` the store's files are merged: each million quads leave one, and a query reads them all.

    The folder holds the merged view so far as `merged.nt`, which grows.
    Raises BadFiles with the first problem of each file, and BuildFailed where the process died.
    """
    command = [sys.executable, "-m", "kg.release.large", str(root), str(folder)]
    command += ["optimize"] * optimize
    done = subprocess.run(command, stdout=subprocess.PIPE, env=_environment(), check=False)
    if done.returncode:
        raise BuildFailed(
            f"the process that loads large graphs ended with {done.returncode}; see the messages above"
            " (-9 is the system's answer to a lack of memory: loading takes up to 4 GB and 200 bytes a triple)"
        )
    said = json.loads(done.stdout)
    if "problems" in said:
        raise BadFiles([Problem(*problem) for problem in said["problems"]])
    return Loaded(**said)


def _environment() -> dict[str, str]:
    """The variables of this process, and the best allocator there is."""
    found = {**os.environ, "GLIBC_TUNABLES": _GLIBC}
    if library := ctypes.util.find_library("jemalloc"):
        found["LD_PRELOAD"] = " ".join(filter(None, (library, os.environ.get("LD_PRELOAD"))))
        found["MALLOC_CONF"] = _JEMALLOC
    return found


def load_here(root: Path, folder: Path, *, optimize: bool = False) -> Loaded:
    """What `load_large` does, in this process. Raises BadFiles.

    A load fills both processors by itself until its last line is read; then the engine copies what
    it has sorted, and the fast store is made beside that. Of 10 million quads 70 s and 2.9 GB.
    """
    store, merged = ox.Store(str(folder / STORE)), folder / MERGED
    merged.touch()  # not there where files are only checked
    whole: Future[bool] = Future()
    with ThreadPoolExecutor(2) as beside:
        loaded = beside.submit(load_lines, root, merged, store, whole)
        fast = beside.submit(write_fast_store, merged, folder) if whole.result() else None
        if problems := loaded.result():
            raise BadFiles(sorted({problem.path: problem for problem in problems}.values()))
        if optimize:
            store.optimize()
        graphs = count_quads(store)  # while the fast store is written
    triples = _result(fast) if fast else None
    if triples is None:
        store.dump(merged, ox.RdfFormat.N_TRIPLES, from_graph=ox.DefaultGraph())
        try:
            triples = write_fast_store(merged, folder)
        except ValueError as error:
            said = f"the fast engine does not read what the other wrote: {error}"
            raise BadFiles([Problem("graph/bulk", 0, said)]) from None
    assert triples is not None  # lines of the reference are as it writes them
    # Not flushed: loads are on the disk, and a flush waits 25 s until half of them are merged.
    return Loaded(graphs, triples)


def _result(fast: Future[int | None]) -> int | None:
    """What became of the fast store; None also where the fast engine could not read what the other did."""
    try:
        return fast.result()
    except (ValueError, OSError) as error:
        if isinstance(error, OSError) and error.errno:  # such as a full disk
            raise
        return None


def main() -> None:
    """Loads, and says what became of it."""
    threading.Thread(target=end_with_parent, args=(os.getppid(),), daemon=True).start()
    root, folder = map(Path, sys.argv[1:3])
    try:
        said = asdict(load_here(root, folder, optimize=sys.argv[3:] == ["optimize"]))
    except BadFiles as error:
        said = {"problems": [(one.path, one.line, one.message) for one in error.problems]}
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    main()
