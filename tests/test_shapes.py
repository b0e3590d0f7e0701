"""The shapes: the files conform, and for each shape a mutant that it must refuse."""

from pathlib import Path

import pyoxigraph as ox
import pyrudof
import pyshacl
import pytest
import rdflib
from rdflib import SH as SHACL

from kg.errors import BadFiles, Problem
from kg.namespaces import PREFIXES
from kg.release.sources import read_sources
from kg.release.validate import Findings, asserted_graph, read_shapes, validate
from small_files import copy_files

ROOT = Path(__file__).parent.parent
SHAPES = ROOT / "ontology/shapes"
SH = PREFIXES["sh"]

LABELS = 'skos:prefLabel "X"@en , "X"@zh-Hans , "X"@zh-Hant'
FIGURE = """kg:feature pl:shenzhen ; kg:indicator ind:new-count ; kg:population pop:lg-batch-7 ; kg:period per:2025 ;
  kg:value 347.0 ; kg:unit u:enterprise ; kg:qualifier q:exact ; kg:rawText "347"@en ; qb:dataSet ds:B"""
PASSAGE = "kg:evidence ps:X01"
RECORD = 'kg:factId "X01" ; kg:evidence ps:X01 ; kg:modality mod:explicit'
DIGEST = f'kg:sha256 "{"0" * 64}"'
SPAN = f"kg:fromDocument doc:B ; kg:startOffset 0 ; kg:length 1 ; {DIGEST}"
MEASURE = """kg:amountMax 1.0 ; kg:currency "CNY" ; kg:eligibleTier tier:little-giant ; kg:jurisdiction pl:shenzhen ;
  kg:allocationMode mode:automatic"""
INVESTMENT = 'kg:investor inv:szcg ; kg:investee e:dji ; kg:amount 1.0 ; kg:currency "CNY"'
DECISION = """dcterms:description "x"@en ; prov:wasAttributedTo pn:curator ;
  prov:generatedAtTime "2026-11-22T00:00:00Z"^^xsd:dateTime"""

NAMES = 'rdfs:label "X"@en , "X"@zh-Hans , "X"@zh-Hant'
GRAPH = f"""{NAMES} ; dcterms:license <https://creativecommons.org/licenses/by/4.0/> ;
  dcterms:source doc:B ; dcterms:modified "2026-11-22"^^xsd:date ; kg:trustLevel trust:edited"""
SCHEME = """skos:prefLabel "X"@en , "X"@zh-Hans , "X"@zh-Hant ;
  dcterms:license <https://creativecommons.org/licenses/by/4.0/> ; dcterms:modified "2026-11-22"^^xsd:date ;
  kg:trustLevel trust:curated"""
MODULE = SCHEME.replace("skos:prefLabel", "rdfs:label")
SHA256 = f'spdx:checksumValue "{"0" * 64}"'
DATASET = """dcterms:license <https://creativecommons.org/licenses/by/4.0/> ; kg:trustLevel trust:edited ;
  void:triples 1 ; spdx:checksum ds:checksum ; prov:wasDerivedFrom ds:file"""
ASSIGNMENT = "kg:mechanismKind mech:chain-leader ; kg:holder pn:chen-xian ; kg:leads ch:humanoid"
TITLE = "kg:recognises e:dji ; kg:tier tier:little-giant ; kg:batch b:lg-7"
DOCUMENT = f"""dcterms:title "X"@en ; dcterms:creator o:36kr ; dcterms:language "zh-Hant" ; kg:length 1 ; {DIGEST} ;
  dcterms:issued "2025-11-04"^^xsd:date"""
CONDITION = f"""{LABELS} ; kg:attestation att:project ; kg:criterionKind crit:threshold ;
  cv:hasRequirement cr:x01-bound ; cv:weight 1.0 ; kg:requiredSource srct:audit"""
BOUND = """kg:attestation att:project ; cv:constrains ind:revenue ; kg:comparator cmp:ge ; kg:threshold 1.0 ;
  kg:unit u:CNY ; kg:window win:last-year"""
EDITION = """kg:attestation att:project ; kg:forTier tier:little-giant ; kg:jurisdiction pl:china ; kg:applicationType apt:new ;
  kg:validFrom "2026-04-01"^^xsd:date ; kg:validTo "2027-04-01"^^xsd:date ; kg:titleYears 3 ;
  cv:isDerivedFrom pd:doc18-1987 ; cv:hasRequirement cr:x01"""
ROUND = """kg:opensFor rs:x01 ; kg:validFrom "2026-04-25"^^xsd:date ; kg:validTo "2026-05-26"^^xsd:date"""
NOTE = """kg:about e:dji ; dcterms:description "x"@en , "x"@zh-Hans ; prov:wasAttributedTo pn:curator ;
  prov:generatedAtTime "2026-11-22T00:00:00Z"^^xsd:dateTime"""

