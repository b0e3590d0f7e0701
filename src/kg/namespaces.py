"""The pinned prefixes: one table for files, queries, Turtle output and pages.

A prefix means the same IRI everywhere; a test compares every declaration in every file with this table.
"""

from collections.abc import Iterable
from typing import Final

BASE: Final = "https://w3id.org/industry-kg/"
"""Root of every IRI of the project; the server answers for its paths whatever host it runs on."""

OWN_PREFIXES: Final = {
    "kg": BASE + "ont#",
    "ksh": BASE + "shapes#",
    "g": BASE + "graph/",
    "tier": BASE + "voc/tier/",
    "stg": BASE + "voc/stage/",
    "gst": BASE + "voc/growth-stage/",
    "ind": BASE + "voc/indicator/",
    "pop": BASE + "voc/population/",
    "u": BASE + "voc/unit/",
    "q": BASE + "voc/qualifier/",
    "mod": BASE + "voc/modality/",
    "asp": BASE + "voc/aspect/",
    "dir": BASE + "voc/direction/",
    "mech": BASE + "voc/mechanism/",
    "resp": BASE + "voc/responsible/",
    "mode": BASE + "voc/mode/",
    "dom": BASE + "voc/domain/",
    "ins": BASE + "voc/instrument/",
    "cl": BASE + "voc/cluster/",
    "conflict": BASE + "voc/conflict/",
    "risk": BASE + "voc/risk/",
    "act": BASE + "voc/act/",
    "round": BASE + "voc/round/",
    "gbt": BASE + "voc/gbt4754-2017/",
    "isic": BASE + "voc/isic4/",
    "nace": BASE + "voc/nace2/",
    "ck": BASE + "voc/cluster-kind/",
    "att": BASE + "voc/attestation/",
    "apt": BASE + "voc/application-type/",
    "crit": BASE + "voc/criterion-kind/",
    "cmp": BASE + "voc/comparator/",
    "win": BASE + "voc/window/",
    "out": BASE + "voc/outcome/",
    "why": BASE + "voc/outcome-reason/",
    "ver": BASE + "voc/verdict/",
    "cum": BASE + "voc/cumulation/",
    "srct": BASE + "voc/source-type/",
    "flow": BASE + "voc/flow-type/",
    "cap": BASE + "voc/capability/",
    "mr": BASE + "voc/match-reason/",
    "rr": BASE + "voc/reject-reason/",
    "trust": BASE + "voc/trust/",
    "lind": BASE + "voc/listed-industry/",
    "e": BASE + "id/ent/",
    "inv": BASE + "id/inv/",
    "o": BASE + "id/org/",
    "pn": BASE + "id/person/",
    "pl": BASE + "id/place/",
    "per": BASE + "id/period/",
    "prog": BASE + "id/programme/",
    "b": BASE + "id/batch/",
    "grp": BASE + "id/group/",
    "cp": BASE + "id/clusterprog/",
    "ch": BASE + "id/chain/",
    "seg": BASE + "id/segment/",
    "it": BASE + "id/item/",
    "pj": BASE + "id/project/",
    "pd": BASE + "id/policydoc/",
    "sp": BASE + "id/platform/",
    "doc": BASE + "id/doc/",
    "ps": BASE + "id/passage/",
    "st": BASE + "id/stmt/",
    "ds": BASE + "id/dataset/",
    "cf": BASE + "id/conflict/",
    "res": BASE + "id/resolution/",
    "note": BASE + "id/note/",
    "drv": BASE + "id/derived/",
    "run": BASE + "id/run/",
    "rs": BASE + "id/ruleset/",
    "cr": BASE + "id/criterion/",
    "ass": BASE + "id/assessment/",
    "mt": BASE + "id/match/",
    "idn": BASE + "id/identifier/",
    "sq": BASE + "id/query/",
}
"""Prefixes of our own terms, vocabularies, things and graphs."""

