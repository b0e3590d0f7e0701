"""Which thing a row of somebody's table means: candidates with a score that can be checked.

The score is a mean of points out of 100: the name counts four times, every property given once, and
so does a type where it is a wish and no condition. Each part is a feature of the candidate, and so
is the lead over the next one. https://reconciliation-api.github.io/specs/0.2/
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from kg.namespaces import BASE, expand
from kg.search.folding import fold, readings
from kg.search.lookup import Hit, LabelIndex
from kg.search.things import ROLES

PROPERTIES: Final = {
    "kg:basedIn": "city",
    "kg:partOfChain": "chain",
    "kg:stage": "stage",
    "adms:identifier": "code",
}
"""What can be compared beside the name, and under which facet the index keeps it."""

NAME_POINTS: Final = {
    "exact": 100, "slip": 85, "sound": 80, "pinyin": 80, "prefix": 75, "word": 65, "similar": 60, "initials": 55,
}  # fmt: skip
"""Points for a name that matches in that way as a whole; half of them for hardly any of it."""

MATCH_SCORE: Final = 90.0
MATCH_LEAD: Final = 10.0
"""A certain match has at least that score and that lead over the next candidate."""

MAX_CANDIDATES: Final = 20
_NAME_WEIGHT: Final = 4
_CODE: Final = list(ROLES).index("code")


@dataclass(frozen=True)
class Query:
    """One row to reconcile; IRIs are absolute."""

    text: str = ""
    types: Sequence[str] = ()
    strict: str = "any"
    """`any` or `all` of the types as a condition; `should`: any of them as a wish."""
    properties: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Values, names or IRIs, by key of PROPERTIES."""
    limit: int = 5


@dataclass(frozen=True)
class Candidate:
    """A thing that a row may mean."""

    hit: Hit
    score: float
    features: Mapping[str, float | bool]
    is_match: bool = False


def reconcile(index: LabelIndex, query: Query) -> list[Candidate]:
    """The candidates, best first; 1 to 5 ms."""
    text = query.text or next(iter(query.properties.get("adms:identifier", ())), "")
    if not text.strip():
        return []
    kinds = query.types if query.types and query.strict != "should" else [""]
    found: dict[str, Hit] = {}
    for kind in kinds:
        where = {"type": kind} if kind else None
        for hit in index.suggest(text, where=where, limit=MAX_CANDIDATES):
            if query.strict != "all" or set(query.types) <= set(hit.facets["class"]):
                found.setdefault(hit.iri, hit)
    scored = [_score(index, query, hit) for hit in found.values()]
    scored.sort(key=lambda one: (-one.score, -one.hit.statements, one.hit.iri))
    return [
        _with_lead(one, scored[place + 1].score if place + 1 < len(scored) else 0.0)
        for place, one in enumerate(scored[: max(0, min(query.limit, MAX_CANDIDATES))])
    ]


def _score(index: LabelIndex, query: Query, hit: Hit) -> Candidate:
    name = NAME_POINTS[hit.way] * (0.5 + 0.5 * min(hit.likeness, 1.0))
    features: dict[str, float | bool] = {"name": round(name, 1), f"name_{hit.way}": True}
    points = [name] * _NAME_WEIGHT
    if query.types:
        is_of_type = bool(set(query.types) & set(hit.facets["class"]))
        features["type"] = is_of_type
        if query.strict == "should":
            points.append(100.0 * is_of_type)
    for prop, values in query.properties.items():
        features[prop] = 100.0 * any(_has(index, hit, prop, value) for value in values)
        points.append(features[prop])
    return Candidate(hit, round(sum(points) / len(points), 1), features)


def _with_lead(one: Candidate, next_score: float) -> Candidate:
    """A score says little where the next candidate has it too."""
    lead = round(one.score - next_score, 1)
    is_match = one.score >= MATCH_SCORE and lead >= MATCH_LEAD
    return Candidate(one.hit, one.score, {**one.features, "lead": lead}, is_match)


def _has(index: LabelIndex, hit: Hit, prop: str, value: str) -> bool:
    """Whether the thing has the value, given as IRI, as code or by any of its names."""
    facet = PROPERTIES.get(prop)
    if facet == "code":
        codes = (name.text for name in hit.names if name.role == _CODE)
        return fold(value) in {fold(form) for code in codes for form in (code, code.split(".")[0])}
    iris = hit.facets.get(facet or "", ())
    if value in iris or BASE + value in iris:
        return True
    wanted = set(readings(value))
    named = (name.text for one in index.get(iris).values() for name in one.names)
    return any(wanted & set(readings(name)) for name in named)


def property_of(identifier: str) -> str:
    """The key of PROPERTIES that an identifier of the service means; empty where there is none."""
    for name in PROPERTIES:
        if identifier in (name, PROPERTIES[name], expand(name), expand(name).removeprefix(BASE)):
            return name
    return ""
