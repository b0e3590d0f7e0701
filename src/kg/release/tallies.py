"""Makes the tallies of a release: which there are, and what they hold."""

import json
import re
from collections.abc import Iterator
from itertools import combinations, product
from pathlib import Path
from typing import Final

import sparq

from kg.engine.tallies import TALLIES, Tally, name_tally
from kg.namespaces import expand

_MANY_THINGS: Final = 10_000
"""A class of fewer things has no tallies: counting them takes the engine 2 ms."""
_MAX_VALUES: Final = 1_000
"""A property with more values has none."""
_MAX_PROPERTIES: Final = 8
"""Of a class those with the fewest values are counted, so it has at most 36 tallies."""
_MAX_COMBINATIONS: Final = 50_000
"""A tally of more would take as long to write as to count."""
_TYPE: Final = expand("rdf:type")
_PLAIN_IRI: Final = re.compile(r'[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>"{}|^`\\]{1,1000}')
"""One that can be written into a query as it stands."""


def write_tallies(graph: sparq.Graph, release: Path, many_things: int = _MANY_THINGS) -> None:
    """Writes `tallies.tsv` into the folder of a release that is being made, from its fast store.

    The classes are those of at least so many things. About 0.15 s a million triples.
    """
    with (release / TALLIES).open("w", encoding="utf-8") as file:
        for name, tally in _tallies(graph, many_things):
            values = json.dumps(tally.values, ensure_ascii=False)
            file.write(f"{name}\t{values}\t{json.dumps(tally.counts)}\n")


def _tallies(graph: sparq.Graph, many_things: int) -> Iterator[tuple[str, Tally]]:
    """Every tally with its name."""
    properties = [iri for iri in _iris(graph, "?x ?v ?y") if _is_few_valued(graph, iri)]
    for of_class in _iris(graph, "?x a ?v"):
        [things] = _ask(graph, f"SELECT (COUNT(*) AS ?n) {{ ?x a <{of_class}> }}")
        if int(things["n"]["value"]) < many_things:
            continue
        own = [iri for iri in properties if graph.ask(f"ASK {{ ?x a <{of_class}> ; <{iri}> ?v }}")]
        tallies = {iri: _tally(graph, of_class, iri) for iri in own}
        sizes = {iri: len(tally.counts) for iri, tally in tallies.items()}
        chosen = sorted(sizes, key=lambda iri: (sizes[iri], iri))[:_MAX_PROPERTIES]
        yield from ((name_tally(of_class, [iri]), tallies[iri]) for iri in chosen)
        for one, two in combinations(sorted(chosen), 2):
            if sizes[one] * sizes[two] <= _MAX_COMBINATIONS:
                tally = _tally(graph, of_class, one, two)
                if tally.values:  # else no thing has both
                    yield name_tally(of_class, [one, two]), tally


def _is_few_valued(graph: sparq.Graph, iri: str) -> bool:
    """Whether a property has few values and all of them are IRIs, which are written in one way."""
    # The first value rules most out; all the names of 770,000 firms take 140 ms.
    for query in ("?v {{ ?x <{}> ?v }} LIMIT 1", "DISTINCT ?v {{ ?x <{}> ?v }} LIMIT {}"):
        found = _ask(graph, "SELECT " + query.format(iri, _MAX_VALUES + 1))
        if len(found) > _MAX_VALUES or any(row["v"]["type"] != "uri" for row in found):
            return False
    return iri != _TYPE


def _tally(graph: sparq.Graph, of_class: str, *properties: str) -> Tally:
    """The tally of a class by properties, which are sorted; without values where it has no row."""
    names = "ab"[: len(properties)]
    lines = "".join(f" ; <{iri}> ?{name}" for name, iri in zip(names, properties, strict=True))
    groups = " ".join(f"?{name}" for name in names)
    query = f"SELECT {groups} (COUNT(*) AS ?n) {{ ?x a <{of_class}>{lines} }} GROUP BY {groups}"
    rows = _ask(graph, query)
    counts = {tuple(row[name]["value"] for name in names): int(row["n"]["value"]) for row in rows}
    values = [sorted(set(column)) for column in zip(*counts, strict=True)]
    return Tally(values, [counts.get(cells, 0) for cells in product(*values)])


def _iris(graph: sparq.Graph, pattern: str) -> list[str]:
    """What `?v` stands for in a pattern, sorted, where a query can be written with it."""
    found = _ask(graph, f"SELECT DISTINCT ?v {{ {pattern} }}")
    iris = (row["v"]["value"] for row in found if row["v"]["type"] == "uri")
    return sorted(iri for iri in iris if _PLAIN_IRI.fullmatch(iri))


def _ask(graph: sparq.Graph, query: str) -> list[dict[str, dict[str, str]]]:
    """The rows of a query, each with a term by name: https://www.w3.org/TR/sparql11-results-json/."""
    found = json.loads(graph.query_json(query))
    rows: list[dict[str, dict[str, str]]] = found["results"]["bindings"]
    return rows
