"""Policies by year, what they reach and what is claimed to follow; claimed causes stand apart from data."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from kg.analysis.answer import Answer, Column, Coverage, Note, Value, cite, data_date
from kg.analysis.reading import Reader, Rows
from kg.namespaces import OWN_PREFIXES
from kg.network.statements import KG
from kg.store import Store
from kg.words import FALLBACKS

COLUMNS: Final = (
    Column("year", "text"),
    Column("role", "code"),
    Column("thing", "thing"),
    Column("mechanism", "thing"),
    Column("statement", "text"),
    Column("firms_eligible"),
    Column("firms_possible"),
    Column("modality", "thing"),
    Column("record", "thing"),
)
_OUTCOMES: Final = {f"{KG}RankChange", f"{KG}Observation"}
"""Classes of records of what happened; the others of `policy-events.rq` are what was done."""
_FOUNDING: Final = OWN_PREFIXES["asp"] + "founding"
_ORDER: Final = ("policy", "outcome", "claimed_cause")


def list_events(
    events: Rows, causes: Rows, reach: Mapping[str, tuple[int, int]], lang: str
) -> list[dict[str, Value]]:
    """A row for each record, by year; those without a year last, claimed causes after everything."""
    found: dict[str, dict[str, Value]] = {}
    founded = {row["record"] for row in events if row.get("aspect") == _FOUNDING}  # of firms
    for row in events:
        if row["record"] in founded:
            continue
        role = "outcome" if row["class"] in _OUTCOMES else "policy"
        _add(found, row, role, lang)
        if role == "policy" and row["class"] == f"{KG}PolicyMeasure":
            sure, possible = reach.get(row["record"], (0, 0))
            found[row["record"]] |= {"firms_eligible": sure, "firms_possible": possible}
    for row in causes:
        _add(found, row, "claimed_cause", lang)
    return sorted(
        found.values(),
        key=lambda r: (
            r["role"] == "claimed_cause",
            str(r["year"] or "9999"),
            _ORDER.index(str(r["role"])),
            str(r["record"]),
        ),
    )


def _add(found: dict[str, dict[str, Value]], row: Mapping[str, str], role: str, lang: str) -> None:
    """Adds a row, or what a further row says of the same record: things, mechanisms, a nearer language."""
    one = found.setdefault(
        row["record"],
        {
            "year": row.get("year") or row.get("from", "")[:4] or None,
            "role": role,
            "thing": None,
            "mechanism": None,
            "statement": None,
            "modality": row.get("modality") or None,
            "record": row["record"],
        },
    )
    for name in ("thing", "mechanism"):
        there = one[name] if isinstance(one[name], tuple) else ()
        texts = {*there, row.get(name, "")} - {""}  # type: ignore[misc]  # a tuple of texts
        one[name] = tuple(sorted(texts)) or None
    if row.get("statement") and _rank(row.get("tag", ""), lang) <= _rank(str(one.get("tag", "~")), lang):  # fmt: skip
        one["statement"], one["tag"] = row["statement"], row.get("tag", "")


def _rank(tag: str, lang: str) -> int:
    wanted = FALLBACKS[lang]
    return wanted.index(tag.lower()) if tag.lower() in wanted else len(wanted)


def find_timeline(store: Store, root: Path, lang: str, values: Mapping[str, Sequence[str]]) -> Answer:  # fmt: skip
    """Policies, the firms that they reach, outcomes and claimed causes, of `since` and later; three queries."""
    reader = Reader(store, root)
    reach = {
        row["measure"]: (int(row["sure"]), int(row["possible"]))
        for row in reader.rows("policy-reach")
    }
    rows = list_events(reader.rows("policy-events"), reader.rows("policy-causes"), reach, lang)
    since = next(iter(values["since"]), "")
    total = len(rows)
    dated = sum(row["year"] is not None for row in rows)
    if since:
        rows = [row for row in rows if row["year"] is None or int(str(row["year"])) >= int(since)]
    reached = sum(bool(row.get("firms_eligible") or row.get("firms_possible")) for row in rows)
    measures = sum("firms_eligible" in row for row in rows)
    sources, cut = cite({str(row["record"]) for row in rows})
    return Answer(
        COLUMNS,
        rows,
        data_date(store),
        chart="counts x=year by=role",
        coverage=(Coverage(dated, total, "dated"), Coverage(reached, measures, "reaching")),
        notes=(Note("timeline_cause"), Note("timeline_reach"), Note("timeline_undated"), *cut),
        assumptions=(Note("timeline_order"),),
        sources=sources,
        queries=tuple(reader.queries),
    )
