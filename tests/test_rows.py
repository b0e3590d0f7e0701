"""Rows are counted and cut in the text of a table, whatever stands in the values."""

import csv
import io
import json
import tempfile
import xml.etree.ElementTree as ElementTree

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.engine.rows import ROWS, CapReached, RowBuffer, Spool, count_json_rows
from kg.formats import find_format

VALUES = st.one_of(
    st.text(st.characters(exclude_categories=("Cs", "Cc"))),
    st.text(st.sampled_from('"},{}[]\\\r\n,\t<>/result&')),
    st.none(),
)
TABLES = st.lists(st.tuples(VALUES, VALUES), max_size=8)


def write(rows: list[tuple[str | None, str | None]], format: str) -> bytes:
    """A table as the engine writes it."""
    text = json.dumps(
        {
            "head": {"vars": ["a", "b"]},
            "results": {
                "bindings": [
                    {
                        name: {"type": "literal", "value": value}
                        for name, value in zip("ab", row, strict=True)
                        if value is not None
                    }
                    for row in rows
                ]
            },
        }
    )
    solutions = ox.parse_query_results(text, ox.QueryResultsFormat.JSON)
    assert isinstance(solutions, ox.QuerySolutions)
    engine = find_format(format, "table").engine
    assert isinstance(engine, ox.QueryResultsFormat)
    return solutions.serialize(format=engine) or b""


def read(text: bytes, format: str) -> int:
    """How many rows another program reads."""
    if format == "json":
        return len(json.loads(text)["results"]["bindings"])
    if format == "xml":
        return len(ElementTree.fromstring(text)[1])
    if format == "csv":
        return len(list(csv.reader(io.StringIO(text.decode(), newline="")))) - 1
    return text.count(b"\n") - 1


def held(spool: Spool) -> bytes:
    """What was written to it."""
    spool.copy_to(target := io.BytesIO())
    return target.getvalue()


@pytest.mark.parametrize("format", sorted(ROWS))
@settings(max_examples=150, deadline=None)
@given(table=TABLES, most=st.integers(0, 9), piece=st.integers(1, 40))
def test_a_table_in_pieces_is_counted_and_cut_at_a_whole_row(
    format: str, table: list[tuple[str | None, str | None]], most: int, piece: int
) -> None:
    text = write(table, format)
    with tempfile.TemporaryFile() as overflow:
        buffer = RowBuffer(ROWS[format], spool := Spool(overflow), most, 1 << 20)
        buffer.piece_bytes = piece
        try:
            for start in range(0, len(text), piece):
                buffer.write(text[start : start + piece])
            buffer.finish()
        except CapReached:
            pass
        foot = ROWS[format].foot if buffer.cut else b""
        result = buffer.head + held(spool) + foot
    assert buffer.count == min(len(table), most) == read(result, format)
    assert buffer.cut == ("rows" if len(table) > most else "")
    assert buffer.cut or result == text


@pytest.mark.parametrize("format", sorted(ROWS))
def test_a_table_is_cut_where_its_bytes_end_and_a_long_one_goes_through_the_file(
    format: str,
) -> None:
    text = write([("x" * 100, 'y"' * 50)] * 10_000, format)
    with tempfile.TemporaryFile() as overflow:
        buffer = RowBuffer(ROWS[format], spool := Spool(overflow), 1 << 20, 1_500_000)
        with pytest.raises(CapReached):
            for start in range(0, len(text), 8192):
                buffer.write(text[start : start + 8192])
        assert buffer.cut == "bytes" and not spool.in_memory
        result = buffer.head + held(spool) + ROWS[format].foot
        assert 1_499_000 < spool.size <= 1_500_000
        assert read(result, format) == buffer.count


@settings(max_examples=300, deadline=None)
@given(table=TABLES)
def test_the_rows_of_a_whole_result_are_counted_where_the_first_variable_is_always_bound(
    table: list[tuple[str | None, str | None]],
) -> None:
    bound = [(one or "", other) for one, other in table]
    assert count_json_rows(write(bound, "json"), "a") == len(table)


def test_a_result_written_in_another_way_is_not_counted() -> None:
    text = write([(None, "b"), ("a", "b")], "json")
    assert count_json_rows(text, "a") == -1
    assert count_json_rows(text[:-1], "b") == -1
    assert count_json_rows(b'{"head":{},"boolean":true}', "a") == -1


@pytest.mark.parametrize("size", [10, 2 << 20])
def test_a_whole_text_is_held_as_it_is(size: int) -> None:
    text = b"x" * size
    with io.BytesIO() as overflow:
        spool = Spool(overflow, text)
        assert held(spool) == text
        assert (spool.size, spool.in_memory, overflow.tell()) == (size, size == 10, 0)
