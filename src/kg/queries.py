"""The saved queries: header, typed parameters, binding values as RDF terms.

A query is one file that any SPARQL engine runs as it stands. Its head says what it answers:

    #+ summary: Counts claimed for a city, by year
    #+ reading: Two counts for one year with different populations do not contradict each other.
    #+ param city: iri: City whose figures are listed
    #+ chart: lines x=year y=value by=cityName

each text also in the other languages of the interface, as `#+ summary@zh-Hans: …` and
`#+ param city@zh-Hans: …`. `chart` says how a page draws the rows, see `kg.web.charts`. A parameter is a
VALUES block of one variable, whose content is the default:

    VALUES ?city { pl:shenzhen }

`UNDEF` as default means: any. A block of `?lang` is the parameter `lang`, which means the same in every
query and needs no line in the head. A given value replaces the content of the block as a term, so no text
of a visitor is ever pasted into a query.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from kg.errors import BadFiles, ParameterInvalid, Problem, QueryUnknown
from kg.namespaces import PREFIXES, expand
from kg.words import LANGUAGES, words

_HEAD: Final = re.compile(r"#\+ (\w+)(?: (\w+))?(?:@([\w-]+))?: *(.*)")
"""Key, name of a parameter, language tag, text."""
_BLOCK: Final = re.compile(r"(VALUES\s+\?(\w+)\s*\{)([^{}]*)(\})")
"""A VALUES block of one variable: what stands before its content, the name, the content, the end."""
_LANG: Final = "lang"

_XSD: Final = PREFIXES["xsd"]
_LEXICAL: Final = {
    "integer": re.compile(r"[+-]?[0-9]+"),
    "decimal": re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)"),
    "date": re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"),
}
TYPES: Final = ("iri", "string", *_LEXICAL)
"""The types a parameter may have."""


@dataclass(frozen=True)
class Parameter:
    """One value that a saved query takes."""

    name: str
    type: str
    summary: str
    default: str
    """Content of the VALUES block as written in the file; `UNDEF` for any."""
    translations: Mapping[str, str] = field(default_factory=dict)

    def summary_in(self, lang: str) -> str:
        """What it means, in a language where the file has it, else in English."""
        return self.translations.get(lang, self.summary)

    def term(self, text: str) -> ox.NamedNode | ox.Literal:
        """The RDF term that a text means; an IRI may be written as a pinned prefixed name.

        Raises ParameterInvalid naming the parameter, the value and what would be right.
        """
        if self.type == "iri":
            return self._iri(text)
        if self.type == "string":
            return ox.Literal(text)
        if not _LEXICAL[self.type].fullmatch(text):
            raise ParameterInvalid(
                f"parameter {self.name!r}: {text!r} is not a valid xsd:{self.type}"
            )
        return ox.Literal(text, datatype=ox.NamedNode(_XSD + self.type))

    def _iri(self, text: str) -> ox.NamedNode:
        prefix, colon, _ = text.partition(":")
        try:
            return ox.NamedNode(expand(text) if colon and prefix in PREFIXES else text)
        except ValueError as error:
            raise ParameterInvalid(
                f"parameter {self.name!r}: {text!r} is neither an IRI nor a prefixed name such as "
                "'pl:shenzhen'"
            ) from error


@dataclass(frozen=True)
class SavedQuery:
    """One query that people start from."""

    name: str
    summary: str
    reading: str
    """How to read the answer, in one line."""
    text: str
    parameters: tuple[Parameter, ...]
    chart: str = ""
    """How a page draws the rows: a kind and the columns that it takes; empty where the columns say."""
    translations: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """Summary and reading by key and language tag; English stands in the fields."""

    def summary_in(self, lang: str) -> str:
        """What it answers, in a language where the file has it, else in English."""
        return self.translations.get(("summary", lang), self.summary)

    def reading_in(self, lang: str) -> str:
        """How to read the answer, in a language where the file has it, else in English."""
        return self.translations.get(("reading", lang), self.reading)

    def bind(self, values: Mapping[str, Sequence[str]]) -> str:
        """The query text with the given values bound; several values of one parameter mean any of them.

        An empty value leaves the default. Raises ParameterInvalid for a parameter that the query
        does not have, listing those it has.
        """
        known = {parameter.name: parameter for parameter in self.parameters}
        terms: dict[str, str] = {}
        for name, given in values.items():
            if name not in known:
                listing = ", ".join(known) or "none"
                raise ParameterInvalid(
                    f"query {self.name!r} has no parameter {name!r}; it has: {listing}"
                )
            bound = [str(known[name].term(value)) for value in given if value]
            if bound:
                terms[name] = " ".join(bound)
        return _fill_blocks(self.text, terms)


def _fill_blocks(text: str, terms: Mapping[str, str]) -> str:
    """The text with the content of the named VALUES blocks replaced.

    In one pass over the file's own text: a bound value that itself looks like a block of another
    parameter stays what it is.
    """
    return _BLOCK.sub(lambda b: f"{b[1]} {terms[b[2]]} {b[4]}" if b[2] in terms else b[0], text)


def read_query(path: Path) -> SavedQuery:
    """The saved query in a file. Raises BadFiles where its head is not as the module says."""
    text = path.read_text(encoding="utf-8")
    head = {"summary": "", "reading": "", "chart": ""}
    translations: dict[tuple[str, str], str] = {}
    parameters: dict[str, Parameter] = {}
    for number, line in enumerate(text.splitlines(), 1):
        found = _HEAD.fullmatch(line)
        if not found:
            continue
        key, name, tag, rest = found.groups()
        if key == "param" and name and tag and name in parameters:
            own = parameters[name]
            parameters[name] = replace(own, translations={**own.translations, tag: rest})
        elif key == "param" and name and not tag:
            parameters[name] = _read_parameter(path, number, name, rest, text)
        elif key in head and tag and not name:
            translations[key, tag] = rest
        elif key in head and not name:
            head[key] = rest
        else:
            known = "summary, reading, param, chart"
            problem = f"unknown head line {line!r}; known: {known}, and @language behind them"
            raise BadFiles([Problem(path.name, number, problem)])
    if not head["summary"]:
        raise BadFiles([Problem(path.name, 1, "no '#+ summary:' line")])
    if _LANG not in parameters and (block := _find_block(text, _LANG)):
        parameters[_LANG] = _language_parameter(block[3].strip())
    found_parameters = tuple(parameters.values())
    return SavedQuery(
        path.stem, **head, text=text, parameters=found_parameters, translations=translations
    )


def _find_block(text: str, name: str) -> re.Match[str] | None:
    return next((block for block in _BLOCK.finditer(text) if block[2] == name), None)


def _language_parameter(default: str) -> Parameter:
    texts = {tag: words(tag, "query.lang") for tag in LANGUAGES}
    return Parameter(_LANG, "string", texts.pop("en"), default, texts)


def _read_parameter(path: Path, line: int, name: str, rest: str, text: str) -> Parameter:
    type_, _, summary = (part.strip() for part in rest.partition(":"))
    found = _find_block(text, name)
    if type_ not in TYPES:
        raise BadFiles(
            [Problem(path.name, line, f"unknown type {type_!r}; known: {', '.join(TYPES)}")]
        )
    if not found:
        raise BadFiles([Problem(path.name, line, f"no 'VALUES ?{name} {{ … }}' in the query")])
    return Parameter(name, type_, summary, found[3].strip())


def read_queries(root: Path) -> dict[str, SavedQuery]:
    """The saved queries of `queries/*.rq` by name, in order of name. Raises BadFiles."""
    return {path.stem: read_query(path) for path in sorted((root / "queries").glob("*.rq"))}


@cache
def find_queries(root: Path) -> dict[str, SavedQuery]:
    """The same, read once per process."""
    return read_queries(root)


@cache
def find_part(root: Path, folder: str, name: str) -> SavedQuery:
    """A query that a page is made of, `queries/<folder>/<name>.rq`, read once per process."""
    return read_query(root / "queries" / folder / f"{name}.rq")


def get_query(root: Path, name: str) -> SavedQuery:
    """The saved query of that name. Raises QueryUnknown."""
    queries = find_queries(root)
    if name not in queries:
        raise QueryUnknown(f"no saved query {name!r}; /queries lists the {len(queries)} there are")
    return queries[name]


def read_values(assignments: Sequence[str]) -> dict[str, list[str]]:
    """The values in texts such as `city=pl:shenzhen`, by name. Raises ParameterInvalid."""
    values: dict[str, list[str]] = {}
    for assignment in assignments:
        name, equals, value = assignment.partition("=")
        if not equals:
            raise ParameterInvalid(f"parameter {assignment!r}: write NAME=VALUE")
        values.setdefault(name, []).append(value)
    return values
