"""The commands on the files that people edit, which need no release: no logic of their own."""

from pathlib import Path

import click

from kg.settings import Settings


@click.command("format")
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--check", is_flag=True, help="Only say which files would change; exit 1 if any.")
@click.option("--traditional", is_flag=True, help="Add the zh-Hant texts that are missing.")
def format_files(files: tuple[Path, ...], check: bool, traditional: bool) -> None:
    """Sort Turtle and TriG files, one triple a line; without FILES all of ontology/ and graph/.

    Example: kg format graph/ref/places.ttl
    """
    from kg.release.formatting import format_tree

    root = Settings.from_environment().root
    changed = format_tree(root, files, write=not check, traditional=traditional)
    for path in changed:
        click.echo(path)
    if check and changed:
        raise click.exceptions.Exit(1)


@click.command("terms")
@click.argument("before", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("after", required=False, type=click.Path(file_okay=False, path_type=Path))
def compare_ontologies(before: Path, after: Path | None) -> None:
    """Say which terms differ between two folders that hold ontology/; AFTER is the checkout.

    Example: kg terms ../industry-kg-0.1.0
    """
    from kg.release.terms import compare_terms

    found = compare_terms(before, after or Settings.from_environment().root)
    for sign, terms in (("+", found.added), ("-", found.removed)):
        for term in terms:
            click.echo(f"{sign} {term}")
    for term, lines in found.changed.items():
        click.echo(f"~ {term}")
        for line in lines:
            click.echo(f"    {line}")
    click.echo(f"version: {found.level}", err=True)
