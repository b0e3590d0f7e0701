"""What the network page and its files take, and what the files are."""

from typing import Final

from kg.network.state import LAYOUTS, MAX_HOPS, MAX_LIMIT
from kg.network.styles import KIND_ORDER
from kg.web.network_files import WRITERS
from kg.web.parameters import LANG, TEXT, Parameter

PICTURES: Final = tuple(media_type for media_type, _ in WRITERS.values())
VIEW: Final = (
    Parameter("chain", "Chain to draw, an IRI, a prefixed name or its last part; `all` for every one", TEXT, repeated=True),
    Parameter("focus", "Thing in the middle, in place of a chain", TEXT),
    Parameter("from", "Thing at which paths begin", TEXT),
    Parameter("to", "Thing at which they end", TEXT),
    Parameter("type", "Types of things to draw", {"enum": list(KIND_ORDER)}, repeated=True),
    Parameter("stage", "Stages to draw", TEXT, repeated=True),
    Parameter("city", "Seats of the firms to draw, or areas around them", TEXT, repeated=True),
    Parameter("year", "Years of the records to draw", TEXT, repeated=True),
    Parameter("confidence", "Modalities of the records to draw", TEXT, repeated=True),
    Parameter("min_degree", "Least number of neighbours in the picture", {"type": "integer", "minimum": 0, "maximum": 10_000}),
    Parameter("hops", "Steps around the middle", {"type": "integer", "minimum": 1, "maximum": MAX_HOPS}),
    Parameter("limit", "Things to draw at most", {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT}),
    Parameter("layout", "How to draw it, else what suits", TEXT | {"examples": list(LAYOUTS)}),
    Parameter("expand", "Thing whose neighbours are added; once more for more of them", TEXT, repeated=True),
    Parameter("hide", "Thing to leave out", TEXT, repeated=True),
    LANG,
)  # fmt: skip
TABLES_PAGE: Final = Parameter(
    "page", "Page of the tables below the picture, from 1", {"type": "integer", "minimum": 1}
)
