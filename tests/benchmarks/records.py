"""Makes what the analyses read, of any size, the same bytes for the same seed: records, not their summaries.

One industry chain in which every firm stands and supplies others, firms with seat, tiers, industry
and founding, recognitions by year, investments and what investors claim, counts that cities are said
to have, policies with the firms that they reach, leaders of many chains. Loaded beside a release,
whose vocabulary, plans and rules it uses. About 40 triples an enterprise; 100,000 in some 25 s.
"""

import random
from collections.abc import Iterator
from typing import IO, Final

from generate import write_lines

from kg.namespaces import BASE, expand

CHAIN: Final = expand("ch:bench")
ANCHOR: Final = expand("e:bench-0")
ITEM: Final = expand("it:bench-0")
CLUSTER: Final = expand("cl:s1-c10")
CITIES: Final = 300
YEARS: Final = range(2019, 2026)
_TIERS: Final = ("innovative-sme", "specialised-sme", "little-giant", "single-champion")
_STAGES: Final = ("startup", "growth", "mature")
_TRADES: Final = ("电机", "传感器", "轴承", "电池", "芯片", "软件", "材料", "减速器")

Statement = tuple[str, str, str]


def write_records(output: IO[bytes], firms: int, supplies: int, seed: int = 1) -> int:
    """Writes the records as N-Triples; the number of lines."""
    statements = _statements(random.Random(seed), firms, supplies)
    return write_lines(output, (f"<{expand(s)}> <{expand(p)}> {o} .\n" for s, p, o in statements))


