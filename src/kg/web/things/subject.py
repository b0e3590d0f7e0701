"""The thing that a page is about, with all that the page shows of it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

import pyoxigraph as ox
from flask import request

from kg.errors import PageUnknown, ParameterInvalid, ThingUnknown
from kg.namespaces import BASE, EXTERNAL_PREFIXES
from kg.network.statements import Statements, local_name
from kg.queries import find_part
from kg.store import Row
from kg.web.language import language
from kg.web.services import services
from kg.web.tables import Cell
from kg.web.things.facts import TYPE, Fact, name_cell, read_facts

_NAME: Final = EXTERNAL_PREFIXES["skos"] + "prefLabel"

MAX_FACTS: Final = 25
"""Facts on one page; `page=2` shows the next."""


@dataclass(frozen=True)
class Subject:
    """A thing, what its queries say, and the facts of its records."""

    iri: str
    own: Statements
    """What the query of its kind says."""
    statements: Statements
    """That, the facts and the names of all."""
    facts: list[Fact]
    total: int
    """Of all its records, of which `facts` are one page."""
    page: int
    triples: list[ox.Triple]
    """All that the page shows, as a graph."""
    queries: Mapping[str, str]
    """By name, the queries that give this graph."""
    size: int = MAX_FACTS
    """Facts on one page."""
    further: tuple[str, ...] = ()
    """Records that its sections show besides its facts, in order, each once."""

    def related(self) -> list[Fact]:
        """The facts of these records."""
        return read_facts(self.statements, self.further)

    def name(self, iri: str) -> Cell:
        """A name in the language of the page, linked."""
        return name_cell(self.statements, iri)

    def fact(self, record: str) -> Fact:
        """The fact of one of the related records."""
        [found] = read_facts(self.statements, [record])
        return found

    @property
    def pages(self) -> int:
        """How many pages its facts fill."""
        return max(1, -(-self.total // self.size))


Related = Callable[[Statements, str], list[str]]
"""Further records that a page shows, from the answer of its query and the thing."""

Sections = Callable[[Subject], dict[str, Any]]
"""What a kind of page shows besides the facts, for its template."""


Title = Callable[[Subject], str]
"""What stands above a page."""


def label_of(subject: Subject) -> str:
    """The name of the thing; where it has none, its class and the last part of its IRI."""
    label, classes = subject.statements.label(subject.iri), subject.own.objects(subject.iri, TYPE)
    if label != local_name(subject.iri) or not classes:
        return label
    return f"{subject.statements.label(classes[0])} {label}"


def no_sections(_subject: Subject) -> dict[str, Any]:
    """Of a page that shows the facts alone."""
    return {}


def no_related(_statements: Statements, _iri: str) -> list[str]:
    """Of a page that shows no records but those of its thing."""
    return []


@dataclass(frozen=True)
class Kind:
    """One kind of page: which things it is for, what it asks and what it shows."""

    name: str
    """Of its template, `things/<name>.html`."""
    classes: tuple[str, ...] = ()
    """Classes of the ontology whose members have this page."""
    query: str = "thing"
    """What it shows besides the facts, queries/pages/<query>.rq with the thing as its one parameter."""
    records: str = "records-about"
    """Its records in order, queries/pages/<records>.rq likewise; nothing: the thing itself is the one."""
    related: Related = no_related
    sections: Sections = no_sections
    size: int = MAX_FACTS
    """Facts on one page; fewer where the sections show many of them already."""
    title: Title = label_of
    schemes: tuple[str, ...] = ()
    """Vocabularies whose concepts have this page."""


def read_subject(iri: str, kind: Kind) -> Subject:
    """The thing with one page of its facts, by `page=`; four queries.

    Raises ThingUnknown where nothing is said of it and ParameterInvalid for a page that is not there.
    """
    records = iris_of(ask(kind.records, iri), "record") if kind.records else [iri]
    page = read_page(len(records), kind.size)
    shown = records[(page - 1) * kind.size : page * kind.size]
    store, queries = services().store(), {kind.query: bind(kind.query, [iri])}
    triples = store.triples(queries[kind.query])
    own = Statements(triples, lang=language())
    further = kind.related(own, iri)
    if shown or further:
        queries["records"] = bind("records", dict.fromkeys([*shown, *further]))
        triples += store.triples(queries["records"])
    if not triples and not ask("used", iri):
        raise ThingUnknown(f"nothing is recorded about <{iri}>")
    triples = list(dict.fromkeys([*triples, *name_all(triples, iri)]))
    statements = Statements(triples, lang=language())
    facts = read_facts(statements, shown)
    beside = tuple(record for record in dict.fromkeys(further) if record not in shown)
    return Subject(
        iri, own, statements, facts, len(records), page, triples, queries, kind.size, beside
    )


def ask(name: str, iri: str) -> list[Row]:
    """The rows of queries/pages/<name>.rq about a thing. Raises ThingUnknown where it is no IRI."""
    return services().store().rows(bind(name, [iri]))


def iris_of(rows: Iterable[Row], column: str) -> list[str]:
    """The IRIs of one column, in order."""
    return [term.value for row in rows if isinstance(term := row.get(column), ox.NamedNode)]


def bind(name: str, iris: Iterable[str]) -> str:
    """A query of pages/ with its one parameter bound; to its default where there is no value."""
    query = find_part(services().root, "pages", name)
    [parameter] = query.parameters
    try:
        return query.bind({parameter.name: list(iris)})
    except ParameterInvalid as error:
        raise ThingUnknown(f"not an IRI: {', '.join(iris)}") from error


def name_all(triples: Sequence[ox.Triple], *iris: str) -> list[ox.Triple]:
    """The names of all that the triples speak of and do not name, in every language; one query."""
    terms = (term for triple in triples for term in (triple.subject, triple.predicate, triple.object))  # fmt: skip
    named = {term.value for term in terms if isinstance(term, ox.NamedNode)} | set(iris)
    named -= {term.value for triple in triples if triple.predicate.value == _NAME
              if isinstance(term := triple.subject, ox.NamedNode)}  # fmt: skip
    ours = {iri for iri in named if iri.startswith(BASE)}
    return services().store().triples(bind("names", sorted(ours))) if ours else []


def editor_address(query: str) -> str:
    """Where the editor opens with a query."""
    return f"/sparql?{urlencode({'query': query})}"


def read_page(total: int, size: int) -> int:
    """The number that `page=` names, from 1. Raises ParameterInvalid, and PageUnknown beyond the last."""
    text = request.args.get("page", "1")
    last = max(1, -(-total // size))
    if not (text.isascii() and text.isdigit() and text.strip("0")):
        raise ParameterInvalid(f"page={text!r} is not a number from 1 to {last}")
    number = text.lstrip("0")
    if len(number) > len(str(last)) or int(number) > last:  # int() refuses thousands of digits
        raise PageUnknown(f"there is no page {number[:20]}; the last is {last}")
    return int(number)
