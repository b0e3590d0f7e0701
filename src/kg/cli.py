"""The `kg` command: options in, calls of the package, results out; no logic of its own.

Results go to standard output, messages to standard error. Exit codes: 0 done, 1 the input is wrong,
2 the usage is.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import click

from kg import __version__
from kg.cli_analyse import analyse
from kg.cli_files import compare_ontologies, format_files
from kg.cli_releases import RELEASE_COMMANDS
from kg.cli_search import search
from kg.errors import KgError
from kg.formats import FORMATS, find_format
from kg.settings import Settings

_OUTPUT = click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write; - or nothing means standard output.",
)


class _Group(click.Group):
    """Commands whose own errors end with one message and the error's exit code."""

    def invoke(self, context: click.Context) -> Any:  # Any: what click returns
        """Runs a command."""
        try:
            return super().invoke(context)
        except KgError as error:
            click.echo(error.detail, err=True)
            context.exit(error.exit_code)


@click.group(cls=_Group)
@click.version_option(__version__, prog_name="kg")
def main() -> None:
    """A knowledge graph of an industry ecosystem: build it, query it, draw it, take it home."""


def _say(message: str) -> None:
    click.echo(message, err=True)


@main.command()
@click.option("--check", is_flag=True, help="Check everything, write nothing.")
@click.option(
    "--optimize",
    is_flag=True,
    help="Merge what large graphs are loaded as: a third longer to build, faster to query.",
)
@click.option("--to", metavar="URL", help="Also put it into the Graph Store at this address.")
def build(check: bool, optimize: bool, to: str | None) -> None:
    """Make a release of the files and put it in use.

    Example: kg build
    """
    from kg.release.publish import build as build_release

    settings = Settings.from_environment()
    manifest = build_release(settings, check_only=check, optimize=optimize, report=_say)
    for warning in manifest.warnings:
        _say(f"warning: {warning}")
    counts = ", ".join(f"{number:,} {name}" for name, number in manifest.counts.items())
    click.echo(f"{'checked' if check else 'release'} {manifest.id}: {counts}")
    if to and not check:
        from kg.client import SparqlServer
        from kg.release.upload import upload
        from kg.store.embedded import EmbeddedStore

        server = SparqlServer.at(to, settings.query_timeout_seconds)
        upload(EmbeddedStore(settings.data / "current"), server, report=_say)


@main.command()
@click.option("--host", help="Address to listen on.  [default: 127.0.0.1]")
@click.option("--port", type=int, help="Port to listen on.  [default: 8000]")
@click.option(
    "--workers", type=int, help="Processes that stand ready to evaluate queries.  [default: 4]"
)
def serve(host: str | None, port: int | None, workers: int | None) -> None:
    """Serve the current release, building it first where the files have changed.

    Example: kg serve --port 8000
    """
    from kg.release.start import prepare
    from kg.web.server import serve as run_server

    settings = Settings.from_environment(host=host, port=port, workers=workers)
    if not settings.store:
        prepare(settings, report=_say)
    _say(f"serving on http://{settings.host}:{settings.port}")
    run_server(settings)


@main.command()
@click.argument("name", required=False)
@click.option("-e", "--expression", help="Query text, instead of a name.")
@click.option(
    "-p",
    "--parameter",
    multiple=True,
    metavar="NAME=VALUE",
    help="Value of a parameter; repeat for several.",
)
@click.option(
    "-f",
    "--format",
    "format_name",
    default="table",
    show_default=True,
    help=f"table, or one of: {', '.join(f.name for f in FORMATS)}.",
)
@_OUTPUT
def query(
    name: str | None,
    expression: str | None,
    parameter: tuple[str, ...],
    format_name: str,
    output: Path | None,
) -> None:
    """Answer a saved query by NAME, a query FILE (or - for standard input), or the text of -e.

    Example: kg query city-counts -p city=pl:shenzhen -f csv
    """
    from kg.ask import answer, find_text, print_table

    settings = Settings.from_environment()
    text = find_text(settings, name, expression, parameter)
    with answer(settings, text, format_name) as result:
        if format_name == "table" and output is None and not result.is_graph:
            print_table(result)
        else:
            with _opened(output) as target:
                result.copy_to(target)
    if result.truncated:
        _say(
            f"cut at the limit of {result.truncated}; raise KG_MAX_ROWS or KG_MAX_RESULT_BYTES for all"
        )


