"""The files of ontology/ and graph/ as quads: one file, one named graph.

Turtle (https://www.w3.org/TR/turtle/) and TriG (https://www.w3.org/TR/trig/), read in path order.
Every file is read before anything is reported, so one run names every problem of every file.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final

import pyoxigraph as ox
import sparq

from kg import __version__
from kg.errors import BadFiles
from kg.namespaces import PREFIXES
from kg.release.bulk import find_bulk, hash_file
from kg.release.checks import check_file, check_places, check_together
from kg.release.files import SourceFile, find_line, parse_file, value_of

_DATA: Final = (
    ("ontology/*.ttl", "meta/ont-"),
    ("ontology/voc/*.ttl", "ref/voc-"),
    ("graph/ref/*.ttl", "ref/"),
    ("graph/src/*.trig", "src/"),
    ("graph/curation/*.ttl", "curation/"),
)
"""Where data files lie, and the start of their graphs' names below BASE + graph/."""
_IN_MERGED_VIEW: Final = PREFIXES["kg"] + "inMergedView"
_OTHER: Final = ("queries/*.rq", "queries/rules/*.rq", "ontology/shapes/*.ttl")
"""Further files that decide what a release holds."""


@dataclass(frozen=True)
class Sources:
    """Everything asserted, as the files say it."""

    graphs: Mapping[str, list[ox.Quad]]
    """Quads by graph IRI, in path order."""
    files: Mapping[str, str]
    """SHA-256 by relative path, of every file that decides what the release holds."""
    digest: str
    """Digest of `files` and of this package's version: equal digests, equal release."""
    texts: Mapping[str, tuple[str, str]] = field(repr=False)
    """Relative path and text of the file, by graph IRI."""

    @property
    def quads(self) -> Iterator[ox.Quad]:
        """Every asserted quad, in path order."""
        return (quad for quads in self.graphs.values() for quad in quads)

    @cached_property
    def hidden(self) -> frozenset[str]:
        """IRIs of the graphs that say `kg:inMergedView false` of themselves."""
        return frozenset(
            value_of(quad.subject)
            for quad in self.quads
            if value_of(quad.predicate) == _IN_MERGED_VIEW
            and value_of(quad.object) in ("false", "0")
            and quad.subject == quad.graph_name
        )

    def is_merged(self, quad: ox.Quad) -> bool:
        """Whether rules and the merged view see a quad: what a hidden graph says of itself they do."""
        return value_of(quad.graph_name) not in self.hidden or quad.subject == quad.graph_name

    @cached_property
    def homes(self) -> dict[str, str]:
        """IRI of the graph that describes a thing, by IRI; the first in path order."""
        quads = (quad for quads in reversed(list(self.graphs.values())) for quad in reversed(quads))
        return {value_of(quad.subject): value_of(quad.graph_name) for quad in quads}

    def find_subject(self, iri: str) -> tuple[str, int]:
        """Relative path and line where a thing is described; `("graph", 0)` where it is not."""
        if iri not in self.homes:
            return "graph", 0
        path, text = self.texts[self.homes[iri]]
        return path, find_line(text, iri, subject=True)


def read_sources(root: Path) -> Sources:
    """Reads and checks every data file below `root`.

    Raises BadFiles with all problems of all files. Everything is held in memory, about 1 KB a quad.
    """
    files, digest = hash_files(root)
    read = [_read_file(root, path, graph) for path, graph in _find_files(root)]
    problems = [problem for file in read for problem in check_file(file)]
    problems += [
        *check_places(root, {file.path for file in read}, dict(_DATA)),
        *check_together(read),
    ]
    if problems:
        raise BadFiles(problems)
    return Sources(
        graphs={file.graph: file.quads for file in read},
        files=files,
        digest=digest,
        texts={file.graph: (file.path, file.text) for file in read},
    )


def hash_files(root: Path) -> tuple[dict[str, str], str]:
    """SHA-256 of every input file by relative path, and the digest of them all; parses nothing."""
    paths = [path for path, _ in _find_files(root)]
    paths += [_relative(root, path) for pattern in _OTHER for path in root.glob(pattern)]
    paths += [_relative(root, path) for path in find_bulk(root)]
    files = {path: hash_file(root / path) for path in sorted(paths)}
    lines = [
        f"kg {__version__} pyoxigraph {ox.__version__} sparq {sparq.__version__}",
        *(f"{sha} {path}" for path, sha in files.items()),
    ]
    return files, hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _find_files(root: Path) -> list[tuple[str, str]]:
    """Relative path and graph IRI of every data file, in path order."""
    return sorted(
        (_relative(root, path), f"{PREFIXES['g']}{start}{path.name.removesuffix(path.suffix)}")
        for pattern, start in _DATA
        for path in root.glob(pattern)
    )


def _relative(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix()


def _read_file(root: Path, path: str, graph: str) -> SourceFile:
    data, name = (root / path).read_bytes(), ox.NamedNode(graph)
    quads, problems = parse_file(path, data)
    if not path.endswith(".trig"):
        quads = [ox.Quad(quad.subject, quad.predicate, quad.object, name) for quad in quads]
    return SourceFile(path, graph, data.decode(errors="replace"), quads, problems)
