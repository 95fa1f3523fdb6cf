"""The OpenAPI 3.1 document, made from the table of endpoints and the classes they answer with."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from syncd.web.http import listing
from syncd.web.http.endpoint import Endpoint
from syncd.web.http.guard import ROLE_NAMES
from syncd.web.http.problems import Problem

_ORDERED = 202
_REFERENCE = "#/components/schemas/{name}"
_SIGNED_IN = (401, 403)
_TITLES = {
    400: "A parameter or the body was not understood",
    401: "Not signed in",
    403: "The role does not suffice",
    404: "No such tenant or invoice",
    409: "It could not be done as things stand",
    503: "Try again later",
}


def document(endpoints: Sequence[Endpoint], *, version: str) -> dict[str, Any]:
    """The whole document; paths in the table's order."""
    paths: dict[str, dict[str, Any]] = {}
    for one in endpoints:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "syncd operator API",
            "version": version,
            "description": "Listings are by cursor; errors are RFC 9457 problems.",
        },
        "security": [{"operator": []}],
        "paths": paths,
        "components": {
            "schemas": _schemas(endpoints),
            "securitySchemes": {"operator": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(one: Endpoint) -> dict[str, Any]:
    role = next(name for name, value in ROLE_NAMES.items() if value is one.role)
    found: dict[str, Any] = {
        "operationId": one.name,
        "summary": one.summary,
        "description": f"Needs the role {role}.",
        "parameters": [*_path_parameters(one.path), *_query_parameters(one.query)],
        "responses": {
            str(one.status): {
                "description": "Done" if one.status < _ORDERED else "Ordered",
                "content": {
                    "application/json": {"schema": _reference(one.answers)},
                    **{kind: {"schema": {"type": "string"}} for kind in one.also},
                },
            },
            **{str(status): _refusal(status) for status in sorted({*_SIGNED_IN, *one.refusals})},
        },
    }
    if one.body is not None:
        content = {"application/json": {"schema": _reference(one.body)}}
        found["requestBody"] = {"required": True, "content": content}
    return found


def _path_parameters(path: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"\{(\w+)\}", path)
    ]


def _query_parameters(names: Sequence[str]) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "query", "required": False, "schema": listing.PARAMETERS[name]}
        for name in names
    ]


def _refusal(status: int) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": _reference(Problem)}}
    return {"description": _TITLES[status], "content": content}


def _reference(shape: type[msgspec.Struct]) -> dict[str, str]:
    return {"$ref": _REFERENCE.format(name=shape.__name__)}


def _schemas(endpoints: Sequence[Endpoint]) -> dict[str, Any]:
    shown = [one.answers for one in endpoints] + [one.body for one in endpoints if one.body]
    _, schemas = msgspec.json.schema_components(
        [*dict.fromkeys(shown), Problem], ref_template=_REFERENCE
    )
    return {name: _exact(schema) for name, schema in sorted(schemas.items())}


def _exact(schema: Any) -> Any:
    """A schema with Decimals as what they are written as: numbers, where msgspec says text."""
    if isinstance(schema, list):
        return [_exact(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("format") == "decimal":
        rest = {key: value for key, value in schema.items() if key != "format"}
        return {**rest, "type": "number"}
    return {key: _exact(value) for key, value in schema.items()}
