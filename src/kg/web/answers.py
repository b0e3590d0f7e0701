"""A query goes to a worker, its result file goes to the client."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask import Response, request
from werkzeug.wsgi import FileWrapper

from kg.engine.explain import error_of, not_acceptable
from kg.engine.limits import check_query
from kg.engine.pool import Result
from kg.engine.request import QueryRequest
from kg.errors import ParameterInvalid
from kg.formats import ANSWER_KINDS, Kind, find_format, formats_named
from kg.web.negotiation import wanted_format
from kg.web.services import services

_WHOLE_BYTES = 1 << 18
_FORMS: dict[str, Kind] = {
    "SELECT": "table",
    "ASK": "boolean",
    "CONSTRUCT": "graph",
    "DESCRIBE": "graph",
}


@dataclass(frozen=True)
class Dataset:
    """The graphs a protocol request names; None where it names none of either kind."""

    default_graphs: Sequence[str] | None = None
    named_graphs: Sequence[str] | None = None


def evaluate(query: str, formats: dict[str, str], dataset: Dataset | None = None) -> Result:
    """Evaluates a foreign query, refused, killed and cut at the published limits.

    `formats` names the format for each acceptable kind of answer. Raises what `check_query`,
    `QueryPool.run` and `error_of` name.
    """
    found = services()
    shape = check_query(query, found.settings)
    kind = _FORMS.get(shape.form)
    if kind and kind not in formats:
        raise not_acceptable(kind)
    dataset = dataset or Dataset()
    message = QueryRequest(
        query=query,
        base_iri=request.base_url,
        formats=formats,
        default_graphs=_listed(dataset.default_graphs),
        named_graphs=_listed(dataset.named_graphs),
    )
    result = found.pool.run(message, timeout_seconds=_timeout())
    if result.answer.error:
        result.file.close()
        raise error_of(result.answer, query)
    return result


def _listed(graphs: Sequence[str] | None) -> list[str] | None:
    return None if graphs is None else list(graphs)


def _timeout() -> float | None:
    """The client's own deadline, seconds; it can only lower the published one."""
    text = request.args.get("timeout")
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError as error:
        raise ParameterInvalid(f"timeout: {text!r} is not a number of seconds") from error
    if not 0 < seconds < float("inf"):
        raise ParameterInvalid(f"timeout: {text!r} is not a positive number of seconds")
    return seconds


def wanted_formats(name: str | None = None) -> dict[str, str]:
    """The name of the format for each kind of answer that the client accepts."""
    if name:
        return {kind: format.name for kind, format in formats_named(name).items()}
    chosen = {kind: wanted_format(kind) for kind in ANSWER_KINDS}
    return {kind: format.name for kind, format in chosen.items() if format}


def send_result(result: Result) -> Response:
    """The result file as a response; a cut result is marked by `X-KG-Truncated`."""
    answer = result.answer
    format = find_format(answer.format, answer.kind)  # type: ignore[arg-type]  # a kind by construction
    response = Response(_body(result), content_type=format.content_type)
    response.content_length = answer.size
    response.headers["X-KG-Release"] = services().store().release
    response.headers["Cache-Control"] = "public, no-cache"
    if answer.truncated:
        response.headers["X-KG-Truncated"] = answer.truncated
    return response


def _body(result: Result) -> bytes | Iterable[bytes]:
    """A small result at once, a large one in blocks; the file is closed either way."""
    if result.answer.size <= _WHOLE_BYTES:
        with result.file as file:
            return file.read()
    return FileWrapper(result.file, _WHOLE_BYTES)
