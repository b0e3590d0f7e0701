"""The export page: every graph with date, licence, size and digest of every file, and how to cite it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from flask import Blueprint, Response, render_template, request

from kg.errors import GraphUnknown
from kg.formats import formats_for
from kg.namespaces import BASE
from kg.queries import find_part
from kg.release.exports import ALL, ExportFile, export_name, read_exports
from kg.release.manifest import Manifest
from kg.store import Store
from kg.store.caching import cached_by_store
from kg.web.citation import write_bibtex, write_gbt7714
from kg.web.export import file_name
from kg.web.language import language
from kg.web.services import services
from kg.web.tables import Cell, find_labels, iri_cell

blueprint = Blueprint("downloads", __name__)

_LICENCES: Final = {
    "https://creativecommons.org/licenses/by/4.0/": "CC BY 4.0",
    "https://www.apache.org/licenses/LICENSE-2.0": "Apache-2.0",
    "https://opensource.org/license/mit": "MIT",
}
"""Short names; any other licence shows its address."""


@dataclass(frozen=True)
class Download:
    """One graph, or everything, as it can be taken home."""

    name: str
    """As the address calls it, such as `src/A` or `all`."""
    label: str
    statements: int
    modified: str
    licences: Mapping[str, str]
    """Short name by address."""
    trust: str
    sources: tuple[Cell, ...]
    files: Mapping[str, ExportFile]
    """By suffix; a file that was not measured is missing."""


@blueprint.route("/export")
def index() -> str:
    """What can be taken home, or with `graph` one of these with its digests and citations."""
    found, lang = services(), language()
    store, manifest = found.store(), Manifest.of(found.store())
    downloads = read_downloads(store, found.root, lang)
    wanted = request.args.get("graph", "")
    common = {"manifest": manifest, "formats": formats_for("graph"), "file_name": file_name}
    if not wanted:
        return render_template("export.html", downloads=downloads.values(), **common)
    if wanted not in downloads:
        raise GraphUnknown(f"no graph {wanted!r}; /export lists those there are")
    chosen = downloads[wanted]
    part = "" if wanted == ALL else chosen.label
    date = chosen.modified or manifest.data_date
    address = BASE if wanted == ALL else f"{BASE}graph/{wanted}"
    return render_template(
        "export_graph.html",
        download=chosen,
        bibtex=write_bibtex(store.release, date, part=part, address=address),
        gbt7714=write_gbt7714(store.release, date, part=part, address=address),
        **common,
    )


@blueprint.route("/export/SHA256SUMS")
def sums() -> Response:
    """The digests of the files, in the form that `sha256sum --check` reads, by their names on disk."""
    store = services().store()
    lines = [
        f"{file.sha256}  {file_name(name, store.release, suffix)}\n"
        for name, files in read_exports(store).items()
        for suffix, file in files.items()
    ]
    return Response("".join(lines), content_type="text/plain")


@cached_by_store(16)
def read_downloads(store: Store, root: Path, lang: str) -> dict[str, Download]:
    """Everything first, then the graphs by name; about 20 ms."""
    found = {download.name: download for download in _read(store, root, lang)}
    return dict(sorted(found.items(), key=lambda pair: (pair[0] != ALL, pair[0])))


def _read(store: Store, root: Path, lang: str) -> Iterator[Download]:
    manifest, files = Manifest.of(store), read_exports(store)
    said: dict[str, dict[str, list[str]]] = {}
    query = find_part(root, "pages", "graphs").bind({"lang": [lang]})
    for row in store.rows(query):
        values = {name: getattr(term, "value", "") for name, term in row.items()}
        name = export_name(values.pop("graph"))
        for key, value in values.items():
            said.setdefault(name, {}).setdefault(key, []).append(value)
    labels = find_labels(
        store, {iri for of_graph in said.values() for iri in of_graph.get("source", [])}
    )
    statements = {ALL: manifest.counts.get("triples", 0)}
    statements |= {export_name(graph): number for graph, number in manifest.graphs.items()}
    for name, number in statements.items():
        of_graph = said.get(name, {})
        licences = of_graph.get("licence", [])
        yield Download(
            name=name,
            label=next(iter(of_graph.get("name", [])), name),
            statements=number,
            modified=next(
                iter(of_graph.get("modified", [])), "" if name != ALL else manifest.data_date
            ),
            licences={iri: _LICENCES.get(iri, iri) for iri in dict.fromkeys(licences)},
            trust=next(iter(of_graph.get("trustName", [])), ""),
            sources=tuple(iri_cell(iri, labels) for iri in sorted(set(of_graph.get("source", [])))),
            files=files.get(name, {}),
        )
