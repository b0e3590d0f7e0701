"""The SPARQL query of a state: it asks for the very things and links that the explorer shows, before its caps.

One row for each link, and one with nothing but `?subject` for a thing at which none begins. What an
expansion added stands in it by name: twenty of a type, ranked, is nothing that a pattern could say.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from kg.namespaces import PREFIXES, compact
from kg.network.edges import RELATIONS, ROLE_KINDS, STATED
from kg.network.explore import Selection
from kg.network.filters import HUBS
from kg.network.paths import MAX_STEPS
from kg.network.state import ALL_CHAINS, State
from kg.network.styles import TYPES
from kg.network.walk import BESIDE

_CLASS: Final = "FILTER EXISTS { ?record a ?kind }"
"""Asked last: as one pattern among others engines begin with it, and read every record of the class."""

_PLAIN: Final = re.compile(r"[a-z][\w-]*:[A-Za-z][\w-]*", re.ASCII)
"""Prefixed names that need no escape in a query."""


def write_query(state: State, selection: Selection, title: str) -> str:
    """The query, with the title as a comment; 1 KB, more with every step, ten at most.

    It costs the endpoint as much as the walk itself, twice: milliseconds around a firm, seconds for
    every chain.
    """
    lines = [f"# {' '.join(title.split())}"]
    if selection.ways:
        steps = max(selection.ways.steps.values(), default=0 if state.source == state.target else MAX_STEPS)  # fmt: skip
        body = _ways(state.source, state.target, steps)
    else:
        body = _Asked(state, tuple(selection.expanded)).rows()
    used = sorted(set(re.findall(r"(?<![\w<:/#])([a-z]+):[A-Za-z]", body)) & PREFIXES.keys())
    return "\n".join([*lines, *(f"PREFIX {name}: <{PREFIXES[name]}>" for name in used), body, ""])


@dataclass(frozen=True)
class _Asked:
    """The parts of the query of a state. A part is a pattern over the variable whose name it is given."""

    state: State
    added: tuple[str, ...]

    @property
    def _centres(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(filter(None, (self.state.focus, *self.state.expand))))

    def rows(self) -> str:
        """The whole query."""
        names = _rows(
            f"kg:{r.kind} kg:{r.tail} kg:{r.head} kg:{r.predicate}" for r in RELATIONS
        )  # fmt: skip
        always = " ".join(_term(iri) for iri in STATED if iri not in BESIDE)
        links = [
            f"{{ VALUES (?kind ?tail ?head ?predicate) {{ {names} }}\n"
            f"  ?record ?tail ?subject ; ?head ?object {_CLASS}{self._holding('record')} }}",
            f"{{ VALUES ?predicate {{ {always} }} ?subject ?predicate ?object }}",
        ]
        if self._centres:
            beside, centres = " ".join(map(_term, BESIDE)), _list(self._centres)
            links.append(
                f"{{ VALUES ?predicate {{ {beside} }} ?subject ?predicate ?object\n"
                f"  FILTER(?subject IN ({centres}) || ?object IN ({centres})) }}"
            )
        optional = _select("object", self._kept("object")) + "\n" + "\nUNION ".join(links)
        body = _select("subject", self._kept("subject")) + f"\nOPTIONAL {{\n{_indent(optional)}\n}}"
        return f"SELECT DISTINCT ?subject ?predicate ?object ?record WHERE {{\n{_indent(body)}\n}}"

    def _kept(self, name: str) -> str:
        """Things that are shown."""
        state = self.state
        kept = self._passing(name)
        if state.min_degree:
            other = f"{name}Neighbour"
            near = _select(other, self._passing(other)) + "\n" + self._step(name, other, self._centres)  # fmt: skip
            spared = f" || ?{name} IN ({_list(self._centres)})" if self._centres else ""
            kept = (
                f"{{ SELECT ?{name} WHERE {{\n"
                + _indent(f"{_select(name, kept)}\nOPTIONAL {{\n{_indent(near)}\n}}")
                + f"\n}} GROUP BY ?{name} HAVING (COUNT(DISTINCT ?{other}) >= {state.min_degree}{spared}) }}"
            )
        return kept + (f"\nFILTER(?{name} NOT IN ({_list(state.hide)}))" if state.hide else "")

    def _passing(self, name: str) -> str:
        """Things near enough that pass the filters, and what was added by hand."""
        checks = [*self._type(name), *self._stage(name), *self._city(name)]
        near = self._within(name, self.state.hops)
        if checks:
            focus = f"?{name} = {_term(self.state.focus)} || " if self.state.focus else ""
            near += "\nFILTER(" + focus + " && ".join(f"({check})" for check in checks) + ")"
        if not self.added:
            return near
        names = " ".join(map(_term, self.added))
        return f"{{\n{_indent(near)}\n}} UNION {{ VALUES ?{name} {{ {names} }} }}"

    def _within(self, name: str, hops: int) -> str:
        """The middle, and what so many steps lead to, never through a place, a chain or a policy."""
        if not hops:
            return self._seeds(name)
        near = f"step{hops}"
        before = self._within(near, hops - 1)
        beside = [self.state.focus] if self.state.focus else []
        if hops > 1:
            before += f"\nFILTER({f'?{near} = {_term(self.state.focus)} || ' if self.state.focus else ''}NOT EXISTS {{ {_is(near, HUBS)} }})"  # fmt: skip
        start = _select(near, before) if hops > 1 else before
        further = start + "\n" + self._step(near, name, beside)
        return f"{{ {self._seeds(name)} }}\nUNION {{\n{_indent(further)}\n}}"

    def _seeds(self, name: str) -> str:
        if self.state.focus:
            return f"VALUES ?{name} {{ {_term(self.state.focus)} }}"
        chains = [] if ALL_CHAINS in self.state.chain else self.state.chain
        given = f"VALUES ?chain {{ {' '.join(map(_term, chains))} }} " if chains else ""
        return f"{given}?{name} kg:partOfChain ?chain"

    def _step(self, near: str, far: str, centres: Collection[str]) -> str:
        """One link from a thing to another, in either direction; seats and chains only at the centres."""
        roles = _rows(
            f"kg:{r.kind} kg:{one} kg:{other}"
            for r in RELATIONS
            for one, other in ((r.tail, r.head), (r.head, r.tail))
        )
        parts = [
            f"{{ VALUES (?kind ?from ?to) {{ {roles} }}\n"
            f"  ?record ?from ?{near} ; ?to ?{far} {_CLASS}{self._holding('record')} }}",
            f"{{ ?{near} {_either(iri for iri in STATED if iri not in BESIDE)} ?{far} }}",
        ]
        if centres:
            parts.append(
                f"{{ ?{near} {_either(BESIDE)} ?{far} "
                f"FILTER(?{near} IN ({_list(centres)}) || ?{far} IN ({_list(centres)})) }}"
            )
        return "\nUNION ".join(parts)

    def _holding(self, record: str) -> str:
        """What the filters want of a record."""
        text = ""
        if self.state.year:
            years = ", ".join(f'"{year}"' for year in self.state.year)
            text += f"\n  ?{record} kg:year ?year FILTER(SUBSTR(STR(?year), 1, 4) IN ({years}))"
        if self.state.confidence:
            wanted = _list(self.state.confidence)
            text += f"\n  ?{record} kg:modality ?modality FILTER(?modality IN ({wanted}))"
        return text

    def _type(self, name: str) -> Iterable[str]:
        if self.state.type:
            yield f"EXISTS {{ {_is(name, self.state.type)} }}"

    def _stage(self, name: str) -> Iterable[str]:
        if self.state.stage:
            places = [
                f"{{ ?{name} kg:stage ?stage }}",
                f"{{ ?place kg:participant ?{name} ; kg:inSegment/kg:stage ?stage FILTER EXISTS {{ ?place a kg:ChainParticipation }}{self._holding('place')} }}",
            ]
            if centres := _list(self._centres):
                places.append(f"{{ ?segment kg:partOfChain ?{name} ; kg:stage ?stage FILTER(?{name} IN ({centres}) || ?segment IN ({centres})) }}")  # fmt: skip
            stages = _list(self.state.stage)
            yield f"EXISTS {{ {' UNION '.join(places)} FILTER(?stage IN ({stages})) }}"

    def _city(self, name: str) -> Iterable[str]:
        if self.state.city:
            yield (
                f"EXISTS {{ ?{name} kg:basedIn|kg:withinArea ?area FILTER(?area IN ({_list(self.state.city)})) }}"
                f" || NOT EXISTS {{ {{ ?{name} kg:basedIn ?seat }} UNION {_is(name, ['enterprise'])} }}"
            )


def _ways(source: str, target: str, steps: int) -> str:
    """Every way of so many steps from one thing to another; a row a way, relations between the things."""
    roles = _rows(
        f"kg:{r.kind} kg:{one} kg:{other} kg:{r.predicate}"
        for r in RELATIONS
        for one, other in ((r.tail, r.head), (r.head, r.tail))
    )
    stated = " ".join(map(_term, STATED))
    body, names = f"VALUES ?thing0 {{ {_term(source)} }}", "?thing0"
    for n in range(1, steps + 1):
        near, far, by = f"?thing{n - 1}", f"?thing{n}", f"?relation{n}"
        # steps inside each other: side by side engines begin at both ends and at every record
        body = (
            f"{{ SELECT DISTINCT {names} WHERE {{\n{_indent(body)}\n}} }}\n"
            if n > 1
            else f"{body}\n"
        )
        body += (
            f"{{ VALUES (?kind ?from ?to {by}) {{ {roles} }}\n"
            f"  ?record ?from {near} ; ?to {far} {_CLASS} }}\n"
            f"UNION {{ VALUES {by} {{ {stated} }} {near} {by} {far} }}\n"
            f"UNION {{ VALUES {by} {{ {stated} }} {far} {by} {near} }}\n"
        )
        last = (
            f"?thing{n} = {_term(target)}"
            if n == steps
            else f"NOT EXISTS {{ {_is(far[1:], HUBS)} }}"
        )
        body += f"FILTER({last})"
        names += f" {by} {far}"
    return f"SELECT DISTINCT {names} WHERE {{\n{_indent(body)}\n}}"


def _is(name: str, kinds: Collection[str]) -> str:
    """That a thing is of one of these types: by its class, else by its role in what connects it."""
    wanted = " ".join(f"kg:{name}" for name, kind in TYPES.items() if kind in kinds)
    every = " ".join(f"kg:{name}" for name in TYPES)
    roles = [f"^kg:{role}" for role, kind in ROLE_KINDS.items() if kind in kinds]
    for iri, (tail, head) in STATED.items():
        roles += [_term(iri)] * (tail in kinds) + [f"^{_term(iri)}"] * (head in kinds)
    classed = f"{{ VALUES ?class {{ {wanted} }} ?{name} a ?class }}" if wanted else ""
    by_role = f"{{ ?{name} {'|'.join(roles)} ?any FILTER NOT EXISTS {{ VALUES ?class {{ {every} }} ?{name} a ?class }} }}"  # fmt: skip
    return " UNION ".join(filter(None, (classed, by_role if roles else ""))) or "FILTER(false)"


def _either(predicates: Iterable[str]) -> str:
    return "|".join(f"{sign}{_term(iri)}" for iri in predicates for sign in ("", "^"))


def _rows(rows: Iterable[str]) -> str:
    return " ".join(f"({row})" for row in rows)


def _select(name: str, pattern: str) -> str:
    return f"{{ SELECT DISTINCT ?{name} WHERE {{\n{_indent(pattern)}\n}} }}"


def _list(iris: Iterable[str]) -> str:
    return ", ".join(map(_term, iris))


def _term(iri: str) -> str:
    """An IRI as a query writes it."""
    short = compact(iri)
    return short if _PLAIN.fullmatch(short) else str(ox.NamedNode(iri))


def _indent(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())
