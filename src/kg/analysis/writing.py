"""An answer as a file: JSON with everything beside the rows, CSV with the rows."""

import csv
import io
import json
from collections.abc import Mapping
from typing import Any, Final

from kg.analysis.answer import Answer, Column, Note, Value, several
from kg.words import words

SEPARATOR: Final = "|"
"""Between several values in one cell of CSV: https://www.w3.org/TR/tabular-metadata/#cell-separator."""


def sentence(note: Note, lang: str) -> str:
    """A note in the words of the interface."""
    return words(lang, f"analysis.{note.key}", **note.values)


def cell_text(column: Column, value: Value, names: Mapping[str, str], lang: str) -> str:
    """A cell as people read it; empty where nothing is recorded."""
    if column.kind == "thing":
        return SEPARATOR.join(names.get(iri, iri) for iri in several(value))
    if column.kind == "code":
        return SEPARATOR.join(words(lang, f"analysis.value_{code}") for code in several(value))
    return SEPARATOR.join(several(value))


def write_csv(answer: Answer, names: Mapping[str, str], lang: str) -> str:
    """The rows; a column of things is followed by one of their names."""
    output = io.StringIO()
    writer = csv.writer(output)
    heads = (
        [column.name, f"{column.name}_name"] if column.kind == "thing" else [column.name]
        for column in answer.columns
    )
    writer.writerow([head for names_of in heads for head in names_of])
    for row in answer.rows:
        cells = []
        for column in answer.columns:
            value = row.get(column.name)
            cells.append(SEPARATOR.join(several(value)))
            if column.kind == "thing":
                cells.append(cell_text(column, value, names, lang))
        writer.writerow(cells)
    return output.getvalue()


def write_json(
    name: str, answer: Answer, names: Mapping[str, str], lang: str, release: str,
    values: Mapping[str, object],
) -> str:  # fmt: skip
    """The whole answer; a thing is its IRI with its name, what is not recorded is null."""

    def thing(iri: str) -> dict[str, str]:
        return {"iri": iri, "name": names.get(iri, iri)}

    def cell(column: Column, value: Value) -> Any:  # Any: JSON
        if column.kind != "thing" or value in (None, ""):
            return value
        return [thing(iri) for iri in value] if isinstance(value, tuple) else thing(str(value))

    found = {
        "analysis": name,
        "title": words(lang, f"analysis.{name.replace('-', '_')}"),
        "release": release,
        "as_of": answer.as_of,
        "language": lang,
        "parameters": dict(values),
        "refused": sentence(answer.refusal, lang) if answer.refusal else None,
        "coverage": [
            {"recorded": one.recorded, "of": one.of, "what": words(lang, f"analysis.covered_{one.what}")}
            for one in answer.coverage
        ],
        "columns": [
            {"name": column.name, "title": words(lang, f"analysis.column_{column.name}"), "unit": column.unit}
            for column in answer.columns
        ],
        "rows": [
            {column.name: cell(column, row.get(column.name)) for column in answer.columns}
            for row in answer.rows
        ],
        "notes": [sentence(note, lang) for note in answer.notes],
        "assumptions": [sentence(note, lang) for note in answer.assumptions],
        "sources": [thing(iri) for iri in answer.sources],
        "queries": list(answer.queries),
    }  # fmt: skip
    return json.dumps(found, ensure_ascii=False, indent=1)
