"""Every error raised on purpose, each with its HTTP status and a stable code.

    KgError
    ├── BadFiles                 files of ontology/, graph/ or queries/ are wrong: a list of problems
    ├── BuildFailed              a process that a build needs ended before its work was done
    ├── BadSetting               an environment variable has no usable value
    ├── NotFound
    │   ├── GraphUnknown         no graph of that name in the release
    │   ├── QueryUnknown         no saved query of that name
    │   ├── AnalysisUnknown      no analysis of that name
    │   ├── PageUnknown          a page beyond the last one
    │   ├── ThingUnknown         no statement about that IRI
    │   └── ReleaseUnknown       no release, or none of that name
    ├── BadRequest
    │   ├── QueryMissing, QueryRepeated, QueryAndUpdate, EncodingInvalid
    │   ├── AcceptMalformed      an Accept header that cannot be read
    │   ├── ParameterInvalid     a value that does not fit the parameter's type
    │   ├── ProfileInvalid       facts of a firm that do not read as a profile
    │   ├── SyntaxInvalid        the query does not parse; carries line and column
    │   ├── DatasetConflict      a dataset in the request and in the update
    │   ├── GraphParameterInvalid   a Graph Store request that names no graph, or two
    │   ├── TooDeep, TooComplex  refused before evaluation
    ├── Unauthorized
    │   ├── TokenMissing, TokenInvalid
    ├── Forbidden
    │   ├── ServiceForbidden, LoadForbidden, UpdatesOff
    │   ├── OriginForbidden      a write from a page of another site
    │   └── DefaultGraphDerived  a write to the merged view, which is made of the named graphs
    ├── PreconditionFailed       If-Match or If-None-Match does not hold
    ├── MethodNotAllowed, NotAcceptable, BodyTooLarge, MediaTypeUnsupported
    ├── EvaluationFailed         the engine gave up on a query that parses
    ├── LimitHit
    │   ├── QueryTimeout, QueryMemory, QueryCrashed, ResultTooLarge
    │   ├── WriteTimeout, WriteMemory, WriteCrashed
    ├── RequestTimeout           the client took too long to send its request
    ├── QueryCancelled           the client went away before the answer
    ├── Unwritable               an answer that the wanted format cannot carry
    ├── RateLimited              the client has used up its budget
    ├── ReleaseDamaged           a release on disk is not what was written
    ├── StorageFull              no room on the disk for another release
    ├── Busy                     every worker is taken and the queue is full
    ├── WorkerFailed             query workers do not start
    └── StoreFailed              the server that holds the graph does not answer, or refuses

`status` is the HTTP status, `code` never changes once released, `exit_code` is what `kg` ends with:
1 the input is wrong, 2 the usage is.
"""

import errno
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final


class KgError(Exception):
    """Root of the tree; its text is one sentence for the person who sent the input."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal"
    exit_code: ClassVar[int] = 1

    def __init__(self, detail: str, **extra: object) -> None:
        super().__init__(detail)
        self.detail = detail
        self.extra = extra
        """Further members of the problem document, such as `line`, `column`, `limit`, `hint`."""


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong in one file; `str()` gives `path:line: what is wrong`."""

    path: str
    line: int
    """One-based; 0 where the problem belongs to the file as a whole."""
    message: str

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: {self.message}"


class BadFiles(KgError):
    """Files are wrong; `problems` lists every one found, in order of path and line."""

    status = 422
    code = "files_invalid"

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class BuildFailed(KgError):
    """A process that a build needs ended before its work was done; the release in use stays."""

    code = "build_failed"


class BadSetting(KgError):
    """An environment variable or option has no usable value."""

    code = "setting_invalid"
    exit_code = 2


class NotFound(KgError):
    """The thing asked for is not there."""

    status = 404
    code = "not_found"


class GraphUnknown(NotFound):
    """No graph of that name in the release."""

    code = "graph_unknown"


class QueryUnknown(NotFound):
    """No saved query of that name."""

    code = "query_unknown"


class AnalysisUnknown(NotFound):
    """No analysis of that name."""

    code = "analysis_unknown"


class ThingUnknown(NotFound):
    """No statement about that IRI."""

    code = "thing_unknown"


class PageUnknown(NotFound):
    """A page number beyond the last page."""

    code = "page_unknown"


class ReleaseUnknown(NotFound):
    """No release of that name, or none at all yet."""

    code = "release_unknown"


class ReleaseDamaged(KgError):
    """A release on disk is not what was written."""

    code = "release_damaged"


class BadRequest(KgError):
    """The request cannot be understood as sent."""

    status = 400
    code = "bad_request"


class QueryMissing(BadRequest):
    """A query operation without a query."""

    code = "query_missing"


class QueryRepeated(BadRequest):
    """More than one query in one request."""

    code = "query_repeated"


class QueryAndUpdate(BadRequest):
    """A query and an update in one request, or an update sent to the query endpoint."""

    code = "query_and_update"


class EncodingInvalid(BadRequest):
    """Bytes that are not UTF-8."""

    code = "encoding"


