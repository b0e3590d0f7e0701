"""Whether recorded figures agree with each other: the checks of `kg.analysis.checks` as an answer."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Final

from kg.analysis.answer import Answer, Column, Coverage, Note, Value, cite, data_date
from kg.analysis.batches import BATCH_RULES, check_batches
from kg.analysis.checks import RULES, SIGNS, Check, Figure, make_checks
from kg.analysis.reading import Reader
from kg.namespaces import PREFIXES
from kg.store import Store

COLUMNS: Final = (
    Column("check", "code"),
    Column("feature", "thing"),
    Column("period", "thing"),
    Column("formula", "text"),
    Column("computed"),
    Column("claimed"),
    Column("residual", optional=True),
    Column("verdict", "code"),
    Column("records", "thing"),
)


def find_consistency(
    store: Store, root: Path, lang: str, values: Mapping[str, Sequence[str]]
) -> Answer:
    """The checks that the recorded figures allow, residual and verdict; under 0.1 s as shipped."""
    reader = Reader(store, root)
    names = sorted(
        {name for rule in (*RULES, *BATCH_RULES) for name in (*rule.inputs, rule.claimed) if name}
    )
    rows = reader.rows("figures", indicator=[PREFIXES["ind"] + name for name in names])
    figures = [_read_figure(row) for row in rows]
    checks = make_checks(figures) + check_batches(figures)
    used = {figure.record for check in checks for figure in _figures(check)}
    sources, cut = cite(used)
    return Answer(
        COLUMNS,
        [_row(check) for check in checks],
        data_date(store),
        chart="counts x=check by=verdict",
        coverage=(Coverage(len(used), len(figures), "figures_checked"),),
        notes=(Note("check_intervals"), Note("check_lapses"), *cut),
        assumptions=(Note("check_populations"),),
        sources=sources,
        queries=tuple(reader.queries),
    )


def _figures(check: Check) -> tuple[Figure, ...]:
    return (*check.inputs, check.claim) if check.claim else check.inputs


def _row(check: Check) -> dict[str, Value]:
    return {
        "check": check.rule.name,
        "feature": check.inputs[0].feature,
        "period": check.inputs[-1].period,
        "formula": _formula(check),
        "computed": _number(check.computed),
        "claimed": _number(check.claimed),
        "residual": _number(check.residual),
        "verdict": check.verdict,
        "records": tuple(figure.record for figure in _figures(check)),
    }  # fmt: skip


def _formula(check: Check) -> str:
    """The inputs as they are computed; several that are divided by stand in brackets as a sum."""
    numbers = [str(_number(figure.value)) for figure in check.inputs]
    if check.rule.operation == "ratio" and len(numbers) > 2:
        numbers = [numbers[0], f"({' + '.join(numbers[1:])})"]
    scale = f" × {check.rule.scale}" if check.rule.scale != 1 else ""
    return SIGNS[check.rule.operation].join(numbers) + scale


def _number(number: Fraction | None) -> int | float | None:
    if number is None:
        return None
    return int(number) if number.denominator == 1 else round(float(number), 2)


def _read_figure(row: Mapping[str, str]) -> Figure:
    return Figure(
        row["record"], row["indicator"].rpartition("/")[2], row["feature"], row["population"],
        row["period"], int(row["year"]) if row.get("year") else None, Fraction(row["value"]),
        Fraction(row["lower"]) if row.get("lower") else None,
        Fraction(row["upper"]) if row.get("upper") else None, row.get("seat") or "",
    )  # fmt: skip
