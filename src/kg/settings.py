"""The settings: one frozen dataclass, filled from `KG_<NAME>` and from command-line options."""

import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final, Self

from kg.errors import BadSetting

PACKAGE_FILES = Path(__file__).parent / "files"
"""Where the wheel carries ontology/, graph/ and queries/."""


_TRUTH = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}

EVALUATORS = ("auto", "oxigraph", "sparq")
"""What `KG_EVALUATOR` may be."""


DEFAULT_GRAPHS = ("merged", "plain")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def find_root(start: Path) -> Path:
    """The checkout that holds `start`, or else the files of the installed package."""
    for folder in (start, *start.parents):
        if all((folder / name).is_dir() for name in ("ontology", "graph", "queries")):
            return folder
    return PACKAGE_FILES


def default_data(root: Path) -> Path:
    """`.kg` in a checkout; the user's data folder where the package's own files are used."""
    if root != PACKAGE_FILES:
        return root / ".kg"
    home = os.environ.get("XDG_DATA_HOME")
    return (Path(home) if home else Path.home() / ".local" / "share") / "industry-kg"


def setting(default: Any, help_text: str) -> Any:  # Any: what dataclasses.field itself returns
    """A field of `Settings` with the sentence that the README and `--help` print."""
    return field(default=default, metadata={"help": help_text})


_HEAP: Final = ":".join(
    f"glibc.malloc.{name}={number}"
    for name, number in {
        # Arenas are address space, which is what the memory limits count.
        "arena_max": 2,
        # What a query has freed the next one takes, up to here. Given back to the system, it came
        # back as page faults: 4,800 in a join of the fast engine, 9 ms of its 16.
        "trim_threshold": 256 << 20,
        "mmap_threshold": 32 << 20,
        # Pages of 2 MB. At 10 million triples, milliseconds before and after: enterprises by city
        # and tier 181 and 124, a difference 181 and 138, 500,000 rows 241 and 161.
        "hugetlb": 1,
    }.items()
)
"""How glibc keeps the memory of a process that evaluates; other C libraries do not read it.

https://www.gnu.org/software/libc/manual/html_node/Memory-Allocation-Tunables.html
"""


