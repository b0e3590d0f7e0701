"""Makes a national graph of enterprises of any size, the same bytes for the same seed.

    python tests/benchmarks/generate.py --triples 1000000 > million.nt
    python tests/benchmarks/generate.py --enterprises 100000 --supply-edges 300000 --format nq > chains.nq

About 13 triples an enterprise: labels in Chinese and English, seat, tier, activity, segment and
staff; then recognitions and investments as records of their own, and supply. Cities, segments,
investors and the degrees of supply are skewed (Zipf, preferential attachment), staff is log-normal.
Written as it is made: memory stays at some MB plus 8 bytes a supply edge. 1M triples in about 5 s.
"""

import argparse
import random
import sys
from array import array
from collections.abc import Iterable, Iterator
from itertools import accumulate, islice
from typing import IO, Final

from kg.namespaces import PREFIXES, expand

CITIES: Final = 337
SEGMENTS: Final = 400
INVESTORS: Final = 2_000
ACTIVITIES: Final = 600
TRIPLES_EACH: Final = 13
"""Triples of one enterprise on average; `--triples` divides by it."""

_TIERS: Final = (
    ("innovative-sme", 62),
    ("specialised-sme", 30),
    ("little-giant", 7),
    ("single-champion", 1),
)
_ROUNDS: Final = ("angel", "series-a", "series-b", "series-c", "strategic")
_NAMES: Final = (
    ("精", "Jing"), ("华", "Hua"), ("新", "Xin"), ("科", "Ke"), ("德", "De"), ("瑞", "Rui"), ("恒", "Heng"),
    ("智", "Zhi"), ("源", "Yuan"), ("信", "Xin"), ("达", "Da"), ("力", "Li"), ("光", "Guang"), ("微", "Wei"),
    ("创", "Chuang"), ("联", "Lian"), ("兴", "Xing"), ("海", "Hai"), ("天", "Tian"), ("泰", "Tai"),
)  # fmt: skip
_TRADES: Final = (
    ("精密机械", "Precision Machinery"), ("机器人", "Robotics"), ("传感技术", "Sensing"), ("半导体", "Semiconductor"),
    ("新材料", "New Materials"), ("电机", "Motors"), ("光电", "Photonics"), ("电池", "Battery"), ("软件", "Software"),
)  # fmt: skip
_A: Final = f"<{expand('rdf:type')}>"
_LABEL: Final = f"<{expand('skos:prefLabel')}>"
_STAFF: Final = f"<{expand('schema:numberOfEmployees')}>"
_INTEGER: Final = f"^^<{expand('xsd:integer')}>"
_DATE: Final = f"^^<{expand('xsd:date')}>"
_DECIMAL: Final = f"^^<{expand('xsd:decimal')}>"
_GRAPHS: Final = ("register", "recognitions", "capital", "supply")
"""Last part of the names of the graphs, below BASE + graph/bulk/, for N-Quads."""


