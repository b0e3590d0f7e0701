"""Hits in a language: what each is called, what it is, where it stands and why it was found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kg.namespaces import BASE, compact
from kg.search.lookup import Hit, LabelIndex
from kg.search.things import COUNTED
from kg.words import type_name, words

_MAX_OTHERS: Final = 4
_MAX_VALUES: Final = 3


@dataclass(frozen=True)
class Line:
    """A hit as a person reads it."""

    iri: str
    path: str
    label: str
    type: str
    where: str
    """City, chain and stage, where they are recorded."""
    others: list[str]
    matched: str
    way: str
    reason: str
    """Why it was found, where its label does not show it."""


def describe(index: LabelIndex, hits: Sequence[Hit], lang: str) -> list[Line]:
    """The hits in a language, with the names of what they are and where they stand."""
    named = index.get(iri for hit in hits for facet in COUNTED for iri in hit.facets[facet])
    lines = []
    for hit in hits:
        parts = {
            facet: [label_of(named, iri, lang) for iri in hit.facets[facet]] for facet in COUNTED
        }
        where = " · ".join(
            "/".join(values[:_MAX_VALUES]) + ("/…" if len(values) > _MAX_VALUES else "")
            for values in (parts["city"], parts["chain"], parts["stage"])
            if values
        )
        lines.append(
            Line(
                hit.iri,
                path_of(hit.iri),
                hit.label(lang),
                ", ".join(parts["type"]),
                where,
                hit.others(lang)[:_MAX_OTHERS],
                hit.matched,
                hit.way,
                _reason(hit, lang),
            )
        )
    return lines


def label_of(named: Mapping[str, Hit], iri: str, lang: str) -> str:
    """The name of a class or a place; a class of another vocabulary is named by the interface."""
    return named[iri].label(lang) if iri in named else type_name(lang, compact(iri))


def _reason(hit: Hit, lang: str) -> str:
    if hit.matched == hit.label(lang) and hit.way in ("exact", "prefix", "word"):
        return ""
    matched = words(lang, "search.matched", name=hit.matched)
    return f"{matched} ({words(lang, f'search.way_{hit.way}')})"


def path_of(iri: str) -> str:
    """Where this server answers for an IRI; the IRI where it is not ours."""
    return f"/{iri.removeprefix(BASE)}" if iri.startswith(BASE) else iri
