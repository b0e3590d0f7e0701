"""Firms on the ladder: who reached which tier in which year, from where, and how long after founding."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

from kg.analysis.answer import Answer, Column, Coverage, Note, Value, cite, data_date
from kg.analysis.reading import Reader
from kg.store import Store

COLUMNS: Final = (
    Column("tier", "thing"),
    Column("year", "text"),
    Column("firms_new"),
    Column("from_below"),
    Column("from_nowhere"),
    Column("years_known"),
    Column("years_median"),
)


@dataclass(frozen=True)
class Step:
    """A firm that is said to have got a tier."""

    firm: str
    tier: str
    year: int | None
    founded: int | None = None


def count_flows(steps: Iterable[Step], below: Mapping[str, str]) -> list[dict[str, Value]]:
    """For each tier and year the firms that got it first then, how many of them are on record with the
    tier below in that year or before, and the years from founding where both are known.

    `below` gives the tier below each. Without a year a step counts for its tier alone, with no flow:
    what came first is not known. Cost is linear in the steps.
    """
    firsts: dict[tuple[str, str], Step] = {}
    for step in steps:
        known = firsts.get((step.firm, step.tier))
        if known is None or (
            step.year is not None and (known.year is None or step.year < known.year)
        ):
            firsts[step.firm, step.tier] = step
    groups: defaultdict[tuple[str, int | None], list[Step]] = defaultdict(list)
    for step in firsts.values():
        groups[step.tier, step.year].append(step)
    rows: list[dict[str, Value]] = []
    for (tier, year), members in sorted(
        groups.items(), key=lambda item: (item[0][0], item[0][1] or 0)
    ):
        came = [firsts.get((step.firm, below.get(tier, ""))) for step in members]
        risen = sum(1 for one in came if one and one.year is not None and year is not None and one.year <= year)  # fmt: skip
        ages = [step.year - step.founded for step in members if step.year is not None and step.founded is not None]  # fmt: skip
        dated = year is not None
        rows.append(
            {
                "tier": tier,
                "year": str(year) if dated else None,
                "firms_new": len(members),
                "from_below": risen if dated else None,
                "from_nowhere": len(members) - risen if dated else None,
                "years_known": len(ages),
                "years_median": float(median(ages)) if ages else None,
            }
        )
    return rows


def find_ladder(store: Store, root: Path, lang: str, values: Mapping[str, Sequence[str]]) -> Answer:
    """Tiers by year, flows between them and years from founding; two queries, linear in the records."""
    reader = Reader(store, root)
    rows = reader.rows("recognitions")
    below = {
        row["tier"]: row["subject"] for row in reader.rows("rule-tiers") if row["link"] == "next"
    }
    steps = [
        Step(
            row["firm"], row["tier"],
            int(row["year"]) if row["year"] else None,
            int(row["founded"]) if row["founded"] else None,
        )
        for row in rows
    ]  # fmt: skip
    dated = sum(step.year is not None for step in steps)
    aged = sum(step.year is not None and step.founded is not None for step in steps)
    sources, cut = cite({row["record"] for row in rows})
    return Answer(
        COLUMNS,
        count_flows(steps, below),
        data_date(store),
        chart="lines x=year y=firms_new by=tier",
        coverage=(
            Coverage(dated, len(steps), "recognition_years"),
            Coverage(aged, len(steps), "recognition_ages"),
        ),
        notes=(Note("ladder_absent"), *cut),
        assumptions=(Note("ladder_first"),),
        sources=sources,
        queries=tuple(reader.queries),
    )
