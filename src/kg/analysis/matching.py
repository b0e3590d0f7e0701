"""Who could meet a need: firms ranked by what records show, with the path to each and reasons for and against."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from kg.analysis.answer import Answer, Column, Coverage, Note, Value, cite, data_date
from kg.analysis.niches import read_editions
from kg.analysis.reading import Reader, Rows
from kg.namespaces import PREFIXES
from kg.network.results import Edge
from kg.network.statements import KG
from kg.search.folding import is_han, words
from kg.store import Store

_POINTS: Final = {
    "same-item": 32,
    "same-segment": 16,
    "specification-said": 8,
    "same-cluster": 4,
    "same-place": 2,
    "tier-held": 1,
}
"""So weighed that no lower grounds together outweigh a higher one."""
_NUMBER: Final = re.compile(r"(\d+(?:\.\d+)*)")
PAGE: Final = 20
"""Firms without any record of what is looked for that one answer lists, of thousands."""
MAX_DRAWN: Final = 40
"""Ranked firms whose paths are drawn."""

COLUMNS: Final = (
    Column("rank", optional=True),
    Column("firm", "thing"),
    Column("points"),
    Column("grounds", "thing"),
    Column("via", "thing"),
    Column("objections", "thing", optional=True),
    Column("not_known", "code", optional=True),
    Column("records", "thing"),
)


@dataclass(frozen=True)
class Need:
    """What is looked for beside the products and segments; all of it is optional."""

    place: str = ""
    tier: str = ""
    customer: str = ""
    """Who looks: a firm that supplies it already is no new one."""
    cluster: str = ""
    specification: tuple[str, ...] = ()
    """Conditions in words, each of which a record must say."""


@dataclass
class Candidate:
    """A firm with what is on record of it."""

    firm: str
    records: dict[str, str] = field(default_factory=dict)
    """The ground that each record of what is looked for gives."""
    areas: set[str] = field(default_factory=set)
    tiers: set[str] = field(default_factory=set)
    customers: set[str] = field(default_factory=set)
    clusters: set[str] = field(default_factory=set)
    """Of the clusters looked for, those in whose chains its records stand."""
    texts: list[str] = field(default_factory=list)
    """What its records say in words."""
    via: set[tuple[str, str]] = field(default_factory=set)
    """Thing that a record names, and what is looked for."""


def weigh(candidate: Candidate, need: Need) -> tuple[int, list[str], list[str], list[str]]:
    """Points, grounds, objections and what is not known.

    A further record of what is looked for never takes points away nor adds an objection, unless it
    is of a delivery to the customer. What is not recorded is no objection, but for a firm of which
    no record names what is looked for.
    """
    grounds = [name for name in _POINTS if name in candidate.records.values()]
    objections = [] if candidate.records else ["nothing-recorded"]
    not_known: list[str] = []
    if need.specification:
        if all(any(says(text, one) for text in candidate.texts) for one in need.specification):
            grounds.append("specification-said")
        else:
            not_known.append("specification_unknown")
    asked = (
        # A firm may stand in several clusters: that it is recorded in another denies none.
        (need.cluster, candidate.clusters, "same-cluster", "", "cluster_unknown"),
        (need.place, candidate.areas, "same-place", "other-place", "seat_unknown"),
        (need.tier, candidate.tiers, "tier-held", "tier-missing", "tier_unknown"),
    )
    for wanted, recorded, ground, objection, gap in asked:
        if wanted and wanted in recorded:
            grounds.append(ground)
        elif wanted and recorded and objection:
            objections.append(objection)
        elif wanted:
            not_known.append(gap)
    if need.customer and need.customer in candidate.customers:
        objections.append("already-supplier")
    return sum(_POINTS[name] for name in grounds), grounds, objections, not_known


def says(text: str, condition: str) -> bool:
    """Whether a text has the words of a condition one after another; Chinese ones may be part of longer ones.

    Case, width and traditional characters do not matter: `5 kW` is in "5KW cable", not in "2.5 kW".
    """
    wanted, there = _tokens(condition), _tokens(text)
    return bool(wanted) and any(
        all(
            one == other or (is_han(one) and one in other)
            for one, other in zip(wanted, there[at:], strict=False)
        )
        for at in range(len(there) - len(wanted) + 1)
    )


def _tokens(text: str) -> list[str]:
    parts = _NUMBER.split(unicodedata.normalize("NFKC", text))  # every second one is a number
    return [one for n, part in enumerate(parts) for one in ([part] if n % 2 else words(part))]


def rank(candidates: Iterable[Candidate], need: Need) -> list[dict[str, Value]]:
    """The firms without objection first, most points then most records first; then the rejected ones."""
    weighed = [(one, *weigh(one, need)) for one in candidates]
    weighed.sort(key=lambda w: (bool(w[3]), -w[1], -len(w[0].records), w[0].firm))
    return [
        {
            "rank": None if objections else position,
            "firm": one.firm,
            "points": points,
            "grounds": tuple(PREFIXES["mr"] + name for name in grounds) or None,
            "via": tuple(sorted({thing for thing, _ in one.via})) or None,
            "objections": tuple(PREFIXES["rr"] + name for name in objections) or None,
            "not_known": tuple(not_known) or None,
            "records": tuple(sorted(one.records)) or None,
        }
        for position, (one, points, grounds, objections, not_known) in enumerate(weighed, 1)
    ]


def draw_paths(ranked: Iterable[Candidate], need: Need) -> tuple[Edge, ...]:
    """From each firm to the product or segment that a record names, from there to what is looked for, and to the place."""
    edges: set[Edge] = set()
    for one in ranked:
        for thing, wanted in one.via:
            relation = "participatesIn" if thing.startswith(PREFIXES["seg"]) else "item"
            edges.add((one.firm, thing, KG + relation))
            if thing != wanted:
                edges.add((thing, wanted, f"{KG}item"))
        if need.place in one.areas:
            edges.add((one.firm, need.place, f"{KG}withinArea"))
    return tuple(sorted(edges))


def find_matches(
    store: Store, root: Path, lang: str, values: Mapping[str, Sequence[str]]
) -> Answer:
    """Firms for a need of `item`, optionally with `specification`, in `cluster` and `place`, of
    `tier_needed`, new to `customer`; `page` is which of the firms without a record are listed.

    Linear in the records of the items and in the enterprises.
    """  # fmt: skip
    reader = Reader(store, root)
    place, tier, customer, cluster, said, page = (
        next(iter(values[name]), "")
        for name in ("place", "tier_needed", "customer", "cluster", "specification", "page")
    )
    need = Need(place, tier, customer, cluster, read_conditions(said))
    found = read_candidates(reader, values["item"], need)
    rest = order_rest(reader, need, found)
    shown = [Candidate(firm) for firm in _page(rest, int(page))]
    read_standing(reader, [*found.values(), *shown])
    rows, without = rank(found.values(), need), rank(shown, need)
    first = [str(row["firm"]) for row in rows if row["rank"]][:MAX_DRAWN]
    sources, cut = cite({record for one in found.values() for record in one.records})
    start = PAGE * (int(page) - 1) if shown else 0
    return Answer(
        COLUMNS,
        rows + without,
        data_date(store),
        coverage=(
            Coverage(len(found), len(found) + len(rest), "with_record"),
            Coverage(sum(bool(one.areas) for one in found.values()), len(found), "seats"),
        ),
        notes=(
            Note("match_rule", {name.replace("-", "_"): n for name, n in _POINTS.items()}),
            Note("match_rest", {"n": f"{len(rest):,}", "first": start + bool(shown), "last": start + len(shown)}),
            Note("match_absent"),
            *cut,
        ),
        assumptions=(Note("match_specification"), Note("match_cluster")),
        sources=sources,
        queries=tuple(reader.queries),
        network=draw_paths((found[firm] for firm in first), need),
    )  # fmt: skip


def read_conditions(text: str) -> tuple[str, ...]:
    """The conditions of a specification, which commas, semicolons or line ends part."""
    for mark in "，、；;\n":
        text = text.replace(mark, ",")
    return tuple(part.strip() for part in text.split(",") if _tokens(part))


def read_candidates(reader: Reader, items: Sequence[str], need: Need) -> dict[str, Candidate]:
    """The firms that a record connects with one of the items."""
    found: dict[str, Candidate] = {}
    firms: dict[str, set[str]] = defaultdict(set)
    for row in reader.rows("offers", item=items):
        one = found.setdefault(row["firm"], Candidate(row["firm"]))
        firms[row["record"]].add(row["firm"])
        if one.records.get(row["record"]) != "same-item":
            one.records[row["record"]] = row["ground"]
        one.via.add((row["via"], row["item"]))
        if row["ground"] == "same-item":
            one.customers |= {row["customer"]} - {""}
    if need.specification and found:
        for row in reader.rows("offer-texts", record=sorted(firms)):
            for firm in firms[row["record"]]:
                found[firm].texts.append(row["text"])
    if need.cluster:
        same = _same_clusters(reader.rows("clusters"), need.cluster)
        for row in reader.rows("offer-clusters", cluster=same):
            for firm in firms.get(row["record"], ()):
                found[firm].clusters.add(need.cluster)
    return found


def _same_clusters(rows: Rows, cluster: str) -> list[str]:
    """An industry and those of other editions that are exactly the same."""
    counterparts = read_editions(rows).counterparts.get(cluster, ())
    return [cluster, *(other for relation, other in counterparts if relation == "exact")]


def order_rest(reader: Reader, need: Need, found: Mapping[str, Candidate]) -> list[str]:
    """The other enterprises: those in the place first, then those that hold the tier."""
    rows = reader.rows("enterprises", place=need.place, tier=need.tier)
    order = {
        (not (need.place and row["near"]), not (need.tier and row["held"]), row["firm"])
        for row in rows
        if row["firm"] not in found
    }
    return [firm for _, _, firm in sorted(order)]


def _page(firms: Sequence[str], page: int) -> Sequence[str]:
    return firms[(page - 1) * PAGE : page * PAGE] if page > 0 else ()


def read_standing(reader: Reader, candidates: Sequence[Candidate]) -> None:
    """Adds to each candidate the areas of its seat and its tiers."""
    by_firm = {one.firm: one for one in candidates}
    for row in reader.rows("firm-standing", firm=sorted(by_firm)) if by_firm else []:
        by_firm[row["firm"]].areas |= {row["area"]} - {""}
        by_firm[row["firm"]].tiers |= {row["tier"]} - {""}
