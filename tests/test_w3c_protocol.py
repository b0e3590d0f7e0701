"""W3C SPARQL 1.1 Protocol (34 tests) and Graph Store Protocol (14), byte by byte over HTTP."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pyoxigraph as ox
import pytest

import w3c_suite as w3c
from serving import Answer, Served, serving

HT = "http://www.w3.org/2011/http#"
HTS = "http://www.w3.org/2011/http-statusCodes#"
CNT = "http://www.w3.org/2011/content#"
_STATUS = {"OK": 200, "Created": 201, "NoContent": 204, "NotFound": 404}
_BOOLEAN = ("application/sparql-results+json", "application/sparql-results+xml")
_TABULAR = (*_BOOLEAN, "text/csv", "text/tab-separated-values")
_RDF = ("application/rdf+xml", "text/turtle", "application/n-triples")
_GRAPHS = {"text/turtle": ox.RdfFormat.TURTLE, "application/n-triples": ox.RdfFormat.N_TRIPLES,
           "application/rdf+xml": ox.RdfFormat.RDF_XML}  # fmt: skip


def _cases() -> list[object]:
    if not w3c.ARCHIVE.is_file():
        return [pytest.param(None, marks=pytest.mark.skip(reason=w3c.ABSENT), id="absent")]
    found = list(w3c.Manifest("sparql11/protocol").cases())
    for part in ("indirect", "direct"):
        manifest = w3c.Manifest("sparql11/graph-store-protocol", f"manifest-{part}.ttl")
        found += manifest.all_of("GraphStoreProtocolTest")
    return [pytest.param(case, id=case.id) for case in found]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("protocol") / "data", keep_releases=1) as found:
        yield found


@pytest.mark.parametrize("case", _cases())
def test_w3c(served: Served, case: w3c.Case) -> None:
    data = w3c.Data.of(case.manifest, case.node, w3c.UT)
    assert served.update(data.update()).status == 204
    action = case.manifest.value(case.node, w3c.MF + "action")
    assert action is not None
    authority = _text(case.manifest, action, HT + "connectionAuthority")
    requests = list(case.manifest.members(case.manifest.value(action, HT + "requests")))
    assert requests
    variables: dict[str, str] = {}
    for request in requests:
        _run(served, case.manifest, request, authority, variables)


def _text(manifest: w3c.Manifest, node: w3c.Term | None, predicate: str) -> str:
    value = manifest.value(node, predicate) if node is not None else None
    return value.value if isinstance(value, ox.Literal) else ""


def _headers(manifest: w3c.Manifest, node: w3c.Term) -> dict[str, str]:
    return {
        _text(manifest, header, HT + "fieldName"): _text(manifest, header, HT + "fieldValue")
        for header in manifest.members(manifest.value(node, HT + "headers"))
    }


def _body(manifest: w3c.Manifest, node: w3c.Term) -> bytes:
    content = manifest.value(node, HT + "body")
    encoding = _text(manifest, content, CNT + "characterEncoding") or "UTF-8"
    return _text(manifest, content, CNT + "chars").encode(encoding)


def _run(
    served: Served,
    manifest: w3c.Manifest,
    request: w3c.Term,
    authority: str,
    variables: dict[str, str],
) -> None:
    headers, body = _headers(manifest, request), _body(manifest, request)
    path = _text(manifest, request, HT + "absolutePath")
    for name, value in variables.items():
        path = path.replace(name, value)
    path = _map(path, headers, body)
    method = _text(manifest, request, HT + "methodName")
    answer = served.send(method, path, body, headers, host=authority)
    wanted = manifest.value(request, HT + "resp")
    assert wanted is not None
    _check(manifest, wanted, answer, f"http://{authority}{path}")
    for name in manifest.values(wanted, w3c.MF + "expectedLocation"):
        assert isinstance(name, ox.Literal)
        place = answer.headers["location"]
        assert re.fullmatch(r"[^?&#%]+", place)
        variables[name.value] = place


def _map(path: str, headers: dict[str, str], body: bytes) -> str:
    """The path of the tests as one of ours; the queries and updates of the tests share one."""
    if not path.startswith("/sparql/"):
        return path.replace("/gsp", "/store", 1)
    parts = urlsplit(path)
    kind = " ".join(headers.values())
    text = body.decode("latin-1").replace("\0", "")
    update = "update" in kind or "update=" in text or "update=" in parts.query
    update = update or "INSERT" in text or "CLEAR" in text or "using-" in parts.query
    return ("/sparql/update" if update else "/sparql") + (f"?{parts.query}" if parts.query else "")


def _check(manifest: w3c.Manifest, wanted: w3c.Term, answer: Answer, base: str) -> None:
    statuses = [
        status.value.removeprefix(HTS)
        for status in manifest.values(wanted, w3c.MF + "expectedStatus")
        if isinstance(status, ox.NamedNode)
    ]
    assert statuses
    assert any(_has_status(answer.status, status) for status in statuses), (answer, statuses)
    kind = _text(manifest, wanted, w3c.MF + "expectedFormat")
    offered = {"boolean": _BOOLEAN, "tabular": _TABULAR, "RDF": _RDF, "": (answer.media_type,)}
    assert answer.media_type in offered[kind], answer
    boolean = _text(manifest, wanted, w3c.MF + "expectedBoolean")
    if boolean:
        suffix = "srj" if answer.media_type.endswith("json") else "srx"
        assert w3c.parse_rows(answer.body, suffix) is (boolean == "true")
    for name, value in _headers(manifest, wanted).items():
        assert answer.headers.get(name.lower()) == value
    expected = _body(manifest, wanted)
    if expected:
        assert w3c.isomorphic(
            ox.parse(answer.body, _GRAPHS[answer.media_type], base_iri=base),
            ox.parse(expected, ox.RdfFormat.TURTLE, base_iri=base),
        )


def _has_status(status: int, name: str) -> bool:
    if name.startswith("StatusCode"):
        return str(status)[0] == name.removeprefix("StatusCode")[0]
    return status == _STATUS[name]
