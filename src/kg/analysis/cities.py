"""Cities by year and side by side, from claims: ranking with bands, mechanisms on record, specialisation."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kg.analysis.answer import Answer, Column, Coverage, Note, Value, cite, data_date
from kg.analysis.reading import Reader, Rows, number
from kg.store import Store

RANKING: Final = (
    Column("year", "text"),
    Column("city", "thing"),
    Column("value", stated=True),
    Column("qualifier", "thing"),
    Column("population", "thing"),
    Column("origin", "code"),
    Column("lowest"),
    Column("highest"),
    Column("rank_best"),
    Column("rank_worst"),
    Column("ranked_among"),
    Column("rank_claimed", "text"),
    Column("record", "thing"),
)
MECHANISMS: Final = (
    Column("mechanism", "thing"),
    Column("city_one", "code"),
    Column("records_one"),
    Column("city_two", "code"),
    Column("records_two"),
    Column("records", "thing"),
)


@dataclass(frozen=True)
class Claim:
    """One number that a source gives for a city and a year."""

    year: str
    city: str
    value: float
    record: str


@dataclass(frozen=True)
class Band:
    """What the claims leave open about a city in a year; ranks among the cities with claims."""

    lowest: float
    highest: float
    best: int
    worst: int
    among: int
    """Cities with a claim for that year."""


def read_bands(claims: Sequence[Claim]) -> dict[tuple[str, str], Band]:
    """The band of each year and city: its claims' extremes, and the ranks that they allow.

    The best rank takes this city's highest claim and the others' lowest, the worst the reverse.
    """
    values: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for claim in claims:
        values[claim.year][claim.city].append(claim.value)
    found = {}
    for year, cities in values.items():
        for city, own in cities.items():
            others = [there for other, there in cities.items() if other != city]
            best = 1 + sum(min(there) > max(own) for there in others)
            worst = 1 + sum(max(there) > min(own) for there in others)
            found[year, city] = Band(min(own), max(own), best, worst, len(cities))
    return found


def find_ranking(store: Store, root: Path, lang: str, values: Mapping[str, Sequence[str]]) -> Answer:  # fmt: skip
    """Claimed numbers of little giants by year and city, with what they disagree on; under 0.1 s."""
    reader = Reader(store, root)
    read = reader.rows("city-claims")
    ranks: dict[tuple[str, str], set[str]] = defaultdict(set)
    records = set()
    for row in reader.rows("city-ranks-claimed"):
        ranks[row["year"], row["city"]].add(row["rank"])
        records.add(row["record"])
    claims = [Claim(r["year"], r["city"], float(r["value"]), r["record"]) for r in read]
    bands = read_bands(claims)
    rows: list[dict[str, Value]] = []
    for row in read:
        band = bands[row["year"], row["city"]]
        rows.append({
            "year": row["year"],
            "city": row["city"],
            "value": number(row["value"]),
            "qualifier": row.get("qualifier") or None,
            "population": row.get("population") or None,
            "origin": "claimed" if row.get("fact") else "derived",
            "lowest": number(str(band.lowest)),
            "highest": number(str(band.highest)),
            "rank_best": band.best,
            "rank_worst": band.worst,
            "ranked_among": band.among,
            "rank_claimed": tuple(sorted(ranks.get((row["year"], row["city"]), ()))) or None,
            "record": row["record"],
        })  # fmt: skip
    rows += [  # a rank without a number
        {"year": year, "city": city, "value": None, "rank_claimed": tuple(sorted(claimed))}
        for (year, city), claimed in ranks.items()
        if (year, city) not in bands
    ]
    rows.sort(key=lambda r: (f"{r['year']}~", -float(str(r["value"] or 0)), str(r["city"])))
    several = sum(band.lowest < band.highest for band in bands.values())
    sources, cut = cite({claim.record for claim in claims} | records)
    populations = {row.get("population", "") for row in read}
    return Answer(
        RANKING,
        rows,
        data_date(store),
        coverage=(Coverage(len(bands), len({(r["year"], r["city"]) for r in rows}), "city_years"),),
        notes=(
            *([Note("ranking_band", {"n": several})] if several else []),
            *(
                [Note("ranking_populations", {"n": len(populations)})]
                if len(populations) > 1
                else []
            ),
            *cut,
        ),
        assumptions=(Note("ranking_among", {"n": len({claim.city for claim in claims})}),),
        sources=sources,
        queries=tuple(reader.queries),
        chart="lines x=year y=value by=city" if rows else "",
    )


def compare_mechanisms(rows: Rows, one: str, two: str) -> list[dict[str, Value]]:
    """A row for each mechanism that any record of any place names; those that differ first.

    A mechanism without a record is unknown, never absent: the vocabulary has no record that denies.
    """
    there: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in rows:
        there[row["mechanism"], row.get("city", "")].add(row["record"])
    found: list[dict[str, Value]] = []
    for mechanism in sorted({row["mechanism"] for row in rows}):
        records = [there.get((mechanism, city), set()) for city in (one, two)]
        named = ["present" if some else "unknown" for some in records]
        found.append({
            "mechanism": mechanism,
            "city_one": named[0],
            "records_one": len(records[0]),
            "city_two": named[1],
            "records_two": len(records[1]),
            "records": tuple(sorted(records[0] | records[1])[:5]) or None,
        })  # fmt: skip
    return sorted(found, key=lambda r: (r["city_one"] == r["city_two"], r["city_one"] != "present", str(r["mechanism"])))  # fmt: skip


def find_comparison(store: Store, root: Path, lang: str, values: Mapping[str, Sequence[str]]) -> Answer:  # fmt: skip
    """Mechanism by mechanism, what is on record for `city` and for `other`; one query, under 0.1 s."""
    reader = Reader(store, root)
    [one], [two] = values["city"], values["other"]
    read = reader.rows("city-mechanisms")
    rows = compare_mechanisms(read, one, two)
    sources, cut = cite({row["record"] for row in read if row.get("city") in (one, two)})
    seen = [sum(row[side] != "unknown" for row in rows) for side in ("city_one", "city_two")]
    return Answer(
        MECHANISMS,
        rows if any(seen) else [],
        data_date(store),
        chart="pairs x=mechanism y=records_one by=records_two",
        coverage=(
            Coverage(seen[0], len(rows), "city_one"),
            Coverage(seen[1], len(rows), "city_two"),
        ),
        notes=(
            Note("comparison_states"),
            Note(
                "comparison_placeless", {"n": len({r["record"] for r in read if not r.get("city")})}
            ),
            Note("comparison_sources"),
            *cut,
        ),
        sources=sources,
        queries=tuple(reader.queries),
    )