CLEAN = f"""
<https://w3id.org/industry-kg/graph/ref/more> {GRAPH} .
st:X01-1 a kg:Observation ; {RECORD} ; {FIGURE} .
st:X01-2 a kg:Investment ; {RECORD} ; {INVESTMENT} .
st:X01-3 a kg:Investment ; {RECORD} ; kg:investor inv:szcg ; kg:investee e:dji .
st:X01-4 a kg:PolicyMeasure ; {RECORD} ; {MEASURE} .
st:X01-5 a kg:SupplyRelation ; {RECORD} ; kg:supplier e:dji ; kg:customer e:byd .
st:X01-6 a kg:RankChange ; {RECORD} ; kg:city pl:shenzhen ; kg:overtook pl:beijing ; kg:year 2025 ; kg:toRank 1 .
ps:X01 a kg:Passage ; {SPAN} .
ps:X02 a kg:Passage ; kg:fromDocument doc:B ; kg:rowNumber 1 ; {DIGEST} .
res:x01 a kg:Resolution ; kg:prefers st:X01-1 ; kg:deprecates st:X01-2 ; {DECISION} .
e:clean a kg:Enterprise ; {LABELS} .
st:X01-7 a kg:LeadershipAssignment ; {RECORD} ; {ASSIGNMENT} .
st:X01-8 a kg:LeadershipAssignment ; {RECORD} ; kg:mechanismKind mech:chain-owner ; kg:holder e:dji ; kg:leads cl:s1-c10 .
st:X01-10 a kg:Recognition ; {RECORD} ; {TITLE} ; kg:validFrom "2024-07-01"^^xsd:date ; kg:validTo "2027-07-01"^^xsd:date .
doc:X a kg:SourceDocument ; {DOCUMENT} .
cr:x01 a kg:EligibilityCriterion ; {CONDITION} .
cr:x01-bound a kg:NumericConstraint ; {BOUND} .
rs:x01 a kg:RuleSet ; {EDITION} .
rs:round-x01 a kg:FilingRound ; {ROUND} .
st:X01-11 a kg:Need ; {RECORD} ; kg:party e:dji ; kg:item it:lidar ; kg:requiresTier tier:little-giant .
st:X01-12 a kg:CapabilityOffer ; {RECORD} ; kg:party e:robosense ; kg:inSegment seg:lidar .
st:X01-13 a kg:PolicyMeasure ; {RECORD} ; {MEASURE} ; kg:topsUp st:X01-4 ; kg:cumulation cum:top-up ;
  kg:appliesWhen cr:x01-bound .
note:x01 a kg:CurationNote ; {NOTE} .
<https://w3id.org/industry-kg/voc/more> a skos:ConceptScheme ; {SCHEME} .
<https://w3id.org/industry-kg/ont/more> a owl:Ontology ; {MODULE} .
ds:checksum {SHA256} .
ds:file spdx:checksum ds:checksum .
ds:catalogue dcat:dataset ds:clean , ds:fileless .
ds:clean a dcat:Dataset ; {DATASET} .
ds:fileless a dcat:Dataset ; {DATASET.replace("prov:wasDerivedFrom ds:file", 'rdfs:comment "no file"')} .
"""


def figure(old: str, new: str) -> str:
    assert old in FIGURE
    return cube(FIGURE.replace(old, new))


def cube(roles: str) -> str:
    """A figure on a passage of its own, so that no two figures answer one question (IC-12)."""
    record = RECORD.replace(PASSAGE, "kg:evidence MUTANT-p")
    return f"MUTANT a kg:Observation ; {record} ; {roles} . MUTANT-p a kg:Passage ; {SPAN} ."


def assignment(old: str, new: str) -> str:
    assert old in ASSIGNMENT
    return f"MUTANT a kg:LeadershipAssignment ; {RECORD} ; {ASSIGNMENT.replace(old, new)} ."


def described(kind: str, text: str, old: str, new: str) -> str:
    assert old in text
    return f"MUTANT a {kind} ; {text.replace(old, new)} ."


def dataset(old: str, new: str) -> str:
    return "ds:catalogue dcat:dataset MUTANT . " + described("dcat:Dataset", DATASET, old, new)


def document(old: str, new: str) -> str:
    assert old in DOCUMENT
    return f"MUTANT a kg:SourceDocument ; {DOCUMENT.replace(old, new)} ."


def note(old: str, new: str) -> str:
    assert old in NOTE
    return f"MUTANT a kg:CurationNote ; {NOTE.replace(old, new)} ."


def condition(old: str, new: str) -> str:
    assert old in CONDITION
    return f"MUTANT a kg:EligibilityCriterion ; {CONDITION.replace(old, new)} ."


def bound(old: str, new: str) -> str:
    assert old in BOUND
    return f"MUTANT a kg:NumericConstraint ; {BOUND.replace(old, new)} ."


def edition(old: str, new: str) -> str:
    assert old in EDITION
    return f"MUTANT a kg:RuleSet ; {EDITION.replace(old, new)} ."


def filing(old: str, new: str) -> str:
    assert old in ROUND
    return f"MUTANT a kg:FilingRound ; {ROUND.replace(old, new)} ."


def measure(more: str) -> str:
    return f"MUTANT a kg:PolicyMeasure ; {RECORD} ; {MEASURE} ; {more} ."


def need(roles: str) -> str:
    return f"MUTANT a kg:Need ; {RECORD} ; {roles} ."


