"""The export page: every graph with its files, whose digests are those of the files themselves."""

import base64
import hashlib
import re
import urllib.request

import pytest
from flask.testing import FlaskClient

from kg.formats import formats_for
from kg.release.exports import read_exports
from kg.store.embedded import EmbeddedStore
from kg.web.citation import write_bibtex, write_gbt7714


def sums(client: FlaskClient) -> dict[str, str]:
    """Digest by file name, as `sha256sum --check` would read them."""
    lines = client.get("/export/SHA256SUMS").text.splitlines()
    return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}


def test_every_graph_has_every_format_measured(store: EmbeddedStore) -> None:
    files = read_exports(store)
    wanted = {graph.partition("/graph/")[2] for graph in store.graphs()} | {"all"}
    assert set(files) == wanted
    suffixes = {format.suffix for format in formats_for("graph")}
    assert all(set(of_graph) == suffixes for of_graph in files.values())


@pytest.mark.parametrize("format", formats_for("graph"), ids=lambda format: format.name)
@pytest.mark.parametrize("name", ["src/A", "ref/places"])
def test_a_file_has_the_digest_and_the_size_that_the_page_tells(
    client: FlaskClient, store: EmbeddedStore, name: str, format: object
) -> None:
    suffix = format.suffix  # type: ignore[attr-defined]
    answer = client.get(f"/export/{name}.{suffix}")
    digest = hashlib.sha256(answer.data)
    [saved_as] = re.findall('filename="([^"]+)"', answer.headers["Content-Disposition"])
    assert sums(client)[saved_as] == digest.hexdigest()
    assert read_exports(store)[name][suffix].size == len(answer.data)
    assert (
        answer.headers["Repr-Digest"] == f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"
    )
    page = client.get(f"/export?graph={name}&lang=en", headers={"Accept": "text/html"}).text
    assert digest.hexdigest() in page and "CC BY 4.0" in page


def test_the_page_tells_date_licence_and_size_of_every_graph(
    client: FlaskClient, store: EmbeddedStore
) -> None:
    page = client.get("/export?lang=en", headers={"Accept": "text/html"}).text
    for graph in store.graphs():
        assert f'/export/{graph.partition("/graph/")[2]}.ttl"' in page
    assert page.count("CC BY 4.0") > 20 and " kB" in page and " MB" in page
    assert len(page.encode()) < 100_000


def test_an_unknown_graph_is_named(client: FlaskClient) -> None:
    answer = client.get("/export?graph=src/Z")
    assert answer.status_code == 404 and "src/Z" in answer.get_json()["detail"]


def test_citations_name_the_release_and_escape_what_tex_reads() -> None:
    text = write_bibtex("2026-11-25-abc", "2026-11-25", part="R&D_50%", address="https://x/a_b")
    assert r"R\&D\_50\%" in text and "version = {2026-11-25-abc}" in text
    assert r"\url{https://x/a_b}" in text and text.count("{") == text.count("}")
    assert re.match(r"@misc\{\w+,\n", text)
    entry = write_gbt7714("r1", "2026-11-25", part="地点")
    assert "[DS/OL]" in entry and "(2026-11-25)[引用日期]" in entry and "版本 r1" in entry


def test_the_help_page_tells_levels_limits_and_how_to_cite(client: FlaskClient) -> None:
    for lang, word in (("en", "hearsay"), ("zh-Hans", "传闻")):
        page = client.get(f"/help?lang={lang}", headers={"Accept": "text/html"}).text
        assert word in page and "query_timeout_seconds" in page and "@misc{" in page


def test_a_digest_stands_only_beside_the_bytes_that_it_is_of(server_url: str) -> None:
    """RFC 9530, section 3: it covers the content coding too."""
    for coding in ("identity", "gzip", "zstd"):
        request = urllib.request.Request(
            f"{server_url}/export/src/A.ttl", headers={"Accept-Encoding": coding}
        )
        with urllib.request.urlopen(request) as answer:
            body, digest = answer.read(), answer.headers["Repr-Digest"]
            coded = answer.headers["Content-Encoding"] is not None
        assert coded is (coding != "identity")
        made = base64.b64encode(hashlib.sha256(body).digest()).decode()
        assert digest == (None if coded else f"sha-256=:{made}:")
