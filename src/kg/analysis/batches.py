"""Checks of the figures of batches: sums, what re-checks left, shares of the country and of an investor."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import product
from typing import Final

from kg.analysis.checks import Check, Figure, Rule

_SUM: Final = Rule("batches_sum", "sum", ("new-count",), "stock-count", lapses=True)
_LESS: Final = Rule("batches_less_lapses", "sum", ("new-count", "recheck-passed-count"), "stock-count", lapses=True)  # fmt: skip
_LAPSES: Final = Rule("recheck_lapses", "difference", ("new-count", "recheck-passed-count"))
_NATIONAL: Final = Rule("share_of_nation", "ratio", ("new-count", "new-count"), scale=Fraction(100))
_INVESTED: Final = Rule("investor_share", "ratio", ("invested-count", "new-count"), scale=Fraction(100))  # fmt: skip
_IN_CITY: Final = Rule("investor_share_of_city", "ratio", ("invested-count", "stock-count"), scale=Fraction(100))  # fmt: skip
BATCH_RULES: Final = (_SUM, _LESS, _LAPSES, _NATIONAL, _INVESTED, _IN_CITY)

_NATION: Final = "/china"
_BATCH: Final = re.compile(r"/lg-batch-(\d+)$")
_BATCHES: Final = re.compile(r"/lg-batches-1-(\d+)$")
_STOCKS: Final = ("/lg-valid", "/lg-cumulative", "/lg-unspecified")
_Batches = dict[int, list[Figure]]


def check_batches(figures: Iterable[Figure]) -> list[Check]:
    """Every check that figures of batches allow, one for each choice among rival figures."""
    new: dict[str, _Batches] = defaultdict(lambda: defaultdict(list))
    passed: dict[str, _Batches] = defaultdict(lambda: defaultdict(list))
    stocks: list[Figure] = []
    held: list[tuple[Figure, int]] = []
    for figure in figures:
        if found := _BATCH.search(figure.population):
            into = {"new-count": new, "recheck-passed-count": passed}.get(figure.indicator)
            if into is not None:
                into[figure.feature][int(found[1])].append(figure)
        elif figure.indicator == "stock-count" and figure.population.endswith(_STOCKS):
            stocks.append(figure)
        elif figure.indicator == "invested-count" and (found := _BATCHES.search(figure.population)):
            held.append((figure, int(found[1])))
    return list({_key(check): check for check in (
        *(check for stock in stocks for check in _sum_up(stock, new[stock.feature], passed[stock.feature])),
        *_find_lapses(new, passed), *_compare_with_nation(new), *_compare_investors(held, new, stocks),
    )}.values())  # fmt: skip


def _key(check: Check) -> tuple[object, ...]:
    """Rivals that give the same number are one check."""
    values = tuple((figure.population, figure.value) for figure in check.inputs)
    return check.rule.name, check.inputs[0].feature, values, check.claim and (check.claim.population, check.claim.value)  # fmt: skip


def _sum_up(stock: Figure, new: _Batches, passed: _Batches) -> Iterator[Check]:
    """All batches up to the year of a stock, and what the known re-checks of them left."""
    ordinals = [k for k in sorted(new) if any((f.year or 0) <= (stock.year or 0) for f in new[k])]
    if len(ordinals) < 2 or ordinals != list(range(1, len(ordinals) + 1)):
        return
    for batches in product(*(new[k] for k in ordinals)):
        yield _add(_SUM, batches, stock)
        known = [(new_one, passed[k]) for k, new_one in zip(ordinals, batches, strict=True) if passed.get(k)]  # fmt: skip
        for left in product(*(rivals for _, rivals in known)) if known else ():
            rest = [f for f in batches if all(f is not named for named, _ in known)]
            yield _add(_LESS, (*left, *rest), stock)


def _add(rule: Rule, parts: Sequence[Figure], claim: Figure | None) -> Check:
    total = sum((figure.value for figure in parts), Fraction(0))
    return Check(rule, tuple(parts), claim, total, _end([f.lower for f in parts]), _end([f.upper for f in parts]))  # fmt: skip


def _end(ends: Sequence[Fraction | None]) -> Fraction | None:
    """The end of a sum; none where one of the parts has none."""
    known = [end for end in ends if end is not None]
    return sum(known, Fraction(0)) if len(known) == len(ends) else None


def _find_lapses(new: dict[str, _Batches], passed: dict[str, _Batches]) -> Iterator[Check]:
    for place, batches in passed.items():
        for k, left in batches.items():
            for named, kept in product(new[place].get(k, ()), left):
                yield Check(_LAPSES, (named, kept), None, named.value - kept.value, None, None)


def _compare_with_nation(new: dict[str, _Batches]) -> Iterator[Check]:
    """Each place's part of a batch of the country."""
    nation = next((batches for place, batches in new.items() if place.endswith(_NATION)), {})
    for place, batches in new.items():
        for k, own in batches.items() if not place.endswith(_NATION) else ():
            for part, whole in product(own, nation.get(k, ())):
                yield from _divide(_NATIONAL, part, (whole,))


def _compare_investors(held: Iterable[tuple[Figure, int]], new: dict[str, _Batches], stocks: Iterable[Figure]) -> Iterator[Check]:  # fmt: skip
    """What an investor holds of the country's batches up to one; of its own city's it would be another population."""
    nation = next((batches for place, batches in new.items() if place.endswith(_NATION)), {})
    for figure, last in held:
        wholes = list(product(*(nation.get(k, ()) for k in range(1, last + 1))))
        for whole in wholes:
            yield from _divide(_INVESTED, figure, whole)
        year = wholes and wholes[0][-1].year
        for stock in stocks:
            if stock.feature == figure.seat and stock.year == year:
                yield from _divide(_IN_CITY, figure, (stock,), apart=True)


def _divide(
    rule: Rule, part: Figure, whole: Sequence[Figure], *, apart: bool = False
) -> Iterator[Check]:
    """The share of the whole; nothing is a share of nothing."""
    if total := sum((f.value for f in whole), Fraction(0)):
        yield Check(rule, (part, *whole), None, part.value / total * rule.scale, None, None, apart)
