"""An answer on standard output: the rows as a table, then all that belongs to them, a line each."""

from collections.abc import Iterable, Mapping

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from kg.analysis.answer import Answer
from kg.analysis.registry import Analysis
from kg.analysis.writing import cell_text, sentence
from kg.words import words


def print_list(analyses: Iterable[Analysis], lang: str) -> None:
    """The analyses with what they answer and the parameters they take."""
    for analysis in analyses:
        click.echo(f"{analysis.name}\t{words(lang, f'analysis.{analysis.key}')}")
        for one in analysis.parameters:
            default = f" [{one.default}]" if one.default and not one.long else ""
            click.echo(f"    {one.name}{default}\t{words(lang, f'analysis.param_{one.name}')}")


def print_answer(analysis: Analysis, answer: Answer, names: Mapping[str, str], lang: str) -> None:
    """The answer as people read it in a terminal."""
    console = Console(highlight=False)
    console.print(escape(words(lang, f"analysis.{analysis.key}")), style="bold")
    if answer.refusal:
        console.print(escape(sentence(answer.refusal, lang)))
    elif not answer.rows:
        console.print(escape(words(lang, "analysis.empty")))
    else:
        table = Table()
        for column in answer.columns:
            unit = f" ({column.unit})" if column.unit else ""
            table.add_column(escape(words(lang, f"analysis.column_{column.name}") + unit))
        for row in answer.rows:
            cells = (cell_text(column, row.get(column.name), names, lang) for column in answer.columns)  # fmt: skip
            table.add_row(*map(escape, cells))
        console.print(table)
    for line in beside(answer, lang):
        click.echo(line)


def beside(answer: Answer, lang: str) -> list[str]:
    """Coverage, notes, assumptions and date as sentences."""
    covered = [
        words(lang, "analysis.covered", n=one.recorded, total=one.of,
              what=words(lang, f"analysis.covered_{one.what}"))
        for one in answer.coverage
    ]  # fmt: skip
    supposed = [
        words(lang, "analysis.assumed", text=sentence(note, lang)) for note in answer.assumptions
    ]
    dated = [words(lang, "analysis.as_of", date=answer.as_of)] if answer.as_of else []
    return [*covered, *(sentence(note, lang) for note in answer.notes), *supposed, *dated]