MUTANTS = [
    (
        "S01-Record",
        f"MUTANT a kg:Milestone ; {RECORD.replace('X01', 'x1', 1)} .",
        "a record has a fact id of capital",
    ),
    (
        "S01-Record",
        "MUTANT a kg:Milestone ; kg:evidence ps:X01 ; kg:modality mod:explicit .",
        "a record has a fact id",
    ),
    (
        "S01-Record",
        'MUTANT a kg:Milestone ; kg:factId "X01" ; kg:modality mod:explicit .',
        "a record rests on at least",
    ),
    (
        "S01-Record",
        'MUTANT a kg:Milestone ; kg:factId "X01" ; kg:evidence ps:X01 .',
        "a record has exactly one kg:modality",
    ),
    (
        "S01-Record",
        f"MUTANT a kg:Milestone ; {RECORD} , mod:implied .",
        "a record has exactly one kg:modality",
    ),
    (
        "S01-Record",
        f"MUTANT a kg:Milestone ; {RECORD.replace('mod:explicit', 'q:exact')} .",
        "a concept of voc/modality",
    ),
    (
        "S01-Record",
        f"MUTANT a kg:Milestone ; {RECORD.replace('explicit', 'derived')} .",
        "mod:derived is for what rules make",
    ),
    ("S02-Passage", f'MUTANT a kg:Passage ; {SPAN} ; rdfs:comment "the wording" .', "nothing else"),
    ("S02-Passage", f"MUTANT a kg:Passage ; kg:fromDocument doc:B ; {DIGEST} .", "nothing else"),
    (
        "S02-Passage",
        f"MUTANT a kg:Passage ; {SPAN.replace('doc:B', 'doc:A , doc:B')} .",
        "exactly one kg:SourceDocument",
    ),
    (
        "S02-Passage",
        f"MUTANT a kg:Passage ; {SPAN.replace('startOffset 0', 'startOffset -1')} .",
        "zero-based",
    ),
    (
        "S02-Passage",
        f"MUTANT a kg:Passage ; {SPAN.replace('length 1', 'length 0')} .",
        "at least 1",
    ),
    (
        "S02-Passage",
        f"MUTANT a kg:Passage ; {SPAN.replace('0000', 'ABCD', 1)} .",
        "64 lower-case hexadecimal digits",
    ),
    (
        "S03-Observation",
        figure("kg:feature pl:shenzhen", "kg:feature pl:shenzhen , pl:beijing"),
        "exactly one thing",
    ),
    ("S03-Observation", figure("kg:indicator ind:new-count ;", ""), "kg:indicator is given once"),
    ("S03-Observation", figure("pop:lg-batch-7", "ind:new-count"), "a concept of voc/population"),
    ("S03-Observation", figure("per:2025", "pl:shenzhen"), "exactly one kg:Period"),
    (
        "S03-Observation",
        cube(f"kg:evidence ps:X02 ; {FIGURE}"),
        "rests on exactly one kg:Passage",
    ),
    ("S03-Observation", figure("347.0", "347"), "one decimal number"),
    ("S03-Observation", figure("u:enterprise", "q:exact"), "a concept of voc/unit"),
    ("S03-Observation", figure("q:exact", "u:enterprise"), "a concept of voc/qualifier"),
    (
        "S03-Observation",
        figure('"347"@en', '"347 firms that are new this time"@en'),
        "at most 24 characters",
    ),
    ("S03-Observation", figure('"347"@en', '"347"'), "with the language of the document"),
    (
        "S04-Percentage",
        figure("347.0 ; kg:unit u:enterprise", "100.5 ; kg:unit u:percent"),
        "between 0 and 100",
    ),
    (
        "S04-Rank",
        figure("347.0 ; kg:unit u:enterprise", "0.0 ; kg:unit u:rank"),
        "a rank is at least 1",
    ),
    (
        "S05-Recognition",
        f"MUTANT a kg:Recognition ; {RECORD} ; kg:recognises pl:shenzhen ; kg:tier tier:little-giant .",
        "exactly one kg:Enterprise",
    ),
    (
        "S05-Recognition",
        f"MUTANT a kg:Recognition ; {RECORD} ; kg:recognises e:dji .",
        "exactly one kg:Tier",
    ),
    (
        "S05-Recognition",
        f"MUTANT a kg:Recognition ; {RECORD} ; kg:recognises e:dji ; kg:tier tier:little-giant ; kg:batch b:lg-6 , b:lg-7 .",
        "at most one kg:RecognitionBatch",
    ),
    (
        "S06-ChainParticipation",
        f"MUTANT a kg:ChainParticipation ; {RECORD} ; kg:participant e:dji .",
        "exactly one kg:ChainSegment",
    ),
    (
        "S06-ChainParticipation",
        f"MUTANT a kg:ChainParticipation ; {RECORD} ; kg:participant e:dji , e:byd ; kg:inSegment seg:lidar .",
        "exactly one kg:participant",
    ),
    (
        "S06-ChainSegment",
        "MUTANT a kg:ChainSegment ; kg:partOfChain ch:humanoid ; kg:stage q:exact .",
        "a concept of voc/stage",
    ),
    (
        "S06-Names",
        f"MUTANT a kg:ChainSegment ; kg:partOfChain ch:humanoid ; kg:stage stg:upstream ; {LABELS.partition(' , ')[0]} , 'X'@zh-Hans .",
        "exactly one skos:prefLabel in each of en",
    ),
    (
        "S06-Names",
        f"MUTANT a kg:Offering ; {LABELS} , 'Y'@en .",
        "exactly one skos:prefLabel in each of en",
    ),
    (
        "S06-Names",
        f"MUTANT a kg:IndustryChain ; {LABELS} , 'Y'@de .",
        "exactly one skos:prefLabel in each of en",
    ),
    ("S23-RuleSet", edition("kg:forTier tier:little-giant ; ", ""), "exactly one kg:Tier"),
    ("S23-RuleSet", edition("kg:jurisdiction pl:china ; ", ""), "exactly one kg:Place"),
    ("S23-RuleSet", edition("apt:new", "tier:little-giant"), "concept of voc/application-type"),
    ("S23-RuleSet", edition("2026-04-01", "2027-04-01"), "before the day on which it ends"),
    ("S23-RuleSet", edition('kg:validFrom "2026-04-01"^^xsd:date ; ', ""), "exactly one first day"),
    ("S23-RuleSet", edition('"2027-04-01"^^xsd:date', '"2027-04-01"'), "ends on at most one day"),
    ("S23-RuleSet", edition("titleYears 3", "titleYears 0"), "at least 1"),
    ("S23-RuleSet", edition("pd:doc18-1987", "e:dji"), "at least one kg:PolicyDocument"),
    (
        "S23-RuleSet",
        edition("hasRequirement cr:x01", "hasRequirement e:dji"),
        "at least one condition",
    ),
    ("S23-Attested", edition("att:project", "trust:edited"), "concept of voc/attestation"),
    ("S23-Attested", condition("kg:attestation att:project ; ", ""), "how well they are witnessed"),
    (
        "S23-Attested",
        bound("att:project", "att:project , att:official"),
        "how well they are witnessed",
    ),
    (
        "S23-EligibilityCriterion",
        condition(' , "X"@zh-Hant', ""),
        "exactly one skos:prefLabel in each",
    ),
    (
        "S23-EligibilityCriterion",
        condition("crit:threshold", "cmp:ge"),
        "concept of voc/criterion-kind",
    ),
    (
        "S23-EligibilityCriterion",
        condition("cr:x01-bound", "cr:x01-bound , e:dji"),
        "conditions and bounds",
    ),
    ("S23-EligibilityCriterion", condition("cv:weight 1.0", "cv:weight 0.0"), "a decimal above 0"),
    ("S23-EligibilityCriterion", condition("srct:audit", "cmp:ge"), "concept of voc/source-type"),
    ("S23-EligibilityCriterion", condition("cv:weight 1.0", "kg:anyOf e:dji"), "kg:anyOf leads"),
    (
        "S23-EligibilityCriterion",
        condition("cv:weight 1.0", "kg:waivedBy e:dji"),
        "kg:waivedBy leads",
    ),
    (
        "S23-EligibilityCriterion",
        condition("cv:weight 1.0", "kg:otherReading e:dji"),
        "kg:otherReading leads",
    ),
    (
        "S23-EligibilityCriterion",
        condition("cv:weight 1.0", "kg:appliesWhen cr:x01"),
        "kg:appliesWhen leads",
    ),
    (
        "S23-EligibilityCriterion",
        condition("cv:weight 1.0", "kg:requiresTier e:dji"),
        "kg:requiresTier leads",
    ),
    (
        "S23-EligibilityCriterion",
        condition("cv:weight 1.0", "kg:excludesTier e:dji"),
        "kg:excludesTier leads",
    ),
    (
        "S23-Threshold",
        condition("cv:hasRequirement cr:x01-bound ; ", ""),
        "a threshold has a bound",
    ),
    (
        "S23-Prerequisite",
        condition("crit:threshold", "crit:prerequisite"),
        "a prerequisite names the tier",
    ),
    (
        "S23-NumericConstraint",
        bound("ind:revenue", "u:CNY"),
        "exactly one concept of voc/indicator",
    ),
    ("S23-NumericConstraint", bound("cmp:ge", "cmp:ge , cmp:gt"), "kg:comparator is given once"),
    (
        "S23-NumericConstraint",
        bound("threshold 1.0", 'threshold "1"'),
        "one decimal number in the base unit",
    ),
    ("S23-NumericConstraint", bound("kg:unit u:CNY ; ", ""), "the unit of a bound"),
    ("S23-NumericConstraint", bound("win:last-year", "cmp:ge"), "concept of voc/window"),
    ("S23-FilingRound", filing("rs:x01", "e:dji"), "exactly one kg:RuleSet"),
    ("S23-FilingRound", filing("2026-04-25", "2026-06-25"), "before the one on which it closes"),
    (
        "S23-FilingRound",
        filing(' ; kg:validTo "2026-05-26"^^xsd:date', ""),
        "closes on exactly one day",
    ),
    ("S07-PolicyMeasure", measure("kg:cumulation cmp:ge"), "concept of voc/cumulation"),
    (
        "S07-PolicyMeasure",
        measure("kg:topsUp e:dji ; kg:cumulation cum:top-up"),
        "tops up other measures",
    ),
    ("S07-PolicyMeasure", measure("kg:appliesWhen cr:x01"), "what switches a measure on"),
    (
        "S07-PolicyMeasure",
        measure('kg:validFrom "2025-06-01"^^xsd:date ; kg:validTo "2025-06-01"^^xsd:date'),
        "begins on at most one day",
    ),
    ("S07-PolicyMeasure", measure("kg:instrument cmp:ge"), "concept of voc/instrument"),
    ("S07-TopUp", measure("kg:topsUp st:X01-4"), "says so by kg:cumulation"),
    ("S07-TopsUpItself", measure("kg:topsUp MUTANT ; kg:cumulation cum:top-up"), "tops up itself"),
    ("S24-NeedOrOffer", need("kg:item it:lidar"), "exactly one party"),
    ("S24-NeedOrOffer", need("kg:party e:dji"), "say what they are about"),
    ("S24-NeedOrOffer", need("kg:party e:dji ; kg:item e:byd"), "is a kg:Offering"),
    (
        "S24-NeedOrOffer",
        need("kg:party e:dji ; kg:inSegment seg:lidar , seg:servo"),
        "at most one kg:ChainSegment",
    ),
    (
        "S24-NeedOrOffer",
        need("kg:party e:dji ; kg:inCluster ch:humanoid"),
        "a kg:IndustryCluster of one edition",
    ),
    (
        "S24-NeedOrOffer",
        need("kg:party e:dji ; kg:item it:lidar ; kg:requiresTier e:byd"),
        "is a kg:Tier",
    ),
    (
        "S24-NeedOrOffer",
        need('kg:party e:dji ; kg:item it:lidar ; kg:specification "x"'),
        "text with a language",
    ),
    (
        "S24-NeedOrOffer",
        need(
            'kg:party e:dji ; kg:item it:lidar ; kg:validFrom "2025-06-01"^^xsd:date ; kg:validTo "2025-05-01"^^xsd:date'
        ),
        "begin on at most one day",
    ),
    (
        "S06-Feeds",
        "MUTANT a kg:ChainSegment ; kg:partOfChain ch:humanoid ; kg:stage stg:upstream ; kg:feeds MUTANT .",
        "feeds itself in the end",
    ),
    (
        "S07-PolicyMeasure",
        f"MUTANT a kg:PolicyMeasure ; {RECORD} ; {MEASURE.replace('1.0', '0.0')} .",
        "a decimal above 0",
    ),
    (
        "S07-PolicyMeasure",
        f"MUTANT a kg:PolicyMeasure ; {RECORD} ; {MEASURE.replace('CNY', 'yuan')} .",
        "ISO 4217",
    ),
    (
        "S07-PolicyMeasure",
        f"MUTANT a kg:PolicyMeasure ; {RECORD} ; {MEASURE.replace('tier:little-giant', 'q:exact')} .",
        "at least one kg:Tier",
    ),
    (
        "S07-PolicyMeasure",
        f"MUTANT a kg:PolicyMeasure ; {RECORD} ; {MEASURE.replace('pl:shenzhen', 'e:dji')} .",
        "exactly one kg:jurisdiction",
    ),
    (
        "S07-PolicyMeasure",
        f"MUTANT a kg:PolicyMeasure ; {RECORD} ; {MEASURE.replace('mode:automatic', 'q:exact')} .",
        "a concept of voc/mode",
    ),
    (
        "S08-Tier",
        "MUTANT a kg:Tier ; kg:nextTier MUTANT-b , MUTANT-c . MUTANT-b a kg:Tier . MUTANT-c a kg:Tier .",
        "at most one next kg:Tier",
    ),
    (
        "S08-Tier",
        "MUTANT-a a kg:Tier ; kg:nextTier MUTANT . MUTANT-b a kg:Tier ; kg:nextTier MUTANT . MUTANT a kg:Tier .",
        "the next of at most one other",
    ),
    ("S08-Ladder", "MUTANT a kg:Tier ; kg:nextTier MUTANT .", "comes after itself"),
    (
        "S09-SupplyRelation",
        f"MUTANT a kg:SupplyRelation ; {RECORD} ; kg:supplier e:dji ; kg:customer e:dji .",
        "does not supply itself",
    ),
    (
        "S09-SupplyRelation",
        f"MUTANT a kg:SupplyRelation ; {RECORD} ; kg:supplier e:dji .",
        "exactly one kg:customer",
    ),
    (
        "S10-RankChange",
        f"MUTANT a kg:RankChange ; {RECORD} ; kg:city pl:shenzhen ; kg:overtook pl:beijing ; kg:year 2025 ; kg:fromRank 1 ; kg:toRank 2 .",
        "moves up",
    ),
    (
        "S10-RankChange",
        f"MUTANT a kg:RankChange ; {RECORD} ; kg:city pl:shenzhen ; kg:overtook e:dji ; kg:year 2025 ; kg:toRank 1 .",
        "exactly one kg:City (kg:overtook)",
    ),
    (
        "S11-Place",
        "MUTANT a kg:Place ; kg:locatedIn MUTANT-b . MUTANT-b a kg:Place ; kg:locatedIn MUTANT .",
        "lies within itself",
    ),
    (
        "S12-Enterprise",
        'MUTANT a kg:Enterprise ; skos:prefLabel "X"@en , "X"@zh-Hans .',
        "in each of en, zh-Hans and zh-Hant",
    ),
    (
        "S12-Enterprise",
        f'MUTANT a kg:Enterprise ; {LABELS} , "Y"@en .',
        "in each of en, zh-Hans and zh-Hant",
    ),
    (
        "S12-Enterprise",
        'MUTANT a kg:Enterprise ; skos:prefLabel "X"@en , "X"@zh-Hans , "X"@fr .',
        "in each of en, zh-Hans and zh-Hant",
    ),
    (
        "S13-Asserted",
        "MUTANT rdfs:label 'x' ; kg:hasTier tier:little-giant .",
        "only rules write this property",
    ),
    ("S13-Asserted", "MUTANT a kg:Conflict .", "only rules make things of this class"),
    (
        "S16-Investment",
        f"MUTANT a kg:Investment ; {RECORD} ; {INVESTMENT.replace('kg:currency', 'rdfs:comment')} .",
        "needs its kg:currency",
    ),
    (
        "S16-Investment",
        f"MUTANT a kg:Investment ; {RECORD} ; {INVESTMENT.replace('inv:szcg', 'e:byd')} .",
        "exactly one kg:investor",
    ),
    (
        "S16-Investment",
        f"MUTANT a kg:Investment ; {RECORD} ; {INVESTMENT.replace('e:dji', 'pl:shenzhen')} .",
        "exactly one kg:investee",
    ),
    (
        "S16-Investment",
        f"MUTANT a kg:Investment ; {RECORD} ; {INVESTMENT.replace('1.0', '-1.0')} .",
        "a decimal above 0",
    ),
    (
        "S19-Concept",
        f'MUTANT a skos:Concept ; {LABELS} ; skos:notation "mutant" .',
        "exactly one skos:ConceptScheme",
    ),
    (
        "S19-Concept",
        'MUTANT a skos:Concept ; skos:prefLabel "X"@en .',
        "in each of en, zh-Hans and zh-Hant",
    ),
    ("S19-Concept", f"MUTANT a skos:Concept ; {LABELS} .", "exactly one skos:notation"),
    (
        "S19-ConceptScheme",
        'MUTANT skos:inScheme <https://w3id.org/industry-kg/voc/tier> ; skos:notation "other" .',
        "last segment of its IRI",
    ),
    ("S19-ConceptScheme", "MUTANT a skos:ConceptScheme .", "in each of en, zh-Hans and zh-Hant"),
    ("S19-Broader", "MUTANT skos:broader MUTANT .", "wider than itself"),
    (
        "S20-Resolution",
        f"MUTANT a kg:Resolution ; {DECISION} .",
        "prefers or deprecates at least one record",
    ),
    (
        "S20-Resolution",
        f"MUTANT a kg:Resolution ; kg:prefers st:X01-1 ; kg:deprecates st:X01-1 ; {DECISION} .",
        "does not prefer a record that it deprecates",
    ),
    (
        "S20-Resolution",
        f"MUTANT a kg:Resolution ; kg:prefers st:X01-1 ; {DECISION.replace('dcterms:description', 'rdfs:comment')} .",
        "gives its reasons",
    ),
    (
        "S20-Resolution",
        f"MUTANT a kg:Resolution ; kg:prefers st:X01-1 ; {DECISION.replace('pn:curator', 'o:miit')} .",
        "exactly one kg:Person",
    ),
    (
        "S20-Resolution",
        f"MUTANT a kg:Resolution ; kg:prefers st:X01-1 ; {DECISION.replace('T00:00:00Z', '').replace('dateTime', 'date')} .",
        "exactly one prov:generatedAtTime",
    ),
    (
        "S15-LeadershipAssignment",
        assignment("pn:chen-xian", "e:dji"),
        "a chain leader is a kg:Person",
    ),
    (
        "S15-LeadershipAssignment",
        assignment("chain-leader ; kg:holder pn:chen-xian", "chain-owner ; kg:holder o:miit"),
        "a chain owner is a kg:Enterprise",
    ),
    ("S15-LeadershipAssignment", assignment("ch:humanoid", "seg:lidar"), "what is led is a"),
    ("S15-LeadershipAssignment", assignment("kg:leads ch:humanoid", ""), "what is led is a"),
    (
        "S15-LeadershipAssignment",
        assignment("pn:chen-xian", "pn:chen-xian , pn:ma-huateng"),
        "exactly one kg:holder",
    ),
    ("S18-IC1", figure("ds:B", "ds:A , ds:B"), "IC-1: "),
    ("S18-IC1", figure("; qb:dataSet ds:B", ""), "IC-1: "),
    ("S18-IC2", "MUTANT a qb:DataSet .", "IC-2: "),
    ("S18-IC3", "MUTANT a qb:DataStructureDefinition .", "IC-3: "),
    ("S18-IC11", figure("kg:feature pl:shenzhen ;", ""), "IC-11: "),
    (
        "S18-IC12",
        cube(FIGURE) + cube(FIGURE.replace("347.0", "348.0")).replace("MUTANT a", "MUTANT-b a"),
        "IC-12: ",
    ),
    ("S18-IC14", figure("kg:value 347.0 ;", ""), "IC-14: "),
    (
        "S18-IC15",
        figure("qb:dataSet ds:B", "qb:dataSet ds:B ; qb:measureType kg:amount"),
        "IC-15: ",
    ),
    ("S18-IC19", figure("ind:new-count", "pop:lg-batch-7"), "IC-19: "),
    ("S20-CurationNote", note("kg:about e:dji ;", ""), "a note says what it is about"),
    ("S20-CurationNote", note(', "x"@zh-Hans', ""), "in en and in zh-Hans"),
    ("S20-CurationNote", note("pn:curator", "o:miit"), "signed by exactly one kg:Person"),
    ("S20-CurationNote", note('T00:00:00Z"^^xsd:dateTime', '"^^xsd:date'), "dated by exactly one"),
    (
        "S22-Graph",
        f"MUTANT a sd:NamedGraph ; {GRAPH.replace('dcterms:license', 'rdfs:seeAlso')} .",
        "its licence",
    ),
    (
        "S22-Graph",
        f"MUTANT a sd:NamedGraph ; {GRAPH.replace('dcterms:source', 'rdfs:seeAlso')} .",
        "its source",
    ),
    (
        "S22-Graph",
        f"MUTANT a sd:NamedGraph ; {GRAPH.replace('@zh-Hant', '@en')} .",
        "exactly one rdfs:label",
    ),
    (
        "S22-Graph",
        f"MUTANT a sd:NamedGraph ; {GRAPH.replace('2026-11-22', '2026')} .",
        "the day of its last change",
    ),
    (
        "S22-Graph",
        described("sd:NamedGraph", GRAPH, "kg:trustLevel", "rdfs:seeAlso"),
        "exactly one kg:trustLevel, a concept of voc/trust",
    ),
    (
        "S22-Graph",
        described("sd:NamedGraph", GRAPH, "trust:edited", "trust:edited , trust:curated"),
        "exactly one kg:trustLevel, a concept of voc/trust",
    ),
    (
        "S22-Graph",
        described("sd:NamedGraph", GRAPH, "trust:edited", "att:official"),
        "exactly one kg:trustLevel, a concept of voc/trust",
    ),
    (
        "S22-Scheme",
        described("skos:ConceptScheme", SCHEME, "dcterms:license", "rdfs:seeAlso"),
        "a scheme states its licence",
    ),
    (
        "S22-Scheme",
        described("skos:ConceptScheme", SCHEME, "2026-11-22", "2026"),
        "a scheme states the day",
    ),
    (
        "S22-Scheme",
        described("skos:ConceptScheme", SCHEME, "trust:curated", "att:official"),
        "exactly one kg:trustLevel, a concept of voc/trust",
    ),
    (
        "S22-Scheme",
        described("skos:ConceptScheme", SCHEME, "trust:curated", "trust:register"),
        "not this project's own",
    ),
    (
        "S22-Module",
        described("owl:Ontology", MODULE, "dcterms:license", "rdfs:seeAlso"),
        "a module states its licence",
    ),
    (
        "S22-Module",
        described("owl:Ontology", MODULE, "dcterms:modified", "dcterms:issued"),
        "a module states the day",
    ),
    (
        "S22-Module",
        described("owl:Ontology", MODULE, "kg:trustLevel", "rdfs:seeAlso"),
        "exactly one kg:trustLevel",
    ),
    ("S22-Dataset", dataset("dcterms:license", "rdfs:seeAlso"), "a dataset states its licence"),
    ("S22-Dataset", dataset("kg:trustLevel", "rdfs:seeAlso"), "exactly one kg:trustLevel"),
    ("S22-Dataset", dataset("void:triples 1", "void:triples 1.5"), "its size"),
    ("S22-Dataset", dataset("spdx:checksum ds:checksum ;", ""), "one SHA-256 of its triples"),
    ("S22-Dataset", dataset("prov:wasDerivedFrom", "prov:used"), "or says why there is none"),
    (
        "S22-Dataset",
        "ds:catalogue dcat:dataset MUTANT . " + described("void:Dataset", DATASET, "1", "2"),
        "is described as a dcat:Dataset",
    ),
    ("S24-SourceDocument", document("dcterms:title", "rdfs:comment"), "has its dcterms:title"),
    (
        "S24-SourceDocument",
        document("dcterms:creator", "rdfs:seeAlso"),
        "at least one dcterms:creator",
    ),
    ("S24-SourceDocument", document("o:36kr", "ch:humanoid"), "at least one dcterms:creator"),
    ("S24-SourceDocument", document("zh-Hant", "Chinese"), "BCP 47"),
    ("S24-SourceDocument", document("kg:length 1", "kg:length 0"), "kg:length in code points"),
    ("S24-SourceDocument", document("kg:sha256", "rdfs:comment"), "kg:sha256 of its file"),
]
WARNED = {"S14-ProgrammeLaunch", "S14-Announcement", "S17-PortfolioShare", "S23-Validity"}
"""Shapes whose mutants are warned about and not refused."""


