"""A knowledge graph of an industry ecosystem: SPARQL endpoint, interactive network, Turtle export."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rdflib import Dataset

__version__ = "0.1.0"
__all__ = ["__version__", "open"]


def open() -> "Dataset":  # kg.open() is how it reads
    """The release in use as an rdflib Dataset: named graphs, and their union as default graph.

    Settings come from the environment as for `kg`. Raises ReleaseUnknown where `kg build` has not
    been run yet.
    """
    # Here and not at the top: a query worker imports this package and needs no rdflib.
    from kg.settings import Settings
    from kg.store.dataset import read_dataset
    from kg.store.opening import open_store

    return read_dataset(open_store(Settings.from_environment()))
