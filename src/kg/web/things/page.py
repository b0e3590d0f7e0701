"""The page of a thing, by its kind."""

from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

import pyoxigraph as ox
from flask import render_template

from kg.namespaces import BASE, EXTERNAL_PREFIXES, compact
from kg.network.statements import Statements
from kg.web.services import services
from kg.web.tables import Cell, find_labels, term_cell
from kg.web.things.facts import TYPE, Fact, name_cell, read_decision
from kg.web.things.kinds import find_kind
from kg.web.things.names import read_names
from kg.web.things.subject import Subject, ask, editor_address, read_subject
from kg.words import type_name, words

SUFFIXES: Final = ("ttl", "jsonld", "nt", "rdf", "json", "csv")
"""Formats of what a page shows: the first four as a graph, the others its facts as rows."""

_SKOS: Final = EXTERNAL_PREFIXES["skos"]
_DESCRIBED: Final = (
    _SKOS + "definition",
    EXTERNAL_PREFIXES["dcterms"] + "description",
    EXTERNAL_PREFIXES["rdfs"] + "comment",
    _SKOS + "scopeNote",
    _SKOS + "note",
)
"""What a thing is, in words; each that it has is a paragraph."""


@dataclass(frozen=True)
class PageData:
    """Where the data of a page are: files by name of the format, queries by what they answer."""

    files: dict[str, str]
    queries: dict[str, str]


def render_page(iri: str) -> str:
    """The page of a thing, by its kind. Raises ThingUnknown and ParameterInvalid."""
    kind = find_kind(iri)
    subject = read_subject(iri, kind)
    statements = subject.statements
    path = iri.removeprefix(BASE)
    return render_template(
        f"things/{kind.name}.html",
        subject=subject,
        iri=iri,
        label=kind.title(subject),
        classes=_classes(statements, iri),
        names=read_names(statements, iri),
        in_words=[text for name in _DESCRIBED if (text := statements.best(iri, name))],
        told_by=_told_by(statements, iri),
        groups=group_facts(subject.facts),
        data=_page_data(subject, path),
        plain=[(suffix.upper(), f"/{path}.{suffix}") for suffix in SUFFIXES[:4]],
        **_everything(iri),
        **kind.sections(subject),
    )


def _told_by(statements: Statements, iri: str) -> tuple[Cell | None, str]:
    """Who decided or remarked, and on which day; nobody of most things."""
    decision = read_decision(statements, iri)
    return decision.by, decision.day


def _classes(statements: Statements, iri: str) -> list[Cell]:
    """What a thing is: our own classes, as they have names; else its vocabularies, else other classes."""
    found = statements.objects(iri, TYPE)
    ours = [name for name in found if name.startswith(BASE)]
    schemes = statements.objects(iri, _SKOS + "inScheme")
    if ours or schemes:
        return [name_cell(statements, name) for name in ours or schemes]
    return [Cell(type_name(statements.lang, compact(name)), "", name) for name in found]


def group_facts(facts: list[Fact]) -> list[tuple[Cell, list[Fact]]]:
    """The facts by class of record, each class where its first fact stands."""
    order = {fact.kind.title: index for index, fact in reversed(list(enumerate(facts)))}
    ordered = sorted(facts, key=lambda fact: order[fact.kind.title])
    groups = [list(found) for _, found in groupby(ordered, lambda fact: fact.kind.title)]
    return [(group[0].kind, group) for group in groups]


def _page_data(subject: Subject, path: str) -> PageData:
    page = f"?page={subject.page}" if subject.page > 1 else ""
    lang = subject.statements.lang
    return PageData(
        {suffix.upper(): f"/facts/{path}.{suffix}{page}" for suffix in SUFFIXES},
        {
            words(lang, f"thing.query_{name}"): editor_address(text)
            for name, text in subject.queries.items()
        },
    )


def _everything(iri: str) -> dict[str, Any]:
    """Each statement about the thing and with it, with the graph that says so: `said`, `used`, their totals."""
    tables = {
        "said": ("property", "value", "graph"),
        "used": ("other", "property", "graph"),
    }
    rows = {name: ask(name, iri) for name in tables}
    [totals] = ask("used-count", iri)
    labels = find_labels(
        services().store(),
        {
            term.value
            for found in rows.values()
            for row in found
            for term in row.values()
            if isinstance(term, ox.NamedNode)
        },
    )
    cells = {
        name: sorted(
            (
                [
                    term_cell(row[column], labels) if column in row else Cell("")
                    for column in columns
                ]
                for row in rows[name]
            ),
            key=lambda found: [(cell.text, cell.title) for cell in found],
        )
        for name, columns in tables.items()
    }
    return cells | {f"{name}_total": int(totals[name].value) for name in tables}  # type: ignore[union-attr]  # COUNT binds a literal