FINDING = """a kg:Observation ; kg:feature pl:shenzhen ; kg:indicator ind:stock-count ; kg:population pop:lg-valid ;
  kg:period per:2025 ; kg:value 1.0 ; kg:unit u:enterprise ; kg:qualifier q:exact ; kg:modality mod:derived ;
  prov:wasDerivedFrom st:A01-1"""
CHECK = """a kg:DerivedCheck ; kg:claimed st:A01-1 ; kg:computed 1.0 ; kg:formula "1" ; kg:verdict ver:ok ;
  prov:wasDerivedFrom st:A02-1"""
DERIVED_CLEAN = f"drv:clean {FINDING} . drv:check {CHECK} . e:dji kg:withinArea pl:china ."
DERIVED_MUTANTS = [
    ("S21-Typed", "MUTANT kg:verdict ver:ok .", "of which class it is"),
    ("S21-NoSource", f'MUTANT {FINDING} ; kg:factId "X01" .', "no kg:factId"),
    ("S21-NoSource", f"MUTANT {FINDING} ; kg:evidence ps:A01 .", "no kg:evidence"),
    (
        "S21-Record",
        f"MUTANT {FINDING.replace('mod:derived', 'mod:explicit')} .",
        "kg:modality mod:derived",
    ),
    (
        "S21-Record",
        f"MUTANT {FINDING.replace('prov:wasDerivedFrom', 'rdfs:seeAlso')} .",
        "what it rests on",
    ),
    (
        "S21-Figure",
        f"MUTANT {FINDING.replace('kg:population', 'rdfs:seeAlso')} .",
        "one kg:population",
    ),
    ("S21-Figure", f"MUTANT {FINDING.replace('1.0', '1.0 , 2.0')} .", "one kg:value"),
    ("S21-Check", f"MUTANT {CHECK.replace('ver:ok', 'ver:ok , ver:off')} .", "one kg:verdict"),
    ("S21-Check", f"MUTANT {CHECK.replace('kg:claimed', 'rdfs:seeAlso')} .", "one kg:claimed"),
]
"""What a rule must not write; derived things stand under `drv:`."""


