"""Tables as rows of text, each with its place in the file: CSV, XLSX, JSON and YAML.

A CSV row, a JSON value and a YAML node are spans of the text, counted in code points of the decoded
file; a row of a workbook has its number alone. Cells are text throughout, codes keep their zeros.
"""

import csv
import hashlib
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import Any, Final

from kg.errors import BadFiles, Problem

WHOLE_FILE: Final = "."
"""Path of the one row that stands for the file itself."""


@dataclass(frozen=True)
class Row:
    """One row of a table."""

    number: int
    """One-based, the head not counted."""
    cells: Mapping[str, str]
    """Text by heading; in JSON and YAML also `step/key` of what encloses the row, and `step/#`."""
    start: int | None
    """Zero-based code point where the row begins; None in a workbook."""
    text: str
    """What the row says: its span of the file, or the cells of a workbook joined by tabs."""

    @property
    def sha256(self) -> str:
        """Digest of `text` in UTF-8."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True)
class TableFile:
    """One file as read."""

    path: Path
    name: str
    """Name that messages and reports use."""
    text: str
    """Decoded text, line ends as they are; empty for a workbook."""
    sha256: str

    @property
    def length(self) -> int | None:
        """Code points of the text; None for a workbook."""
        return len(self.text) or None


def open_table(path: Path, name: str) -> TableFile:
    """The file; raises BadFiles where it cannot be read, is of no known kind, or is not UTF-8."""
    if path.suffix not in _READERS:
        raise _bad(name, 0, f"no table of kind {path.suffix!r}; known: {', '.join(_READERS)}")
    try:
        data = path.read_bytes()
        text = "" if path.suffix == ".xlsx" else data.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise _bad(name, 0, f"cannot be read: {error}") from error
    return TableFile(path, name, text, hashlib.sha256(data).hexdigest())


def read_rows(file: TableFile, rows: str = "") -> Iterator[Row]:
    """The rows in order; `rows` is the path to them in JSON and YAML, such as `segments/firms`.

    The path `.` gives one row for the file as a whole. Raises BadFiles where the file is malformed.
    """
    yield from _READERS[file.path.suffix](file, rows)


def _read_csv(file: TableFile, rows: str) -> Iterator[Row]:
    if rows == WHOLE_FILE:
        yield Row(1, {}, 0, file.text)
        return
    position = [0]

    def lines() -> Iterator[str]:
        for line in file.text.splitlines(keepends=True):
            position[0] += len(line)
            yield line

    reader = csv.reader(lines(), strict=True)
    try:
        head = [name.strip("\ufeff ") for name in next(reader, [])]
        start = position[0]
        for number, cells in enumerate(reader, start=1):
            if len(cells) != len(head):
                said = f"{len(cells)} cells in row {number}, the head has {len(head)}"
                raise _bad(file.name, reader.line_num, said)
            span = file.text[start : position[0]].rstrip("\r\n")
            yield Row(number, dict(zip(head, cells, strict=True)), start, span)
            start = position[0]
    except csv.Error as error:
        raise _bad(file.name, reader.line_num, f"not CSV: {error}") from error


def _read_xlsx(file: TableFile, rows: str) -> Iterator[Row]:
    """The first sheet. Closed explicitly: openpyxl keeps the file open until collected."""
    import openpyxl  # here: importing it takes longer than a server needs to start

    if rows == WHOLE_FILE:
        yield Row(1, {}, None, file.name)
        return
    with closing(openpyxl.load_workbook(file.path, read_only=True, data_only=True)) as book:
        sheet = iter(book.worksheets[0].iter_rows(values_only=True))
        head = [_cell_text(value).strip() for value in next(sheet, ())]
        for number, values in enumerate(sheet, start=1):
            texts = [_cell_text(value) for value in values]
            yield Row(number, dict(zip(head, texts, strict=False)), None, "\t".join(texts))


def _cell_text(value: Any) -> str:  # Any: what openpyxl gives, typed by the cell
    """A typed cell as the lexical form of its XSD type, so that `str(True)` never gets in."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat()
    return str(value)


def _read_tree(file: TableFile, rows: str) -> Iterator[Row]:
    """JSON and YAML: JSON is read as the YAML it is, because YAML's nodes know their place."""
    import yaml

    try:
        root = yaml.compose(file.text, Loader=yaml.CBaseLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise _bad(file.name, line, f"does not parse: {error.problem}") from error
    steps = [] if rows == WHOLE_FILE else rows.split("/")
    for number, (node, cells) in enumerate(_walk(root, steps, {}, ""), start=1):
        start, end = node.start_mark.index, node.end_mark.index
        if rows == WHOLE_FILE:
            start, end = 0, len(file.text)
        yield Row(number, cells, start, file.text[start:end].rstrip())


def _walk(
    node: Any, steps: list[str], above: dict[str, str], place: str
) -> Iterator[tuple[Any, dict[str, str]]]:  # Any: yaml has no annotations for nodes
    """Every node that the steps lead to, with the texts of itself and of what encloses it."""
    own = _scalars(node, steps[-1] if steps else place)
    if not steps:
        yield node, above | own
        return
    named = above | {f"{place}/{key}": text for key, text in own.items()}
    for key, value in node.value if node.id == "mapping" else []:
        if key.value == steps[0]:
            for index, item in enumerate(value.value, start=1):
                numbered = named | {f"{steps[0]}/#": str(index)}
                yield from _walk(item, steps[1:], numbered, steps[0])


def _scalars(node: Any, name: str) -> dict[str, str]:  # Any: as above
    """Texts of a mapping by key, or of a plain value under the name of its list."""
    if node.id == "scalar":
        return {name: node.value}
    pairs = node.value if node.id == "mapping" else []
    return {key.value: value.value for key, value in pairs if value.id == "scalar"}


def _bad(name: str, line: int, said: str) -> BadFiles:
    return BadFiles([Problem(name, line, said)])


_READERS: Final = {
    ".csv": _read_csv,
    ".xlsx": _read_xlsx,
    ".json": _read_tree,
    ".yaml": _read_tree,
    ".yml": _read_tree,
}
"""Reader by suffix."""
