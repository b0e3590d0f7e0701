"""The page of a step of an industry chain: its neighbours, the firms in it with what they make, and where they are."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from kg.network.statements import Statements
from kg.web.charts import Chart, read_chart
from kg.web.tables import Cell, Table
from kg.web.things.facts import KG
from kg.web.things.steps import MAX_THIN, PART, Firm, counts_of, natural, read_firm, read_step
from kg.web.things.subject import Subject
from kg.words import words

MAX_MENTIONS: Final = 60
"""Unverified names on the page; it says how many there are."""


@dataclass(frozen=True)
class Row:
    """A firm in the step."""

    firm: Firm
    items: list[Cell]
    same: list[Cell]
    """Firms of the merged view that a mere name may mean."""
    records: list[Cell]


@dataclass(frozen=True)
class Neighbour:
    """A step before or after this one."""

    name: Cell
    direct: bool
    """Whether nothing stands between them."""


def related(own: Statements, segment: str) -> list[str]:
    """The records of how many firms it is said to have."""
    return counts_of(own, segment)


def sections(subject: Subject) -> dict[str, Any]:
    """What the page of a step shows besides its facts."""
    own, iri = subject.own, subject.iri
    rows = _rows(subject)
    recorded = [row for row in rows if not own.is_a(row.firm.name.title, "EnterpriseMention")]
    mentions = [row for row in rows if own.is_a(row.firm.name.title, "EnterpriseMention")]
    return {
        "step": read_step(subject, iri),
        "chains": [subject.name(chain) for chain in own.objects(iri, KG + "partOfChain")],
        "stages": [subject.name(stage) for stage in own.objects(iri, KG + "stage")],
        "wholes": [subject.name(whole) for whole in own.objects(iri, PART)],
        "parts": [subject.name(part) for part in sorted(own.subjects(PART, iri), key=natural)],
        "criticality": own.one(iri, KG + "criticality"),
        "before": _neighbours(subject, own.subjects(KG + "upstreamOf", iri), own.subjects(KG + "feeds", iri)),
        "after": _neighbours(subject, own.objects(iri, KG + "upstreamOf"), own.objects(iri, KG + "feeds")),
        "recorded": recorded,
        "mentions": mentions[:MAX_MENTIONS],
        "all_mentions": len(mentions),
        "chart": _chart(own.lang, recorded),
        "max_thin": MAX_THIN,
    }  # fmt: skip


def _rows(subject: Subject) -> list[Row]:
    """The firms of the records and claims, the highest tiers first, each once."""
    own = subject.own
    records: dict[str, list[str]] = {}
    for record in own.subjects(KG + "inSegment", subject.iri):
        for firm in own.objects(record, KG + "participant"):
            records.setdefault(firm, []).append(record)
    rows = [
        Row(
            read_firm(subject, firm),
            _cells(subject, (item for one in found for item in own.objects(one, KG + "item"))),
            _cells(subject, own.objects(firm, KG + "possiblySameAs")),
            [Cell(one.rpartition("/")[2], subject.name(one).link, one) for one in found],
        )
        for firm, found in records.items()
    ]
    return sorted(rows, key=lambda row: (not row.firm.tiers, row.firm.name.text))


def _cells(subject: Subject, iris: Iterable[str]) -> list[Cell]:
    return [subject.name(iri) for iri in sorted(set(iris))]


def _neighbours(subject: Subject, reached: list[str], direct: list[str]) -> list[Neighbour]:
    """Direct ones first."""
    found = sorted({*reached, *direct}, key=lambda iri: (iri not in direct, iri))
    return [Neighbour(subject.name(iri), iri in direct) for iri in found]


def _chart(lang: str, rows: list[Row]) -> Chart | None:
    """Recorded firms by place; nothing where they are in fewer than two."""
    places = Counter(row.firm.place.text for row in rows if row.firm.place)
    cells = [[Cell(name), Cell(str(n), title="xsd:integer")] for name, n in places.most_common()]
    heads = [words(lang, "chain.place"), words(lang, "chain.firms")]
    return read_chart(Table(heads, cells)) if len(cells) > 1 else None