EXTERNAL_PREFIXES: Final = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xkos": "http://rdf-vocabulary.ddialliance.org/xkos#",
    "dcterms": "http://purl.org/dc/terms/",
    "prov": "http://www.w3.org/ns/prov#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "org": "http://www.w3.org/ns/org#",
    "rov": "http://www.w3.org/ns/regorg#",
    "schema": "https://schema.org/",
    "geo": "http://www.opengis.net/ont/geosparql#",
    "time": "http://www.w3.org/2006/time#",
    "qb": "http://purl.org/linked-data/cube#",
    "sdmx-dimension": "http://purl.org/linked-data/sdmx/2009/dimension#",
    "sdmx-measure": "http://purl.org/linked-data/sdmx/2009/measure#",
    "sdmx-attribute": "http://purl.org/linked-data/sdmx/2009/attribute#",
    "sosa": "http://www.w3.org/ns/sosa/",
    "eli": "http://data.europa.eu/eli/ontology#",
    "cv": "http://data.europa.eu/m8g/",
    "cpsv": "http://purl.org/vocab/cpsv#",
    "adms": "http://www.w3.org/ns/adms#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "void": "http://rdfs.org/ns/void#",
    "void-ext": "http://ldf.fi/void-ext#",
    "sd": "http://www.w3.org/ns/sparql-service-description#",
    "spdx": "http://spdx.org/rdf/terms#",
    "vann": "http://purl.org/vocab/vann/",
    "vs": "http://www.w3.org/2003/06/sw-vocab-status/ns#",
    "sh": "http://www.w3.org/ns/shacl#",
}
"""Prefixes of the vocabularies that the modules and the data use."""

ALIGNMENT_PREFIXES: Final = {
    "oa": "http://www.w3.org/ns/oa#",
    "gs1": "https://ref.gs1.org/voc/",
    "fibo-be-oac-opty": "https://spec.edmcouncil.org/fibo/ontology/BE/OwnershipAndControl/OwnershipParties/",
    "iof-core": "https://spec.industrialontologies.org/ontology/core/Core/",
    "iof-scro": "https://spec.industrialontologies.org/ontology/supplychain/SupplyChain/",
    "coy": "https://schema.coypu.org/global#",
    "ebg": "http://data.businessgraph.io/ontology#",
    "wd": "http://www.wikidata.org/entity/",
}
"""Prefixes that occur in ontology/align/ only."""

PREFIXES: Final = {**OWN_PREFIXES, **EXTERNAL_PREFIXES}
"""What queries, data files and Turtle output may use without asking."""

_PREFIX_OF: Final = {namespace: prefix for prefix, namespace in PREFIXES.items()}
"""Prefix by namespace; every namespace ends with a slash or a hash."""


def expand(name: str) -> str:
    """The IRI of a prefixed name such as `pl:shenzhen`.

    Raises KeyError where the prefix is not pinned.
    """
    prefix, _, local = name.partition(":")
    return PREFIXES[prefix] + local


def resolve(text: str, *, slug_of: str) -> str:
    """The IRI that a person means by an IRI, a pinned prefixed name, or a slug under one prefix."""
    if "://" in text:
        return text
    prefix, colon, _ = text.partition(":")
    if not colon:
        return PREFIXES[slug_of] + text
    return expand(text) if prefix in PREFIXES else text


def compact(iri: str) -> str:
    """The prefixed name of an IRI, or the IRI itself where none can be written.

    A local part with a slash or other character that Turtle would have to escape stays an IRI:
    https://www.w3.org/TR/turtle/#grammar-production-PN_LOCAL.
    """
    end = max(iri.rfind("/"), iri.rfind("#")) + 1
    prefix, local = _PREFIX_OF.get(iri[:end]), iri[end:]
    if prefix and local.replace("-", "").replace("_", "").isalnum():
        return f"{prefix}:{local}"
    return iri


def prefixes_used(iris: Iterable[str]) -> dict[str, str]:
    """The pinned prefixes under which at least one of the IRIs can be written, by prefix."""
    names = {compact(iri).partition(":")[0] for iri in iris}
    return {prefix: PREFIXES[prefix] for prefix in sorted(names) if prefix in PREFIXES}
