"""`/conflicts`: every contradiction side by side, by kind and by whether it is decided; the same as files."""

from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

import pyoxigraph as ox
from flask import Blueprint, Response, render_template, request

from kg.errors import ParameterInvalid
from kg.formats import find_format
from kg.namespaces import OWN_PREFIXES
from kg.network.statements import Statements
from kg.store import Row
from kg.web.frame import write_address
from kg.web.language import language
from kg.web.services import services
from kg.web.things.conflict import heading
from kg.web.things.facts import Rivalry, read_rivalry
from kg.web.things.files import check_suffix, send_csv, send_json
from kg.web.things.page import SUFFIXES, PageData
from kg.web.things.rows import COLUMNS, fact_row
from kg.web.things.subject import bind, editor_address, name_all, read_page
from kg.web.triples import send_triples
from kg.words import words

blueprint = Blueprint("conflicts", __name__)

MAX_CONFLICTS: Final = 15
"""On one page."""
STATES: Final = ("open", "decided")
_KIND: Final = OWN_PREFIXES["conflict"]


@dataclass(frozen=True)
class Choice:
    """One value of a filter, with how many contradictions it leaves."""

    text: str
    number: int
    address: str
    chosen: bool


@dataclass(frozen=True)
class Found:
    """The contradictions of one page."""

    rivalries: list[Rivalry]
    total: int
    page: int
    pages: int
    triples: list[ox.Triple]
    queries: dict[str, str]
    kinds: list[Choice]
    states: list[Choice]


@blueprint.get("/conflicts")
def list_conflicts() -> str:
    """The contradictions, open ones first."""
    found = _read()
    files = {suffix.upper(): write_address(f"/conflicts.{suffix}") for suffix in SUFFIXES}
    lang = language()
    queries = {words(lang, f"thing.query_{name}"): editor_address(text) for name, text in found.queries.items()}  # fmt: skip
    return render_template(
        "things/conflicts.html",
        found=found,
        headings={rivalry.iri: heading(rivalry) for rivalry in found.rivalries},
        data=PageData(files, queries),
    )


@blueprint.get("/conflicts.<suffix>")
def conflicts_file(suffix: str) -> Response:
    """The same as a file: a row for each record in a contradiction, or the graph."""
    check_suffix(suffix)
    found = _read()
    if suffix not in ("csv", "json"):
        return send_triples(found.triples, find_format(suffix, "graph"))
    rows = [
        {"conflict": rivalry.iri, "kind": rivalry.conflict.text, "about": heading(rivalry), "decisions": "; ".join(d.page.title for d in rivalry.decisions)}
        | fact_row(fact)
        for rivalry in found.rivalries
        for fact in rivalry.others
    ]  # fmt: skip
    if suffix == "csv":
        return send_csv(("conflict", "kind", "about", "decisions", *COLUMNS), rows)
    return send_json(
        {"total": found.total, "page": found.page, "pages": found.pages, "conflicts": rows}
    )


def _read() -> Found:
    """By `kind=`, `state=` and `page=`; three queries. Raises ParameterInvalid for an unknown value."""
    store, query = services().store(), bind("conflicts", [])
    rows = store.rows(query)
    kind, state = request.args.get("kind", ""), request.args.get("state", "")
    by_conflict: dict[str, tuple[str, str]] = {}
    records: dict[str, list[str]] = {}
    for row in rows:
        iri, found_kind, decided, record = (_text(row, name) for name in ("conflict", "kind", "decided", "record"))  # fmt: skip
        by_conflict[iri] = (found_kind.removeprefix(_KIND), STATES[decided == "true"])
        records.setdefault(iri, []).append(record)
    kinds = Counter(of_kind for of_kind, of_state in by_conflict.values() if state in ("", of_state))  # fmt: skip
    states = Counter(of_state for of_kind, of_state in by_conflict.values() if kind in ("", of_kind))  # fmt: skip
    _check("kind", kind, {of_kind for of_kind, _ in by_conflict.values()})
    _check("state", state, set(STATES))
    wanted = [
        iri
        for iri, (of_kind, of_state) in by_conflict.items()
        if kind in ("", of_kind) and state in ("", of_state)
    ]
    page = read_page(len(wanted), MAX_CONFLICTS)
    shown = wanted[(page - 1) * MAX_CONFLICTS : page * MAX_CONFLICTS]
    involved = dict.fromkeys(record for iri in shown for record in records[iri])
    details = bind("records", involved)
    triples = store.triples(details) if involved else []
    triples = list(dict.fromkeys([*triples, *name_all(triples, *(_KIND + name for name in kinds))]))
    statements = Statements(triples, lang=language())
    return Found(
        rivalries=[read_rivalry(statements, iri) for iri in shown],
        total=len(wanted),
        page=page,
        pages=max(1, -(-len(wanted) // MAX_CONFLICTS)),
        triples=triples,
        queries={"conflicts": query} | ({"records": details} if involved else {}),
        kinds=_choices("kind", kind, {name: statements.label(_KIND + name) for name in kinds}, kinds),
        states=_choices("state", state, dict.fromkeys(STATES, ""), states),
    )  # fmt: skip


def _check(name: str, value: str, known: set[str]) -> None:
    if value and value not in known:
        raise ParameterInvalid(f"{name}={value!r} is not one of {', '.join(sorted(known))}")


def _choices(
    name: str, chosen: str, texts: dict[str, str], numbers: "Counter[str]"
) -> list[Choice]:
    """The values of a filter and, first, all of them, as the empty text."""
    every = Choice("", sum(numbers.values()), write_address(**{name: "", "page": ""}), not chosen)
    return [every] + [
        Choice(
            text or value,
            numbers[value],
            write_address(**{name: value, "page": ""}),
            value == chosen,
        )
        for value, text in sorted(texts.items(), key=lambda item: item[1])
    ]


def _text(row: Row, name: str) -> str:
    term: Any = row[name]  # Any: terms share no base class
    return str(term.value)