def _statements(chance: random.Random, firms: int, supplies: int) -> Iterator[Statement]:
    segments, items = max(20, firms // 100), max(100, firms // 20)
    yield from _chain(chance, segments)
    for number in range(items):
        yield from _named(f"it:bench-{number}", "kg:Offering", f"{chance.choice(_TRADES)}{number}")
    for number in range(CITIES):
        yield from _named(_city(number), "kg:City", f"城{number}")
    for number in range(firms):
        yield from _firm(chance, number, segments, items)
    for number in range(supplies):
        yield from _supply(chance, number, firms, items)
    yield from _capital(chance, firms)
    yield from _claims(chance)
    yield from _policies(chance, firms)


def _i(name: str) -> str:
    return f"<{expand(name)}>"


def _n(number: int) -> str:
    return f'"{number}"^^<{expand("xsd:integer")}>'


def _day(chance: random.Random) -> str:
    return f'"{chance.choice(YEARS)}-{chance.randint(1, 12):02}-01"^^<{expand("xsd:date")}>'


def _modality(chance: random.Random) -> str:
    return _i("mod:explicit" if chance.random() < 0.67 else "mod:implied")


def _city(number: int) -> str:
    return f"pl:bench-{number}" if number else "pl:shenzhen"


def _skewed(chance: random.Random, size: int) -> int:
    """A number below size, small ones far more often: a twentieth of them are half of what is drawn."""
    return int(size * chance.random() ** 4)


def _named(thing: str, of_class: str, name: str) -> Iterator[Statement]:
    yield thing, "rdf:type", _i(of_class)
    yield thing, "skos:prefLabel", f'"{name}"@zh-Hans'
    yield thing, "skos:prefLabel", f'"{thing.partition(":")[2]}"@en'


def _record(name: str, of_class: str, **values: str) -> Iterator[Statement]:
    yield f"st:bench-{name}", "rdf:type", _i(f"kg:{of_class}")
    for key, value in values.items():
        yield f"st:bench-{name}", f"kg:{key}", value


def _chain(chance: random.Random, segments: int) -> Iterator[Statement]:
    """One chain of many segments, each feeding two later ones; some others that have leaders alone."""
    yield from _named("ch:bench", "kg:IndustryChain", "基准链")
    yield "ch:bench", "kg:inCluster", f"<{CLUSTER}>"
    for number in range(segments):
        segment = f"seg:bench-{number}"
        yield from _named(segment, "kg:ChainSegment", f"{chance.choice(_TRADES)}环节{number}")
        yield segment, "kg:partOfChain", _i("ch:bench")
        yield segment, "kg:stage", _i(f"stg:{('upstream', 'midstream', 'downstream')[3 * number // segments]}")  # fmt: skip
        for _ in range(2):
            later = min(segments - 1, number + chance.randint(1, 40))
            if later > number:
                yield segment, "kg:feeds", _i(f"seg:bench-{later}")
    for number in range(segments):
        yield from _named(f"ch:bench-{number}", "kg:IndustryChain", f"链{number}")
        for kind, letter in (("leader", "l"), ("owner", "o")):
            yield from _record(f"{letter}{number}", "LeadershipRole", leads=_i(f"ch:bench-{number}"), holder=_i(f"e:bench-{number}"), mechanismKind=_i(f"mech:chain-{kind}"), validFrom=_day(chance))  # fmt: skip


def _firm(chance: random.Random, number: int, segments: int, items: int) -> Iterator[Statement]:
    firm, city = f"e:bench-{number}", _city(_skewed(chance, CITIES))
    name = f"{chance.choice(_TRADES)}企业{number}"
    yield from _named(firm, "kg:Enterprise", name)
    yield firm, "kg:basedIn", _i(city)
    yield firm, "kg:withinArea", _i(city)
    yield firm, "kg:withinArea", _i("pl:china")
    yield firm, "rov:orgActivity", f"<{BASE}id/activity/bench-{_skewed(chance, 500)}>"
    for place in range(chance.randint(1, 2)):
        segment = chance.randrange(segments)
        item = items * segment // segments + chance.randrange(items // segments)
        yield from _record(f"p{place}-{number}", "ChainParticipation", participant=_i(firm), inSegment=_i(f"seg:bench-{segment}"), modality=_modality(chance), item=_i(f"it:bench-{item}"))  # fmt: skip
    height = chance.choices(range(5), (50, 25, 15, 8, 2))[0]
    year = chance.choice(YEARS)
    for tier in _TIERS[:height]:
        yield firm, "kg:hasTier", _i(f"tier:{tier}")
        yield from _record(f"r{tier}-{number}", "Recognition", recognises=_i(firm), tier=_i(f"tier:{tier}"), modality=_i("mod:explicit"), year=_n(year))  # fmt: skip
        year += chance.randint(0, 3)
    yield from _record(f"f{number}", "Characterisation", about=_i(firm), aspect=_i("asp:founding"), year=_n(chance.randint(1985, 2018)))  # fmt: skip


def _supply(chance: random.Random, number: int, firms: int, items: int) -> Iterator[Statement]:
    """Half of the deliveries go to a twentieth of the firms, and come from one."""
    supplier, customer = _skewed(chance, firms), chance.randrange(firms)
    if chance.random() < 0.5:
        supplier, customer = customer, supplier
    yield from _record(f"s{number}", "SupplyRelation", supplier=_i(f"e:bench-{supplier}"), customer=_i(f"e:bench-{customer}"), modality=_modality(chance), item=_i(f"it:bench-{_skewed(chance, items)}"))  # fmt: skip


def _capital(chance: random.Random, firms: int) -> Iterator[Statement]:
    """One firm in ten has investors, one of which has often invested; investors of groups; what they claim."""
    investors = max(10, firms // 50)
    for number in range(investors):
        investor = f"inv:bench-{number}"
        yield from _named(investor, "kg:Investor", f"资本{number}")
        if number and chance.random() < 0.3:
            yield investor, "kg:partOfOrganization", _i(f"inv:bench-{chance.randrange(number)}")
        yield from _record(f"c{number}", "Observation", indicator=_i("ind:invested-count"), feature=_i(investor), value=_n(chance.randint(1, 300)), population=_i("pop:stage-growth"))  # fmt: skip
        yield from _record(f"h{number}", "Observation", indicator=_i("ind:portfolio-share"), feature=_i(investor), value=_n(chance.randint(1, 100)), population=_i("pop:stage-growth"))  # fmt: skip
    for number in range(firms // 5):
        yield from _record(f"i{number}", "Investment", investor=_i(f"inv:bench-{_skewed(chance, investors)}"), investee=_i(f"e:bench-{chance.randrange(firms // 10)}"), date=_day(chance), growthStage=_i(f"gst:{chance.choice(_STAGES)}"))  # fmt: skip


def _claims(chance: random.Random) -> Iterator[Statement]:
    """What is claimed of cities by year, so that figures can be computed from others."""
    for year in YEARS:
        yield f"per:bench-{year}", "kg:yearNumber", _n(year)
    for city in range(CITIES):
        for year in YEARS:
            for name, most in (("stock-count", 2_000), ("stock-count", 2_000), ("new-count", 300), ("density-per-km2", 9), ("avg-market-cap", 500), ("avg-rd-spend", 90), ("avg-rd-intensity", 20), ("avg-revenue", 900), ("total-market-cap", 90_000)):  # fmt: skip
                value = _n(chance.randint(1, most))
                yield from _record(f"o{chance.getrandbits(60)}", "Observation", indicator=_i(f"ind:{name}"), feature=_i(_city(city)), population=_i("pop:lg-valid"), period=_i(f"per:bench-{year}"), value=value, lower=value, upper=value, modality=_i("mod:explicit"), factId='"B"')  # fmt: skip
            yield from _record(f"k{city}-{year}", "RankChange", city=_i(_city(city)), year=_n(year), toRank=_n(chance.randint(1, CITIES)))  # fmt: skip


def _policies(chance: random.Random, firms: int) -> Iterator[Statement]:
    """Measures of cities with the firms that they reach, parks, scenarios and claimed causes."""
    measures = max(10, firms // 50)
    for number in range(measures):
        yield from _record(f"m{number}", "PolicyMeasure", jurisdiction=_i(_city(chance.randrange(CITIES))), instrument=_i(chance.choice(("ins:recognition-award", "ins:rd-bonus"))), eligibleTier=_i(f"tier:{chance.choice(_TIERS)}"), validFrom=_day(chance), modality=_modality(chance), statementText=f'"措施 {number}"@zh-Hans')  # fmt: skip
        yield from _record(f"a{number}", "ApplicationScenario", place=_i(_city(chance.randrange(CITIES))), year=_n(chance.choice(YEARS)))  # fmt: skip
        yield from _record(f"e{number}", "Characterisation", about=_i(f"st:bench-m{number}"), aspect=_i("asp:effect"), statementText=f'"据称的效果 {number}"@zh-Hans')  # fmt: skip
    for number in range(firms):
        for kind in ("eligibleFor", "possiblyEligibleFor"):
            yield f"e:bench-{number}", f"kg:{kind}", _i(f"st:bench-m{chance.randrange(measures)}")
