"""`kg analyse`: no logic of its own."""

import click

from kg.settings import Settings
from kg.words import LANGUAGES


@click.command()
@click.argument("name", required=False)
@click.option(
    "-p",
    "--parameter",
    multiple=True,
    metavar="NAME=VALUE",
    help="Value of a parameter; repeat for several. @FILE reads a text of lines from a file.",
)
@click.option(
    "-f",
    "--format",
    "format_name",
    type=click.Choice(["table", "json", "csv"]),
    default="table",
    show_default=True,
)
@click.option(
    "--lang", type=click.Choice(list(LANGUAGES)), default="zh-Hans", show_default=True,
    help="Language of the labels.",
)  # fmt: skip
def analyse(name: str | None, parameter: tuple[str, ...], format_name: str, lang: str) -> None:
    """Answer the analysis NAME; without one, list the analyses and their parameters.

    Example: kg analyse segment-gaps -p chain=humanoid
    """
    from kg.analysis.printing import print_answer, print_list
    from kg.analysis.reading import read_names
    from kg.analysis.registry import ANALYSES, get_analysis
    from kg.analysis.writing import write_csv, write_json
    from kg.queries import read_values
    from kg.store.opening import open_store

    if name is None:
        print_list(ANALYSES.values(), lang)
        return
    analysis = get_analysis(name)
    settings = Settings.from_environment()
    store, given = open_store(settings), analysis.read_files(read_values(parameter))
    answer = analysis.answer(store, settings.root, lang, given)
    names = read_names(store, settings.root, answer.things(), lang)
    if format_name == "csv":
        click.echo(write_csv(answer, names, lang), nl=False)
    elif format_name == "json":
        values = analysis.read(given)
        click.echo(write_json(name, answer, names, lang, store.release, values))
    else:
        print_answer(analysis, answer, names, lang)
