"""Charts: marks where the numbers say, bands where sources differ, and SVG that stands alone."""

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from kg.queries import find_queries
from kg.web.charts import KINDS, read_chart
from kg.web.charts.columns import read_columns
from kg.web.charts.drawing import WIDTH
from kg.web.tables import Cell, Table

YEARS = [("2023", "752", "Shenzhen"), ("2024", "1025", "Shenzhen"), ("2024", "1040", "Shenzhen"), ("2025", "1333", "Shenzhen"), ("2025", "1210", "Beijing")]  # fmt: skip


def table(*rows: tuple[str, ...], columns: str = "x y by") -> Table:
    """A table of numbers in its second column."""
    cells = [[Cell(row[0]), Cell(row[1], title="xsd:integer"), *map(Cell, row[2:])] for row in rows]
    return Table(columns.split()[: len(rows[0])], cells)


def shapes(chart: object, element: str) -> list[dict[str, float]]:
    return [s.attributes for s in chart.shapes if s.element == element]  # type: ignore[attr-defined]


def test_bars_are_as_long_as_their_numbers() -> None:
    chart = read_chart(table(("a", "10"), ("b", "5"), ("c", "0")))
    widths = [float(s["width"]) for s in shapes(chart, "rect")]
    assert widths[0] == pytest.approx(2 * widths[1], abs=0.2) and widths[2] == 1
    assert (chart.kind, chart.shown, chart.total) == ("bars", 3, 3)


def test_a_day_stands_before_the_year_that_holds_it_and_the_line_goes_from_left_to_right() -> None:
    rows = [("2025", "9", "a"), ("2024", "7", "a"), ("2025-03-31", "8", "a")]
    chart = read_chart(table(*rows), "lines x=x y=y by=by")
    dots = sorted((float(dot["cx"]), float(dot["cy"])) for dot in shapes(chart, "circle"))
    heights = [height for _, height in dots]
    assert heights == sorted(heights, reverse=True)  # 7, 8, 9 from left to right
    [path] = [str(line["points"]) for line in shapes(chart, "polyline")]
    along = [float(point.split(",")[0]) for point in path.split()]
    assert along == sorted(along)


def test_lines_stand_at_their_values_and_a_band_spans_what_differs() -> None:
    chart = read_chart(table(*YEARS), "lines x=x y=y by=by")
    assert chart.has_band and len(shapes(chart, "polygon")) == 1
    dots = shapes(chart, "circle")
    assert len(dots) == chart.shown == chart.total == 5
    by_note = {s.note: s.attributes for s in chart.shapes if s.note and s.element == "circle"}
    base, top = 14 + 320, by_note["Shenzhen 2025: 1333"]["cy"]
    part = (base - by_note["Shenzhen 2023: 752"]["cy"]) / (base - top)
    assert part == pytest.approx(752 / 1333, abs=0.001)
    assert chart.legend == ["Shenzhen", "Beijing"]


def test_without_a_difference_there_is_no_band() -> None:
    chart = read_chart(table(*YEARS[:2]), "lines x=x y=y by=by")
    assert not chart.has_band and not shapes(chart, "polygon")


def test_the_first_rank_is_on_top() -> None:
    chart = read_chart(table(("2021", "4"), ("2022", "3"), ("2025", "1")), "ranks x=x y=y")
    heights = [s["cy"] for s in shapes(chart, "circle")]
    assert heights == sorted(heights, reverse=True)


def test_a_pyramid_has_its_base_below_and_shares_fill_the_width() -> None:
    pyramid = read_chart(table(("base", "100"), ("top", "10")), "pyramid x=x y=y")
    upper, lower = shapes(pyramid, "rect")
    assert upper["y"] < lower["y"] and upper["width"] == pytest.approx(lower["width"] / 10, abs=0.1)
    shares = read_chart(table(("a", "26"), ("b", "57"), ("c", "17")), "shares x=x y=y")
    boxes = shapes(shares, "rect")
    assert boxes[1]["width"] == pytest.approx(0.57 * WIDTH - 2, abs=0.1)
    assert boxes[-1]["x"] + boxes[-1]["width"] <= WIDTH


