"""What is recorded of a firm: facts with period, source and day, read from CSV or JSON.

A fact speaks of one item: an indicator (`revenue`), a condition that is answered by yes or no
(`lg22-brand`), a title (`specialised-sme`), or an award paid before (`AW10`). Columns of CSV and keys
of JSON: firm, item, value, period, source, observed, tier, by.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any, Final

from kg.analysis.eligibility.quantities import read_quantity
from kg.errors import ProfileInvalid

SOURCES: Final = ("official-platform", "official-register", "audit", "user", "media")
"""Notations of the scheme `srct:`."""
OFFICIAL: Final = frozenset(("official-platform", "official-register"))
FIELDS: Final = ("firm", "item", "value", "period", "source", "observed", "tier", "by")
MAX_FACTS: Final = 200_000
_YES: Final = frozenset(("yes", "true", "是", "有"))
_NO: Final = frozenset(("no", "false", "否"))
_NONE: Final = frozenset(("none", "无", "無", "没有", "沒有"))
_ITEM: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")
_YEAR: Final = re.compile(r"\d{4}")


@dataclass(frozen=True)
class Fact:
    """One recorded value of a firm."""

    item: str
    answer: bool | None = None
    """Yes or no; no as well where it is recorded that there is none."""
    number: Fraction | None = None
    unit: str = ""
    years: tuple[int, ...] = ()
    """Fiscal years that a number is of: the first and the last."""
    days: tuple[date, date] | None = None
    """Half-open interval in which a title holds."""
    source: str = "user"
    observed: date | None = None
    """Day of an event, an issue or a check."""
    tier: str = ""
    """The tier whose score it is, where several tiers have one of the same name."""
    by: str = ""
    """Slug of the place that granted a title."""

    @property
    def absent(self) -> bool:
        """Whether it is recorded that there is none, which is not the same as not recorded."""
        return self.answer is False


@dataclass(frozen=True)
class Profile:
    """The facts of one firm."""

    firm: str
    place: str = ""
    """Slug of its seat."""
    facts: tuple[Fact, ...] = ()
    areas: tuple[str, ...] = ()
    """Slugs of the seat and of the places around it, outwards; empty where it is not known where the firm sits."""
    _by_item: dict[str, list[Fact]] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        for fact in self.facts:
            self._by_item.setdefault(fact.item, []).append(fact)

    def sits_in(self, place: str) -> bool:
        """Whether rules of the place are for the firm; where its seat is not known, nothing speaks against it."""
        return not self.areas or place in self.areas

    def of(self, item: str, tier: str = "") -> list[Fact]:
        """The facts on an item, without those of another tier."""
        return [fact for fact in self._by_item.get(item, ()) if fact.tier in ("", tier)]


def read_profiles(text: str, known: Iterable[str] = ()) -> list[Profile]:
    """The firms of a CSV table or a JSON list in order.

    `known` are the items there are; without them any is taken. Raises ProfileInvalid naming the row.
    """
    text = text.strip().lstrip("\ufeff")
    rows = _json_rows(text) if text.startswith(("[", "{")) else _csv_rows(text)
    if len(rows) > MAX_FACTS:
        raise ProfileInvalid(f"{len(rows)} facts are given; at most {MAX_FACTS} are read at once")
    items = frozenset(known)
    places: dict[str, str] = {}
    found: dict[str, list[Fact]] = {}
    for number, row in enumerate(rows, 1):
        facts = found.setdefault(row.get("firm") or "-", [])
        try:
            if row.get("item") == "place":
                places[row.get("firm") or "-"] = row.get("value", "")
            else:
                facts.append(read_fact(row, items))
        except (ProfileInvalid, ValueError) as error:
            raise ProfileInvalid(f"fact {number}: {error}") from error
    return [Profile(firm, places.get(firm, ""), tuple(facts)) for firm, facts in found.items()]


def read_fact(row: Mapping[str, str], known: frozenset[str] = frozenset()) -> Fact:
    """The fact in a row of texts. Raises ProfileInvalid or ValueError saying what would be right."""
    item, value = row.get("item", ""), row.get("value", "")
    if not _ITEM.fullmatch(item) or (known and item not in known):
        raise ProfileInvalid(f"{item!r} is no indicator, condition, title or award of the graph")
    source = row.get("source") or "user"
    if source not in SOURCES:
        raise ProfileInvalid(f"source {source!r} is not one of {', '.join(SOURCES)}")
    observed = date.fromisoformat(row["observed"]) if row.get("observed") else None
    years, days = _read_period(row.get("period", ""))
    common: dict[str, Any] = {
        "item": item, "source": source, "observed": observed, "years": years, "days": days,
        "tier": row.get("tier", ""), "by": row.get("by", ""),
    }  # fmt: skip
    if value.lower() in _YES | _NO | _NONE:
        return Fact(answer=value.lower() in _YES, **common)
    quantity = read_quantity(value)
    return Fact(number=quantity.number, unit=quantity.unit, **common)


def _read_period(text: str) -> tuple[tuple[int, ...], tuple[date, date] | None]:
    """A fiscal year, a span of them, or two days; nothing for the empty text."""
    if not text:
        return (), None
    first, _, last = text.partition("/")
    if _YEAR.fullmatch(first) and (not last or _YEAR.fullmatch(last)):
        return (int(first), int(last or first)), None
    try:
        return (), (date.fromisoformat(first), date.fromisoformat(last))
    except ValueError:
        raise ProfileInvalid(
            f"period {text!r} is neither a year, nor years such as 2024/2025, nor two days"
        ) from None


def _csv_rows(text: str) -> list[dict[str, str]]:
    reader = csv.DictReader(io.StringIO(text, newline=None))  # any line end
    try:
        heads = [head.strip() for head in reader.fieldnames or ()]
        rows = list(reader)
    except csv.Error as error:
        raise ProfileInvalid(
            f"line {reader.line_num}: the table does not parse: {error}"
        ) from error
    unknown = [head for head in heads if head not in FIELDS]
    if unknown or "item" not in heads:
        raise ProfileInvalid(
            f"columns {', '.join(unknown) or ', '.join(heads) or 'none'}: "
            f"a table has at least item and value, of {', '.join(FIELDS)}"
        )
    return [
        {key.strip(): (value or "").strip() for key, value in row.items() if key} for row in rows
    ]


def _json_rows(text: str) -> list[dict[str, str]]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ProfileInvalid(f"the JSON does not parse: {error}") from error
    rows = found if isinstance(found, list) else [found]
    if not all(isinstance(row, dict) and row.keys() <= set(FIELDS) for row in rows):
        raise ProfileInvalid(f"JSON is a list of facts, each with keys of {', '.join(FIELDS)}")
    return [{key: str(value).strip() for key, value in row.items()} for row in rows]
