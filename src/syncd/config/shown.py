"""The configuration as it may be shown to others: no secret, and nobody's name or mail address.

Called by `cli.local.support`. Whatever is a `Secret` says only whether it is given, so a secret
that comes later is left out without a word here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from msgspec import structs

from syncd.config.bounds import Secret
from syncd.config.options import Options, Section

GIVEN = "(given)"
_PEOPLE = ("name", "sender", "to", "smtp_url")
"""Keys that say who somebody is; a mail server's address keeps its host."""
_LEAST = 4
"""Characters; what is shorter is no secret anybody could look for."""


def without_secrets(options: Options) -> dict[str, Any]:
    """Every option in force, as JSON can say it."""
    return {name: _shown("", value) for name, value in structs.asdict(options).items()}


def secrets(options: Options) -> frozenset[str]:
    """Every secret's text, each line of one with several, in the forms an address has them."""
    found = set()
    for secret in _secrets_in(options):
        for line in secret.get_secret_value().split():
            found |= {line, quote(line), quote(line, safe="")}
    return frozenset(each for each in found if len(each) >= _LEAST)


def _shown(key: str, value: Any) -> Any:
    if isinstance(value, Secret):
        return GIVEN
    if key in _PEOPLE and value:
        return urlsplit(str(value)).hostname if key == "smtp_url" else GIVEN
    if isinstance(value, Section):
        value = structs.asdict(value)
    if isinstance(value, Mapping):
        return {str(name): _shown(str(name), each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_shown("", each) for each in value]
    if isinstance(value, Decimal | date | Path):
        return str(value)
    return value


def _secrets_in(value: Any) -> Iterator[Secret]:
    if isinstance(value, Secret):
        yield value
    elif isinstance(value, Section):
        yield from _secrets_in(structs.asdict(value))
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _secrets_in(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _secrets_in(each)
