"""Awards as answers: each claim on one, and what they come to together."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from kg.analysis.answer import Answer, Column, Coverage, Note, Value, cite, data_date, several
from kg.analysis.eligibility.awards import Award, Claim, claim, read_awards
from kg.analysis.eligibility.inputs import Inputs, Values, read_inputs
from kg.analysis.eligibility.profile import Profile
from kg.analysis.eligibility.totals import add_up
from kg.analysis.reading import Reader
from kg.errors import ProfileInvalid
from kg.namespaces import PREFIXES
from kg.store import Store

AWARD_COLUMNS: Final = (
    Column("firm", "text"),
    Column("award", "thing"),
    Column("granted_by", "thing"),
    Column("instrument", "thing"),
    Column("outcome", "code"),
    Column("reason", "code", optional=True),
    Column("amount", unit="CNY"),
    Column("paid", unit="CNY"),
    Column("payable", unit="CNY", optional=True),
    Column("mode", "thing"),
    Column("cumulation", "thing"),
    Column("since", "text"),
    Column("disputed", "code", optional=True),
)
TOTAL_COLUMNS: Final = (
    Column("firm", "text"),
    Column("total_low", unit="CNY"),
    Column("total_high", unit="CNY"),
    Column("automatic", unit="CNY"),
    Column("on_application", unit="CNY"),
    Column("way_unstated", unit="CNY"),
    Column("counted", "thing", optional=True),
    Column("left_out", "thing", optional=True),
    Column("open_awards"),
)
_MODES: Final = {"automatic": ("automatic",), "on_application": ("application",), "way_unstated": ("unstated", "")}  # fmt: skip


def _claim_all(reader: Reader, given: Inputs) -> Iterator[tuple[Profile, list[Claim]]]:
    """The claims of each firm. Raises ProfileInvalid for one for which no place says whose awards."""
    awards: dict[str, list[Award]] = {}
    for profile in given.profiles:
        place = given.jurisdiction or profile.place
        if not place:
            raise ProfileInvalid(
                f"{profile.firm!r} needs a place, such as the item place, longgang"
            )
        if place not in awards:
            awards[place] = read_awards(reader, given.rules, place, given.day)
        yield profile, claim(given.rules, profile, awards[place], given.day)


def find_awards(store: Store, root: Path, lang: str, values: Values) -> Answer:
    """What the firms of `profile` may be paid in `jurisdiction`, else where they sit; 20 ms for each place.

    Raises ProfileInvalid for a firm without a place where no jurisdiction is given.
    """
    reader = Reader(store, root)
    given = read_inputs(reader, values)
    rows: list[dict[str, Value]] = []
    for profile, claims in _claim_all(reader, given):
        for one in claims:
            rows.append(
                {
                    "firm": profile.firm,
                    "award": one.award.iri,
                    "granted_by": one.award.granted_by,
                    "instrument": one.award.instrument or None,
                    "outcome": one.result.outcome.value,
                    "reason": one.result.reason or None,
                    "amount": _amount(one.award.amount),
                    "paid": _amount(one.paid),
                    "payable": _amount(one.payable),
                    "mode": PREFIXES["mode"] + one.award.mode if one.award.mode else None,
                    "cumulation": PREFIXES["cum"] + one.award.cumulation if one.award.cumulation else None,
                    "since": one.award.start.isoformat() if one.award.start else None,
                    "disputed": "disputed" if one.award.disputed else None,
                }
            )  # fmt: skip
    rows.sort(key=lambda row: (row["firm"], row["outcome"] != "met", -float(str(row["payable"] or 0))))  # fmt: skip
    sources, cut = cite({str(row["award"]) for row in rows})
    dated = sum(row["since"] is not None for row in rows)
    return Answer(
        AWARD_COLUMNS,
        rows,
        data_date(store),
        chart="counts x=instrument by=outcome",
        coverage=(Coverage(dated, len(rows), "award_days"),),
        notes=(Note("awards_not_summed"), *cut),
        assumptions=(*given.assumptions, Note("awards_paid")),
        sources=sources,
        queries=tuple(reader.queries),
    )


def find_totals(store: Store, root: Path, lang: str, values: Values) -> Answer:
    """What the awards of each firm of `profile` come to together, and how they are paid; 20 ms a place.

    Raises ProfileInvalid as `find_awards` does.
    """
    reader = Reader(store, root)
    given = read_inputs(reader, values)
    rows: list[dict[str, Value]] = []
    decided = claimed = 0
    for profile, claims in _claim_all(reader, given):
        total = add_up(claims)
        taken = [one for one in claims if one.award.iri in total.counted]
        by_mode = {
            name: sum(one.payable or 0 for one in taken if one.award.mode in modes)
            for name, modes in _MODES.items()
        }
        waiting = sum(one.result.outcome.value in ("unknown", "manual-review") for one in claims)
        decided, claimed = decided + len(claims) - waiting, claimed + len(claims)
        rows.append(
            {
                "firm": profile.firm,
                "total_low": _amount(total.low),
                "total_high": _amount(total.high),
                **{name: _amount(number) for name, number in by_mode.items()},
                "counted": total.counted or None,
                "left_out": total.left_out or None,
                "open_awards": waiting,
            }
        )
    sources, cut = cite({iri for row in rows for name in ("counted", "left_out") for iri in several(row[name])})  # fmt: skip
    return Answer(
        TOTAL_COLUMNS,
        rows,
        data_date(store),
        chart="pairs x=firm y=total_low by=total_high",
        coverage=(Coverage(decided, claimed, "awards_decided"),),
        notes=(Note("totals_range"), Note("totals_groups"), *cut),
        assumptions=(*given.assumptions, Note("awards_paid")),
        sources=sources,
        queries=tuple(reader.queries),
    )


def _amount(number: object) -> int | None:
    return None if number is None else int(str(number))
