"""Whatever is asked of the API, the answer is one that its own description has.

Requests are drawn from `/openapi.json`: parameters and bodies that fit it, that nearly fit, and
that do not. The same is done for longer, by schemathesis, with `make fuzz-api`.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote, urlencode

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.journeys.support.harness import OPERATOR, Answer, Journey, call

LEFT_OUT = {
    "disconnect": "ends what the others are asked about",
    "removeTenant": "likewise, where there is one to remove",
    "streamEvents": "never ends",
    "reconcile": "reads all of Xero",
}
EXAMPLES = 10
METHODS = ("get", "post", "put", "patch", "delete")
ALWAYS = {"400", "404", "405", "413", "415"}
"""What any request may be answered that is no request of the description's."""


@pytest.fixture(scope="module")
def described(way: Journey) -> Any:
    """The daemon's own description, with something to ask about."""
    customer = way.customer("C-1")
    way.wait_told(way.invoice(customer), state="synced")
    found = way.daemon.get("/openapi.json").json()
    found["x-known"] = {
        "tenant": ["demo"],
        "invoice": [way.invoice(customer)],
        "customer": [customer],
    }
    return found


def operations(described: Any) -> list[tuple[str, str, Any]]:
    return [
        (method, path, row[method])
        for path, row in described["paths"].items()
        for method in METHODS
        if method in row and row[method]["operationId"] not in LEFT_OUT
    ]


ANY = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 2**40), st.text(max_size=8), st.just([]), st.just({})
)


TEXTS = st.sampled_from(["2026-01-31", "2026-01-31T00:00:00Z", "x", ""]) | st.text(max_size=12)
PLAIN: dict[str, st.SearchStrategy[Any]] = {
    "integer": st.integers(-3, 2**33),
    "number": st.integers(-3, 2**20) | st.floats(-9, 9),
    "boolean": st.booleans(),
    "string": TEXTS,
}


def fitting(schema: Any, described: Any) -> st.SearchStrategy[Any]:
    """Values that fit a schema, or something else in their place."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return fitting(described["components"]["schemas"][name], described)
    if "enum" in schema:
        return st.sampled_from(schema["enum"]) | st.text(max_size=5)
    if "anyOf" in schema:
        return st.one_of([fitting(one, described) for one in schema["anyOf"]])
    if schema.get("type") == "object":
        return objects(schema, described)
    if schema.get("type") == "array":
        return st.lists(fitting(schema.get("items", {}), described), max_size=3)
    return PLAIN.get(schema.get("type", ""), ANY)


def objects(schema: Any, described: Any) -> st.SearchStrategy[Any]:
    parts = {
        key: fitting(one, described) | ANY for key, one in schema.get("properties", {}).items()
    }
    needed = {key: parts.pop(key) for key in schema.get("required", []) if key in parts}
    fixed = st.fixed_dictionaries(needed, optional=parts)
    return fixed if needed or parts else st.dictionaries(st.text(max_size=5), ANY, max_size=2)


@st.composite
def requests(draw: st.DrawFn, described: Any, path: str, operation: Any) -> tuple[str, Any]:
    """An address with its query, and a body where the operation takes one."""
    known = described["x-known"]

    def part(found: re.Match[str]) -> str:
        name = found[1]
        values = st.sampled_from(known[name]) if name in known else st.just("1")
        return quote(draw(values | st.text(min_size=1, max_size=8)), safe="")

    address = re.sub(r"\{(\w+)\}", part, path)
    query = {
        one["name"]: draw(fitting(one["schema"], described).map(str))
        for one in operation["parameters"]
        if one["in"] == "query" and draw(st.booleans())
    }
    body = None
    if "requestBody" in operation:
        content = operation["requestBody"]["content"]["application/json"]
        body = draw(fitting(content["schema"], described) | ANY)
    return f"{address}?{urlencode(query, errors='replace')}" if query else address, body


def faults(answer: Answer, operation: Any, described: Any) -> list[str]:
    """What of an answer the description does not have."""
    status, given_type = str(answer.status), answer.headers.get("Content-Type", "")
    if answer.status in (0, 500) or (answer.status > 500 and status not in operation["responses"]):
        return [f"answered {answer.status}: {answer.body[:200]!r}"]
    responses = operation["responses"]
    if status not in responses:
        return [] if status in ALWAYS else [f"{status} is not described"]
    content = responses[status].get("content", {})
    kind = given_type.partition(";")[0]
    if content and kind not in content:
        return [f"{status} came as {kind}, not as {', '.join(content)}"]
    if "json" not in kind:
        return []
    schema = {**content[kind]["schema"], "components": described["components"]}
    wrong = jsonschema.Draft202012Validator(schema).iter_errors(answer.json())
    return [f"{status}: {error.json_path}: {error.message[:120]}" for error in wrong]


def test_no_request_gets_an_answer_the_description_does_not_have(
    way: Journey, described: Any
) -> None:
    base = f"http://127.0.0.1:{way.daemon.ports[0]}"
    asked: list[str] = []
    wrong: dict[str, str] = {}

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def answered(method: str, path: str, operation: Any, data: st.DataObject) -> None:
        address, body = data.draw(requests(described, path, operation))
        asked.append(address)
        answer = call(method.upper(), base + address, body, Authorization=f"Bearer {OPERATOR}")
        found = faults(answer, operation, described)
        wrong.update((f"{method.upper()} {path}: {one}", address) for one in found)

    for method, path, operation in operations(described):
        answered(method, path, operation)

    assert wrong == {}
    assert len(asked) >= len(operations(described))
    assert way.daemon.get("/livez").status == 200
    assert '"service.failed"' not in way.daemon.log.read_text("utf-8")


def test_no_operation_answers_whoever_has_no_token(way: Journey, described: Any) -> None:
    base = f"http://127.0.0.1:{way.daemon.ports[0]}"
    paths = [(method, re.sub(r"\{\w+\}", "x", path)) for method, path, _ in operations(described)]

    answers = {
        call(method.upper(), base + path, {} if method != "get" else None, **headers).status
        for method, path in paths
        for headers in ({}, {"Authorization": "Bearer x"}, {"Authorization": "Basic eDp4"})
    }

    assert answers == {401}
