"""What a query may reach by SERVICE, read off its syntax tree by a second parser.

The scan of `limits` lets a query pass whose every SERVICE names a server of KG_SERVICE_ENDPOINTS;
this looks again, in the worker whose network is open, before anything is evaluated. So one mistake
of the scan does not open the network. https://www.w3.org/TR/sparql11-federated-query/
"""

from collections.abc import Collection, Iterator
from typing import Any

from rdflib import URIRef


def reaches_only(query: str, servers: Collection[str]) -> bool:
    """Whether every SERVICE of the query names one of these servers; no for what does not parse.

    10 to 100 ms, the first time.
    """
    # Here, for a worker without an open network needs no second parser, whose import takes 0.2 s.
    from pyparsing import ParseException
    from rdflib.plugins.sparql.parser import parseQuery
    from rdflib.plugins.sparql.parserutils import CompValue

    def services(node: Any) -> Iterator[Any]:  # Any: what pyparsing makes
        if isinstance(node, CompValue):
            if node.name == "ServiceGraphPattern":
                yield node.term
            node = list(node.values())
        if isinstance(node, Collection) and not isinstance(node, str):
            for child in node:
                yield from services(child)

    try:
        found = list(services(list(parseQuery(query))))
    except (ParseException, RecursionError):
        return False
    return all(isinstance(term, URIRef) and str(term) in servers for term in found)
