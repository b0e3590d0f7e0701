"""What changed between two states of the ontology: terms added, removed and said otherwise.

The kind of a change gives the next version, https://semver.org: words alone are a patch, new terms a
minor version, and a term removed or given another meaning a major one.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import pyoxigraph as ox

from kg.errors import BadFiles
from kg.namespaces import PREFIXES, compact, expand
from kg.release.files import parse_file, value_of

Level = Literal["none", "patch", "minor", "major"]

_WORDS: Final = frozenset(
    expand(name)
    for name in (
        "owl:versionInfo",
        "rdfs:comment",
        "rdfs:isDefinedBy",
        "rdfs:label",
        "skos:definition",
        "skos:example",
        "skos:scopeNote",
        "vs:term_status",
    )
)
"""Properties that describe a term without changing what data may say with it."""


@dataclass(frozen=True)
class TermDifference:
    """Terms by prefixed name, sorted."""

    added: list[str]
    removed: list[str]
    changed: Mapping[str, list[str]]
    """Lines such as `- rdfs:range kg:Place` and `+ rdfs:range kg:City`, by term."""
    level: Level
    """The least part of the version number that has to rise."""


def compare_terms(before: Path, after: Path) -> TermDifference:
    """Compares the modules of two roots, folders with `ontology/*.ttl` in them.

    Raises BadFiles with every file that does not parse, and where a root has no term.
    """
    old, new = _read_terms(before), _read_terms(after)
    changed = {
        term: [
            *(f"- {said}" for said in sorted(_write(row) for row in old[term] - new[term])),
            *(f"+ {said}" for said in sorted(_write(row) for row in new[term] - old[term])),
        ]
        for term in sorted(old.keys() & new.keys())
        if old[term] != new[term]
    }
    otherwise = {predicate for term in changed for predicate, _ in old[term] ^ new[term]}
    return TermDifference(
        added=sorted(new.keys() - old.keys()),
        removed=sorted(old.keys() - new.keys()),
        changed=changed,
        level=_level(old.keys() - new.keys(), new.keys() - old.keys(), otherwise),
    )


def _level(removed: set[str], added: set[str], predicates: set[str]) -> Level:
    if removed or predicates - _WORDS:
        return "major"
    return "minor" if added else "patch" if predicates else "none"


_Row = tuple[str, ox.NamedNode | ox.Literal]


def _read_terms(root: Path) -> dict[str, set[_Row]]:
    """What the modules say of each term of the project, by prefixed name."""
    found: dict[str, set[_Row]] = defaultdict(set)
    problems = []
    for path in sorted((root / "ontology").glob("*.ttl")):
        quads, wrong = parse_file(f"ontology/{path.name}", path.read_bytes())
        problems += wrong
        for quad in quads:
            subject = value_of(quad.subject)
            if subject.startswith(PREFIXES["kg"]) and not isinstance(quad.object, ox.BlankNode):
                found[compact(subject)].add((value_of(quad.predicate), quad.object))  # type: ignore[arg-type]
    if problems:
        raise BadFiles(problems)
    return found


def _write(row: _Row) -> str:
    predicate, value = row
    said = compact(value.value) if isinstance(value, ox.NamedNode) else str(value)
    return f"{compact(predicate)} {said}"
