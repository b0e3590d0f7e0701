"""What the explorer shows, as its address says it: one frozen value, parsed and written here alone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Final  # Any: a field of State

import pyoxigraph as ox

from kg.namespaces import compact, resolve
from kg.network.styles import KIND_ORDER

MAX_LIMIT: Final = 1500
MAX_HOPS: Final = 3
MAX_VALUES: Final = 100
"""Values of one parameter that are read; more are ignored with a notice."""

_PREFIXES: Final = {
    "chain": "ch", "city": "pl", "stage": "stg", "focus": "e", "expand": "e", "hide": "e",
    "from": "e", "to": "e", "confidence": "mod",
}  # fmt: skip
"""What a value without prefix means, for the parameters that name things."""

_NUMBERS: Final = {"hops": (1, MAX_HOPS), "limit": (1, MAX_LIMIT), "min_degree": (0, 10_000)}
LAYOUTS: Final = ("lanes", "flow", "radial", "force")
ALL_CHAINS: Final = "all"


@dataclass(frozen=True)
class State:
    """Everything that decides what is drawn; things are IRIs, an empty value means none given."""

    chain: tuple[str, ...] = ()
    """Chains to draw; `all` for every one."""
    focus: str = ""
    """The thing in the middle; then `hops` steps around it."""
    source: str = ""
    target: str = ""
    """Both ends of the paths to draw; `from` and `to` in the address."""
    type: tuple[str, ...] = ()
    """Types of things to draw, of KIND_ORDER; empty: all."""
    stage: tuple[str, ...] = ()
    city: tuple[str, ...] = ()
    year: tuple[str, ...] = ()
    confidence: tuple[str, ...] = ()
    """How firmly a source asserts what is drawn: modalities."""
    min_degree: int = 0
    hops: int = 1
    limit: int = 300
    layout: str = ""
    """One of LAYOUTS; empty: what suits."""
    expand: tuple[str, ...] = ()
    """Things whose neighbours are added, each time up to EXPANDED of a type."""
    hide: tuple[str, ...] = ()

    @property
    def filtered(self) -> bool:
        """Whether anything narrows the picture."""
        return bool(self.type or self.stage or self.city or self.year or self.confidence or self.min_degree)  # fmt: skip


_NAMES: Final = {"source": "from", "target": "to"}
PARAMETERS: Final = tuple(_NAMES.get(field.name, field.name) for field in fields(State))
"""Every parameter of the address, in the order in which it is written."""


@dataclass(frozen=True)
class Ignored:
    """A parameter whose value means nothing, and was left out or brought into bounds."""

    name: str
    value: str


def read_state(given: Mapping[str, Sequence[str]]) -> tuple[State, list[Ignored]]:
    """The state of an address and what of it was ignored; never an error, never a silent cut."""
    state, ignored = State(), []
    for field in fields(State):
        name = _NAMES.get(field.name, field.name)
        values = [value.strip() for value in given.get(name, ()) if value.strip()]
        ignored += [Ignored(name, value) for value in values[MAX_VALUES:]]
        read = []
        for value in values[:MAX_VALUES]:
            try:
                read.append(_read(name, value))
            except ValueError:
                ignored.append(Ignored(name, value))
        if name in _NUMBERS and values and read and str(read[0]) != values[0]:
            ignored.append(Ignored(name, values[0]))
        if read:
            state = replace(state, **{field.name: _collect(name, field.default, read)})
    return state, ignored


def _collect(name: str, default: Any, read: list[Any]) -> Any:
    if not isinstance(default, tuple):
        return read[0]
    return tuple(read) if name == "expand" else tuple(dict.fromkeys(read))


def _read(name: str, value: str) -> Any:
    """One value. Raises ValueError where it means nothing."""
    if name in _NUMBERS:
        least, most = _NUMBERS[name]
        return min(max(int(value), least), most)
    if (name == "type" and value not in KIND_ORDER) or (name == "layout" and value not in LAYOUTS):
        raise ValueError(value)
    if name == "year" and not (value.isascii() and value.isdigit() and len(value) == 4):
        raise ValueError(value)
    if name in _PREFIXES and (name, value) != ("chain", ALL_CHAINS):
        iri = resolve(value, slug_of=_PREFIXES[name])
        return iri if name == "focus" else ox.NamedNode(iri).value  # the page of a focus is 404
    return value


def write_state(state: State, **changed: Any) -> list[tuple[str, str]]:
    """The parameters of an address, in a fixed order, defaults left out; `changed` by field name."""
    state = replace(state, **changed)
    return [
        (_NAMES.get(field.name, field.name), _write(value))
        for field in fields(State)
        for value in _values(getattr(state, field.name))
        if getattr(state, field.name) != field.default
    ]


def _values(value: Any) -> Iterable[Any]:
    return value if isinstance(value, tuple) else (value,)


def _write(value: Any) -> str:
    return compact(value) if isinstance(value, str) else str(value)
