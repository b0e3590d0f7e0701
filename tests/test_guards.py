"""Promises that hold over everything of a kind, so that adding a thing means adding a file."""

import ast
import hashlib
import json
import re
from dataclasses import fields
from pathlib import Path

import pytest
from flask import Flask

from kg import errors, namespaces
from kg.settings import Settings

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
SOURCES = {path: path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py")}


@pytest.mark.parametrize("error", errors.list_errors(), ids=lambda error: error.__name__)
def test_an_error_is_in_the_drawn_tree_has_a_status_and_is_raised_somewhere(
    error: type[errors.KgError],
) -> None:
    assert error.__name__ in (errors.__doc__ or "")
    assert 400 <= error.status < 600 and error.exit_code in (1, 2)
    is_parent = bool(error.__subclasses__())
    uses = sum(
        len(re.findall(rf"\b{error.__name__}\b", text))
        for p, text in SOURCES.items()
        if p.name != "errors.py"
    )
    assert is_parent or uses, f"{error.__name__} is raised nowhere"


def test_no_two_errors_share_a_code() -> None:
    codes = [error.code for error in errors.list_errors()]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("spec", fields(Settings), ids=lambda spec: spec.name)
def test_a_setting_is_in_the_readme_with_its_meaning(spec: object) -> None:
    name, help_text = f"KG_{spec.name.upper()}", spec.metadata["help"]  # type: ignore[attr-defined]
    assert f"| `{name}` |" in README
    assert help_text in README


@pytest.mark.parametrize("name", ["port", "query_timeout_seconds", "max_rows"])
def test_a_bad_value_of_a_setting_is_refused_by_name(name: str) -> None:
    with pytest.raises(errors.BadSetting, match=f"KG_{name.upper()}='none'"):
        Settings.from_environment({f"KG_{name.upper()}": "none"})
    with pytest.raises(errors.BadSetting, match="must not be negative"):
        Settings.from_environment({f"KG_{name.upper()}": "-1"})


def test_settings_survive_the_way_through_an_environment() -> None:
    settings = Settings(port=1, query_timeout_seconds=0.5, root=Path("/a"), data=Path("/b"))
    assert Settings.from_environment(settings.to_environment()) == settings


def test_every_address_of_the_readme_is_a_route_and_every_route_is_in_the_readme(
    app: Flask,
) -> None:
    table = README[README.index("## Addresses") :].partition("\n## Checks")[0]
    written = set(re.findall(r"`(/[\w.-]*)", table))
    routes = {
        f"/{rule.rule.split('/')[1].partition('<')[0].rstrip('.')}"
        for rule in app.url_map.iter_rules()
    }
    assert routes - written == {"/static", "/vis"}
    assert {f"/{path.split('/')[1]}" for path in written} - {"/network.html"} <= routes


VENDORED = sorted((ROOT / "src/kg/web/static/vendor").glob("*/VENDOR.json"))


@pytest.mark.parametrize("manifest", VENDORED, ids=lambda path: path.parent.name)
def test_a_file_of_others_is_the_published_one_and_has_its_licence(manifest: Path) -> None:
    said = json.loads(manifest.read_text(encoding="utf-8"))
    assert set(said) == {"name", "version", "licence", "origin", "sha256"}
    there = {p.name for p in manifest.parent.iterdir()} - {manifest.name, "LICENSES.txt"}
    assert there == set(said["sha256"])
    for name, digest in said["sha256"].items():
        assert hashlib.sha256((manifest.parent / name).read_bytes()).hexdigest() == digest
    licences = (manifest.parent / "LICENSES.txt").read_text(encoding="utf-8")
    assert said["licence"] in licences and "WITHOUT WARRANTY" in licences.upper()
    assert said["name"].rpartition("/")[2] in (ROOT / "NOTICE").read_text(encoding="utf-8")


def test_a_prefix_is_defined_once_and_no_namespace_twice() -> None:
    tables = (namespaces.OWN_PREFIXES, namespaces.EXTERNAL_PREFIXES, namespaces.ALIGNMENT_PREFIXES)
    names = [name for table in tables for name in table]
    iris = [iri for table in tables for iri in table.values()]
    assert len(names) == len(set(names)) and len(iris) == len(set(iris))


def test_a_name_written_short_reads_back_as_the_same_iri() -> None:
    for iri in ("https://w3id.org/industry-kg/id/place/shenzhen", "http://purl.org/dc/terms/title"):
        assert namespaces.expand(namespaces.compact(iri)) == iri
    assert (
        namespaces.compact("https://w3id.org/industry-kg/graph/src/A")
        == "https://w3id.org/industry-kg/graph/src/A"
    )
    assert namespaces.compact("http://nowhere/x") == "http://nowhere/x"


def test_no_query_is_put_together_from_text_of_a_visitor() -> None:
    """Text that comes with a request reaches a query only as a term or through the caged workers."""
    for path, text in SOURCES.items():
        if "/web/" not in path.as_posix():
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.JoinedStr) and re.search(
                r"\b(SELECT|CONSTRUCT|ASK)\b", ast.unparse(node)
            ):
                names = {
                    ast.unparse(v.value) for v in node.values if isinstance(v, ast.FormattedValue)
                }
                assert names <= {"term", "terms"}, (path.name, names)


def test_no_file_of_the_package_names_a_host_it_could_load_from() -> None:
    """Files of others are held by their digests and asked for nothing in tests/browser/."""
    found = [*(ROOT / "src/kg/web/templates").glob("*"), *(ROOT / "src/kg/web/static").glob("*")]
    pages = [path for path in found if path.is_file()]
    assert pages
    for path in pages:
        for url in re.findall(r"https?://[\w./-]+", path.read_text(encoding="utf-8")):
            assert url.startswith(("http://www.w3.org/", "https://w3id.org/industry-kg/")), (
                path.name,
                url,
            )
