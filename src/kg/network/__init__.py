"""Subgraphs as pictures: build (triples to networkx), layout (positions), draw (pyvis), export (files)."""