def main() -> None:
    """Writes the graph that the command line asks for to standard output."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    size = parser.add_mutually_exclusive_group(required=True)
    size.add_argument("--triples", type=int, help="about so many")
    size.add_argument("--enterprises", type=int)
    parser.add_argument(
        "--supply-edges", type=int, help="twice as many as enterprises unless given"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--format", choices=("nt", "nq"), default="nt")
    options = parser.parse_args()
    write(
        sys.stdout.buffer,
        options.enterprises or max(1, options.triples // TRIPLES_EACH),
        supply_edges=options.supply_edges,
        seed=options.seed,
        quads=options.format == "nq",
    )


def write(
    output: IO[bytes],
    enterprises: int,
    *,
    supply_edges: int | None = None,
    seed: int = 1,
    quads: bool = False,
) -> int:
    """Writes the graph as N-Triples, or as N-Quads in four named graphs; the number of lines."""
    edges = 2 * enterprises if supply_edges is None else supply_edges
    names = [f" <{PREFIXES['g']}bulk/{graph}>" if quads else "" for graph in _GRAPHS]
    statements = _statements(random.Random(seed), enterprises, edges)
    return write_lines(output, (f"{said}{names[graph]} .\n" for graph, said in statements))


def write_lines(output: IO[bytes], lines: Iterable[str]) -> int:
    """Writes lines, some thousand at a time; their number."""
    count, waiting = 0, iter(lines)
    while block := list(islice(waiting, 10_000)):
        count += len(block)
        output.write("".join(block).encode())
    return count


def _statements(chance: random.Random, enterprises: int, edges: int) -> Iterator[tuple[int, str]]:
    """Number of the graph, and subject, predicate and object as N-Triples writes them."""
    yield from ((0, f"{s} {_A} <{expand('kg:City')}>") for s in map(_city, range(CITIES)))
    yield from (
        (2, f"{_node('inv', 'f', n)} {_A} <{expand('kg:Investor')}>") for n in range(INVESTORS)
    )
    skewed = {size: list(accumulate(1 / (rank + 1) for rank in range(size))) for size in (CITIES, SEGMENTS, INVESTORS, ACTIVITIES)}  # fmt: skip

    def pick(size: int) -> int:
        return chance.choices(range(size), cum_weights=skewed[size])[0]

    for number in range(enterprises):
        firm = enterprise(number)
        yield from (
            (0, f"{firm} {rest}")
            for rest in _register(chance, number, pick(CITIES), pick(ACTIVITIES))
        )
        if chance.random() < 0.9:
            yield (
                0,
                f"{firm} <{expand('kg:participatesIn')}> {_node('segment', 's', pick(SEGMENTS))}",
            )
        yield from ((1, line) for line in _recognitions(chance, number, firm))
        for deal in range(int(chance.random() < 0.1) * (1 + int(chance.paretovariate(2)))):
            yield from (
                (2, line) for line in _investment(chance, number, deal, firm, pick(INVESTORS))
            )
    yield from ((3, line) for line in _supply(chance, enterprises, edges))


def _node(kind: str, letter: str, number: int) -> str:
    return f"<https://w3id.org/industry-kg/id/{kind}/{letter}{number}>"


def enterprise(number: int) -> str:
    """The enterprise with this number, from 0, as N-Triples writes it."""
    return _node("ent", "n", number)


def _city(number: int) -> str:
    return f"<{PREFIXES['pl']}shenzhen>" if number == 0 else _node("place", "city-", number)


def _register(chance: random.Random, number: int, city: int, activity: int) -> Iterator[str]:
    (first, one), (second, two) = chance.choice(_NAMES), chance.choice(_NAMES)
    trade, english = chance.choice(_TRADES)
    tiers, weights = zip(*_TIERS, strict=True)
    yield f"{_A} <{expand('kg:Enterprise')}>"
    yield f'{_LABEL} "{first}{second}{trade}{number}"@zh-Hans'
    yield f'{_LABEL} "{one}{two.lower()} {english} {number}"@en'
    yield f"<{expand('kg:basedIn')}> {_city(city)}"
    yield f"<{expand('kg:hasTier')}> <{PREFIXES['tier']}{chance.choices(tiers, weights)[0]}>"
    yield f"<{expand('rov:orgActivity')}> {_node('activity', 'a', activity)}"
    yield f'{_STAFF} "{max(1, int(chance.lognormvariate(4, 1.2)))}"{_INTEGER}'


def _recognitions(chance: random.Random, number: int, firm: str) -> Iterator[str]:
    for step in range(chance.choices((0, 1, 2), (50, 38, 12))[0]):
        record = _node("stmt", f"r{step}-", number)
        yield f"{record} {_A} <{expand('kg:Recognition')}>"
        yield f"{record} <{expand('kg:recognises')}> {firm}"
        yield f"{record} <{expand('kg:tier')}> <{PREFIXES['tier']}{_TIERS[step][0]}>"
        yield f'{record} <{expand("kg:validFrom")}> "{2018 + chance.randrange(8)}-{1 + chance.randrange(12):02}-01"{_DATE}'


def _investment(
    chance: random.Random, number: int, deal: int, firm: str, investor: int
) -> Iterator[str]:
    record = _node("stmt", f"i{deal}-", number)
    yield f"{record} {_A} <{expand('kg:Investment')}>"
    yield f"{record} <{expand('kg:investor')}> {_node('inv', 'f', investor)}"
    yield f"{record} <{expand('kg:investee')}> {firm}"
    yield f"{record} <{expand('kg:round')}> <{PREFIXES['round']}{chance.choice(_ROUNDS)}>"
    yield f'{record} <{expand("kg:amount")}> "{chance.lognormvariate(3, 1.5):.1f}"{_DECIMAL}'


def _supply(chance: random.Random, enterprises: int, edges: int) -> Iterator[str]:
    """Whom a firm supplies: half by chance, half those who already have suppliers."""
    predicate, customers = f"<{expand('kg:suppliesTo')}>", array("L")
    for _ in range(edges):
        supplier = int(enterprises * chance.random() ** 2)
        popular = customers and chance.random() < 0.5
        customer = chance.choice(customers) if popular else chance.randrange(enterprises)
        customers.append(customer)
        yield f"{enterprise(supplier)} {predicate} {enterprise(customer)}"


if __name__ == "__main__":
    main()
