"""From a word and a year to niches: industry of the plan in force, chain, stage, segment, filled or empty."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kg.analysis.answer import Answer, Column, Coverage, Note, Value, cite, data_date
from kg.analysis.reading import Reader, Rows
from kg.namespaces import EXTERNAL_PREFIXES
from kg.network.statements import KG
from kg.store import Store

_SKOS: Final = EXTERNAL_PREFIXES["skos"]
_RELATIONS: Final = {
    f"{_SKOS}exactMatch": "exact",
    f"{_SKOS}broadMatch": "broad",
    f"{_SKOS}narrowMatch": "narrow",
    f"{_SKOS}relatedMatch": "related",
}
_INVERSE: Final = {"exact": "exact", "broad": "narrow", "narrow": "broad", "related": "related"}

COLUMNS: Final = (
    Column("segment", "thing"),
    Column("chain", "thing"),
    Column("stage", "thing"),
    Column("filled", "code"),
    Column("firms_recorded"),
    Column("firms", "thing"),
    Column("names_unverified"),
    Column("described_in", "thing"),
    Column("mapping", "code"),
    Column("in_force", "thing"),
    Column("found_by", "thing"),
)
MAX_FIRMS: Final = 5
"""Firms that a row names; their number stands beside them."""


@dataclass(frozen=True)
class Editions:
    """The editions of a cluster plan, and what an industry of one is in another."""

    issued: Mapping[str, str]
    """First day, month or year by edition."""
    edition: Mapping[str, str]
    """Edition by industry."""
    counterparts: Mapping[str, Sequence[tuple[str, str]]]
    """Relation and industry of another edition, by industry, in both directions."""

    def in_force(self, year: int) -> str:
        """The last edition of that year or before; the first where there was none yet."""
        order = sorted(self.issued, key=lambda edition: (self.issued[edition], edition))
        begun = [edition for edition in order if int(self.issued[edition][:4]) <= year]
        return begun[-1] if begun else (order[0] if order else "")

    def locate(self, cluster: str, edition: str) -> tuple[str, tuple[str, ...]]:
        """How an industry stands in an edition, and which industries of it that are."""
        if self.edition.get(cluster) == edition:
            return "same", (cluster,)
        found: dict[str, list[str]] = defaultdict(list)
        for relation, other in self.counterparts.get(cluster, ()):
            if self.edition.get(other) == edition:
                found[relation].append(other)
        for relation in _INVERSE:  # the closest relation first
            if relation in found:
                return relation, tuple(sorted(found[relation]))
        return "without", ()


def read_editions(rows: Rows) -> Editions:
    """The editions from the rows of `clusters.rq`."""
    issued, edition = {}, {}
    counterparts: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in rows:
        issued[row["programme"]] = row["issued"]
        edition[row["cluster"]] = row["programme"]
        if row.get("counterpart"):
            relation = _RELATIONS[row["relation"]]
            counterparts[row["cluster"]].append((relation, row["counterpart"]))
            counterparts[row["counterpart"]].append((_INVERSE[relation], row["cluster"]))
    return Editions(issued, edition, counterparts)


def find_niches(store: Store, root: Path, lang: str, values: Mapping[str, Sequence[str]]) -> Answer:
    """The niches for `word` in `year`.

    Linear in the names of products and segments and in the records of the segments found; on the
    shipped graph 0.1 s, for a letter that is in most names 0.4 s.
    """
    reader = Reader(store, root)
    [word], [year] = values["word"], values["year"]
    classes: dict[str, set[str]] = defaultdict(set)
    for row in reader.rows("niche-matches", word=word):
        classes[row["thing"]].add(row["class"])
    matches = set(classes)
    editions = read_editions(reader.rows("clusters"))
    items = sorted(thing for thing in matches if KG + "Offering" in classes[thing])
    placed = reader.rows("item-segments", item=items) if items else []
    found = (
        join_segments(matches, reader.rows("niche-segments"), placed, editions) if matches else []
    )
    segments = sorted({row["segment"] for row in found})
    firms: dict[str, set[str]] = defaultdict(set)
    records = set()
    for row in reader.rows("segment-firms", segment=segments) if segments else []:
        firms[row["segment"]].add(row["firm"])
        records.add(row["record"])
    mentions = {
        row["segment"]: int(row["mentions"])
        for row in (reader.rows("segment-mentions") if segments else [])
    }
    edition = editions.in_force(int(year))
    rows = list_niches(found, firms, mentions, editions, edition)
    # An industry or product that no chain describes is an answer too: not recorded.
    for thing in sorted(matches - {row["thing"] for row in found}):
        own = editions.edition.get(thing)
        relation, there = editions.locate(thing, edition) if own else ("", ())
        rows.append({"segment": None, "chain": None, "filled": "none", "firms_recorded": None, "described_in": thing if own else None, "mapping": relation or None, "in_force": there or None, "found_by": thing})  # fmt: skip
    filled = sum(bool(firms[segment]) for segment in segments)
    sources, cut = cite(records | ({row["chain"] for row in found} if not records else set()))
    issued = editions.issued.get(edition, "")
    early = (
        (Note("niches_early", {"issued": issued}),)
        if issued and int(issued[:4]) > int(year)
        else ()
    )
    return Answer(
        COLUMNS,
        rows,
        data_date(store),
        chart="counts x=chain by=filled",
        coverage=(Coverage(filled, len(segments), "segments"),),
        notes=(Note("niches_edition", {"year": year, "issued": issued}), *early, Note("niches_unverified"), Note("absent"), *cut),
        assumptions=(Note("niches_year"), Note("niches_mapping")),
        sources=sources,
        queries=tuple(reader.queries),
    )  # fmt: skip


def join_segments(things: set[str], segments: Rows, placed: Rows, editions: Editions) -> Rows:
    """The rows of `segments` without parts of their own that belong to one of the things, with that thing.

    An industry has the chains of itself and of its counterparts, a chain its segments, a segment
    its parts, a product the segments in which it is `placed`. Linear in the segments and their depth.
    """
    whole = {row["segment"]: row["whole"] for row in segments}
    wholes = set(whole.values())
    by_item: dict[str, set[str]] = defaultdict(set)
    for row in placed:
        by_item[row["segment"]].add(row["item"])
    rows = []
    for row in segments:
        if row["segment"] in wholes:
            continue
        cluster = row["cluster"]
        reasons = {cluster, *(other for _, other in editions.counterparts.get(cluster, ()))}
        reasons |= {row["chain"]} | by_item[row["segment"]]
        part = row["segment"]
        while part and part not in reasons:  # a circle of parts ends
            reasons.add(part)
            part = whole.get(part, "")
        rows += [row | {"thing": thing} for thing in sorted(reasons & things)]
    return rows


def list_niches(
    found: Rows, firms: Mapping[str, set[str]], mentions: Mapping[str, int], editions: Editions, edition: str,
) -> list[dict[str, Value]]:  # fmt: skip
    """A row for each segment, in the order of chain and stage, with what led to it."""
    by: dict[str, set[str]] = defaultdict(set)
    clusters: dict[str, set[str]] = defaultdict(set)
    first: dict[str, dict[str, str]] = {}
    for row in found:
        by[row["segment"]].add(row["thing"])
        clusters[row["segment"]] |= {row.get("cluster", "")} - {""}
        first.setdefault(row["segment"], row)
    rows: list[dict[str, Value]] = []
    for segment, row in first.items():
        there = firms.get(segment, set())
        places = [editions.locate(cluster, edition) for cluster in sorted(clusters[segment])]
        rows.append({
            "segment": segment,
            "chain": row["chain"],
            "stage": row.get("stage") or None,
            "filled": "filled" if there else "none",
            "firms_recorded": len(there),
            "firms": tuple(sorted(there)[:MAX_FIRMS]) or None,
            "names_unverified": mentions.get(segment, 0),
            "described_in": tuple(sorted(clusters[segment])) or None,
            "mapping": tuple(dict.fromkeys(relation for relation, _ in places)) or None,
            "in_force": tuple(dict.fromkeys(c for _, there in places for c in there)) or None,
            "found_by": tuple(sorted(by[segment])),
        })  # fmt: skip
    return rows
