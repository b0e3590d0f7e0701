"""The traditional Chinese texts that a file lacks, from its simplified ones."""

from rdflib import Graph, Literal

from kg.traditional import to_traditional


def add_traditional(graph: Graph) -> None:
    """Adds the zh-Hant text where a thing has exactly one zh-Hans text of a property and no zh-Hant.

    What is there stays, so that a name can be set by hand.
    """
    for subject, predicate in set(graph.subject_predicates()):
        texts = {"zh-Hans": [], "zh-Hant": []}  # type: dict[str, list[str]]
        for value in graph.objects(subject, predicate):
            if isinstance(value, Literal) and value.language in texts:
                texts[value.language].append(str(value))
        if len(texts["zh-Hans"]) == 1 and not texts["zh-Hant"]:
            text = to_traditional(texts["zh-Hans"][0])
            graph.add((subject, predicate, Literal(text, lang="zh-Hant")))
