"""A build: a release is made of the files beside the one in use and put in place by one rename.

The id is the data's own date and a digest of the data, so the same files give the same id anywhere.
"""

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pyoxigraph as ox
import sparq

from kg import __version__
from kg.engine.evaluators import STORE
from kg.engine.tallies import TALLIES
from kg.errors import Problem
from kg.namespaces import compact, expand
from kg.release.bulk import find_bulk
from kg.release.catalogue import CATALOGUE, write_catalogue
from kg.release.changes import sum_dataset
from kg.release.checks import declared_terms
from kg.release.contents import describe_contents
from kg.release.curation import merge
from kg.release.exports import EXPORTS, write_exports
from kg.release.fast import write_fast_store
from kg.release.files import find_line
from kg.release.folders import building_folder, locked, replace_release, switch
from kg.release.history import prune
from kg.release.large import MERGED, load_large
from kg.release.manifest import (
    COUNTS,
    Manifest,
    count_things,
    data_date,
    find_prefixes,
    hash_dataset,
    with_large,
)
from kg.release.rules import RUNS_GRAPH, derive, describe_runs, read_rules
from kg.release.sources import Sources, read_sources
from kg.release.sums import find_damage, seal
from kg.release.validate import Findings, validate
from kg.search.opening import LABELS, make_index, streaming
from kg.search.pinyin import can_spell
from kg.settings import Settings


def build(
    settings: Settings,
    *,
    check_only: bool = False,
    optimize: bool = False,
    report: Callable[[str], None] = lambda message: None,
) -> Manifest:
    """Makes a release of the files and puts it in use; with `check_only` writes nothing.

    `optimize` merges what large graphs were loaded as: a third longer to make, faster to read.
    `report` gets one sentence a step. Memory grows with the data, about 2 KB a quad.
    Raises BadFiles with every problem found; the release in use is then untouched.
    """
    clock = _Clock(report)
    with clock.step("read the files"):
        sources = read_sources(settings.root)
        rules = read_rules(settings.root, declared_terms(sources.graphs))
    with clock.step("apply the rules"):
        derived = derive(rules, filter(sources.is_merged, sources.quads))
    with clock.step("check the shapes"):
        findings = validate(settings.root, sources, derived)
        findings.warnings.extend(_check_resolutions(sources, derived))
    graphs = {**sources.graphs, **derived}
    graphs[RUNS_GRAPH] = describe_runs(rules, graphs)
    with clock.step("describe what there is"):
        graphs |= describe_contents(settings.root, merge(sources, graphs))
    paths = {graph: path for graph, (path, _) in sources.texts.items()}
    paths |= {rule.graph.value: rule.path for rule in rules}
    if check_only:
        manifest = _fill(ox.Store(), graphs, sources, findings, clock)
        if find_bulk(settings.root):
            with tempfile.TemporaryDirectory() as scratch:
                load_large(settings.root, Path(scratch))
        return manifest
    with locked(settings.data, report):
        return _publish(settings, graphs, paths, sources, findings, clock, optimize=optimize)


