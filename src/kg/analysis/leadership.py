"""Who answers for a chain, and what stands around an anchor firm: suppliers, products, agreements."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from kg.analysis.answer import Answer, Column, Coverage, Note, Value, cite, data_date, several
from kg.analysis.chains import EXPLICIT
from kg.analysis.reading import Reader, Rows, number
from kg.namespaces import OWN_PREFIXES
from kg.network.results import Edge
from kg.network.statements import KG
from kg.store import Store

_LEADER: Final = OWN_PREFIXES["mech"] + "chain-leader"
_OWNER: Final = OWN_PREFIXES["mech"] + "chain-owner"

LEADERSHIP: Final = (
    Column("chain", "thing"),
    Column("leader", "thing"),
    Column("owner", "thing"),
    Column("since", "text"),
    Column("until", "text"),
)
ANCHOR: Final = (
    Column("side", "code"),
    Column("partner", "thing"),
    Column("product", "thing"),
    Column("year", "text"),
    Column("certainty", "code"),
    Column("only_customer", "code"),
    Column("others"),
    Column("other_suppliers", "thing"),
    Column("figure", stated=True),
    Column("qualifier", "thing"),
    Column("record", "thing"),
)
MAX_OTHERS: Final = 5
"""Other suppliers of a product that a row names; their number stands beside them."""


def list_leadership(rows: Rows) -> list[dict[str, Value]]:
    """A row for each chain; those without a named leader or owner last."""
    chains: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        chains[row["chain"]].append(row)
    found: list[dict[str, Value]] = []
    for chain, named in chains.items():
        found.append({
            "chain": chain,
            "leader": _texts(r["holder"] for r in named if r.get("mechanism") == _LEADER),
            "owner": _texts(r["holder"] for r in named if r.get("mechanism") == _OWNER),
            "since": _texts(r.get("since", "") for r in named),
            "until": _texts(r.get("until", "") for r in named),
        })  # fmt: skip
    return sorted(found, key=lambda r: (r["leader"] is None, r["owner"] is None, r["chain"]))


def _texts(texts: Iterable[str]) -> tuple[str, ...] | None:
    return tuple(sorted(set(texts) - {""})) or None


def find_leadership(store: Store, root: Path, lang: str, values: Mapping[str, Sequence[str]]) -> Answer:  # fmt: skip
    """Leaders (officials) and owners (lead firms) of every chain; two queries, under 0.1 s."""
    reader = Reader(store, root)
    read = reader.rows("leadership")
    mechanisms = reader.rows("leadership-mechanisms")
    rows = list_leadership(read)
    about = {row["record"] for row in mechanisms}
    sources, cut = cite({row.get("record", "") for row in read} | about)
    return Answer(
        LEADERSHIP,
        rows,
        data_date(store),
        coverage=tuple(
            Coverage(sum(row[name] is not None for row in rows), len(rows), what)
            for name, what in (("leader", "leaders"), ("owner", "owners"))
        ),
        notes=(Note("leadership_mechanisms", {"n": len(about)}), Note("leadership_absent"), *cut),
        sources=sources,
        queries=tuple(reader.queries),
        network=draw_leadership(rows),
    )


def draw_leadership(rows: Iterable[Mapping[str, Value]]) -> tuple[Edge, ...]:
    """From each leader and owner to the chains they answer for; nothing where none is named."""
    return tuple(
        (str(holder), str(row["chain"]), KG + "leads")
        for row in rows
        for name in ("leader", "owner")
        for holder in several(row[name])
    )


def list_partners(supplies: Rows, deliveries: Rows, made: Rows) -> list[dict[str, Value]]:
    """A row for each record of a supply of the anchor, its suppliers first.

    `deliveries` are the customers of those suppliers, `made` who else makes the products. Linear in all.
    """
    customers: dict[str, set[str]] = defaultdict(set)
    for row in deliveries:
        customers[row["firm"]].add(row["customer"])
    makers: dict[str, list[str]] = defaultdict(list)
    for row in made:
        makers[row["item"]].append(row["maker"])
    offered = {(row["item"], row["maker"]) for row in made}
    rows: list[dict[str, Value]] = []
    for row in supplies:
        found: dict[str, Value] = {
            "side": row["side"],
            "partner": row["partner"],
            "product": row.get("item") or None,
            "year": row.get("year") or None,
            "certainty": "explicit" if row.get("modality", "") in ("", EXPLICIT) else "not_explicit",
            "record": row["record"],
        }  # fmt: skip
        if row["side"] == "supplier":
            found["only_customer"] = "yes" if len(customers[row["partner"]]) <= 1 else "no"
            there = makers[row["item"]]
            first = [one for one in there[: MAX_OTHERS + 1] if one != row["partner"]][:MAX_OTHERS]
            found["others"] = len(there) - ((row["item"], row["partner"]) in offered)
            found["other_suppliers"] = tuple(first) or None
        rows.append(found)
    return sorted(rows, key=lambda r: (r["side"] != "supplier", str(r["product"]), str(r["partner"]), str(r["record"])))  # fmt: skip


def find_anchor(store: Store, root: Path, lang: str, values: Mapping[str, Sequence[str]]) -> Answer:
    """What `firm` buys and delivers, who else makes it, and agreements; under 0.1 s on the shipped graph.

    Linear in the deliveries of its suppliers and in those of the products that it buys.
    """
    reader = Reader(store, root)
    [firm] = values["firm"]
    supplies = reader.rows("anchor-supplies", firm=firm)
    suppliers = sorted({row["partner"] for row in supplies if row["side"] == "supplier"})
    bought = sorted({row["item"] for row in supplies if row["side"] == "supplier"} - {""})
    rows = list_partners(
        supplies,
        reader.rows("customers-of", firm=suppliers) if suppliers else [],
        reader.rows("makers-of", item=bought) if bought else [],
    )
    figures = reader.rows("agreements")
    rows += [
        {"side": "agreements", "partner": row["feature"], "figure": number(row["value"]), "qualifier": row.get("qualifier") or None, "record": row["record"]}
        for row in figures
    ]  # fmt: skip
    sources, cut = cite({str(row["record"]) for row in rows})
    explicit = sum(row.get("certainty") == "explicit" for row in rows)
    return Answer(
        ANCHOR,
        rows,
        data_date(store),
        coverage=(
            Coverage(explicit, len(supplies), "explicit"),
            Coverage(sum(bool(row.get("item")) for row in supplies), len(supplies), "products"),
        ),
        notes=(Note("anchor_agreements"), Note("anchor_orphans"), *cut),
        assumptions=(Note("anchor_only"),),
        sources=sources,
        queries=tuple(reader.queries),
        network=draw_partners(firm, supplies),
    )


def draw_partners(firm: str, supplies: Rows) -> tuple[Edge, ...]:
    """The supplies as links between firms."""
    return tuple(sorted({
        (row["partner"], firm, f"{KG}suppliesTo") if row["side"] == "supplier" else (firm, row["partner"], f"{KG}suppliesTo")
        for row in supplies
    }))  # fmt: skip
