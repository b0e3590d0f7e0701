"""Search by name: the page, and the suggestions under a search box."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, render_template, request

from kg.namespaces import PREFIXES, compact, resolve
from kg.search.folding import MAX_CHARACTERS
from kg.search.lines import describe, label_of
from kg.search.lookup import MAX_COUNTED, Found, LabelIndex
from kg.search.things import COUNTED
from kg.search.ways import GUESSES
from kg.web.frame import write_address
from kg.web.language import language
from kg.web.services import services
from kg.web.things.page import SUFFIXES
from kg.web.things.subject import bind, editor_address
from kg.words import words

blueprint = Blueprint("search", __name__)

PAGE_SIZE: Final = 20
MAX_SUGGESTIONS: Final = 10
SHOWN_VALUES: Final = 12
"""Values of a facet that the page lists; it says how many there are."""

_PREFIX_OF: Final = {"type": "kg", "stage": "stg", "chain": "ch", "city": "pl"}
"""What values of a facet begin with, so that an address can say `city=shenzhen`."""


@dataclass(frozen=True)
class Asked:
    """What an address asks of the index, and a page of what is found."""

    text: str
    where: dict[str, str]
    page: int
    found: Found
    notices: list[str]
    """What was not understood, cut or guessed."""


def read_asked(index: LabelIndex, lang: str) -> Asked:
    """By `q`, the facets and `page`; past the last page, the last one."""
    text = request.args.get("q", "").strip()
    where, notices = _conditions(lang)
    page = _page(lang, notices)
    if len(text) > MAX_CHARACTERS:
        notices.append(words(lang, "search.cut", n=MAX_CHARACTERS))
    found = index.find(text, where=where, start=(page - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    if not found.hits and found.total:
        page = (found.total + PAGE_SIZE - 1) // PAGE_SIZE
        found = index.find(text, where=where, start=(page - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    if found.hits and found.hits[0].way in GUESSES:
        notices.append(words(lang, "search.guessed"))
    return Asked(text, where, page, found, notices)


@blueprint.get("/search")
def search() -> str:
    """Things whose names or codes match `q`, with facets; without `q`, everything there is."""
    lang, index = language(), services().labels()
    asked = read_asked(index, lang)
    text, where, page, found = asked.text, asked.where, asked.page, asked.found
    return render_template(
        "search.html",
        text=text,
        searches=True,
        where=where,
        found=found,
        lines=describe(index, found.hits, lang),
        facets=_facets(index, found, where, lang),
        conditions=_dropped(index, text, where, lang),
        notices=asked.notices,
        files={suffix.upper(): write_address(f"/search.{suffix}") for suffix in SUFFIXES},
        queries=query_addresses(asked, lang),
        first=(page - 1) * PAGE_SIZE + 1,
        last=(page - 1) * PAGE_SIZE + len(found.hits),
        limit=MAX_COUNTED,
        previous=_link(text, where, page - 1) if page > 1 else "",
        next=_link(text, where, page + 1) if page * PAGE_SIZE < found.total else "",
    )


def query_addresses(asked: Asked, lang: str) -> dict[str, str]:
    """Where the editor opens with what the page shows and, for a text, with the names that contain it."""
    found = {}
    if asked.found.hits:
        iris = [hit.iri for hit in asked.found.hits]
        found[words(lang, "search.query_hits")] = editor_address(bind("hits", iris))
    if asked.text:
        text = bind("containing", [asked.text[:MAX_CHARACTERS]])
        found[words(lang, "search.query_containing")] = editor_address(text)
    return found


@blueprint.get("/suggest")
def suggest() -> Response:
    """The best hits for what is typed so far, each with the name that matched and how."""
    lang, text = language(), request.args.get("q", "")
    where, _ = _conditions(lang)
    limit = request.args.get("limit", MAX_SUGGESTIONS, type=int)
    index = services().labels()
    hits = []
    if text.strip():
        hits = index.suggest(text, where=where, limit=max(1, min(limit, MAX_SUGGESTIONS)))
    lines = [
        {
            "iri": line.iri,
            "path": line.path,
            "label": line.label,
            "type": line.type,
            "where": line.where,
            "matched": line.matched,
            "how": line.way,
            "reason": line.reason,
        }
        for line in describe(index, hits, lang)
    ]
    return jsonify({"query": text[:MAX_CHARACTERS], "hits": lines})


def _conditions(lang: str) -> tuple[dict[str, str], list[str]]:
    """The facets asked for, as IRIs, and what was not understood of them."""
    asked = {facet: request.args.get(facet, "").strip() for facet in COUNTED}
    where = {
        facet: resolve(text, slug_of=_PREFIX_OF[facet]) for facet, text in asked.items() if text
    }
    bad = [facet for facet, iri in where.items() if "://" not in iri]
    notices = [words(lang, "search.ignored", name=facet) for facet in bad]
    return {facet: iri for facet, iri in where.items() if facet not in bad}, notices


def _page(lang: str, notices: list[str]) -> int:
    text = request.args.get("page", "") or "1"
    if not (text.isascii() and text.isdigit()) or not int(text[:9]) > 0:
        notices.append(words(lang, "search.ignored", name="page"))
        return 1
    return min(int(text[:9]), MAX_COUNTED // PAGE_SIZE)


def _short(facet: str, iri: str) -> str:
    prefix = PREFIXES[_PREFIX_OF[facet]]
    return iri.removeprefix(prefix) if iri.startswith(prefix) else compact(iri)


def _link(text: str, where: dict[str, str], page: int = 1) -> str:
    """The address of another page of hits, in the language of this one."""
    parameters = {"q": text} | {facet: _short(facet, iri) for facet, iri in where.items()}
    if page > 1:
        parameters["page"] = str(page)
    if "lang" in request.args:
        parameters["lang"] = language()
    return f"/search?{urlencode(parameters)}"


def _facets(
    index: LabelIndex, found: Found, where: dict[str, str], lang: str
) -> dict[str, dict[str, object]]:
    """For each facet with a choice its values: label, count, address."""
    text = request.args.get("q", "").strip()
    shown = {
        facet: list(counts.items())[:SHOWN_VALUES]
        for facet, counts in found.counts.items()
        if len(counts) > 1 and facet not in where
    }
    named = index.get(iri for values in shown.values() for iri, _ in values)
    return {
        facet: {
            "values": [
                (
                    label_of(named, iri, lang),
                    count,
                    _link(text, {**where, facet: iri}),
                )
                for iri, count in values
            ],
            "total": len(found.counts[facet]),
        }
        for facet, values in shown.items()
    }


def _dropped(
    index: LabelIndex, text: str, where: dict[str, str], lang: str
) -> list[tuple[str, str, str]]:
    """The conditions in force: facet, value, and the address without it."""
    named = index.get(where.values())
    return [
        (
            facet,
            label_of(named, iri, lang),
            _link(text, {other: value for other, value in where.items() if other != facet}),
        )
        for facet, iri in where.items()
    ]