def test_before_and_after_stand_below_each_other() -> None:
    chart = read_chart(
        table(("a", "4", "1"), ("b", "2", ""), ("c", "2", "2")), "pairs x=x y=y by=by"
    )
    boxes = shapes(chart, "rect")
    assert chart.shown == 2 and chart.legend == ["y", "by"]  # b has no second number
    assert boxes[0]["x"] == boxes[1]["x"] and boxes[0]["y"] < boxes[1]["y"]
    assert boxes[0]["width"] == pytest.approx(4 * boxes[1]["width"], abs=0.2)
    assert boxes[2]["width"] == boxes[3]["width"]


def test_rows_are_counted_by_class_and_sort() -> None:
    rows = [("up", "9", "none"), ("up", "1", "one"), ("up", "1", "one"), ("down", "1", "none")]
    chart = read_chart(table(*rows), "counts x=x y=y by=by")
    assert chart.legend == ["none: 2", "one: 2"]
    upper, more, lower = shapes(chart, "rect")
    assert more["width"] + 2 == pytest.approx(2 * (upper["width"] + 2), abs=0.2)
    assert lower["width"] == upper["width"] and lower["y"] > upper["y"]
    assert [shape.text for shape in chart.shapes if shape.text.isdigit()] == ["3", "1"]


@pytest.mark.parametrize("chart", ["bars x=x y=nope", "lines x=x y=y", "ranks x=x y=y by=nope"])
def test_what_does_not_suit_makes_no_chart(chart: str) -> None:
    assert read_chart(table(("a", "1")), chart) is None


@pytest.mark.parametrize("kind", KINDS)
def test_everything_stays_inside_the_drawing(kind: str) -> None:
    rows = [
        (str(2000 + i), str(7 * i % 60), "一个名字很长的城市" * (i % 2 + 1)) for i in range(1, 24)
    ]
    chart = read_chart(table(*rows), f"{kind} x=x y=y by={'y' if kind == 'pairs' else 'by'}")
    for shape in shapes(chart, "rect"):
        assert shape["x"] >= 0 and shape["x"] + shape["width"] <= WIDTH + 1
        assert shape["y"] >= 0 and shape["y"] + shape["height"] <= chart.height
    for shape in shapes(chart, "circle"):
        assert 0 <= shape["cx"] <= WIDTH and 0 <= shape["cy"] <= chart.height


CHARTED = [q.name for q in find_queries(Path(__file__).parent.parent).values() if q.chart]


@pytest.mark.parametrize("lang", ["en", "zh-Hans"])
@pytest.mark.parametrize("name", CHARTED)
def test_a_chart_of_a_saved_query_is_well_formed_svg(
    client: FlaskClient, name: str, lang: str
) -> None:
    answer = client.get(f"/queries/{name}.svg?lang={lang}")
    assert answer.status_code == 200 and answer.mimetype == "image/svg+xml"
    root = ET.fromstring(answer.data)
    assert root.tag == "{http://www.w3.org/2000/svg}svg" and len(root) > 4
    assert "style" not in answer.text and "script" not in answer.text
    page = client.get(f"/queries/{name}?lang={lang}", headers={"Accept": "text/html"}).text
    assert 'class="chart"' in page and f"/queries/{name}.svg" in page


def test_rows_that_make_no_chart_have_no_svg(client: FlaskClient) -> None:
    assert client.get("/queries/statements-about.svg").status_code == 404


def test_rows_without_a_number_are_counted_by_class_and_sort_and_many_classes_are_cut() -> None:
    rows = [[Cell(f"c{n % 30:02}"), Cell("met" if n % 2 else "open")] for n in range(90)]
    columns = read_columns(Table(["class", "sort"], rows), x="class", by="sort")
    assert columns is not None and {point.value for point in columns.points} == {1.0}
    chart = KINDS["counts"](columns)
    assert chart is not None and (chart.shown, chart.total) == (25, 30)
    assert read_columns(Table(["class"], []), x="class") is None
