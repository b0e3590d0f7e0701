"""Tallies: the things of a class counted by one or two of their properties, kept with the release.

Each holds the rows of `SELECT ?a ?b (COUNT(*) AS ?n) { ?x a <C> ; <p> ?a ; <q> ?b } GROUP BY ?a ?b`
as the fast engine gave them when the release was made, so a query of just that shape is a look-up.
What differs in the least is not taken, and the engine counts. `kg.release.tallies` makes them.
"""

import json
import re
from functools import cached_property, lru_cache
from itertools import product
from operator import itemgetter
from pathlib import Path
from typing import Final, NamedTuple, Self

from kg.engine.limits import read_tokens
from kg.namespaces import expand

TALLIES: Final = "tallies.tsv"
"""The file of a release: a line for each tally, its name by `name_tally`, values and counts as JSON."""

_KEPT: Final = 32
"""Tallies that stay in memory; the largest takes 0.5 MB."""
_TYPE: Final = ("a", f"<{expand('rdf:type')}>")
_COUNT: Final = f'{{"type":"literal","value":"%d","datatype":"{expand("xsd:integer")}"}}'
_ODD_BLANK: Final = re.compile(r"[^\S \t\r\n]")
"""One that SPARQL has not, though `read_tokens` takes it for one."""
_PREFIX: Final = re.compile(r"PREFIX ((?:[A-Za-z][\w-]*)?:) <(\S*)> ", re.ASCII)
_NAME: Final = re.compile(r"(?<!\S)((?:[A-Za-z][\w-]*)?:)(\w[\w-]*)(?!\S)", re.ASCII)
"""One without escapes: it means the IRI of its prefix and what stands behind the colon."""
_LINE: Final = r"(?<!\S)(a|<\S+>) (<\S+>|\?\w+)"
_SHAPE: Final = re.compile(
    r"SELECT (?P<before>(?:\?\w+ )*)"
    r"\( COUNT \( (?P<counted>\*|DISTINCT \?\w+) \) AS (?P<number>\?\w+) \)"
    r"(?P<after>(?: \?\w+)*)(?: WHERE)? "
    rf"\{{ (?P<thing>\?\w+) (?P<star>{_LINE}(?:(?: ;| \. (?P=thing)) {_LINE})*)(?: \.)? \}} "
    r"GROUP BY (?P<groups>\?\w+(?: \?\w+)*)(?: LIMIT (?P<limit>\d+))?",
    re.ASCII,
)


class Tally(NamedTuple):
    """How many solutions there are for each combination of values."""

    values: list[list[str]]
    """The IRIs that a property has for values; the properties in the order of their IRIs."""
    counts: list[int]
    """A number for each combination, those of the last property's values side by side."""


def name_tally(of_class: str, properties: list[str]) -> str:
    """The name of the tally of a class by properties, all of them IRIs, in any order."""
    return " ".join((of_class, *sorted(properties)))


class TallyQuery(NamedTuple):
    """A query that asks for one whole tally."""

    tally: str
    """Its name."""
    names: list[str]
    """Those of the variables, in the order of the properties in the tally, and of the count."""
    columns: list[str]
    """The same names in the order in which they are selected."""
    limit: int | None

    @classmethod
    def read(cls, query: str) -> Self | None:
        """What a query asks for; None where that is anything else."""
        if "GROUP" not in query.upper() or _ODD_BLANK.search(query):
            return None
        found = _SHAPE.fullmatch(_normalise(query))
        if not found:
            return None
        lines: list[tuple[str, str]] = re.findall(_LINE, found["star"], re.ASCII)
        classes = [value for verb, value in lines if verb in _TYPE]
        variables = {verb[1:-1]: value for verb, value in lines if verb not in _TYPE}
        thing, number, groups = found["thing"], found["number"], found["groups"].split()
        columns = [*found["before"].split(), number, *found["after"].split()]
        if (
            not classes
            or len(variables) != len(lines) - 1  # a property stands there twice, or a class too
            or sorted(variables.values()) != sorted(groups)
            or sorted(columns) != sorted((*groups, number))
            or len({thing, number, *groups}) != len(groups) + 2
            # All other variables make the groups, so that none has a thing twice.
            or found["counted"] not in ("*", f"DISTINCT {thing}")
        ):
            return None
        names = [*(variables[iri] for iri in sorted(variables)), number]
        return cls(
            name_tally(classes[0][1:-1], list(variables)),
            [name[1:] for name in names],
            [name[1:] for name in columns],
            int(found["limit"]) if found["limit"] else None,
        )

    def write(self, tally: Tally) -> tuple[bytes, int]:
        """The rows as JSON, https://www.w3.org/TR/sparql11-results-json/, and their number."""
        cells = [
            [f'"{name}":{{"type":"uri","value":{json.dumps(iri, ensure_ascii=False)}}}' for iri in values]
            for name, values in zip(self.names[:-1], tally.values, strict=True)
        ]  # fmt: skip
        ordered = itemgetter(*map(self.names.index, self.columns))
        rows = [
            ",".join(ordered((*row, f'"{self.names[-1]}":{_COUNT % count}')))
            for row, count in zip(product(*cells), tally.counts, strict=True)
            if count  # a combination that no thing has is no row
        ]
        head = json.dumps({"vars": self.columns}, separators=(",", ":"))
        body = "},{".join(rows)
        return f'{{"head":{head},"results":{{"bindings":[{{{body}}}]}}}}'.encode(), len(rows)


class Tallies:
    """The tallies of a release, each read when it is first asked for."""

    def __init__(self, release: Path) -> None:
        """Opens nothing yet; a release may have none."""
        self._path = release / TALLIES
        self._find = lru_cache(_KEPT)(self._read)

    def answer(self, query: str) -> bytes | None:
        """The result of a query as JSON; None where it asks for anything but a whole tally."""
        asked = TallyQuery.read(query) if self._lines else None
        tally = self._find(asked.tally) if asked else None
        if asked is None or tally is None:
            return None
        text, rows = asked.write(tally)
        return text if asked.limit is None or rows <= asked.limit else None

    @cached_property
    def _lines(self) -> bytes:
        try:
            return self._path.read_bytes()
        except OSError:  # not there, or not to be read: the engine counts
            return b""

    def _read(self, name: str) -> Tally | None:
        try:
            line = re.search(rb"^%s\t(.*)\t(.*)$" % re.escape(name.encode()), self._lines, re.M)
            return Tally(json.loads(line[1]), json.loads(line[2])) if line else None
        except ValueError:  # no line of ours: `kg verify` says so
            return None


def _normalise(query: str) -> str:
    """A query without its prologue, its tokens parted by blanks: keywords in capitals, names as IRIs.

    So a string is what begins with a quote. Empty where a prefix is declared twice.
    """
    spelt = (t.text if t.text == "a" else t.word or t.text for t in read_tokens(query))
    text, prefixes = " ".join(spelt).replace(" $", " ?"), dict[str, str]()
    while found := _PREFIX.match(text):
        if found[1] in prefixes:
            return ""
        prefixes[found[1]] = found[2]
        text = text[found.end() :]
    return _NAME.sub(lambda name: f"<{prefixes.get(name[1], ' ')}{name[2]}>", text)
