"""A query goes to a worker, its result file goes to the client."""

import re
import time
from collections.abc import Iterable

from flask import Response, g, request
from werkzeug.wsgi import FileWrapper

from kg.engine.child import Result
from kg.engine.explain import error_of, not_acceptable
from kg.engine.limits import check_query
from kg.engine.request import QueryRequest
from kg.engine.shares import Work
from kg.engine.volatile import is_volatile
from kg.errors import KgError, LimitHit, ParameterInvalid
from kg.formats import ANSWER_KINDS, FORM_KINDS, find_format, formats_named
from kg.store import Dataset
from kg.web import metrics
from kg.web.access import QUERY, QUERY_TEXT, digest_of
from kg.web.admission import client, count_waiting
from kg.web.negotiation import accepted
from kg.web.services import services
from kg.web.spreadsheet import defuse
from kg.web.tables import MAX_SHOWN, read_table
from kg.web.wsgi import CANCELLATION

_WHOLE_BYTES = 1 << 20
_SHOWN_BYTES = 1 << 20
"""How many bytes of rows or triples a page shows; the download has them all."""

_SHORTEST_SECONDS = 0.1


def evaluate(
    query: str,
    formats: dict[str, str],
    *,
    dataset: Dataset | None = None,
    timeout_seconds: float | None = None,
    max_rows: int | None = None,
    max_result_bytes: int | None = None,
) -> Result:
    """Evaluates a foreign query, refused, killed and cut at the published limits or at lower ones.

    `formats` names the format for each acceptable kind of answer. Raises what `check_query`,
    `QueryPool.run` and `error_of` name.
    """
    found = services()
    request.environ[QUERY] = digest_of(query)
    if found.settings.log_queries:
        request.environ[QUERY_TEXT] = query
    shape = check_query(query, found.settings)
    g.volatile = is_volatile(query, shape.form)
    kind = FORM_KINDS.get(shape.form)
    if kind and kind not in formats:
        raise not_acceptable(kind)
    if dataset is None and not shape.has_dataset:
        dataset = found.store().default_dataset(query)
    dataset = dataset or Dataset()
    message = QueryRequest(
        query=query,
        base_iri=request.base_url,
        formats=formats,
        default_graphs=dataset.default_graphs,
        named_graphs=dataset.named_graphs,
        services=shape.services if shape.service else None,
        max_rows=max_rows,
        max_result_bytes=max_result_bytes,
    )
    return _run(query, message, timeout_seconds)


def _run(query: str, message: QueryRequest, timeout_seconds: float | None) -> Result:
    """The answer of the pool, counted and charged to the client."""
    found, work, started = services(), Work(client()), time.perf_counter()
    outcome = "ok"
    try:
        result = found.pool.run(
            message,
            timeout_seconds=timeout_seconds,
            work=work,
            cancellation=request.environ.get(CANCELLATION),
        )
        if result.answer.error:
            result.file.close()
            raise error_of(result.answer, query)
    except KgError as error:
        outcome = error.code
        if isinstance(error, LimitHit):
            found.budget.errors.charge(client(), 1)
        raise
    finally:
        metrics.observe_query(outcome, work.seconds)
        count_waiting(time.perf_counter() - started - work.seconds)
    return result


def evaluate_for_page(
    query: str, *, dataset: Dataset | None = None, timeout_seconds: float | None = None
) -> Result:
    """The same, with no more than a page can show: a table as JSON, a graph as Turtle."""
    g.asked, g.asked_dataset = query, dataset is not None  # for `hints`, where there is no row
    return evaluate(
        query,
        {"table": "json", "boolean": "json", "graph": "turtle"},
        dataset=dataset,
        timeout_seconds=timeout_seconds,
        max_rows=MAX_SHOWN,
        max_result_bytes=_SHOWN_BYTES,
    )


def read_for_page(result: Result) -> dict[str, object]:
    """What the templates show of a result: `table` or `turtle`, and the `answer`."""
    with result.file as file:
        if result.answer.kind == "graph":
            return {"turtle": file.read().decode(errors="replace"), "answer": result.answer}
        return {"table": read_table(file, services().store()), "answer": result.answer}


def read_timeout(text: str | None) -> float | None:
    """The client's own deadline, seconds; it can only lower the published one.

    Raises ParameterInvalid for anything but a number of at least 0.1: the end of a deadline costs
    a process, so that shorter ones would cost more than the queries.
    """
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,20})?", text) or float(text) < _SHORTEST_SECONDS:
        raise ParameterInvalid(
            f"timeout: {text!r} is not a number of seconds from {_SHORTEST_SECONDS}"
        )
    return float(text)


def wanted_formats(name: str | None = None) -> dict[str, str]:
    """The name of the format for each kind of answer that the client accepts."""
    if name:
        return {kind: format.name for kind, format in formats_named(name).items()}
    chosen = accepted().formats
    return {kind: format.name for kind in ANSWER_KINDS if (format := chosen[kind])}


def send_result(result: Result, *, excel: bool = False) -> Response:
    """The result file as a response; a cut result is marked by `X-KG-Truncated`.

    With `excel`, CSV goes out as a spreadsheet may open it.
    """
    answer = result.answer
    format = find_format(answer.format, answer.kind)  # type: ignore[arg-type]  # a kind by construction
    if excel:
        response = Response(defuse(result.file), content_type=format.content_type)
        response.headers["Content-Disposition"] = 'attachment; filename="answer.csv"'
    else:
        response = Response(_body(result), content_type=format.content_type)
        response.content_length = answer.size
    response.headers["X-KG-Release"] = answer.release or services().store().release
    response.headers["X-KG-Engine"] = answer.engine
    if answer.truncated:
        response.headers["X-KG-Truncated"] = answer.truncated
    return response


def _body(result: Result) -> bytes | Iterable[bytes]:
    """A small result at once, a large one in blocks; the file is closed either way."""
    if result.answer.size <= _WHOLE_BYTES:
        with result.file as file:
            return file.read()
    return FileWrapper(result.file, _WHOLE_BYTES)
