"""Where capital went, on record: portfolios beside claims, shared firms, stages. No firm is counted twice."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Final

from kg.analysis.answer import Answer, Column, Coverage, Note, Value, cite, data_date
from kg.analysis.reading import Reader, Rows, number
from kg.network.results import Edge
from kg.network.statements import KG
from kg.store import Store

PORTFOLIOS: Final = (
    Column("investor", "thing"),
    Column("parent", "thing"),
    Column("own_firms"),
    Column("group_firms"),
    Column("claimed", stated=True),
    Column("qualifier", "thing"),
    Column("population", "thing"),
    Column("origin", "code"),
    Column("record", "thing"),
)
SHARED: Final = (
    Column("investor", "thing"),
    Column("other_investor", "thing"),
    Column("tie", "code"),
    Column("shared_firms"),
    Column("overlap", unit="%"),
    Column("firms", "thing"),
)
STAGES: Final = (
    Column("investor", "thing"),
    Column("growth_stage", "thing"),
    Column("origin", "code"),
    Column("share", unit="%", stated=True),
    Column("firms_recorded"),
    Column("with_tier"),
    Column("record", "thing"),
)


@dataclass(frozen=True)
class Investment:
    """One recorded investment."""

    investor: str
    firm: str
    record: str = ""
    date: str = ""
    """Empty where it is not recorded."""
    stage: str = ""


def own_firms(investments: Sequence[Investment]) -> dict[str, set[str]]:
    """The firms of each investor by its own investments, each once however many rounds there were."""
    found: dict[str, set[str]] = defaultdict(set)
    for one in investments:
        found[one.investor].add(one.firm)
    return found


def group_firms(investments: Sequence[Investment], parents: Mapping[str, Sequence[str]]) -> dict[str, set[str]]:  # fmt: skip
    """The firms of each investor and of everything below it, each once; a circle of owners is one group.

    Cost: investors times the depth of ownership.
    """
    own = own_firms(investments)
    found: dict[str, set[str]] = defaultdict(set)
    for investor in {*own, *parents, *(p for above in parents.values() for p in above)}:
        for above in {investor, *owners(investor, parents)}:
            found[above] |= own.get(investor, set())
    return found


def owners(investor: str, parents: Mapping[str, Sequence[str]]) -> set[str]:
    """Everything above an investor, directly or through others, itself left out."""
    found: set[str] = set()
    open_ = [*parents.get(investor, ())]
    while open_:
        above = open_.pop()
        if above not in found:
            found.add(above)
            open_ += parents.get(above, ())
    return found - {investor}


def list_shared(investments: Sequence[Investment], parents: Mapping[str, Sequence[str]]) -> list[dict[str, Value]]:  # fmt: skip
    """Pairs of investors with a firm in common; overlap is shared firms of the firms of both.

    Cost: pairs of investors of each firm.
    """
    own = own_firms(investments)
    backers: dict[str, set[str]] = defaultdict(set)
    for made in investments:
        backers[made.firm].add(made.investor)
    shared: dict[tuple[str, str], set[str]] = defaultdict(set)
    for firm, there in backers.items():
        for pair in combinations(sorted(there), 2):
            shared[pair].add(firm)
    rows: list[dict[str, Value]] = []
    for (one, other), firms in shared.items():
        related = one in owners(other, parents) or other in owners(one, parents)
        rows.append({
            "investor": one,
            "other_investor": other,
            "tie": "same_group" if related else "independent",
            "shared_firms": len(firms),
            "overlap": round(100 * len(firms) / len(own[one] | own[other]), 1),
            "firms": tuple(sorted(firms)),
        })  # fmt: skip
    return sorted(rows, key=lambda r: (r["tie"] != "independent", -int(str(r["shared_firms"])), str(r["investor"]), str(r["other_investor"])))  # fmt: skip


def first_stages(investments: Sequence[Investment]) -> dict[str, dict[str, str]]:
    """By investor and firm, the stage of the firm at the first dated investment; empty where not recorded.

    An undated investment comes last, since nothing says that it was earlier.
    """
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for one in sorted(investments, key=lambda i: (i.date or "~", i.record)):
        found[one.investor].setdefault(one.firm, one.stage)
    return found


def read_investments(reader: Reader) -> list[Investment]:
    """All recorded investments."""
    return [
        Investment(r["investor"], r["firm"], r["record"], r.get("date", ""), r.get("stage", ""))
        for r in reader.rows("investments")
    ]


def read_parents(rows: Rows) -> dict[str, list[str]]:
    """Parents by investor; every investor is a key."""
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row["investor"], []).extend([row["parent"]] if row.get("parent") else [])
    return found


def find_portfolios(store: Store, root: Path, lang: str, values: Mapping[str, Sequence[str]]) -> Answer:  # fmt: skip
    """Every investor: firms recorded by name, its own and with subsidiaries, beside each claimed number."""
    reader = Reader(store, root)
    investments = read_investments(reader)
    parents = read_parents(reader.rows("investors"))
    own, group = own_firms(investments), group_firms(investments, parents)
    claims: dict[str, Rows] = defaultdict(list)
    for row in reader.rows("invested-counts"):
        claims[row["investor"]].append(row)
    rows: list[dict[str, Value]] = []
    for investor in sorted({*parents, *own, *claims}):
        start: dict[str, Value] = {
            "investor": investor,
            "parent": tuple(parents.get(investor, ())) or None,
            "own_firms": len(own.get(investor, ())),
            "group_firms": len(group.get(investor, ())),
        }
        for claim in claims[investor]:
            rows.append(start | {
                "claimed": number(claim["value"]),
                "qualifier": claim.get("qualifier") or None,
                "population": claim.get("population") or None,
                "origin": "claimed" if claim.get("fact") else "derived",
                "record": claim["record"],
            })  # fmt: skip
        if not claims[investor]:
            rows.append(start | {"claimed": None})
    named = len({one.firm for one in investments})
    most = max((number(row["value"]) for found in claims.values() for row in found), default=0)
    sources, cut = cite({one.record for one in investments} | {str(row["record"]) for row in rows if row.get("record")})  # fmt: skip
    return Answer(
        PORTFOLIOS,
        rows,
        data_date(store),
        coverage=(Coverage(named, max(named, int(most)), "claimed_firms"),),
        notes=(Note("portfolios_group"), Note("portfolios_claimed"), *cut),
        sources=sources,
        queries=tuple(reader.queries),
        network=tuple(sorted({(one.investor, one.firm, f"{KG}portfolioCompany") for one in investments}))
        or tuple(sorted({(c, p, f"{KG}partOfOrganization") for c, above in parents.items() for p in above})),
    )  # fmt: skip


def find_shared(store: Store, root: Path, lang: str, values: Mapping[str, Sequence[str]]) -> Answer:
    """Pairs of investors that a record puts into the same firm."""
    reader = Reader(store, root)
    investments = read_investments(reader)
    parents = read_parents(reader.rows("investors"))
    rows = list_shared(investments, parents)
    own = own_firms(investments)
    sources, cut = cite({one.record for one in investments})
    edges: list[Edge] = [(one.investor, one.firm, f"{KG}portfolioCompany") for one in investments]
    return Answer(
        SHARED,
        rows,
        data_date(store),
        chart="bars x=investor y=shared_firms",
        coverage=(
            Coverage(sum(investor in own for investor in parents), len(parents), "investors"),
        ),
        notes=(Note("shared_overlap"), *cut),
        sources=sources,
        queries=tuple(reader.queries),
        network=tuple(sorted(set(edges))) if rows else (),
    )


def list_stages(investments: Sequence[Investment], tiered: set[str]) -> list[dict[str, Value]]:
    """By investor and stage: firms at their first recorded investment, and how many have a tier now."""
    rows: list[dict[str, Value]] = []
    for investor, firms in sorted(first_stages(investments).items()):
        by: dict[str, set[str]] = defaultdict(set)
        for firm, stage in firms.items():
            by[stage].add(firm)
        known = sum(len(found) for stage, found in by.items() if stage)
        for stage, found in sorted(by.items()):
            rows.append({
                "investor": investor,
                "growth_stage": stage or None,
                "origin": "recorded",
                "share": round(100 * len(found) / known, 1) if stage else None,
                "firms_recorded": len(found),
                "with_tier": len(found & tiered),
            })  # fmt: skip
    return rows


def find_stages(store: Store, root: Path, lang: str, values: Mapping[str, Sequence[str]]) -> Answer:
    """Claimed shares by growth stage, and beside them the stages at the first recorded investment."""
    reader = Reader(store, root)
    investments = read_investments(reader)
    tiered = {row["firm"] for row in reader.rows("tiered-investees")}
    claimed: list[dict[str, Value]] = [
        {
            "investor": row["investor"],
            "growth_stage": row.get("population") or None,
            "origin": "claimed",
            "share": number(row["value"]),
            "record": row["record"],
        }
        for row in reader.rows("portfolio-shares")
    ]
    rows = claimed + list_stages(investments, tiered)
    staged = sum(bool(stage) for firms in first_stages(investments).values() for stage in firms.values())  # fmt: skip
    firms = sum(len(firms) for firms in first_stages(investments).values())
    sources, cut = cite({one.record for one in investments} | {str(r["record"]) for r in claimed})
    return Answer(
        STAGES,
        rows,
        data_date(store),
        coverage=(Coverage(staged, firms, "staged"),),
        notes=(Note("stages_claimed"), Note("stages_first"), *cut),
        sources=sources,
        queries=tuple(reader.queries),
        chart="bars x=growth_stage y=share" if rows else "",
    )
