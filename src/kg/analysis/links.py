"""Links between things by number, as figures over all of them are computed."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

Links = Mapping[str, Collection[str]]
"""What directly follows each thing."""


@dataclass(frozen=True)
class Network:
    """Things, numbered from 0, and the links between them."""

    things: Sequence[str]
    pairs: Sequence[tuple[int, int]]
    """Each once."""


def number_links(links: Links, things: Iterable[str] = ()) -> Network:
    """The network of links, in which each of `things` stands even without one. Linear in the links."""
    numbers = {thing: number for number, thing in enumerate(dict.fromkeys(things))}
    for tail, heads in links.items():
        for thing in (tail, *heads):
            numbers.setdefault(thing, len(numbers))
    pairs = [(numbers[tail], numbers[head]) for tail, heads in links.items() for head in set(heads)]
    return Network(list(numbers), pairs)