class AcceptMalformed(BadRequest):
    """An Accept header that cannot be read."""

    code = "accept_malformed"


class ParameterInvalid(BadRequest):
    """A value that does not fit the type of its parameter."""

    code = "parameter_invalid"


class ProfileInvalid(BadRequest):
    """Facts of a firm that do not read as a profile."""

    code = "profile_invalid"


class SyntaxInvalid(BadRequest):
    """The query does not parse; `line` and `column` are one-based where the engine names them."""

    code = "syntax"


class TooDeep(BadRequest):
    """Brackets or operators nested beyond the published limit."""

    code = "too_deep"


class TooComplex(BadRequest):
    """More patterns, branches, rows or characters than the published limit."""

    code = "too_complex"


class DatasetConflict(BadRequest):
    """An update that names its dataset in a request that names one as well."""

    code = "dataset_conflict"


class GraphParameterInvalid(BadRequest):
    """A Graph Store request that names no graph, or more than one."""

    code = "graph_parameter"


class Unauthorized(KgError):
    """Who asks is not known."""

    status = 401
    code = "unauthorized"


class TokenMissing(Unauthorized):
    """A write without a bearer token."""

    code = "token_missing"


class TokenInvalid(Unauthorized):
    """A write with another token than the one configured."""

    code = "token_invalid"


class Forbidden(KgError):
    """Understood, and not done."""

    status = 403
    code = "forbidden"


class ServiceForbidden(Forbidden):
    """SERVICE would leave this machine."""

    code = "service_forbidden"


class UpdatesOff(Forbidden):
    """Writing is not enabled."""

    code = "updates_off"


class LoadForbidden(Forbidden):
    """LOAD would leave this machine."""

    code = "load_forbidden"


class OriginForbidden(Forbidden):
    """A write sent by a page of another site."""

    code = "origin_forbidden"


class DefaultGraphDerived(Forbidden):
    """The default graph is the merged view of the named graphs and is not written to itself."""

    code = "default_graph_derived"


class PreconditionFailed(KgError):
    """The graph is not, or no longer, in the state that the request asks for."""

    status = 412
    code = "precondition"


class MethodNotAllowed(KgError):
    """The path does not know this method."""

    status = 405
    code = "method"


class NotAcceptable(KgError):
    """None of the formats on offer is acceptable."""

    status = 406
    code = "not_acceptable"


class BodyTooLarge(KgError):
    """The request body is over the published limit."""

    status = 413
    code = "body_too_large"


class MediaTypeUnsupported(KgError):
    """The request body is of a kind this path does not take."""

    status = 415
    code = "media_type"


class EvaluationFailed(KgError):
    """The engine gave up on a query that parses."""

    status = 422
    code = "evaluation"


class LimitHit(KgError):
    """Accepted, and stopped by a limit.

    422 rather than 408, 429, 500 or 503, which many HTTP clients repeat by themselves although
    the second try costs as much as the first.
    """

    status = 422
    code = "limit"


class QueryTimeout(LimitHit):
    """The deadline came before the answer."""

    code = "query_timeout"


class QueryMemory(LimitHit):
    """The worker's memory limit came before the answer."""

    code = "query_memory"


class QueryCrashed(LimitHit):
    """The worker process died over this query."""

    code = "query_crashed"


class ResultTooLarge(LimitHit):
    """The result outgrew the file it may fill."""

    code = "result_too_large"


class RequestTimeout(KgError):
    """The client took too long to send its request."""

    status = 408
    code = "request_timeout"


class QueryCancelled(KgError):
    """The client went away before the answer; nobody reads this."""

    status = 499  # as nginx logs it; no registered status says so
    code = "query_cancelled"


class WriteTimeout(LimitHit):
    """The deadline came before the write was done; nothing is written."""

    code = "write_timeout"


class WriteMemory(LimitHit):
    """The writer's memory limit came before the write was done; nothing is written."""

    code = "write_memory"


class WriteCrashed(LimitHit):
    """The writer process died over this write; nothing is written."""

    code = "write_crashed"


class Unwritable(KgError):
    """The wanted format cannot carry what the answer holds."""

    status = 422
    code = "unwritable"


class RateLimited(KgError):
    """The client has used up its budget of processing."""

    status = 429
    code = "rate_limited"


FULL_DISK: Final = frozenset((errno.ENOSPC, errno.EDQUOT))
"""Numbers of an OSError that StorageFull is said for."""


class StorageFull(KgError):
    """No room on the disk for a release, a body or a result; nothing is written."""

    status = 507
    code = "storage_full"


class Busy(KgError):
    """Every worker is taken and the queue is full."""

    status = 503
    code = "busy"


class WorkerFailed(KgError):
    """Query workers do not start."""

    code = "worker_failed"


def list_errors() -> list[type[KgError]]:
    """Every error of the tree, the root first."""
    found: list[type[KgError]] = [KgError]
    for error in found:  # grows while it is read
        found.extend(error.__subclasses__())
    return found


class StoreFailed(KgError):
    """The server that holds the graph does not answer, or refuses what it is asked."""

    status = 502
    code = "store_failed"
