"""The Reconciliation Service API 0.2: https://reconciliation-api.github.io/specs/0.2/.

The schemas here say what that text asks of an answer, in our words.
"""

import json
from typing import Any

import jsonschema
import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from kg.web.reconcile import MAX_QUERIES

TEXT = {"type": "string"}


def an_object(required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": required.split(), "properties": properties}


def a_list(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


NAMED = an_object("id name", id=TEXT, name=TEXT, description=TEXT)
SERVICE = an_object("service_url service_path", service_url=TEXT, service_path=TEXT)
MANIFEST = an_object(
    "versions name identifierSpace schemaSpace",
    versions={"type": "array", "contains": {"const": "0.2"}, "items": TEXT},
    name=TEXT,
    identifierSpace={"type": "string", "format": "uri"},
    schemaSpace={"type": "string", "format": "uri"},
    view=an_object("url", url={"type": "string", "pattern": r"\{\{id\}\}"}),
    defaultTypes=a_list(NAMED) | {"uniqueItems": True},
    suggest=an_object("", entity=SERVICE, type=SERVICE, property=SERVICE),
)
CANDIDATE = an_object(
    "id name score",
    id=TEXT,
    name=TEXT,
    description=TEXT,
    score={"type": "number"},
    match={"type": "boolean"},
    type=a_list(an_object("id", id=TEXT, name=TEXT)),
    features=a_list(an_object("id value", id=TEXT, value={"type": ["boolean", "number"]})),
)
RESULTS = {"type": "object", "additionalProperties": an_object("result", result=a_list(CANDIDATE))}
SUGGESTED = an_object("result", result=a_list(NAMED))


def ask(client: FlaskClient, *, lang: str = "en", **queries: Any) -> Any:
    """The answer to a batch, which is the same by GET and by POST."""
    text = json.dumps(queries)
    got = client.get("/reconcile", query_string={"queries": text, "lang": lang})
    posted = client.post(f"/reconcile?lang={lang}", data={"queries": text})
    assert got.status_code == posted.status_code == 200, got.text
    assert got.get_json() == posted.get_json()
    jsonschema.validate(got.get_json(), RESULTS)
    return got.get_json()


def test_the_manifest_names_services_that_answer(client: FlaskClient) -> None:
    answer = client.get("/reconcile?lang=en")
    manifest = answer.get_json()
    jsonschema.validate(manifest, MANIFEST)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert {"id": "ont#Enterprise", "name": "enterprise"} in manifest["defaultTypes"]
    typed = {"entity": "兆威", "type": "enterpri", "property": "chain"}
    for name, service in manifest["suggest"].items():
        address = service["service_url"] + service["service_path"]
        assert address.startswith("http://localhost/")
        found = client.get(address, query_string={"prefix": typed[name], "lang": "en"}).get_json()
        jsonschema.validate(found, SUGGESTED)
        assert found["result"], name
    seen = client.get(manifest["view"]["url"].replace("{{id}}", "id/ent/zhaowei"))
    assert seen.status_code == 303


def test_a_name_is_reconciled_with_points_for_each_feature(client: FlaskClient) -> None:
    found = ask(
        client,
        sure={"query": "深圳市兆威机电股份有限公司", "type": "ont#Enterprise"},
        slip={"query": "深圳市兆微机电股份有限公司"},
        english={"query": "Shenzhen JPT Opto-Electronics Co., Ltd."},
        nothing={"query": "没有这样一个名称的事物"},
    )
    [sure, *_] = found["sure"]["result"]
    assert (sure["id"], sure["match"], sure["score"]) == ("id/ent/zhaowei", True, 100.0)
    assert sure["type"] == [{"id": "ont#Enterprise", "name": "enterprise"}]
    features = {feature["id"]: feature["value"] for feature in sure["features"]}
    assert features["name"] == 100.0 and features["name_exact"] and features["type"]
    assert features["lead"] >= 10
    [slip, *_] = found["slip"]["result"]
    assert slip["id"] == "id/ent/zhaowei" and not slip["match"] and slip["score"] < 90
    assert found["english"]["result"][0]["id"] == "id/ent/jpt"
    assert found["nothing"]["result"] == []


def test_properties_decide_between_namesakes(client: FlaskClient) -> None:
    query = {"query": "激光雷达"}
    humanoid = [{"pid": "ont#partOfChain", "v": {"id": "id/chain/humanoid", "name": "x"}}]
    found = ask(
        client,
        alone=query,
        chain={**query, "properties": humanoid},
        type={**query, "type": ["ont#ChainSegment"], "properties": humanoid},
    )
    assert not found["alone"]["result"][0]["match"]  # two things have this very name
    assert found["chain"]["result"][0]["id"] == "id/segment/lidar"
    assert found["type"]["result"][0]["match"]
    points = {f["id"]: f["value"] for f in found["chain"]["result"][0]["features"]}
    assert points["kg:partOfChain"] == 100.0


@pytest.mark.parametrize(
    ("pid", "value", "is_so"),
    [
        ("city", "深圳", True),
        ("ont#basedIn", "Shenzhen", True),
        ("kg:basedIn", {"id": "id/place/shenzhen"}, True),
        ("city", ["北京", "深圳市"], True),
        ("city", "北京", False),
        ("http://www.w3.org/ns/adms#identifier", "003021", True),
        ("adms:identifier", "003021.SZ", True),
        ("adms:identifier", "600519", False),
    ],
)
def test_a_property_is_compared_by_name_identifier_or_code(
    client: FlaskClient, pid: str, value: Any, is_so: bool
) -> None:
    found = ask(client, q={"query": "兆威机电", "properties": [{"pid": pid, "v": value}]})
    [first, *_] = found["q"]["result"]
    assert first["id"] == "id/ent/zhaowei"
    assert first["score"] == (100.0 if is_so else 80.0)  # four parts of five are the name
    assert first["match"] is is_so


def test_a_code_alone_is_enough_and_an_unknown_property_is_left_out(client: FlaskClient) -> None:
    found = ask(
        client,
        code={"properties": [{"pid": "adms:identifier", "v": "003021"}]},
        unknown={"query": "兆威机电", "properties": [{"pid": "colour", "v": "red"}]},
    )
    for result in found.values():
        assert result["result"][0]["id"] == "id/ent/zhaowei"
        assert result["result"][0]["score"] == 100.0


def test_types_are_conditions_or_wishes(client: FlaskClient) -> None:
    city, firm = "ont#City", "ont#Enterprise"
    found = ask(
        client,
        any={"query": "深圳", "type": [city, firm], "limit": 20},
        all={"query": "深圳", "type": [city, firm], "type_strict": "all"},
        should={"query": "深圳", "type": firm, "type_strict": "should"},
        wider={"query": "深圳资本", "type": "ont#Investor"},
    )
    assert {t["id"] for one in found["any"]["result"] for t in one["type"]} == {city, firm}
    assert found["all"]["result"] == []
    assert found["should"]["result"][0]["id"] == "id/place/shenzhen"
    assert found["should"]["result"][0]["score"] == 80.0
    assert found["wider"]["result"][0]["id"] == "id/inv/szcapital"


@pytest.mark.parametrize(
    ("queries", "said"),
    [
        ("", "no JSON"),
        ("[", "no JSON"),
        ("[]", "no JSON object"),
        ('{"q0": 1}', "query 'q0' is no object"),
        ('{"q0": {"query": 1}}', "'query' is no text"),
        ('{"q0": {"query": "x", "type": 1}}', "'type'"),
        ('{"q0": {"query": "x", "limit": "many"}}', "'limit'"),
        ('{"q0": {"query": "x", "limit": NaN}}', "'limit'"),
        ('{"q0": {"query": "x", "type_strict": "never"}}', "'type_strict'"),
        ('{"q0": {"query": "x", "properties": {}}}', "'properties'"),
        (json.dumps({str(n): {"query": "x"} for n in range(MAX_QUERIES + 1)}), "more batches"),
    ],
)
def test_a_batch_that_cannot_be_read_says_what_is_wrong(
    client: FlaskClient, queries: str, said: str
) -> None:
    for answer in (
        client.get("/reconcile", query_string={"queries": queries}),
        client.post("/reconcile", data={"queries": queries}),
    ):
        assert answer.status_code == 400 and said in answer.get_json()["detail"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["query", "type", "limit", "properties", "pid", "v", "id", "type_strict"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=3), JSON, max_size=3))
def test_any_json_is_answered_or_refused_with_a_reason(app: Flask, batch: Any) -> None:
    answer = app.test_client().post("/reconcile", data={"queries": json.dumps(batch)})
    assert answer.status_code in (200, 400)
    if answer.status_code == 200:
        jsonschema.validate(answer.get_json(), RESULTS)