@dataclass(frozen=True)
class Settings:
    """What can be set, with defaults; the environment name of `field` is `KG_FIELD`."""

    root: Path = setting(Path(), "Folder with ontology/, graph/ and queries/")
    data: Path = setting(Path(), "Folder of the releases and of `current`")
    store: str = setting(
        "", "Query address of a SPARQL 1.1 server that holds the graph; empty: the release on disk"
    )
    host: str = setting("127.0.0.1", "Address that `kg serve` listens on")
    port: int = setting(8000, "Port that `kg serve` listens on")
    threads: int = setting(64, "Threads that answer requests")
    workers: int = setting(4, "Processes that stand ready to evaluate queries")
    slow_seconds: float = setting(0.5, "How long a query counts as short, seconds")
    max_slow_queries: int = setting(
        4, "Queries beyond that time at once, each in a further process"
    )
    queue_seconds: float = setting(
        2.0, "How long a query waits for a free worker before 503, seconds"
    )
    query_timeout_seconds: float = setting(30.0, "Deadline of a query, seconds")
    query_memory_bytes: int = setting(
        1 << 30, "Address space of one query worker beside the mapped fast store, bytes"
    )
    evaluator: str = setting(
        "auto", "Engine: auto picks by the query; oxigraph, or sparq wherever it can"
    )
    max_query_bytes: int = setting(64 << 10, "Length of a query text, bytes")
    max_body_bytes: int = setting(2 << 20, "Length of a request body, bytes")
    max_rows: int = setting(
        1_000_000, "Rows or triples of one result; longer ones are cut and marked"
    )
    max_result_bytes: int = setting(
        256 << 20, "Bytes of the rows of one result; longer ones are cut and marked"
    )
    max_nesting: int = setting(100, "Depth of brackets in a query")
    max_operators: int = setting(500, "Operators in one run of expressions, which the parser nests")
    max_patterns: int = setting(100, "Triple patterns in a query")
    max_branches: int = setting(500, "UNION branches in a query")
    max_values: int = setting(10_000, "Rows of inline VALUES in a query")
    budget_seconds_per_minute: float = setting(
        60.0, "Processing for one client, seconds a minute, saved up for two; 0 is no bound"
    )
    budget_errors_per_minute: float = setting(
        30.0, "Queries of one client that a limit ends, a minute, saved up for two; 0 is no bound"
    )
    trusted_proxies: int = setting(
        0, "Proxies in front whose X-Forwarded-For is believed, counted from this server"
    )
    access_log: str = setting("", "File of the access log, JSON lines; `-` is standard error")
    log_queries: bool = setting(False, "Whether the access log holds query texts, true or false")
    cache_bytes: int = setting(64 << 20, "Answers kept in memory, bytes; 0 keeps none")
    max_connections: int = setting(1000, "Connections at once; further ones get 503")
    header_seconds: float = setting(10.0, "How long the head of a request may take, seconds")
    body_seconds: float = setting(30.0, "How long the body of a request may take, seconds")
    send_seconds: float = setting(30.0, "How long a client may take nothing of its answer, seconds")
    stop_seconds: float = setting(5.0, "How long running requests may go on at the end, seconds")
    service_endpoints: str = setting(
        "", "Query addresses that SERVICE may reach, separated by blanks; empty: none"
    )
    keep_releases: int = setting(
        5,
        "Releases that stay after a build or a write, beside the last one that files made and those that somebody reads",
    )
    write_token: str = field(
        default="", repr=False, metadata={"help": "Bearer token for writing; empty: writes are off"}
    )
    """Kept as `sha256:` and the digest, which the variable may hold as well."""
    default_graph: str = setting(
        "merged", "`merged`: the view of the named graphs; `plain`: an ordinary graph, no build"
    )
    max_upload_bytes: int = setting(50 << 20, "Length of a graph sent to `/store`, bytes")
    write_timeout_seconds: float = setting(60.0, "Deadline of a write, seconds")
    write_memory_bytes: int = setting(2 << 30, "Address space of the writer, bytes")

    def __post_init__(self) -> None:
        """Keeps the digest of the token only. Raises BadSetting where a name is none of those known."""
        if self.evaluator not in EVALUATORS:
            known = ", ".join(EVALUATORS)
            raise BadSetting(f"KG_EVALUATOR={self.evaluator!r} is not one of {known}")
        if self.default_graph not in DEFAULT_GRAPHS:
            kinds = " or ".join(DEFAULT_GRAPHS)
            raise BadSetting(f"KG_DEFAULT_GRAPH={self.default_graph!r} is not {kinds}")
        if self.write_token and not _DIGEST.fullmatch(self.write_token):
            object.__setattr__(self, "write_token", hash_token(self.write_token))

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ, **given: Any) -> Self:
        """The settings: `given` first, then `KG_<NAME>`, then the defaults.

        Raises BadSetting that names the variable, its value and what it should be.
        """
        values: dict[str, Any] = {}
        for spec in fields(cls):
            name = f"KG_{spec.name.upper()}"
            if given.get(spec.name) is not None:
                values[spec.name] = given[spec.name]
            elif name in environment:
                values[spec.name] = _read(name, environment[name], type(spec.default))
        values.setdefault("root", find_root(Path.cwd()))
        values.setdefault("data", default_data(values["root"]))
        return cls(**values)

    def to_environment(self) -> dict[str, str]:
        """The same settings as `KG_<NAME>` variables, for a child process."""
        return {f"KG_{spec.name.upper()}": str(getattr(self, spec.name)) for spec in fields(self)}

    def worker_environment(self) -> dict[str, str]:
        """The environment of a process that evaluates foreign text: nothing of the token in it."""
        found = {**os.environ, **self.to_environment(), "GLIBC_TUNABLES": _HEAP}
        del found["KG_WRITE_TOKEN"]
        return found


def hash_token(token: str) -> str:
    """What is kept of a token: `sha256:` and the digest of its UTF-8 bytes."""
    return "sha256:" + hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _read(name: str, text: str, kind: type) -> Any:
    """The text of an environment variable as a value of the field's type."""
    if kind is bool:
        if text.lower() not in _TRUTH:
            raise BadSetting(f"{name}={text!r} is neither true nor false")
        return _TRUTH[text.lower()]
    try:
        value = kind(text)
    except ValueError as error:
        raise BadSetting(f"{name}={text!r} is not a valid {kind.__name__}") from error
    if kind in (int, float) and value < 0:
        raise BadSetting(f"{name}={text!r} must not be negative")
    return value
