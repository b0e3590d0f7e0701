"""What awards come to together: sums that say where no record tells how awards combine.

Claims of one place on one kind of award for the same tiers and conditions are rivals: one of them
is right. Awards that deduct each other are one, worth the largest of them. An exclusive award is
taken alone. `low` adds only what records call cumulative and takes the largest of the rest; `high`
adds whatever no record forbids.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from kg.analysis.eligibility.awards import Claim
from kg.analysis.eligibility.rules import last_part

_TITLE_AWARD: Final = "recognition-award"
"""What an award that names no instrument is taken for, as rule R21e does."""
_ZERO: Final = Fraction(0)


@dataclass(frozen=True)
class Total:
    """What one firm may be paid in all, at most."""

    low: Fraction
    high: Fraction
    counted: tuple[str, ...]
    """Records that the higher end rests on."""
    left_out: tuple[str, ...]
    """Records that are met and not in it: rivals, deducted ones, and those that exclude each other."""


@dataclass(frozen=True)
class _Unit:
    """Awards of which one is paid: rivals, and those that deduct each other."""

    low: Fraction
    high: Fraction
    best: str
    cumulative: bool
    exclusive: bool


def add_up(claims: Iterable[Claim]) -> Total:
    """The total of the claims that are met and name a sum; linear in the claims but for their pairs."""
    # In the order of their names, so that of equal sums the same one is always counted.
    met = sorted((one for one in claims if one.payable is not None), key=lambda one: one.award.iri)
    units = [_merge(group) for group in _group(met)]
    free = [unit for unit in units if not unit.exclusive]
    alone = [unit for unit in units if unit.exclusive]
    low = sum((u.low for u in free if u.cumulative), _ZERO) + max((u.low for u in free if not u.cumulative), default=_ZERO)  # fmt: skip
    high = sum((unit.high for unit in free), _ZERO)
    best = max(alone, key=lambda unit: unit.high, default=None)
    taken = [best] if best and best.high > high else free
    counted = {unit.best for unit in taken if unit.high}
    return Total(
        max([low, *(unit.low for unit in alone)]),
        max([high, *(unit.high for unit in alone)]),
        tuple(sorted(counted)),
        tuple(sorted({one.award.iri for one in met} - counted)),
    )


def _slot(one: Claim) -> tuple[object, ...]:
    """What a claim answers; rivals share it."""
    award = one.award
    instrument = last_part(award.instrument) or _TITLE_AWARD
    return award.granted_by, award.tiers, instrument, frozenset(bound.iri for bound in award.when)


def _group(claims: list[Claim]) -> list[list[Claim]]:
    """Claims that answer the same or deduct each other, together."""
    groups: list[list[Claim]] = []
    for one in claims:
        joined = [group for group in groups if any(_belong(one, other) for other in group)]
        groups = [group for group in groups if group not in joined]
        groups.append([one, *(other for group in joined for other in group)])
    return groups


def _belong(one: Claim, other: Claim) -> bool:
    return (
        _slot(one) == _slot(other)
        or one.award.fact in other.award.deducts
        or other.award.fact in one.award.deducts
    )


def _merge(group: list[Claim]) -> _Unit:
    """The least and the most that a group comes to: by slot the least, then the largest of them."""
    least: dict[tuple[object, ...], Fraction] = {}
    for one in group:
        payable = one.payable or _ZERO
        least[_slot(one)] = min(payable, least.get(_slot(one), payable))
    best = max(group, key=lambda one: (one.payable or _ZERO, one.award.iri))
    return _Unit(
        max(least.values()),
        best.payable or _ZERO,
        best.award.iri,
        all(one.award.cumulation == "cumulative" for one in group),
        any(one.award.cumulation == "exclusive" for one in group),
    )
