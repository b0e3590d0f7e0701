"""Checks of recorded figures: each computes one from others and holds it against what is claimed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Final, Literal

Operation = Literal["product", "ratio", "sum", "total", "difference"]


@dataclass(frozen=True)
class Figure:
    """One recorded figure with the interval that its wording allows."""

    record: str
    indicator: str
    feature: str
    population: str
    period: str
    year: int | None
    value: Fraction
    lower: Fraction | None
    upper: Fraction | None
    seat: str = ""
    """City in which the one described sits, where that is recorded."""


@dataclass(frozen=True)
class Rule:
    """A check: the figures of `inputs` at one place give the figure `claimed`, or a constant."""

    name: str
    operation: Operation
    inputs: tuple[str, ...]
    claimed: str = ""
    constant: Fraction | None = None
    scale: Fraction = Fraction(1)
    """What the result is multiplied by, such as 100 where an input is in per cent."""
    lag: tuple[int, ...] = ()
    """Years before the one of the claimed figure, by input; none: all of one period."""
    lapses: bool = False
    """Whether a surplus may be titles that have lapsed meanwhile."""
    one_population: bool = False
    """Whether the inputs count the same things, so that another population is another check."""
    rounded: tuple[int, ...] = ()
    """Places of inputs that are means, each for all that rounds to it: 7.1 billion for 7.05 to 7.15."""


RULES: Final = (
    Rule("mean_times_count", "product", ("avg-market-cap", "stock-count"), "total-market-cap", rounded=(0,)),
    Rule("ratio_of_means", "ratio", ("avg-rd-spend", "avg-rd-intensity"), "avg-revenue",
         scale=Fraction(100), one_population=True),
    Rule("stock_and_flow", "sum", ("stock-count", "new-count"), "stock-count", lag=(1, 0), lapses=True),
    Rule("count_by_density", "ratio", ("stock-count", "density-per-km2"), "area", one_population=True),
    Rule("rechecked", "ratio", ("recheck-passed-count", "recheck-pass-rate"), scale=Fraction(100), one_population=True),
    Rule("shares", "total", ("portfolio-share",), constant=Fraction(100)),
)  # fmt: skip
"""The relations of domain knowledge; every figure in them is a record."""

_SMALLEST: Final = Fraction(1, 10**9)
"""Where the digits of a number end, at the latest."""
_UNSTATED: Final = "lg-unspecified"
SIGNS: Final = {"product": " × ", "ratio": " ÷ ", "sum": " + ", "total": " + ", "difference": " − "}


@dataclass(frozen=True)
class Check:
    """One check that was made."""

    rule: Rule
    inputs: tuple[Figure, ...]
    claim: Figure | None
    computed: Fraction
    lower: Fraction | None
    upper: Fraction | None
    apart: bool = False
    """Whether the inputs are known to count different things, so that the result says nothing."""

    @property
    def claimed(self) -> Fraction | None:
        """The figure that it is held against."""
        return self.claim.value if self.claim else self.rule.constant

    @property
    def residual(self) -> Fraction | None:
        """Computed less claimed."""
        return None if self.claimed is None else self.computed - self.claimed

    @property
    def verdict(self) -> str:
        """How both agree; `no-claim` where nothing on record stands against it, else whom each counts."""
        if self.apart:
            return "other-population"
        if self.claimed is None:
            return "no-claim"
        low = self.claim.lower if self.claim else self.rule.constant
        high = self.claim.upper if self.claim else self.rule.constant
        below = self.upper is not None and low is not None and self.upper < low
        above = self.lower is not None and high is not None and self.lower > high
        if not (below or above):
            counted = {figure.population for figure in self.inputs}
            return (
                "ok-populations" if self.rule.operation == "product" and len(counted) > 1 else "ok"
            )
        populations = {figure.population for figure in (*self.inputs, *([self.claim] if self.claim else []))}  # fmt: skip
        if any(population.endswith("/" + _UNSTATED) for population in populations):
            return "unstated-population"
        if above and self.rule.lapses:
            return "lapses"
        return "different-populations" if len(populations) > 1 else "off"


def make_checks(figures: Iterable[Figure], rules: Iterable[Rule] = RULES) -> list[Check]:
    """Every check that the figures allow, one for each choice among figures that differ in value.

    Cost is the product of the differing figures of one place and period for each rule.
    """
    by_place: dict[tuple[str, str], list[Figure]] = {}
    for figure in figures:
        by_place.setdefault((figure.feature, figure.indicator), []).append(figure)
    features = sorted({feature for feature, _ in by_place})
    found = []
    for rule in rules:
        for feature in features:
            groups = [by_place.get((feature, name), []) for name in rule.inputs]
            claims = by_place.get((feature, rule.claimed), [])
            found += _total(rule, groups[0]) if rule.operation == "total" else _apply(rule, groups, claims)  # fmt: skip
    return found


def _total(rule: Rule, figures: list[Figure]) -> list[Check]:
    """The parts of a whole: figures of one period that differ in population, where none is given twice."""
    found = []
    for period in sorted({figure.period for figure in figures}):
        parts = [figure for figure in figures if figure.period == period]
        if len(parts) > 1 and len({part.population for part in parts}) == len(parts):
            found.append(Check(rule, tuple(parts), None, *_compute(rule, parts)))
    return found


def _apply(rule: Rule, groups: list[list[Figure]], claims: list[Figure]) -> list[Check]:
    found: dict[tuple[object, ...], Check] = {}
    for inputs in product(*groups):
        if rule.operation == "ratio" and not inputs[1].value:
            continue
        if not _fit(rule, inputs):
            continue
        against = [claim for claim in claims if _meets(rule, inputs, claim)]
        if not against and (rule.lag or rule.operation == "product"):
            continue  # without a claim only a ratio says something new
        claims_or_none: list[Figure | None] = [*against] or [None]
        for claim in claims_or_none:
            check = Check(rule, inputs, claim, *_compute(rule, inputs))
            values = (*((f.value, f.population) for f in inputs), claim and (claim.value, claim.population))  # fmt: skip
            found.setdefault((inputs[-1].period, *values), check)
    return list(found.values())


def _fit(rule: Rule, inputs: Sequence[Figure]) -> bool:
    if rule.one_population and len({figure.population for figure in inputs}) > 1:
        return False
    if rule.lag:
        bases = {
            None if f.year is None else f.year + lag
            for f, lag in zip(inputs, rule.lag, strict=True)
        }
        return None not in bases and len(bases) == 1 and _same_kind(inputs)
    return len({figure.period for figure in inputs}) == 1 and _same_kind(inputs)


def _meets(rule: Rule, inputs: Sequence[Figure], claim: Figure) -> bool:
    same = claim.year == inputs[-1].year if rule.lag else claim.period == inputs[-1].period
    return same and _same_kind((*inputs, claim) if rule.operation != "ratio" else inputs)


def _same_kind(figures: Sequence[Figure]) -> bool:
    """Whether all count little giants, on whatever basis, or all the same population."""
    kinds = {
        "lg" if f.population.rpartition("/")[2].startswith("lg") else f.population for f in figures
    }
    return len(kinds) == 1


def _compute(
    rule: Rule, inputs: Sequence[Figure]
) -> tuple[Fraction, Fraction | None, Fraction | None]:
    """The result and its ends; the numbers of these rules are positive, so ends go with ends."""
    lows, highs = [f.lower for f in inputs], [f.upper for f in inputs]
    for place in rule.rounded:
        half = _last_digit(inputs[place].value) / 2
        low, high = lows[place], highs[place]
        lows[place] = None if low is None else min(low, inputs[place].value - half)
        highs[place] = None if high is None else max(high, inputs[place].value + half)
    if rule.operation == "ratio":
        lows[1], highs[1] = highs[1], lows[1]
    ends = (_operate(rule, [f.value for f in inputs]), _operate(rule, lows), _operate(rule, highs))
    assert ends[0] is not None
    return ends[0], ends[1], ends[2]


def _last_digit(value: Fraction) -> Fraction:
    """What the last digit of a number other than 0 is worth: 100 million in 7.1 billion."""
    unit = Fraction(1)
    while value and value % (unit * 10) == 0:
        unit *= 10
    while value % unit and unit > _SMALLEST:
        unit /= 10
    return unit


def _operate(rule: Rule, numbers: Sequence[Fraction | None]) -> Fraction | None:
    known = [number for number in numbers if number is not None]
    if len(known) < len(numbers) or (rule.operation == "ratio" and not known[1]):
        return None
    if rule.operation == "ratio":
        return known[0] / known[1] * rule.scale
    result = Fraction(1) if rule.operation == "product" else Fraction(0)
    for number in known:
        result = result * number if rule.operation == "product" else result + number
    return result * rule.scale