def write_root(root: Path, turtle: str) -> Path:
    """A copy of the repository's files with one more, whose triples begin on its last lines."""
    copy_files(root, "ontology", "graph")
    prefixes = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())
    (root / "graph/ref/more.ttl").write_text(prefixes + turtle)
    return root


def check(root: Path) -> Findings:
    return validate(root, read_sources(root))


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> list[Problem]:
    """What is said of all mutants together; mutant n is `pl:mutant-n`."""
    texts = [
        text.replace("MUTANT", f"pl:mutant-{number}") for number, (_, text, _) in enumerate(MUTANTS)
    ]
    root = write_root(tmp_path_factory.mktemp("mutants"), CLEAN + "\n".join(texts))
    with pytest.raises(BadFiles) as raised:
        check(root)
    return raised.value.problems


@pytest.mark.parametrize(
    "number", range(len(MUTANTS)), ids=[f"{shape}-{n}" for n, (shape, *_) in enumerate(MUTANTS)]
)
def test_a_mutant_is_refused_by_its_shape_which_says_what_would_be_right(
    refused: list[Problem], number: int
) -> None:
    shape, _, message = MUTANTS[number]
    said = [
        problem.message
        for problem in refused
        if problem.message.startswith(f"pl:mutant-{number}: ")
    ]
    assert [text for text in said if message in text and text.endswith(f"[ksh:{shape}]")], said


