"""Says what is wrong with an option: its key, what was expected, what came, what was meant.

Called by `reading`. No secret is ever said, and nothing that stands behind a key nobody knows: it
may be a secret's, misspelt.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

from msgspec import structs

from syncd.config.options import Options, Section
from syncd.domain.rules.text.quoted import quoted

SECRETS = (
    "encryption_key", "operator_token", "token", "client_secret", "webhook_key", "pipeline_key",
    "pipeline_webhook_secret", "secret", "password",
)  # fmt: skip
_LONGEST_SHOWN = 60


def missing(key: str) -> str:
    """That it is needed."""
    given = f", as {key}_file, or as a credential" if key in SECRETS else ""
    return f"is needed, and not given{given}"


def got(key: str, value: object) -> str:
    """What stands there, where it can be said."""
    if key in SECRETS:
        return ""
    if isinstance(value, Mapping | list | tuple):
        return f", got a {'table' if isinstance(value, Mapping) else 'list'}"
    text = str(value)
    if "@" in text:
        return ""  # what stands before it may be a password
    if isinstance(value, bool):
        return f", got {text.lower()}"
    shown = quoted(text, longest=_LONGEST_SHOWN)
    return f', got "{shown}"' if isinstance(value, str) else f", got {shown}"


def unknown(keys: Sequence[str]) -> str:
    """That nobody knows this key, and what it may have been meant to be."""
    return f"no such key{_meant(keys)}"


def _meant(keys: Sequence[str]) -> str:
    wrong = keys[-1]
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
        for section in Options.__struct_fields__
        if section != "tenants" and key in _names_at([section])
    ]


def _names_at(keys: Sequence[str]) -> Iterator[str]:
    """The keys that may stand there, secrets also as files."""
    section: type[Section] = Options
    for key in keys:
        kinds = {field.name: field.type for field in structs.fields(section)}
        if key not in kinds:
            continue  # one of several: what it has inside is known already
        inner = list(_sections_in(kinds[key]))
        if not inner:
            return
        section = inner[0]
    for name in section.__struct_fields__:
        yield name
        if name in SECRETS:
            yield f"{name}_file"


def _sections_in(kind: Any) -> Iterator[type[Section]]:
    if isinstance(kind, type) and issubclass(kind, Section):
        yield kind
    for part in get_args(kind):
        yield from _sections_in(part)
