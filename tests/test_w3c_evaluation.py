"""W3C SPARQL 1.1 and 1.2: syntax, evaluation, results formats and updates, over HTTP.

Left out, because nothing here claims them: entailment regimes, federation (SERVICE is refused), and
the deprecated prose of http-rdf-update.
"""

import contextlib
import json
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

import w3c_suite as w3c
from serving import Answer, Served, serving
from w3c_known import KNOWN

_OTHERS = ("entailment", "service", "http-rdf-update", "protocol", "graph-store-protocol")
EVALUATORS = tuple(KNOWN)
_MEMORY = Path("/dev/shm")


def _cases() -> list[w3c.Case]:
    if not w3c.ARCHIVE.is_file():
        return []
    found = [
        case
        for group in w3c.groups()
        if not group.endswith(tuple(f"/{name}" for name in _OTHERS))
        for case in w3c.Manifest(group).cases()
        if case.kind != "ServiceDescriptionTest"
    ]
    return sorted(found, key=lambda case: (_data_of(case), case.id))


def _data_of(case: w3c.Case) -> str:
    """Cases over the same data come together, so that it is loaded once."""
    action = case.manifest.value(case.node, w3c.MF + "action")
    if case.kind not in ("QueryEvaluationTest", "CSVResultFormatTest") or action is None:
        return ""
    return repr(w3c.Data.of(case.manifest, action, w3c.QT))


def _parameters() -> Iterator[object]:
    cases = _cases()
    if not cases:
        yield pytest.param("", None, marks=pytest.mark.skip(reason=w3c.ABSENT), id="absent")
    for evaluator in EVALUATORS:
        for case in cases:
            reason = KNOWN[evaluator].get(case.id)
            marks = [pytest.mark.xfail(reason=reason, strict=True)] if reason else []
            yield pytest.param(evaluator, case, marks=marks, id=f"{evaluator}-{case.id}")


