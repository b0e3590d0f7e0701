"""Facts: what records say, each with its figure, its sources, its rivals and the decisions on it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

import pyoxigraph as ox

from kg.namespaces import BASE, EXTERNAL_PREFIXES, OWN_PREFIXES
from kg.network.statements import Statements, local_name
from kg.web.tables import Cell, iri_cell
from kg.words import words, write_number

KG: Final = OWN_PREFIXES["kg"]
TYPE: Final = EXTERNAL_PREFIXES["rdf"] + "type"
IN_GRAPH: Final = EXTERNAL_PREFIXES["dcterms"] + "isPartOf"
"""How queries/pages/records.rq names the graph that holds a record."""
DERIVED_FROM: Final = EXTERNAL_PREFIXES["prov"] + "wasDerivedFrom"

_TOLD_ELSEWHERE: Final = {
    TYPE,
    IN_GRAPH,
    DERIVED_FROM,
    EXTERNAL_PREFIXES["qb"] + "dataSet",
    *(
        KG + name
        for name in (
            "evidence", "modality", "factId", "statementText", "attributedTo", "slotKey", "slotValue", "lower", "upper",
            "value", "unit", "qualifier", "rawText", "indicator", "population", "period", "amountMax", "amount", "currency",
        )
    ),
}  # fmt: skip
"""Properties of a record that a fact shows at a place of their own; the others are its parts."""

_DECIMAL: Final = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40})?")
"""A graph of others may hold anything as a value, and `1e999999` would fill the memory."""
_WORDS: Final = {EXTERNAL_PREFIXES["dcterms"] + "bibliographicCitation": "facts.citation"}
"""Names of properties that are not ours."""
_MEASURED: Final = (KG + "indicator", KG + "population")
_NOTHING_SAID: Final = {"unstated", "one-source", "two-sources"}
"""Values that say only that nothing more is known."""


@dataclass(frozen=True)
class Passage:
    """Where a document says it."""

    document: Cell
    place: Cell
    """Position and length, or the row; it leads to the page of the passage."""
    offset: str
    length: str


@dataclass(frozen=True)
class Figure:
    """A number and all that it answers for."""

    value: str
    """The number as a decimal, for programs."""
    text: str
    """The number with its qualifier and unit, for people."""
    unit: Cell | None = None
    indicator: Cell | None = None
    population: Cell | None = None
    period: Cell | None = None
    raw: str = ""
    """As printed in the document."""


@dataclass(frozen=True)
class Decision:
    """What a curator decided, why, who and when."""

    page: Cell
    reason: str
    by: Cell | None
    day: str


@dataclass(frozen=True)
class Rivalry:
    """A contradiction that a fact is part of, and the other facts in it."""

    iri: str
    conflict: Cell
    """Its kind, linked to its page."""
    about: list[Cell]
    """What all facts in it share."""
    residual: str
    decisions: list[Decision]
    """Empty while it is open."""
    others: list["Fact"]


@dataclass(frozen=True)
class Fact:
    """What one record says."""

    iri: str
    record: Cell
    kind: Cell
    statement: str
    """The project's own wording, or nothing."""
    figure: Figure | None
    parts: list[tuple[Cell, list[Cell]]]
    """Who and what plays which part: property and values."""
    modality: Cell
    attributed: list[Cell]
    passages: list[Passage]
    computed_from: list[Cell]
    graph: Cell | None
    set_aside_by: list[Cell]
    preferred_by: list[Cell]
    rivalries: list[Rivalry] = field(default_factory=list)

    @property
    def stated_at(self) -> str:
        """Path of its first passage, where its figure leads; of the record where it rests on none."""
        return next((passage.place.link for passage in self.passages), self.record.link)


def read_facts(statements: Statements, records: Sequence[str]) -> list[Fact]:
    """The facts of the records, in their order, with rivals; from the answer of records.rq and names.rq."""
    return [_read(statements, record, with_rivals=True) for record in records]


def name_cell(statements: Statements, iri: str) -> Cell:
    """A thing's name in the language of the page, linked to its page."""
    return iri_cell(iri, {iri: statements.label(iri)})


def _read(statements: Statements, record: str, *, with_rivals: bool) -> Fact:
    def cells(predicate: str) -> list[Cell]:
        return [name_cell(statements, iri) for iri in statements.objects(record, predicate)]

    def decided(predicate: str) -> list[Cell]:
        found = statements.subjects(KG + predicate, record)
        return [name_cell(statements, iri) for iri in found]

    kind = next(iter(cells(TYPE)), Cell(local_name(record)))
    facts = statements.objects(record, KG + "factId")
    return Fact(
        iri=record,
        record=iri_cell(record, {record: "、".join(facts) or kind.text}),
        kind=kind,
        statement=statements.best(record, KG + "statementText"),
        figure=_read_figure(statements, record),
        parts=list(_read_parts(statements, record)),
        modality=next(iter(cells(KG + "modality")), Cell("")),
        attributed=cells(KG + "attributedTo"),
        passages=[
            read_passage(statements, iri) for iri in statements.objects(record, KG + "evidence")
        ],
        computed_from=cells(DERIVED_FROM),
        graph=next(iter(cells(IN_GRAPH)), None),
        set_aside_by=decided("deprecates"),
        preferred_by=decided("prefers"),
        rivalries=_read_rivalries(statements, record) if with_rivals else [],
    )


