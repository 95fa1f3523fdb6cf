"""The published API descriptions as JSON Schema, closed: what a schema does not name is a stranger.

Reads a folder with Xero's OpenAPI files; nothing here knows the sandbox or an SDK.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.protocols import Validator

FILES = {
    "accounting": ("xero-accounting.reduced.yaml", "xero_accounting.yaml"),
    "identity": ("xero-identity.yaml",),
    "webhooks": ("xero-webhooks.yaml",),
}
_GUID = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
_REFERENCES = {"schemas": "#/components/schemas/", "responses": "#/components/responses/"}
# What says nothing about a value.
_PROSE = ("description", "example", "examples", "externalDocs", "readOnly", "writeOnly", "format")


class Missing(Exception):
    """The folder does not hold what is needed."""


@dataclass(frozen=True, slots=True, order=True)
class Deviation:
    """A value the description does not allow: `where` is `Schema.Property`, `what` the trouble."""

    where: str
    what: str
    example: str = field(compare=False)


@dataclass(frozen=True, slots=True)
class Operation:
    """What is described of one method of one path: the schema of each answer with a JSON body."""

    answers: Mapping[str, Mapping[str, Any] | None]


class Description:
    """One OpenAPI file."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        named = document["components"]["schemas"]
        self._schemas = {name: self._closed(schema, name) for name, schema in named.items()}

    def operations(self) -> Iterator[tuple[str, str, Operation]]:
        """Every described call: method, path template, answers."""
        for path, item in self._document.get("paths", {}).items():
            for method, described in item.items():
                if method in {"get", "put", "post", "delete"}:
                    answers = {
                        status: self._schema_of(answer)
                        for status, answer in described["responses"].items()
                    }
                    yield method.upper(), path, Operation(answers)

    def named(self, name: str) -> Mapping[str, Any]:
        """The schema of that name."""
        return {"$ref": _REFERENCES["schemas"] + name}

    def deviations(self, schema: Mapping[str, Any], value: Any) -> Iterator[Deviation]:
        """Everything in the value that the schema does not allow."""
        for error in self._validator(schema).iter_errors(value):
            place = error.absolute_path[-1] if error.absolute_path else ""
            owner = error.schema.get("title", "") if isinstance(error.schema, dict) else ""
            if error.validator == "additionalProperties":
                for stranger in sorted(set(error.instance) - set(error.schema["properties"])):
                    sample = repr(error.instance[stranger])[:60]
                    yield Deviation(f"{owner}.{stranger}", "unknown", sample)
            else:
                steps = [str(step) for step in error.absolute_path if not isinstance(step, int)]
                where = ".".join(steps[-2:]) or str(place)
                sample = repr(error.instance)[:60]
                yield Deviation(where, str(error.validator), sample)

    def _validator(self, schema: Mapping[str, Any]) -> Validator:
        whole = {**schema, "components": {"schemas": self._schemas}}
        return Draft202012Validator(whole)

    def _schema_of(self, answer: Mapping[str, Any]) -> Mapping[str, Any] | None:
        if "$ref" in answer:
            name = answer["$ref"].removeprefix(_REFERENCES["responses"])
            answer = self._document["components"]["responses"][name]
        content = answer.get("content", {}).get("application/json")
        return None if content is None else self._closed(content["schema"], "")

    def _closed(self, schema: Mapping[str, Any], title: str) -> dict[str, Any]:
        """The schema without prose, in which an object has only the properties it names."""
        if "allOf" in schema:
            schema = self._joined(schema)
        closed = {key: value for key, value in schema.items() if key not in _PROSE}
        if title:
            closed["title"] = title
        if schema.get("format") == "uuid":
            closed["pattern"] = _GUID
        if "oneOf" in closed:
            closed["oneOf"] = [self._closed(each, "") for each in closed["oneOf"]]
        if "items" in closed:
            closed["items"] = self._closed(closed["items"], title and f"{title}[]")
        if "properties" in closed:
            closed["properties"] = {
                name: self._closed(
                    each, f"{title}.{name}" if {"properties", "items"} & set(each) else ""
                )
                for name, each in closed["properties"].items()
            }
            closed.setdefault("type", "object")
            closed.setdefault("additionalProperties", False)
        return closed

    def _joined(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """The parts of an `allOf` as one schema, so that it can be closed as one."""
        joined: dict[str, Any] = {key: each for key, each in schema.items() if key != "allOf"}
        for part in schema["allOf"]:
            joined = _merged(joined, self._resolved(part))
        return joined

    def _resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in schema:
            found: Any = self._document
            for step in schema["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            schema = found
        return self._joined(schema) if "allOf" in schema else schema


def _merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(one)
    for key, value in other.items():
        old = merged.get(key)
        if key == "required" and old:
            merged[key] = [*old, *value]
        elif isinstance(old, Mapping) and isinstance(value, Mapping):
            both = {"allOf": [old, value]}
            is_schema = key == "items" or not {"properties", "items"} & {key}
            merged[key] = both if is_schema and key != "properties" else _merged(old, value)
        else:
            merged[key] = value
    return merged


@cache
def descriptions(folder: str) -> dict[str, Description]:
    """The three descriptions of a folder. Raises Missing naming the files it lacks."""
    if not folder:
        raise Missing(
            "no folder given; say make check-spec SPECS=FOLDER, a folder with "
            + ", ".join(names[0] for names in FILES.values())
        )
    found = {
        kind: next((Path(folder, name) for name in names if Path(folder, name).is_file()), None)
        for kind, names in FILES.items()
    }
    lacking = [FILES[kind][0] for kind, path in found.items() if path is None]
    if lacking:
        raise Missing(f"{folder} lacks {', '.join(lacking)}")
    return {
        kind: Description(yaml.load(path.read_text("utf-8"), yaml.CSafeLoader))
        for kind, path in found.items()
        if path is not None
    }


def pattern(template: str) -> re.Pattern[str]:
    """What paths a template stands for; Xero's ignore case."""
    parts = re.split(r"\{[^}]+\}", template)
    return re.compile("[^/]+".join(re.escape(part) for part in parts), re.IGNORECASE)
