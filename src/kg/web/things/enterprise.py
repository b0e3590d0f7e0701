"""The page of an enterprise: where it stands, whom it supplies, which benefits it can use and why, its peers."""

from dataclasses import dataclass
from typing import Any, Final

from kg.errors import ThingUnknown
from kg.namespaces import EXTERNAL_PREFIXES
from kg.network.build import build_flow
from kg.network.draw import draw_model
from kg.network.picture import attribute
from kg.network.statements import Statements
from kg.network.texts import TEXTS
from kg.web.explorer import page_assets
from kg.web.services import services
from kg.web.tables import Cell
from kg.web.things.facts import KG, Fact
from kg.web.things.subject import Subject

MAX_PEERS: Final = 12
"""Names in one list of peers; the list says how many there are."""

_ACTIVITY: Final = EXTERNAL_PREFIXES["rov"] + "orgActivity"
_STANDING: Final = (
    ("seat", KG + "basedIn"),
    ("tier", KG + "hasTier"),
    ("chain", KG + "participatesIn"),
    ("industry", _ACTIVITY),
)
"""What the page says at once: key of its words and the property."""


@dataclass(frozen=True)
class Stated:
    """A value and what it rests on: the records, or the graphs where no record stands behind it."""

    value: Cell
    records: list[Fact]
    graphs: list[Cell]


@dataclass(frozen=True)
class Benefit:
    """A benefit that the enterprise can use, and the reason."""

    certainty: str
    """`eligible`: an explicit record gives the tier; `possible`: the tier is implied; `claim`: the benefit is unverified."""
    measure: Fact
    tier: Cell
    records: list[Fact]
    """That give the tier."""
    area: Cell


@dataclass(frozen=True)
class Peers:
    """Other enterprises that share something."""

    shared: Cell
    shown: list[Cell]
    total: int


def related(statements: Statements, enterprise: str) -> list[str]:
    """The records that give it a tier, and the benefits of that tier where it is seated."""
    return statements.subjects(KG + "recognises", enterprise) + _measures(statements)


def _measures(statements: Statements) -> list[str]:
    return sorted({record for tier in statements.values(KG + "eligibleTier") for record in statements.subjects(KG + "eligibleTier", tier)})  # fmt: skip


def sections(subject: Subject) -> dict[str, Any]:
    """What things/enterprise.html shows besides the facts."""
    statements, iri = subject.statements, subject.iri
    investors = [
        subject.name(investor)
        for investor, investee, _ in statements.stated(KG + "portfolioCompany")
        if investee == iri
    ]
    return {
        "same": _possibly_same(subject),
        "standing": {key: _stated(subject, predicate) for key, predicate in _STANDING},
        "benefits": _benefits(subject),
        "investors": investors,
        "peers": {
            "segment": _segment_peers(subject),
            "tier": _city_peers(subject, KG + "hasTier"),
            "industry": _city_peers(subject, _ACTIVITY),
        },
        **_flow(subject),
    }


def _possibly_same(subject: Subject) -> list[Stated]:
    """What may be the same enterprise under another name, never merged."""
    return [
        Stated(
            subject.name(other if thing == subject.iri else thing),
            [],
            [subject.name(source.graph) for source in sources],
        )
        for thing, other, sources in subject.own.stated(KG + "possiblySameAs")
    ]


def _stated(subject: Subject, predicate: str) -> list[Stated]:
    statements, tier = subject.statements, predicate == KG + "hasTier"
    return [
        Stated(
            subject.name(value),
            _recognitions(subject, value) if tier else [],
            [] if tier else [subject.name(source.graph) for source in sources],
        )
        for thing, value, sources in statements.stated(predicate)
        if thing == subject.iri
    ]


def _recognitions(subject: Subject, tier: str) -> list[Fact]:
    records = subject.statements.subjects(KG + "recognises", subject.iri)
    return [
        subject.fact(record)
        for record in records
        if tier in subject.statements.objects(record, KG + "tier")
    ]


def _benefits(subject: Subject) -> list[Benefit]:
    statements = subject.statements
    certain = {
        certainty: statements.objects(subject.iri, KG + predicate)
        for certainty, predicate in (
            ("eligible", "eligibleFor"),
            ("possible", "possiblyEligibleFor"),
        )
    }
    tiers = statements.objects(subject.iri, KG + "hasTier")
    found = [
        Benefit(
            next((name for name, measures in certain.items() if measure in measures), "claim"),
            subject.fact(measure),
            subject.name(tier),
            _recognitions(subject, tier),
            subject.name(statements.one(measure, KG + "jurisdiction")),
        )
        for measure in _measures(statements)
        for tier in statements.objects(measure, KG + "eligibleTier")
        if tier in tiers
    ]
    order = ("eligible", "possible", "claim")
    return sorted(found, key=lambda benefit: order.index(benefit.certainty))


def _segment_peers(subject: Subject) -> list[Peers]:
    own = subject.own  # firms of unverified lists are told on the page of the segment
    mine = own.subjects(KG + "participant", subject.iri)
    segments = sorted({s for record in mine for s in own.objects(record, KG + "inSegment")})
    return [
        _list_peers(
            subject,
            segment,
            {
                firm
                for record in own.subjects(KG + "inSegment", segment)
                for firm in own.objects(record, KG + "participant")
            },
        )
        for segment in segments
    ]


def _city_peers(subject: Subject, predicate: str) -> list[Peers]:
    """In the same seat: the query finds no others with that property."""
    statements = subject.statements
    return [
        _list_peers(subject, value, set(statements.subjects(predicate, value)))
        for value in statements.objects(subject.iri, predicate)
    ]


def _list_peers(subject: Subject, shared: str, firms: set[str]) -> Peers:
    others = sorted(
        (subject.name(firm) for firm in firms - {subject.iri}), key=lambda cell: cell.text
    )
    return Peers(subject.name(shared), others[:MAX_PEERS], len(others))


def _flow(subject: Subject) -> dict[str, Any]:
    """The picture of suppliers and customers, where there is more to draw than the enterprise and its seat."""
    lang = subject.statements.lang
    try:
        picture = build_flow(services().store(), subject.iri, lang=lang, root=services().root)
    except ThingUnknown:
        return {"model": None}
    drawn = set(attribute(picture.graph, "type").values())
    if not drawn - {"enterprise", "place"} and picture.graph.number_of_nodes() <= 2:
        return {"model": None}
    return {
        "model": draw_model(picture, site=True),
        "t": TEXTS[lang],
        "assets": page_assets(),
    }
