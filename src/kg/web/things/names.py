"""What a thing is called: in which language, by which other names, under which codes."""

from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from kg.namespaces import EXTERNAL_PREFIXES
from kg.network.statements import Statements
from kg.web.tables import Cell
from kg.web.things.facts import name_cell

_SKOS: Final = EXTERNAL_PREFIXES["skos"]
_DCTERMS: Final = EXTERNAL_PREFIXES["dcterms"]
_ADMS: Final = EXTERNAL_PREFIXES["adms"]
_NAMES: Final = (_SKOS + "prefLabel", EXTERNAL_PREFIXES["rdfs"] + "label", _DCTERMS + "title")
_CANONICAL: Final = {"zh-hans": "zh-Hans", "zh-hant": "zh-Hant", "zh-cn": "zh-CN", "zh-tw": "zh-TW"}
"""Tags as they are written; the store keeps them in lower case."""


@dataclass(frozen=True)
class Name:
    """A name and its language."""

    text: str
    lang: str


@dataclass(frozen=True)
class Code:
    """What a register calls a thing."""

    text: str
    agency: str
    issued: str
    page: Cell


@dataclass(frozen=True)
class Names:
    """All names of a thing but the one in its heading."""

    languages: list[Name]
    others: list[Name]
    misprints: list[Name]
    """Forms that sources print and that are wrong."""
    codes: list[Code]


def read_names(statements: Statements, iri: str) -> Names:
    """The names of a thing, each once."""
    seen = {statements.label(iri)}

    def named(*predicates: str) -> list[Name]:
        terms = [term for p in predicates for term in statements.terms(iri, p)]
        found = []
        for term in terms:
            text = str(term.value) if isinstance(term, ox.Literal) else ""
            if text and text not in seen:
                seen.add(text)
                tag = getattr(term, "language", None) or ""
                found.append(Name(text, _CANONICAL.get(tag, tag)))
        return sorted(found, key=lambda name: (name.lang, name.text))

    return Names(
        languages=named(*_NAMES),
        others=named(_SKOS + "altLabel"),
        misprints=named(_SKOS + "hiddenLabel"),
        codes=[
            _read_code(statements, code) for code in statements.objects(iri, _ADMS + "identifier")
        ],
    )


def _read_code(statements: Statements, code: str) -> Code:
    agency = statements.one(code, _ADMS + "schemaAgency")
    return Code(
        statements.one(code, _SKOS + "notation"),
        statements.label(agency) if agency.startswith("https:") else agency,
        statements.one(code, _DCTERMS + "issued"),
        name_cell(statements, code),
    )
