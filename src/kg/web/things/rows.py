"""A fact as a row of CSV or JSON."""

from collections.abc import Sequence
from typing import Final

from kg.web.tables import Cell
from kg.web.things.facts import Fact, Figure

COLUMNS: Final = (
    "record", "fact", "class", "statement", "value", "unit", "qualified", "indicator", "population", "period", "modality",
    "attributedTo", "document", "startOffset", "length", "passage", "graph", "conflicts", "setAsideBy",
)  # fmt: skip
"""Of a fact as a row of CSV or JSON."""


def fact_row(fact: Fact) -> dict[str, str]:
    """A fact in plain text, by column; several values are joined by `; `."""

    def texts(cells: Sequence[Cell | None]) -> str:
        return "; ".join(cell.text for cell in cells if cell)

    figure = fact.figure or Figure("", "")
    values = (
        fact.iri, fact.record.text, fact.kind.text, fact.statement,
        figure.value, texts([figure.unit]), figure.text, texts([figure.indicator]), texts([figure.population]),
        texts([figure.period]), fact.modality.text, texts(fact.attributed),
        texts([passage.document for passage in fact.passages]),
        "; ".join(passage.offset for passage in fact.passages),
        "; ".join(passage.length for passage in fact.passages),
        "; ".join(passage.place.title for passage in fact.passages), fact.graph.title if fact.graph else "",
        "; ".join(rivalry.conflict.title for rivalry in fact.rivalries),
        "; ".join(cell.title for cell in fact.set_aside_by),
    )  # fmt: skip
    return dict(zip(COLUMNS, values, strict=True))