@main.command()
@click.option(
    "-f",
    "--format",
    "format_name",
    default="turtle",
    show_default=True,
    help="turtle, trig, ntriples, nquads, jsonld or rdfxml.",
)
@click.option("--graph", help="One graph, by IRI or by name such as src/A; without it all of them.")
@click.option("--reified", is_flag=True, help="Name the record behind each shortcut: RDF 1.2.")
@_OUTPUT
def export(format_name: str, graph: str | None, reified: bool, output: Path | None) -> None:
    """Write one graph or all of them.

    Example: kg export -f trig -o all.trig
    """
    from kg.namespaces import BASE
    from kg.release.checks import declared_terms
    from kg.release.reifiers import check_format, write_reifiers
    from kg.release.rules import read_rules
    from kg.store.dump import dump
    from kg.store.opening import open_store

    settings = Settings.from_environment()
    store = open_store(settings)
    name = graph if graph is None or ":" in graph else f"{BASE}graph/{graph}"
    format = find_format(format_name, "graph")
    if reified:
        check_format(format)
    with _opened(output) as target:
        plain = settings.default_graph == "plain"
        dump(store, target, format, graph=name, with_default=plain)
        if reified:
            terms = declared_terms({graph: store.quads(graph) for graph in store.graphs()})
            write_reifiers(read_rules(settings.root, terms), store, target, format)


@main.command()
@click.option("--chain", help="Lane picture of a chain, by slug such as humanoid.")
@click.option("--focus", help="Flow picture of an enterprise, by IRI or name such as e:inovance.")
@click.option(
    "--lang",
    type=click.Choice(["zh-Hans", "zh-Hant", "en"]),
    default="zh-Hans",
    show_default=True,
    help="Language of the labels.",
)
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="HTML file to write.",
)
def view(chain: str | None, focus: str | None, lang: str, output: Path) -> None:
    """Draw a picture into one HTML file that opens from disk without a network.

    Example: kg view --chain humanoid -o humanoid.html
    """
    from kg.network.view import draw_view
    from kg.store.opening import open_store

    settings = Settings.from_environment()
    store = open_store(settings)
    page = draw_view(store, chain=chain, focus=focus, lang=lang, root=settings.root)
    output.write_text(page, encoding="utf-8")


@main.command("import")
@click.argument("tables", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--mapping",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="CSVW metadata that says what the cells mean.",
)
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    help="CSV file for the dirty rows; without it they are messages.",
)
@_OUTPUT
def import_tables(
    tables: tuple[Path, ...], mapping: Path, report: Path | None, output: Path | None
) -> None:
    """Turn TABLES (CSV, XLSX, JSON, YAML) into a graph; without any, those beside the mapping.

    Example: kg import graph/tables/gbt4754-2017/gbt4754_2017.csv --mapping graph/tables/gbt4754-2017/mapping.json -o gbt.ttl
    """
    from kg.release.formatting import format_text
    from kg.tables.imports import import_tables as run_import

    result = run_import(Settings.from_environment().root, mapping, tables)
    text = format_text(result.text, path=result.target)
    with _opened(output) as target:
        target.write(text.encode())
    if report is None:
        for one in result.dirt:
            _say(f"{one.table}:{one.row}: {one.outcome}: {one.column}: {one.reason}")
    else:
        report.write_text(result.report, encoding="utf-8")
    _say(
        f"{result.rows:,} rows, {len(result.dirt):,} dirty, {result.stated:,} triples stated elsewhere"
    )


for command in (*RELEASE_COMMANDS, analyse, search, compare_ontologies, format_files):
    main.add_command(command)


@contextmanager
def _opened(path: Path | None) -> Iterator[IO[bytes]]:
    """The output file, or standard output; a file appears only when it is complete."""
    if path is None or str(path) == "-":
        yield sys.stdout.buffer
        return
    part = path.with_name(path.name + ".part")
    try:
        with part.open("wb") as file:
            yield file
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
