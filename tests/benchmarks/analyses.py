"""How long every analysis takes over a release with a generated graph beside it, see `records`."""

import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pyoxigraph as ox
from records import ANCHOR, CHAIN, CLUSTER, ITEM, write_records

from kg.analysis.answer import Answer
from kg.analysis.registry import ANALYSES
from kg.engine.evaluators import FAST
from kg.release.fast import write_fast_store
from kg.settings import Settings
from kg.store.embedded import EmbeddedStore

FIRMS, SUPPLIES = 100_000, 300_000
BOUND: Final = 10.0
"""Seconds for each analysis at that size."""

INPUTS: Final[Mapping[str, Mapping[str, list[str]]]] = {
    "niches": {"word": ["电机"]},
    "segment-gaps": {"chain": [CHAIN]},
    "removal": {"chain": [CHAIN], "remove": [ANCHOR]},
    "criticality": {"chain": [CHAIN]},
    "anchor-network": {"firm": [ANCHOR]},
    "city-specialisation": {"level": ["city"]},
    "matching": {"item": [ITEM], "place": ["shenzhen"], "cluster": [CLUSTER], "specification": ["0"]},
}  # fmt: skip
"""What each is asked; the busiest firm, product and chain. The others need nothing."""


@contextmanager
def generated(settings: Settings, firms: int, supplies: int) -> Iterator[EmbeddedStore]:
    """The current release with generated records added to the default graph of a copy."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "release"
        shutil.copytree((settings.data / "current").resolve(), folder)
        with (Path(scratch) / "records.nt").open("wb") as file:
            write_records(file, firms, supplies)
        store = ox.Store(str(folder / "store"))
        store.bulk_load(path=file.name, format=ox.RdfFormat.N_TRIPLES)
        with Path(file.name).open("wb") as lines:
            store.dump(lines, ox.RdfFormat.N_TRIPLES, from_graph=ox.DefaultGraph())
        shutil.rmtree(folder / FAST)
        write_fast_store(Path(file.name), folder)
        del store
        yield EmbeddedStore(folder)


def measure(store: EmbeddedStore, settings: Settings, name: str) -> tuple[Answer, float]:
    """An answer over the generated graph, and the seconds of a processor that it took."""
    started = time.process_time()
    answer = ANALYSES[name].answer(store, settings.root, "en", INPUTS.get(name, {}))
    return answer, time.process_time() - started


def analyses(settings: Settings) -> Iterator[tuple[str, str, str]]:
    """Processor seconds of one call of each, queries included; one thread, so idle machines need as long."""
    with generated(settings, FIRMS, SUPPLIES) as store:
        size = store.rows("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")[0]["n"].value  # type: ignore[union-attr]
        yield "generated beside the release", f"{FIRMS:,} firms, {SUPPLIES:,} supplies, {int(size):,} triples", ""  # fmt: skip
        for name in ANALYSES:
            answer, seconds = measure(store, settings, name)
            yield f"{name}, {len(answer.rows):,} rows", f"{seconds:.1f} s", f"<= {BOUND:.0f} s"