class _Clock:
    """Reports each step and remembers its wall time."""

    def __init__(self, report: Callable[[str], None]) -> None:
        self.report = report
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Reports the step and times the block."""
        self.report(name)
        start = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - start, 3)


def _publish(
    settings: Settings,
    graphs: Mapping[str, list[ox.Quad]],
    paths: Mapping[str, str],
    sources: Sources,
    findings: Findings,
    clock: _Clock,
    *,
    optimize: bool,
) -> Manifest:
    """Writes the release beside the others, then switches; holds the lock."""
    with building_folder(settings.data) as building:
        store = ox.Store(str(building / STORE))
        manifest = _fill(store, graphs, sources, findings, clock)
        # From the store, which writes some numbers otherwise than the files: 310.0 is 310.
        held = {
            graph: list(store.quads_for_pattern(None, None, None, ox.NamedNode(graph)))
            for graph in graphs
        }
        merged = {
            quad.triple for quad in store.quads_for_pattern(None, None, None, ox.DefaultGraph())
        }
        lines = building / MERGED
        store.dump(lines, ox.RdfFormat.N_TRIPLES, from_graph=ox.DefaultGraph())
        large: Mapping[str, int] = {}
        streamed = bool(find_bulk(settings.root))
        if streamed:
            with clock.step("load the large graphs"):
                del store  # two processes cannot have it open
                loaded = load_large(settings.root, building, optimize=optimize)
                large, triples = loaded.graphs, loaded.triples
        else:
            with clock.step("write the fast store"):
                written = write_fast_store(lines, building)
                assert written is not None  # lines of the reference are as it writes them
                triples = written
        manifest = with_large(manifest, large, triples)
        lines.unlink()
        if streamed:  # whose names would take as long as loading them
            clock.report("large graphs: the first search makes the label index")
            if not optimize:
                clock.report("large graphs: 'kg build --optimize' makes long queries faster")
        else:
            with clock.step("write the label index"):
                make_index(streaming(store), building)
            del store  # closed: its files are whole before the folder gets its name
        if not can_spell():
            clock.report("pypinyin is not installed: names are not found by pinyin")
        with (building / CATALOGUE).open("wb") as file:
            write_catalogue(held, merged, large, manifest, paths, file)
        manifest.write(building)
        with clock.step("measure the exports"):
            write_exports(building, manifest)
        manifest.write(building)
        target = building.with_name(manifest.id)
        merging = streamed and optimize
        # The same data, perhaps from files with other comments.
        if target.exists() and not merging and not find_damage(target):
            manifest.write(target)
            (target / LABELS).parent.mkdir(exist_ok=True)
            for name in filter(
                lambda name: (building / name).exists(), (CATALOGUE, EXPORTS, LABELS, TALLIES)
            ):
                (building / name).replace(target / name)
            seal(target)
        else:
            seal(building)
            replace_release(building, target)
    switch(settings.data, manifest.id)
    prune(settings)
    return manifest


def _fill(
    store: ox.Store,
    graphs: Mapping[str, list[ox.Quad]],
    sources: Sources,
    findings: Findings,
    clock: _Clock,
) -> Manifest:
    """Writes the quads and the merged view into a fresh store; the digest is of what it then holds."""
    with clock.step("write the store"):
        quads = [quad for group in graphs.values() for quad in group]
        merged = merge(sources, graphs)
        store.bulk_extend(quads)
        store.bulk_extend(ox.Quad(*triple) for triple in merged)
        store.flush()
    with clock.step("count and hash"):
        counts = {name: count_things(store, pattern) for name, pattern in COUNTS.items()}
        sha256, quad_sum = hash_dataset(store), sum_dataset(store)
    day = data_date(sources.quads)
    return Manifest(
        id=f"{day}-{sha256[:12]}",
        sha256=sha256,
        data_date=day,
        input_digest=sources.digest,
        files=sources.files,
        versions={"kg": __version__, "pyoxigraph": ox.__version__, "sparq": sparq.__version__},
        counts={"quads": len(quads), "triples": len(merged), **counts},
        graphs={graph: len(group) for graph, group in sorted(graphs.items())},
        prefixes=find_prefixes(quads),
        warnings=[str(problem) for problem in findings.warnings],
        notes=[str(problem) for problem in findings.notes],
        seconds=clock.seconds,
        quad_sum=f"{quad_sum:064x}",
    )


def _check_resolutions(sources: Sources, derived: Mapping[str, list[ox.Quad]]) -> Iterator[Problem]:
    """Resolutions of conflicts that the rules do not find: a slip in the IRI, or settled since."""
    found = {quad.subject for quads in derived.values() for quad in quads}
    for quad in sources.quads:
        if quad.predicate.value == expand("kg:resolves") and quad.object not in found:
            assert isinstance(quad.object, ox.NamedNode) and isinstance(
                quad.graph_name, ox.NamedNode
            )
            path, text = sources.texts[quad.graph_name.value]
            said = f"{compact(quad.object.value)} is no conflict that the rules find"
            yield Problem(path, find_line(text, quad.object.value), said)
