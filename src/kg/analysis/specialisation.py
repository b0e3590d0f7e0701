"""What a city is specialised in: location quotients and relatedness, refused where too few cities have data."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from kg.analysis.answer import Answer, Column, Coverage, Note, Value, data_date
from kg.analysis.reading import Reader
from kg.store import Store

MIN_CITIES: Final = 10
"""Cities with data below which nothing is computed: domain rule U3."""
MIN_FIRMS: Final = 20
"""Firms of a city below which its quotients are marked as resting on few."""

COLUMNS: Final = (
    Column("industry", "thing"),
    Column("firms_city"),
    Column("firms_all"),
    Column("quotient"),
    Column("density"),
)

Counts = Mapping[tuple[str, str], int]
"""Firms by city and industry."""


def quotients(counts: Counts) -> dict[tuple[str, str], float]:
    """Location quotients: the share of an industry in a city over its share in all cities."""
    cities, industries, total = _sums(counts)
    return {
        (city, industry): number * total / (cities[city] * industries[industry])
        for (city, industry), number in counts.items()
        if number
    }


def _sums(counts: Counts) -> "tuple[Counter[str], Counter[str], int]":
    cities: Counter[str] = Counter()
    industries: Counter[str] = Counter()
    for (city, industry), number in counts.items():
        cities[city] += number
        industries[industry] += number
    return cities, industries, sum(cities.values())


def proximities(specialised: Mapping[str, set[str]]) -> dict[tuple[str, str], float]:
    """Of two industries, the lower chance that a city specialised in one is so in the other.

    `specialised` has the industries of each city. Symmetric; pairs without a common city are left
    out. Hidalgo et al. 2007, https://doi.org/10.1126/science.1144581
    """
    cities: Counter[str] = Counter()
    both: Counter[tuple[str, str]] = Counter()
    for industries in specialised.values():
        cities.update(industries)
        both.update((one, other) for one in industries for other in industries if one != other)
    return {pair: n / max(cities[pair[0]], cities[pair[1]]) for pair, n in both.items()}


def densities(specialised: Mapping[str, set[str]], city: str, industries: Sequence[str]) -> dict[str, float]:  # fmt: skip
    """For each industry, the part of its proximity to all others that the city's own ones hold, 0 to 1."""
    near: dict[str, dict[str, float]] = defaultdict(dict)
    for (one, other), proximity in proximities(specialised).items():
        near[one][other] = proximity
    own = specialised.get(city, set())
    return {
        industry: sum(p for other, p in near[industry].items() if other in own) / sum(near[industry].values())
        for industry in industries
        if near[industry]
    }  # fmt: skip


def list_industries(counts: Counts, city: str) -> list[dict[str, Value]]:
    """Every industry for a city, the most specialised first. Cost: cities times industries squared."""
    found = quotients(counts)
    specialised: dict[str, set[str]] = defaultdict(set)
    for (place, industry), quotient in found.items():
        if quotient >= 1:
            specialised[place].add(industry)
    _, totals, _ = _sums(counts)
    density = densities(specialised, city, sorted(totals))
    rows: list[dict[str, Value]] = [
        {
            "industry": industry,
            "firms_city": counts.get((city, industry), 0),
            "firms_all": total,
            "quotient": round(found.get((city, industry), 0.0), 2),
            "density": round(density[industry], 3) if industry in density else None,
        }
        for industry, total in totals.items()
    ]
    return sorted(rows, key=lambda r: (-float(str(r["quotient"])), str(r["industry"])))


def find_specialisation(store: Store, root: Path, lang: str, values: Mapping[str, Sequence[str]]) -> Answer:  # fmt: skip
    """The industries of `city` among the listed firms, beside other cities or other seats; one query, 0.1 s for the 5,413 of the shipped graph."""
    reader = Reader(store, root)
    [city], [level] = values["city"], values["level"]
    counts = {
        (r["city"], r["industry"]): int(r["firms"]) for r in reader.rows(f"{level}-industries")
    }
    cities, _, total = _sums(counts)
    refusal = None
    if len(cities) < MIN_CITIES:
        refusal = Note("specialisation_few", {"n": len(cities), "least": MIN_CITIES})
    elif not cities[city]:
        refusal = Note("specialisation_none")
    few = (Note("specialisation_small", {"n": cities[city], "least": MIN_FIRMS}),) if 0 < cities[city] < MIN_FIRMS else ()  # fmt: skip
    located = reader.rows("industry-firms")
    notes = (
        Note("specialisation_rule"),
        Note("specialisation_density", {"n": len(cities)}),
        Note("specialisation_seat"),
        *few,
    )
    return Answer(
        COLUMNS,
        [] if refusal else list_industries(counts, city),
        data_date(store),
        coverage=(Coverage(total, int(located[0]["firms"]) if located else 0, "located"),),
        notes=() if refusal else notes,
        assumptions=(Note("specialisation_listed"),),
        sources=tuple(sorted({r["graph"] for r in reader.rows("industry-graphs")})),
        queries=tuple(reader.queries),
        refusal=refusal,
        chart="" if refusal else "bars x=industry y=quotient",
    )