class Endpoint:
    """A server and what is loaded in it."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self.loaded: w3c.Data | None = None

    def load(self, data: w3c.Data) -> None:
        if data != self.loaded:
            answer = self.served.update(data.update())
            assert answer.status == 204, answer.body
            self.loaded = data

    def change(self, text: str) -> Answer:
        self.loaded = None
        return self.served.update(text)


@pytest.fixture(scope="module")
def endpoints(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Endpoint]]:
    """One server an evaluator; on a file system in memory where there is one, for the many writes."""
    running: dict[str, Endpoint] = {}
    folder = tmp_path_factory.mktemp("w3c")
    with contextlib.ExitStack() as stack:
        for evaluator in EVALUATORS if w3c.ARCHIVE.is_file() else ():
            data = folder / evaluator
            if _MEMORY.is_dir():
                data = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=_MEMORY)))
            settings = {"evaluator": evaluator} if evaluator != "oxigraph" else {}
            served = stack.enter_context(serving(data / "data", keep_releases=1, **settings))
            running[evaluator] = Endpoint(served)
        yield running


@pytest.mark.parametrize(("evaluator", "case"), list(_parameters()))
def test_w3c(endpoints: dict[str, Endpoint], evaluator: str, case: w3c.Case) -> None:
    _RUNNERS[case.kind](endpoints[evaluator], case)


def _query_of(case: w3c.Case) -> tuple[w3c.Term, str]:
    action = case.manifest.value(case.node, w3c.MF + "action")
    assert action is not None
    return action, w3c.read_text(case.manifest.value(action, w3c.QT + "query"))


def evaluate(endpoint: Endpoint, case: w3c.Case) -> None:
    """A query over its data gives the expected result."""
    action, query = _query_of(case)
    endpoint.load(w3c.Data.of(case.manifest, action, w3c.QT))
    result = w3c.path_of(case.manifest.value(case.node, w3c.MF + "result"))
    suffix = result.suffix.removeprefix(".")
    accept = {
        "srj": "application/sparql-results+json",
        "srx": "application/sparql-results+xml",
        "csv": "text/csv",
        "tsv": "text/tab-separated-values",
    }.get(suffix, "application/sparql-results+json, application/n-triples;q=0.9")
    answer = endpoint.served.ask(query, accept)
    assert answer.status == 200, answer.body
    if suffix == "csv":
        assert w3c.same_csv(answer.body, result.read_bytes(), in_order=not _selects_all(query))
    elif suffix in ("srj", "srx", "tsv"):
        _check_rows(
            w3c.parse_rows(answer.body, suffix), w3c.parse_rows(result.read_bytes(), suffix), query
        )
        if suffix == "srj" and not _selects_all(query):
            assert w3c.same_json_head(answer.body, result.read_bytes())
    else:
        iri = case.manifest.value(case.node, w3c.MF + "result")
        assert isinstance(iri, ox.NamedNode)
        expected = w3c.read_quads(iri.value)
        if answer.media_type == "application/n-triples":
            assert w3c.isomorphic(ox.parse(answer.body, ox.RdfFormat.N_TRIPLES), expected)
        else:
            _check_rows(w3c.parse_rows(answer.body, "srj"), w3c.read_result_set(expected), query)


def _selects_all(query: str) -> bool:
    """Whether the variables have no order."""
    return bool(re.search(r"SELECT\s+(DISTINCT\s+)?\*", query, re.IGNORECASE))


def _check_rows(found: object, expected: object, query: str) -> None:
    if isinstance(expected, bool) or isinstance(found, bool):
        assert found is expected
        return
    (names, rows), (wanted_names, wanted) = found, expected  # type: ignore[misc]
    outside = query.rpartition("}")[2]
    ordered = bool(re.search(r"ORDER\s+BY", outside, re.IGNORECASE))
    assert names == wanted_names
    assert w3c.same_rows(rows, wanted, ordered=ordered), (rows, wanted)


def change(endpoint: Endpoint, case: w3c.Case) -> None:
    """An update of its data leaves the expected dataset, empty graphs aside."""
    action = case.manifest.value(case.node, w3c.MF + "action")
    result = case.manifest.value(case.node, w3c.MF + "result")
    assert action is not None and result is not None
    endpoint.load(w3c.Data.of(case.manifest, action, w3c.UT))
    answer = endpoint.change(w3c.read_text(case.manifest.value(action, w3c.UT + "request")))
    assert answer.status == 204, answer.body
    dump = endpoint.served.send("GET", "/store", headers={"Accept": "application/n-quads"})
    found = ox.parse(dump.body, ox.RdfFormat.N_QUADS)
    assert w3c.isomorphic(found, w3c.Data.of(case.manifest, result, w3c.UT).quads())


def _send_text(endpoint: Endpoint, case: w3c.Case) -> Answer:
    action = case.manifest.value(case.node, w3c.MF + "action")
    assert action is not None
    text = w3c.read_text(action)
    if w3c.path_of(action).suffix == ".ru":
        return endpoint.change(text)
    return endpoint.served.ask(text, "*/*")


def understand(endpoint: Endpoint, case: w3c.Case) -> None:
    """The text is understood; over no data it may still find no graph to drop or no function."""
    endpoint.load(w3c.Data())
    answer = _send_text(endpoint, case)
    assert answer.status in (200, 204) or _code(answer) == "evaluation", answer.body


def refuse(endpoint: Endpoint, case: w3c.Case) -> None:
    """The text is refused for what it says."""
    answer = _send_text(endpoint, case)
    assert answer.status // 100 == 4
    assert _code(answer) in ("syntax", "load_forbidden"), answer.body


def _code(answer: Answer) -> str:
    is_problem = answer.media_type == "application/problem+json"
    return str(json.loads(answer.body)["code"]) if is_problem else ""


_RUNNERS = {
    "QueryEvaluationTest": evaluate,
    "CSVResultFormatTest": evaluate,
    "UpdateEvaluationTest": change,
    "PositiveSyntaxTest": understand,
    "PositiveSyntaxTest11": understand,
    "PositiveUpdateSyntaxTest": understand,
    "PositiveUpdateSyntaxTest11": understand,
    "NegativeSyntaxTest": refuse,
    "NegativeSyntaxTest11": refuse,
    "NegativeUpdateSyntaxTest": refuse,
    "NegativeUpdateSyntaxTest11": refuse,
}