def test_only_mutants_are_refused_and_each_with_the_line_it_begins_on(
    refused: list[Problem],
) -> None:
    assert {problem.path for problem in refused} == {"graph/ref/more.ttl"}
    assert all(problem.message.startswith("pl:mutant-") for problem in refused)
    assert all(problem.line > len(PREFIXES) + CLEAN.count("\n") for problem in refused)


def derived_quads(turtle: str) -> list[ox.Quad]:
    prefixes = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())
    graph = ox.NamedNode(PREFIXES["g"] + "derived/R99")
    return [
        ox.Quad(*quad.triple, graph) for quad in ox.parse(prefixes + turtle, ox.RdfFormat.TURTLE)
    ]


def test_what_rules_write_is_checked_too(tmp_path: Path) -> None:
    texts = [
        text.replace("MUTANT", f"drv:mutant-{number}")
        for number, (_, text, _) in enumerate(DERIVED_MUTANTS)
    ]
    root = write_root(tmp_path, CLEAN)
    sources = read_sources(root)
    validate(root, sources, {"R99": derived_quads(DERIVED_CLEAN)})
    with pytest.raises(BadFiles) as raised:
        validate(root, sources, {"R99": derived_quads(DERIVED_CLEAN + "\n".join(texts))})
    said = [str(problem) for problem in raised.value.problems]
    assert all(line.startswith("graph/derived/R99: drv:mutant-") for line in said), said
    for number, (shape, _, message) in enumerate(DERIVED_MUTANTS):
        mine = [line for line in said if f"drv:mutant-{number}: " in line]
        assert [line for line in mine if message in line and line.endswith(f"[ksh:{shape}]")], mine


