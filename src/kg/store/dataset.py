"""A release as an rdflib Dataset, for programs and notebooks."""

import io

import rdflib

from kg.formats import find_format
from kg.namespaces import PREFIXES
from kg.store import Store
from kg.store.dump import dump


def read_dataset(store: Store) -> rdflib.Dataset:
    """Every named graph in memory, the pinned prefixes bound; the default graph is their union.

    About 20,000 quads a second and 1 KB of memory a quad.
    """
    text = io.BytesIO()
    dump(store, text, find_format("nquads", "dataset"))
    dataset = rdflib.Dataset(default_union=True)
    for prefix, iri in PREFIXES.items():
        dataset.bind(prefix, iri, override=True, replace=True)
    dataset.parse(data=text.getvalue(), format="nquads")
    return dataset
