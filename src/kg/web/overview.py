"""The first page: search, counts with what they are counts of, chains, a lane picture, the cities."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from flask import Blueprint, render_template, request

from kg.namespaces import resolve
from kg.network.build import build_lanes
from kg.network.draw import draw_model
from kg.network.texts import TEXTS as NETWORK_TEXTS
from kg.queries import find_part, find_queries, get_query
from kg.release.manifest import Manifest
from kg.store import Row, Store
from kg.store.caching import cached_by_store
from kg.web.explorer import page_assets
from kg.web.language import language
from kg.web.overview_files import file_addresses, query_addresses
from kg.web.questions import figure
from kg.web.services import services
from kg.web.tables import find_passages

blueprint = Blueprint("overview", __name__)

COUNTED: Final = (
    "enterprises", "chains", "cities", "investors", "policies", "records", "sources", "conflicts", "triples",
)  # fmt: skip
"""Counts of the manifest that the page shows, in order."""
_LISTS: Final = {
    **{
        name: f"/{name}"
        for name in ("enterprises", "chains", "cities", "investors", "policies", "sources")
    },
    "conflicts": "/conflicts",
}
"""Where each count is listed."""
_FIRST_CHAIN: Final = "humanoid"
_FIRST_QUESTIONS: Final = (
    "suppliers-and-customers", "segment-gaps", "support-instruments", "conflicts", "compare-cities", "statements-about",
)  # fmt: skip


@dataclass(frozen=True)
class ChainCard:
    """A chain as the page lists it."""

    iri: str
    slug: str
    name: str
    segments: int
    filled: int
    """Segments with at least one enterprise on record."""
    firms: int


@dataclass(frozen=True)
class Coverage:
    """A number that a source claims, and how many of these are recorded one by one."""

    claimed: int
    recorded: int
    record: str
    """Path of the passage that claims it, or of the record where it rests on none."""


@blueprint.route("/")
def overview() -> str:
    """Counts, chains, the lanes of one chain, the cities by year, what changed last, sources."""
    found, lang = services(), language()
    store = found.store()
    chains = read_chains(store, found.root, lang)
    chosen = _choose([chain.iri for chain in chains])
    return render_template(
        "overview.html",
        manifest=Manifest.of(store),
        counted=COUNTED,
        lists=_LISTS,
        coverage=read_coverage(store, found.root),
        chains=[chain for chain in chains if chain.firms],
        empty_chains=[chain for chain in chains if not chain.firms],
        chosen=chosen,
        model=_draw(store, chosen, lang, found.root) if chosen else None,
        nt=NETWORK_TEXTS[lang],
        assets=page_assets(),
        race=figure("city-race"),
        ranks=figure("city-ranks"),
        pyramid=figure("tier-pyramid"),
        changes=_rows(store, found.root, "changes", lang),
        sources=figure("sources").table,
        questions=[get_query(found.root, name) for name in _FIRST_QUESTIONS],
        question_count=len(find_queries(found.root)),
        files=file_addresses(),
        queries=query_addresses(),
    )


def _choose(chains: list[str]) -> str:
    """The chain to draw: the one of the address, else that of the articles, else the first."""
    wanted = resolve(request.args.get("chain", "") or _FIRST_CHAIN, slug_of="ch")
    return wanted if wanted in chains else next(iter(chains), "")


@cached_by_store(64)
def read_chains(store: Store, root: Path, lang: str) -> list[ChainCard]:
    """Every chain, the one with most enterprises on record first; about 10 ms."""
    cards = []
    for row in _rows(store, root, "chain-cards", lang):
        iri = _text(row, "chain")
        slug = iri.rpartition("/")[2]
        numbers = {key: int(_text(row, key) or 0) for key in ("segments", "filled", "firms")}
        cards.append(ChainCard(iri, slug, _text(row, "name") or slug, **numbers))
    return cards


@cached_by_store(8)
def read_coverage(store: Store, root: Path) -> Coverage | None:
    """The claimed number of little giants of Shenzhen against those recorded by name."""
    for row in _rows(store, root, "coverage", ""):
        claimed, recorded = int(float(_text(row, "claimed"))), int(_text(row, "recorded"))
        record = _text(row, "record")
        return Coverage(claimed, recorded, find_passages(store, [record]).get(record, ""))
    return None


@cached_by_store(64)
def _draw(store: Store, chain: str, lang: str, root: Path) -> dict[str, object]:
    return draw_model(build_lanes(store, chain, lang=lang, root=root), site=True)


def _rows(store: Store, root: Path, name: str, lang: str) -> list[Row]:
    query = find_part(root, "pages", name)
    takes = any(parameter.name == "lang" for parameter in query.parameters)
    return store.rows(query.bind({"lang": [lang]} if takes else {}))


def _text(row: Row, name: str) -> str:
    return getattr(row.get(name), "value", "")
