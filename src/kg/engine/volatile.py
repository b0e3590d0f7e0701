"""Which queries may answer differently over the same release: their results are never kept.

When in doubt a query counts as volatile, which costs an evaluation and nothing else.
"""

import re
from typing import Final

from kg.engine.limits import read_tokens

# Names may end other words, since the grammar needs no blank between them: `ORDER BYRAND()`.
_CALL: Final = re.compile(r"(?:NOW|RAND|UUID|BNODE)\s*+[(#]", re.IGNORECASE)


def is_volatile(query: str, form: str) -> bool:
    """Whether a query of that form calls NOW, RAND, UUID, STRUUID or BNODE, or makes blank nodes.

    An escaped character might hide any of them, and so might a form that was not recognised.
    """
    if not form or "\\u" in query.lower() or _CALL.search(query):
        return True
    return form == "CONSTRUCT" and _makes_blank_nodes(query)


def _makes_blank_nodes(query: str) -> bool:
    """Whether the template, the first block in braces, holds a label, brackets or a collection."""
    inside = False
    for token in read_tokens(query):
        text = token.text
        if text == "{":
            inside = True
        elif text == "}":
            return False
        elif inside and (text in ("[", "(") or text.startswith("_:")):
            return True
    return False