@pytest.mark.parametrize(
    ("end", "said"),
    [
        ("2024-07-01", "a title ends (kg:validTo) after it begins"),
        ("2030-07-01", "a title is granted for three years"),
    ],
)
def test_a_title_of_a_strange_length_is_a_warning(tmp_path: Path, end: str, said: str) -> None:
    validity = f'kg:validFrom "2024-07-01"^^xsd:date ; kg:validTo "{end}"^^xsd:date'
    record = f"st:X01-9 a kg:Recognition ; {RECORD} ; {TITLE} ; {validity} ."
    warnings = check(write_root(tmp_path, CLEAN + record)).warnings
    found = [p.message for p in warnings if p.message.endswith("[ksh:S23-Validity]")]
    assert len(found) == 1 and said in found[0] and found[0].startswith("st:X01-9")


def test_every_shape_has_a_mutant() -> None:
    shapes = {shape for shape, *_ in [*MUTANTS, *DERIVED_MUTANTS]} | WARNED
    declared = {
        quad.subject.value
        for quad in shape_quads()
        if quad.object == ox.NamedNode(SH + "NodeShape")
    }
    assert {PREFIXES["ksh"] + shape for shape in shapes} == declared


def shape_quads() -> list[ox.Quad]:
    return [
        quad
        for path in sorted(SHAPES.glob("*.ttl"))
        for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE, rename_blank_nodes=True)
    ]


def test_every_check_says_what_would_be_right() -> None:
    quads = shape_quads()
    spoken = {quad.subject for quad in quads if quad.predicate.value == SH + "message"}
    inner = {
        quad.object
        for quad in quads
        if quad.predicate.value in (SH + "node", SH + "not")
        or quad.predicate.value.endswith("#first")
    }
    for quad in quads:
        if quad.predicate.value in (SH + "property", SH + "sparql") and quad.subject not in inner:
            assert quad.object in spoken, quad.subject


# the files of the repository


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Findings:
    root = write_root(tmp_path_factory.mktemp("clean"), CLEAN)
    for path in (root / "graph/src").iterdir():
        if path.name not in ("A.trig", "B.trig"):
            path.unlink()
    return check(root)


