"""What a release holds and how it was made: counts, digests, file hashes, timings."""

import dataclasses
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import pyoxigraph as ox

from kg.errors import ReleaseUnknown
from kg.namespaces import PREFIXES, expand, prefixes_used
from kg.store import Store

MANIFEST: Final = "manifest.json"

_DATES: Final = frozenset({expand("dcterms:modified"), expand("prov:generatedAtTime")})
UNDATED: Final = "0000-00-00"
COUNTS: Final = {
    "enterprises": "?x a/rdfs:subClassOf* kg:Enterprise",
    "cities": "?x a/rdfs:subClassOf* kg:City",
    "chains": "?x a/rdfs:subClassOf* kg:IndustryChain",
    "investors": "?x a/rdfs:subClassOf* kg:Investor",
    "policies": "?x a/rdfs:subClassOf* kg:PolicyMeasure",
    "records": "GRAPH ?graph { ?x kg:factId ?fact }",
    "sources": "?x a/rdfs:subClassOf* kg:SourceDocument",
    "conflicts": "?x a/rdfs:subClassOf* kg:Conflict",
}
"""What the manifest counts, as patterns of the things to count; records also where set aside."""


@dataclass(frozen=True)
class Manifest:
    """What a release holds and how it was made; `manifest.json`."""

    id: str
    sha256: str
    """Digest of the sorted N-Quads of all named graphs; empty in a release made by a write."""
    data_date: str
    """Latest day on which the data say they were changed."""
    input_digest: str
    """Digest of the files and of this package's version, as `hash_files` gives it."""
    files: Mapping[str, str]
    """SHA-256 of every input file, by path relative to the root."""
    versions: Mapping[str, str]
    counts: Mapping[str, int]
    """Things by kind; `triples` is the size of the merged view."""
    graphs: Mapping[str, int]
    """Quads by named graph."""
    prefixes: list[str]
    """Pinned prefixes under which its IRIs can be written, for exports."""
    warnings: list[str]
    notes: list[str]
    """What the shapes report as Info."""
    seconds: Mapping[str, float]
    """Wall time of each step; the only part that differs between two builds of the same files."""
    quad_sum: str = ""
    """Digest of the whole store that a write can follow, as `changes.count_and_sum` makes it; empty
    where there are large graphs, since no quad of them is read."""
    provenance: Mapping[str, object] = dataclasses.field(default_factory=dict)
    """Provenance of the write that made the release: time, kind, graphs, counts, digest of the text,
    parent, and agent and comment where the client gave them; empty where files made it."""
    changed: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Id of the release in which a graph changed last, for graphs that a write has changed; the
    empty name is the default graph, `*` every graph that no write has changed."""

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The manifest of a release; raises ReleaseUnknown where there is none that can be read."""
        try:
            return cls.parse((folder / MANIFEST).read_text(encoding="utf-8"))
        except (OSError, ValueError, TypeError) as error:
            raise ReleaseUnknown(f"no release in {folder.name!r}; 'kg build' makes one") from error

    @classmethod
    def parse(cls, text: str) -> Self:
        """The manifest that `write` wrote; raises ValueError or TypeError for another text."""
        return cls(**json.loads(text))

    @classmethod
    def of(cls, store: Store) -> Self:
        """The manifest of the release that a store holds; of a server without one, what it counts."""
        text = store.document(MANIFEST)
        if text is not None:
            return cls.parse(text)
        numbers = {name: store.rows(_counting(pattern)) for name, pattern in COUNTS.items()}
        return cls(
            id=store.release,
            sha256="",
            data_date=UNDATED,
            input_digest="",
            files={},
            versions={},
            counts={name: int(rows[0]["n"].value) for name, rows in numbers.items()},  # type: ignore[union-attr]  # COUNT binds a literal
            graphs=dict.fromkeys(store.graphs(), 0),
            prefixes=list(store.prefixes),
            warnings=[],
            notes=[],
            seconds={},
        )

    def write(self, folder: Path) -> None:
        """Writes `manifest.json`, sorted and indented, in one atomic step."""
        text = json.dumps(dataclasses.asdict(self), ensure_ascii=False, indent=1, sort_keys=True)
        beside = folder / f".{MANIFEST}"
        beside.write_text(text + "\n", encoding="utf-8")
        beside.replace(folder / MANIFEST)


def with_large(manifest: Manifest, large: Mapping[str, int], triples: int) -> Manifest:
    """The manifest with the large graphs; their files' digests enter the id, since no quad is read."""
    if not large:
        return manifest
    said = [
        f"{sha} {path}" for path, sha in manifest.files.items() if path.startswith("graph/bulk/")
    ]
    sha256 = hashlib.sha256("\n".join([manifest.sha256, *said]).encode()).hexdigest()
    quads = manifest.counts["quads"] + sum(large.values())
    return dataclasses.replace(
        manifest,
        id=f"{manifest.data_date}-{sha256[:12]}",
        sha256=sha256,
        quad_sum="",
        counts={**manifest.counts, "quads": quads, "triples": triples},
        graphs=dict(sorted({**manifest.graphs, **large}.items())),
        notes=[
            *manifest.notes,
            *(f"{graph}: not validated, {count:,} quads" for graph, count in large.items()),
        ],
    )


def hash_dataset(store: ox.Store) -> str:
    """SHA-256 of the sorted N-Quads of all named graphs, as the engine writes them."""
    digest = hashlib.sha256()
    quads = store.quads_for_pattern(None, None, None, None)
    for line in sorted(
        f"{quad} .\n" for quad in quads if isinstance(quad.graph_name, ox.NamedNode)
    ):
        digest.update(line.encode())
    return digest.hexdigest()


def count_things(store: ox.Store, pattern: str) -> int:
    """How many things `?x` match one of `COUNTS`."""
    solutions = store.query(_counting(pattern), prefixes=PREFIXES)
    assert isinstance(solutions, ox.QuerySolutions)
    number = next(solutions)["n"]
    assert isinstance(number, ox.Literal)
    return int(number.value)


def _counting(pattern: str) -> str:
    return f"SELECT (COUNT(DISTINCT ?x) AS ?n) {{ {pattern} }}"


def find_prefixes(quads: Iterable[ox.Quad]) -> list[str]:
    """The pinned prefixes under which IRIs and datatypes of the quads can be written, sorted."""
    terms = {term for quad in quads for term in (quad.subject, quad.predicate, quad.object)}
    iris = {term.value for term in terms if isinstance(term, ox.NamedNode)}
    iris |= {term.datatype.value for term in terms if isinstance(term, ox.Literal)}
    return list(prefixes_used(iris))


def data_date(quads: Iterable[ox.Quad]) -> str:
    """The latest day on which the data say they were changed, `0000-00-00` where they say none."""
    days = (
        quad.object.value[:10]
        for quad in quads
        if quad.predicate.value in _DATES and isinstance(quad.object, ox.Literal)
    )
    return max((day for day in days if re.fullmatch(r"\d{4}-\d\d-\d\d", day)), default=UNDATED)