def _read_rivalries(statements: Statements, record: str) -> list[Rivalry]:
    return [
        read_rivalry(statements, conflict, but=record)
        for conflict in statements.subjects(KG + "involves", record)
        if statements.is_a(conflict, "Conflict")
    ]


def read_rivalry(statements: Statements, conflict: str, *, but: str = "") -> Rivalry:
    """A contradiction with the facts in it, `but` for one."""
    kind = statements.one(conflict, KG + "conflictKind")
    residual = statements.one(conflict, KG + "residual")
    records = statements.objects(conflict, KG + "involves")
    return Rivalry(
        iri=conflict,
        conflict=iri_cell(conflict, {conflict: statements.label(kind) if kind else ""}),
        about=_read_shared(statements, records),
        residual=write_decimal(residual, statements.lang) if residual else "",
        decisions=[
            read_decision(statements, iri) for iri in statements.subjects(KG + "resolves", conflict)
        ],
        others=[_read(statements, other, with_rivals=False) for other in records if other != but],
    )


def read_decision(statements: Statements, decision: str) -> Decision:
    """A decision with its reason in the language of the page."""
    by = statements.one(decision, EXTERNAL_PREFIXES["prov"] + "wasAttributedTo")
    return Decision(
        page=name_cell(statements, decision),
        reason=statements.best(decision, EXTERNAL_PREFIXES["dcterms"] + "description"),
        by=name_cell(statements, by) if by else None,
        day=statements.one(decision, EXTERNAL_PREFIXES["prov"] + "generatedAtTime")[:10],
    )


def _read_shared(statements: Statements, records: Sequence[str]) -> list[Cell]:
    """The things that play a part in every one of the records, what is measured first."""
    parts = [
        {
            value
            for predicate in statements.properties(record)
            if predicate not in _TOLD_ELSEWHERE or predicate in _MEASURED
            for value in statements.objects(record, predicate)
            if value.startswith(BASE) and local_name(value) not in _NOTHING_SAID
        }
        for record in records
    ]
    shared = set.intersection(*parts) if parts else set()
    measured = {value for predicate in _MEASURED for value in statements.values(predicate)}
    ordered = sorted(shared, key=lambda value: (value not in measured, value))
    return [name_cell(statements, value) for value in ordered]


def read_passage(statements: Statements, passage: str) -> Passage:
    """Where a passage stands."""
    document, offset, length, row = (
        statements.one(passage, KG + name)
        for name in ("fromDocument", "startOffset", "length", "rowNumber")
    )
    if offset:
        place = words(statements.lang, "facts.place", offset=offset, length=length)
    elif row:
        place = words(statements.lang, "facts.row", row=row)
    else:
        place = local_name(passage)
    return Passage(
        name_cell(statements, document) if document else Cell(""),
        iri_cell(passage, {passage: place}),
        offset,
        length,
    )


def _read_figure(statements: Statements, record: str) -> Figure | None:
    """The value of an observation, or the amount of a measure or an investment."""
    lang = statements.lang

    def cell(predicate: str) -> Cell | None:
        iri = statements.one(record, KG + predicate)
        return name_cell(statements, iri) if iri else None

    value = statements.one(record, KG + "value")
    if value:
        unit, qualifier = cell("unit"), statements.one(record, KG + "qualifier")
        exact = not qualifier or local_name(qualifier) == "exact"
        parts = ["" if exact else statements.label(qualifier), write_decimal(value, lang)]
        text = " ".join(part for part in (*parts, unit.text if unit else "") if part)
        raw = statements.one(record, KG + "rawText")
        return Figure(value, text, unit, cell("indicator"), cell("population"), cell("period"), raw)
    most = statements.one(record, KG + "amountMax")
    amount = most or statements.one(record, KG + "amount")
    if not amount:
        return None
    money = f"{write_decimal(amount, lang)} {statements.one(record, KG + 'currency')}".strip()
    return Figure(amount, words(lang, "facts.at_most", amount=money) if most else money)


def _read_parts(statements: Statements, record: str) -> Iterator[tuple[Cell, list[Cell]]]:
    for predicate in statements.properties(record):
        if predicate not in _TOLD_ELSEWHERE:
            cells = [
                name_cell(statements, term.value) if isinstance(term, ox.NamedNode)
                else Cell(term.value if isinstance(term, ox.Literal) else str(term))
                for term in statements.terms(record, predicate)
            ]  # fmt: skip
            key = _WORDS.get(predicate)
            name = Cell(words(statements.lang, key)) if key else name_cell(statements, predicate)
            yield name, cells


def write_decimal(text: str, lang: str) -> str:
    """A decimal as people read it, `310.0` as 310, thousands in groups; any other text as it is."""
    if not _DECIMAL.fullmatch(text):
        return text
    number = Decimal(text)
    if number == number.to_integral_value():
        return write_number(int(number), lang)
    whole, _, fraction = format(number.normalize(), "f").partition(".")
    sign = "-" if whole.startswith("-") and int(whole) == 0 else ""
    return f"{sign}{write_number(int(whole), lang)}.{fraction}"
