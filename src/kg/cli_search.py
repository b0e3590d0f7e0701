"""`kg search`: no logic of its own."""

import click

from kg.settings import Settings
from kg.words import LANGUAGES


@click.command()
@click.argument("text")
@click.option("--type", "type_name", help="Only things of this class, such as Enterprise.")
@click.option("--limit", type=click.IntRange(1, 100), default=10, show_default=True)
@click.option(
    "--lang", type=click.Choice(list(LANGUAGES)), default="zh-Hans", show_default=True,
    help="Language of the labels.",
)  # fmt: skip
def search(text: str, type_name: str | None, limit: int, lang: str) -> None:
    """Find things by any name, pinyin, initials or code; a line each: IRI, name, type, place, reason.

    Example: kg search 兆威机电
    """
    from kg.namespaces import compact, resolve
    from kg.search.lines import describe
    from kg.search.opening import open_index
    from kg.store.opening import open_store

    index = open_index(open_store(Settings.from_environment()))
    where = {"type": resolve(type_name, slug_of="kg")} if type_name else None
    hits = index.suggest(text, where=where, limit=limit)
    for line in describe(index, hits, lang):
        parts = (compact(line.iri), line.label, line.type, line.where, line.reason)
        click.echo("\t".join(parts).rstrip())
    if not hits:
        click.echo(
            f"nothing is found for {text!r}; not recorded is not the same as absent", err=True
        )
