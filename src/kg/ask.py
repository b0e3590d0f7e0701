"""A query on the command line: which text, evaluated in this process or by the server that
`KG_STORE` names, printed or copied.

The text is the user's own and the process is too, so there is no cage and no deadline here; the
result caps hold.
"""

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table

from kg.engine.evaluate import Cage, answer_query
from kg.engine.evaluators import Engines
from kg.engine.explain import error_of
from kg.engine.limits import find_undeclared_prefix, read_shape
from kg.engine.request import QueryRequest
from kg.errors import QueryMissing
from kg.formats import formats_named
from kg.namespaces import BASE, PREFIXES, compact
from kg.queries import get_query, read_query, read_values
from kg.settings import Settings
from kg.store import Dataset, Store
from kg.store.embedded import EmbeddedStore
from kg.store.opening import open_store

if TYPE_CHECKING:
    from kg.engine.remote import RemoteEngine

_ANY_WIDTH = 10_000
"""Columns of a terminal that no table fills."""


@dataclass(frozen=True)
class Result:
    """An evaluated query and the file that holds its result."""

    path: Path
    is_graph: bool
    truncated: str

    def copy_to(self, output: IO[bytes]) -> None:
        """Writes the result as it is."""
        with self.path.open("rb") as file:
            shutil.copyfileobj(file, output)


def find_text(
    settings: Settings, name: str | None, expression: str | None, parameters: Sequence[str]
) -> str:
    """The query text: of `-e`, of a file, of standard input for `-`, or of a saved query with values.

    Raises QueryMissing where none is given, QueryUnknown, and ParameterInvalid.
    """
    values = read_values(parameters)
    if expression is not None:
        return expression
    if name is None:
        raise QueryMissing("no query; give a name, a file or -e TEXT")
    if name == "-":
        return sys.stdin.read()
    path = Path(name)
    query = (
        read_query(path)
        if path.suffix == ".rq" and path.is_file()
        else get_query(settings.root, name)
    )
    return query.bind(values)


@contextmanager
def answer(settings: Settings, text: str, format_name: str) -> Iterator[Result]:
    """The result of a query while the block runs; pinned prefixes need no declaration.

    Raises what `error_of` names.
    """
    text = _declare_prefixes(text)
    store = open_store(settings)
    dataset = Dataset() if read_shape(text).has_dataset else store.default_dataset(text)
    with tempfile.TemporaryDirectory(prefix="kg-query-") as scratch:
        spool = Path(scratch) / "result"
        request = QueryRequest(
            query=text,
            base_iri=BASE,
            formats=_formats(format_name),
            default_graphs=dataset.default_graphs,
            named_graphs=dataset.named_graphs,
            spool=str(spool),
        )
        with tempfile.TemporaryFile() as overflow:
            found, body = answer_query(
                _open_engines(settings, store), request, Cage(settings, overflow)
            )
        if found.error:
            raise error_of(found, text)
        if not found.spooled:
            spool.write_bytes(body)
        yield Result(spool, found.kind == "graph", found.truncated)


def _open_engines(settings: Settings, store: Store) -> "Engines | RemoteEngine":
    if isinstance(store, EmbeddedStore):
        return Engines.open(store.folder, settings.evaluator)
    # Here, for the HTTP client's import takes 0.1 s.
    from kg.client import SparqlServer
    from kg.engine.remote import RemoteEngine

    return RemoteEngine(SparqlServer.at(settings.store, settings.query_timeout_seconds))


def _formats(name: str) -> dict[str, str]:
    """The format for each kind of answer; a table is read from JSON."""
    if name == "table":
        return {"table": "json", "boolean": "json", "graph": "turtle"}
    return {kind: format.name for kind, format in formats_named(name).items()}


def _declare_prefixes(text: str) -> str:
    """The text with a PREFIX line for each pinned prefix it uses without declaring it."""
    while (found := find_undeclared_prefix(text)) and found[0] in PREFIXES:
        text = f"PREFIX {found[0]}: <{PREFIXES[found[0]]}> {text}"
    return text


def print_table(result: Result) -> None:
    """The rows on standard output: as a table where it fits the terminal, else one value a line."""
    found = json.loads(result.path.read_text(encoding="utf-8"))
    console = Console()
    if "boolean" in found:
        console.print("yes" if found["boolean"] else "no")
        return
    names, rows = found["head"]["vars"], found["results"]["bindings"]
    table = Table(*names)
    for row in rows:
        table.add_row(*(_cell(row.get(name)) for name in names))
    if Console(width=_ANY_WIDTH).measure(table).maximum <= console.width:
        console.print(table)
    else:
        _print_records(names, rows)


def _print_records(names: Sequence[str], rows: Sequence[dict[str, dict[str, str]]]) -> None:
    width = max(map(len, names), default=0)
    for number, row in enumerate(rows, 1):
        click.echo(f"-- {number} of {len(rows)}")
        for name in names:
            if name in row:
                click.echo(f"{name:>{width}}  {_cell(row[name])}")


def _cell(term: dict[str, str] | None) -> str:
    if term is None:
        return ""
    return compact(term["value"]) if term["type"] == "uri" else str(term["value"])
