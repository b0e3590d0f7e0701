"""The analyses there are: one row each, read by the command, the pages and the REST paths."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

from kg.analysis import (
    capital,
    cities,
    consistency,
    criticality,
    gaps,
    ladder,
    leadership,
    matching,
    niches,
    policies,
    resilience,
    specialisation,
)  # fmt: skip
from kg.analysis.answer import Answer
from kg.analysis.collecting import paused_collection
from kg.analysis.eligibility import answers as eligibility
from kg.analysis.eligibility import payouts
from kg.analysis.eligibility.example import DAY as EXAMPLE_DAY
from kg.analysis.eligibility.example import EXAMPLE
from kg.analysis.strangers import find_stranger
from kg.errors import AnalysisUnknown, ParameterInvalid
from kg.namespaces import resolve
from kg.queries import Parameter as QueryParameter
from kg.store import Store

Values = Mapping[str, Sequence[str]]
"""Given values by parameter: IRIs in full, the others as written; a default where none is given."""

MAX_DIGITS: Final = 18
"""Characters of a whole number; Python refuses to read one of thousands of digits."""


@dataclass(frozen=True)
class Parameter:
    """One value that an analysis takes; `analysis.param_<name>` says what it means."""

    name: str
    type: str
    """`iri`, or another of `kg.queries.TYPES`."""
    default: str = ""
    """Empty: none is needed."""
    slug_of: str = ""
    """Prefix under which a bare name such as `humanoid` is an IRI."""
    choices: tuple[str, ...] = ()
    """The texts that are taken, where only these are."""
    of_class: str = ""
    """Class of the ontology whose things a page offers to choose from."""
    several: bool = False
    """Whether it takes more than one value."""
    long: bool = False
    """Whether it is a text of lines, such as a table; the command reads it from a file as `@FILE`."""

    def read(self, text: str) -> str:
        """The value that a text means. Raises ParameterInvalid naming what would be right."""
        if self.choices and text not in self.choices:
            known = ", ".join(self.choices)
            raise ParameterInvalid(f"parameter {self.name!r}: {text!r} is not one of {known}")
        if self.type == "integer" and len(text) > MAX_DIGITS:
            raise ParameterInvalid(f"parameter {self.name!r}: at most {MAX_DIGITS} characters")
        if self.type == "iri" and self.slug_of:
            text = resolve(text, slug_of=self.slug_of)
        return QueryParameter(self.name, self.type, "", "").term(text).value


@dataclass(frozen=True)
class Analysis:
    """One analysis; `analysis.<name>` with `_` for `-` is its title, with `_about` what it answers."""

    name: str
    parameters: tuple[Parameter, ...]
    find: Callable[[Store, Path, str, Values], Answer]

    @property
    def key(self) -> str:
        """The name as the texts of the interface write it."""
        return self.name.replace("-", "_")

    def answer(
        self, store: Store, root: Path, lang: str, given: Mapping[str, Sequence[str]]
    ) -> Answer:
        """The answer for the given values. Raises ParameterInvalid naming the parameters it has."""
        return self.run(store, root, lang, self.read(given))

    def run(self, store: Store, root: Path, lang: str, values: Values) -> Answer:
        """The answer for values that were read; refused where one names a thing that is not there."""
        asked = [v for p in self.parameters if p.type == "iri" for v in values[p.name]]
        with paused_collection():
            answer = self.find(store, root, lang, values)
        stranger = find_stranger(store, root, lang, asked)
        return (
            replace(answer, rows=[], chart="", network=(), refusal=stranger) if stranger else answer
        )

    def read_files(self, given: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
        """The values with `@FILE` replaced by its text, for the command alone. Raises ParameterInvalid."""
        long = {parameter.name for parameter in self.parameters if parameter.long}
        return {
            name: [_read_file(name, text) for text in texts] if name in long else texts
            for name, texts in given.items()
        }

    def read(self, given: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
        """Given values by parameter, defaults for those that have none. Raises ParameterInvalid."""
        known = {parameter.name: parameter for parameter in self.parameters}
        for name in given:
            if name not in known:
                listing = ", ".join(known) or "none"
                raise ParameterInvalid(
                    f"analysis {self.name!r} has no parameter {name!r}; it has: {listing}"
                )
            if sum(bool(text.strip()) for text in given[name]) > 1 and not known[name].several:
                raise ParameterInvalid(
                    f"parameter {name!r} takes one value, not {len(given[name])}"
                )
        return {
            name: [
                parameter.read(text.strip())
                for text in given.get(name, ()) if text.strip()
            ] or ([parameter.read(parameter.default)] if parameter.default else [])
            for name, parameter in known.items()
        }  # fmt: skip


def _read_file(name: str, text: str) -> str:
    if not text.startswith("@"):
        return text
    try:
        return Path(text[1:]).read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise ParameterInvalid(
            f"parameter {name!r}: {text[1:]!r} does not read: {error}"
        ) from error


CHAIN: Final = Parameter("chain", "iri", default="humanoid", slug_of="ch", of_class="IndustryChain")
CITY: Final = Parameter("city", "iri", default="shenzhen", slug_of="pl", of_class="City")


OTHER: Final = Parameter("other", "iri", default="beijing", slug_of="pl", of_class="City")
LEVEL: Final = Parameter("level", "string", default="seat", choices=("seat", "city"))
SINCE: Final = Parameter("since", "integer")
REMOVE: Final = Parameter("remove", "iri", default="robosense", slug_of="e", several=True)
PROFILE: Final = Parameter("profile", "string", default=EXAMPLE, long=True)
TIER: Final = Parameter("tier", "iri", default="little-giant", slug_of="tier", of_class="Tier")
DAY: Final = Parameter("day", "date", default=EXAMPLE_DAY)
ITEM: Final = Parameter(
    "item", "iri", default="humanoid-robot", slug_of="it", of_class="Offering", several=True
)
PLACE: Final = Parameter("place", "iri", slug_of="pl", of_class="City")
TIER_NEEDED: Final = Parameter("tier_needed", "iri", slug_of="tier", of_class="Tier")
CUSTOMER: Final = Parameter("customer", "iri", slug_of="e")
CLUSTER: Final = Parameter("cluster", "iri", slug_of="cl", of_class="IndustryCluster")
SPECIFICATION: Final = Parameter("specification", "string")
PAGE: Final = Parameter("page", "integer", default="1")
JURISDICTION: Final = Parameter("jurisdiction", "iri", slug_of="pl", of_class="City")
FILING: Final = Parameter("filing", "string", default="new", choices=("new", "recheck"))

WORD: Final = Parameter("word", "string", default="激光雷达")
FIRM: Final = Parameter("firm", "iri", default="xiaomi", slug_of="e")
YEAR: Final = Parameter("year", "integer", default="2025")

_ROWS: Final = (
    Analysis("niches", (WORD, YEAR), niches.find_niches),
    Analysis("segment-gaps", (CHAIN, CITY), gaps.find_gaps),
    Analysis("removal", (CHAIN, REMOVE), resilience.find_removal),
    Analysis("criticality", (CHAIN,), criticality.find_criticality),
    Analysis(
        "eligibility", (PROFILE, TIER, DAY, FILING, JURISDICTION), eligibility.find_eligibility
    ),
    Analysis("tiers", (PROFILE, DAY, FILING, JURISDICTION), eligibility.find_tiers),
    Analysis("next-tier", (PROFILE, DAY, FILING, JURISDICTION), eligibility.find_next),
    Analysis("awards", (PROFILE, DAY, JURISDICTION), payouts.find_awards),
    Analysis("award-totals", (PROFILE, DAY, JURISDICTION), payouts.find_totals),
    Analysis("chain-leadership", (), leadership.find_leadership),
    Analysis("anchor-network", (FIRM,), leadership.find_anchor),
    Analysis("portfolios", (), capital.find_portfolios),
    Analysis("co-investment", (), capital.find_shared),
    Analysis("investment-stages", (), capital.find_stages),
    Analysis("city-ranking", (), cities.find_ranking),
    Analysis("city-comparison", (CITY, OTHER), cities.find_comparison),
    Analysis("city-specialisation", (CITY, LEVEL), specialisation.find_specialisation),
    Analysis("policy-timeline", (SINCE,), policies.find_timeline),
    Analysis(
        "matching",
        (ITEM, SPECIFICATION, CLUSTER, PLACE, TIER_NEEDED, CUSTOMER, PAGE),
        matching.find_matches,
    ),
    Analysis("ladder-flows", (), ladder.find_ladder),
    Analysis("consistency", (), consistency.find_consistency),
)

ANALYSES: Final[Mapping[str, Analysis]] = MappingProxyType({row.name: row for row in _ROWS})
"""By name, in the order in which they are listed."""


def get_analysis(name: str) -> Analysis:
    """The analysis of that name. Raises AnalysisUnknown naming those there are."""
    if name not in ANALYSES:
        raise AnalysisUnknown(f"no analysis {name!r}; there are: {', '.join(ANALYSES)}")
    return ANALYSES[name]