def names(problems: list[Problem]) -> set[str]:
    return {
        problem.message.partition(":")[0] + ":" + problem.message.split(":")[1]
        for problem in problems
    }


def test_the_repository_conforms_and_contradictions_are_warnings(clean: Findings) -> None:
    disputed = ["A01-1", "A11-1", "B08-1", "B14-1", "B17-1", "B18-1"]
    assert names(clean.warnings) == {f"st:{name}" for name in disputed}


def test_a_tier_without_a_batch_and_a_document_without_a_date_are_notes(clean: Findings) -> None:
    batchless = ("A52-2", "A53-2", "A55-3", "B16-1", "B16-2", "B16-3")
    assert names(clean.notes) == {*(f"st:{name}" for name in batchless), "doc:A"}


def test_a_warning_stands_on_the_line_of_its_record(clean: Findings) -> None:
    for problem in clean.warnings:
        name = problem.message.split(": ")[0]
        assert (
            (ROOT / problem.path).read_text().split("\n")[problem.line - 1].strip().startswith(name)
        )


def test_shares_that_miss_a_hundred_are_a_warning(tmp_path: Path) -> None:
    share = FIGURE.replace("pl:shenzhen", "inv:sihc").replace("new-count", "portfolio-share")
    share = share.replace("347.0 ; kg:unit u:enterprise", "26.0 ; kg:unit u:percent")
    root = write_root(tmp_path, CLEAN + f"st:X01-9 a kg:Observation ; {RECORD} ; {share} .")
    said = [
        problem for problem in check(root).warnings if "[ksh:S17-PortfolioShare]" in problem.message
    ]
    assert [problem.message.split(": ")[0] for problem in said] == ["inv:sihc"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "ksh:X a sh:NodeShape ; sh:targetClass kg:Plaice .",
            "'kg:Plaice' is not declared in ontology/",
        ),
        ("ksh:X a sh:NodeShape ;", "does not parse: "),
        ("shh:X a sh:NodeShape .", "prefix 'shh' is not declared; did you mean 'sh'?"),
    ],
)
def test_a_bad_shape_file_is_named_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    root = write_root(tmp_path, CLEAN)
    prefixes = "".join(
        f"@prefix {prefix}: <{PREFIXES[prefix]}> .\n" for prefix in ("kg", "ksh", "sh")
    )
    (root / "ontology/shapes/bad.shacl.ttl").write_text(prefixes + text)
    with pytest.raises(BadFiles) as raised:
        check(root)
    [problem] = raised.value.problems
    assert str(problem).startswith(f"ontology/shapes/bad.shacl.ttl:4: {message}")


# a second engine


Result = tuple[str, str, str]


def pyshacl_results(data: rdflib.Graph, shapes: rdflib.Graph) -> set[Result]:
    _, report, _ = pyshacl.validate(data, shacl_graph=shapes, inplace=True)
    assert isinstance(report, rdflib.Graph)
    parts = (SHACL.focusNode, SHACL.sourceShape, SHACL.resultSeverity)
    return {
        tuple(str(report.value(result, part)) for part in parts)  # type: ignore[misc]
        for result in report.objects(None, SHACL.result)
    }


def rudof_results(data: rdflib.Graph, shapes: rdflib.Graph) -> set[Result]:
    rudof = pyrudof.Rudof(pyrudof.RudofConfig())
    rudof.read_data(data.serialize(format="nt"), pyrudof.RDFFormat.NTriples)
    rudof.read_shacl(shapes.serialize(format="turtle"), pyrudof.ShaclFormat.Turtle)
    found = rudof.validate_shacl(pyrudof.ShaclValidationMode.Native).violations
    return {(v.focus_node, v.source_shape, SH + v.severity) for v in found}


def name_property_shapes(shapes: rdflib.Graph) -> rdflib.Graph:
    """The shapes with IRIs for property shapes: each engine has its own labels for blank nodes.

    Lists and paths stay blank: a path that has an IRI is a property.
    """
    names = {
        node: rdflib.URIRef(f"{PREFIXES['ksh']}property-{number}")
        for number, node in enumerate(sorted(set(shapes.objects(None, SHACL.property))))
    }
    named = rdflib.Graph()
    for subject, predicate, value in shapes:
        named.add((names.get(subject, subject), predicate, names.get(value, value)))
    return named


def both_engines(data: rdflib.Graph, shapes: rdflib.Graph) -> set[Result]:
    """What both engines find, as (focus node, shape, severity); they must find the same.

    As sets: pyrudof gives one result for each row of a query.
    """
    named = name_property_shapes(shapes)
    one, other = pyshacl_results(data, named), rudof_results(data, named)
    assert one - other == set(), "found by pySHACL alone"
    assert other - one == set(), "found by pyrudof alone"
    return one


def mutate(prefix: str, mutants: list[tuple[str, str, str]]) -> str:
    return "\n".join(
        text.replace("MUTANT", f"{prefix}:mutant-{number}")
        for number, (_, text, _) in enumerate(mutants)
    )


def test_two_engines_agree_on_the_clean_files(tmp_path: Path) -> None:
    sources = read_sources(write_root(tmp_path, CLEAN))
    shapes, _ = read_shapes(ROOT, sources)
    severities = {severity for _, _, severity in both_engines(asserted_graph(sources), shapes)}
    assert severities == {SH + "Warning", SH + "Info"}


def test_two_engines_agree_on_every_mutant(tmp_path: Path) -> None:
    sources = read_sources(write_root(tmp_path, CLEAN + mutate("pl", MUTANTS)))
    shapes, _ = read_shapes(ROOT, sources)
    found = both_engines(asserted_graph(sources), shapes)
    assert len(found) > len(MUTANTS)


def test_two_engines_agree_on_what_rules_write() -> None:
    _, shapes = read_shapes(ROOT, read_sources(ROOT))
    data = rdflib.Graph()
    prefixes = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())
    data.parse(data=prefixes + DERIVED_CLEAN, format="turtle")
    assert both_engines(data, shapes) == set()
    data.parse(data=prefixes + mutate("drv", DERIVED_MUTANTS), format="turtle")
    assert len(both_engines(data, shapes)) >= len(DERIVED_MUTANTS)
