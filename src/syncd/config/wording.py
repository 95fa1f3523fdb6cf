"""Says what is wrong with an option: its key, what was expected, what came, what was meant.

Called by `sources` with what pydantic found. No secret is ever said, and nothing that stands behind
a key nobody knows: it may be a secret's, misspelt.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from syncd.config.options import Options
from syncd.domain.rules.text.quoted import quoted

SECRETS = (
    "encryption_key", "operator_token", "token", "client_secret", "webhook_key", "pipeline_key",
    "pipeline_webhook_secret", "secret", "password",
)  # fmt: skip
_LONGEST_SHOWN = 60
_INNER = re.compile(r"^(literal\[|tuple\[|function-|nullable|\[key\]$)")
"""What pydantic puts between keys: which part of a union it had tried."""
_TYPES = {
    "bool": "true or false", "int": "a whole number", "float": "a number", "decimal": "a number",
    "date": "a date such as 2026-01-31", "string": "text", "dict": "a table", "model": "a table",
    "tuple": "a list", "list": "a list", "is": "a table", "finite": "a finite number",
}  # fmt: skip
_AS_A_WHOLE = {
    "xero.scopes": '"granular", "broad", or a list of scopes',
    "server.listen": "HOST:PORT such as 127.0.0.1:8080",
    "server.public_listen": "HOST:PORT such as 127.0.0.1:8081",
    "store.url": "a file such as sqlite:///var/lib/syncd/syncd.db, or a database such as "
    "postgresql://ROLE@HOST/DATABASE",
}
"""Keys whose parts say less than the whole."""


def in_words(error: ValidationError, *, within: tuple[str, ...] = ()) -> list[str]:
    """Each problem once, in the order of the keys; `within` is the section that was judged."""
    found: dict[str, str] = {}
    for one in error.errors(include_url=False):
        keys = [part for part in (*within, *one["loc"]) if not _INNER.match(str(part))]
        name = ".".join(map(str, keys))
        whole = next((key for key in _AS_A_WHOLE if (name + ".").startswith(key + ".")), None)
        found.setdefault(whole or name, _problem(whole or name, keys, one))
    return [f"{name}: {problem}" for name, problem in found.items()]


def _problem(name: str, keys: Sequence[int | str], one: Any) -> str:
    kind, last = one["type"], str(keys[-1])
    if kind == "missing":
        given = f", as {last}_file, or as a credential" if last in SECRETS else ""
        return f"is needed, and not given{given}"
    if kind == "extra_forbidden":
        return f"no such key{_meant(keys)}"
    if kind == "value_error":
        return f"{one['ctx']['error']}{_got(last, one['input'])}"
    return f"expected {_expected(name, kind, one.get('ctx', {}))}{_got(last, one['input'])}"


def _expected(name: str, kind: str, bounds: dict[str, Any]) -> str:
    if name in _AS_A_WHOLE:
        return _AS_A_WHOLE[name]
    match kind:
        case "literal_error" | "enum":
            return str(bounds["expected"]).replace("'", '"')
        case "greater_than_equal":
            return f"{bounds['ge']} or more"
        case "less_than_equal":
            return f"{bounds['le']} or less"
        case "string_too_short":
            return "text, and not nothing"
        case _:
            words = _TYPES.get(kind.partition("_")[0], "another value")
            return f"{words} (of seconds)" if name.endswith("_s") else words


def _got(last: str, value: Any) -> str:
    """What stands there, where it can be said."""
    if last in SECRETS:
        return ""
    if isinstance(value, dict | list):
        return f", got a {'table' if isinstance(value, dict) else 'list'}"
    text = str(value)
    if "@" in text:
        return ""  # what stands before it may be a password
    if isinstance(value, bool):
        return f", got {text.lower()}"
    shown = quoted(text, longest=_LONGEST_SHOWN)
    return f', got "{shown}"' if isinstance(value, str) else f", got {shown}"


def _meant(keys: Sequence[int | str]) -> str:
    """What a key nobody knows may have been meant to be."""
    wrong = str(keys[-1])
    names = list(_names_at(keys[:-1]))
    near = difflib.get_close_matches(wrong, names, n=1)
    if near:
        return f"; did you mean {near[0]}?"
    sections = sections_with(wrong.removesuffix("_file"))
    if sections:
        return f"; it belongs into [{sections[0]}]"
    return f"; there are {', '.join(names)}" if len(keys) == 1 else ""


def sections_with(key: str) -> list[str]:
    """The sections that have a key of this name."""
    return [
        section
        for section in Options.model_fields
        if section != "tenants" and key in _names_at([section])
    ]


def _names_at(keys: Sequence[int | str]) -> Iterator[str]:
    """The keys that may stand there, secrets also as files."""
    model: type[BaseModel] = Options
    for key in keys:
        if isinstance(key, int) or key not in model.model_fields:
            continue  # one of several: what it has inside is known already
        inner = list(_models_in(model.model_fields[key].annotation))
        if not inner:
            return
        model = inner[0]
    for name in model.model_fields:
        yield name
        if name in SECRETS:
            yield f"{name}_file"


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models_in(part)
