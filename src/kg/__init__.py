"""A knowledge graph of an industry ecosystem: SPARQL endpoint, interactive network, Turtle export."""

__version__ = "0.1.0"
