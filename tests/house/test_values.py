"""A value of values is left to its counter of references; one that holds more is collected."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from importlib import import_module
from ipaddress import IPv4Network, IPv6Network
from pathlib import PurePath
from types import NoneType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

import msgspec
import pytest

from syncd.config.bounds import Secret
from syncd.domain.model.value import Value
from tests.house.support.source import SRC, rooms

PLAIN = (
    msgspec.Struct, str, int, float, bytes, date, timedelta, Decimal, enum.Enum, NoneType,
    PurePath, IPv4Network, IPv6Network, Secret,
)  # fmt: skip
"""What holds no cycle, or is asked by itself: a value's own fields."""


def held(hint: Any) -> Iterator[Any]:
    """What a field holds that is none of these: services, functions, errors."""
    hint = getattr(hint, "__supertype__", hint)
    if isinstance(hint, TypeVar) or hint in (Any, object, ...) or get_origin(hint) is Literal:
        return  # what stands there is a value, by the rooms' own use
    inner = get_args(hint)
    if inner and not isinstance(inner[0], list) and get_origin(hint) is not Callable:
        for each in inner:
            yield from held(each)
    elif not (isinstance(hint, type) and issubclass(hint, PLAIN)):
        yield hint


def values() -> Iterator[type[Value]]:
    for room in rooms():
        parts = room.relative_to(SRC.parent).with_suffix("").parts
        if parts[-1] != "__main__":
            import_module(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    waiting = [Value]
    while waiting:
        waiting += (own := waiting.pop().__subclasses__())
        yield from (each for each in own if each.__module__.startswith("syncd."))


def test_value_that_holds_more_than_values_is_looked_at_by_the_collector() -> None:
    """A cycle through any other would never be freed: a whole daemon, or what a failed read saw."""
    unseen = {
        f"{kind.__module__}.{kind.__qualname__}"
        for kind in values()
        if not kind.__struct_config__.gc
        and any(True for hint in get_type_hints(kind).values() for _ in held(hint))
    }

    assert unseen == set()


@pytest.mark.parametrize("hint", [Callable[[], int], Exception, tuple[Exception, ...]])
def test_service_function_and_error_are_more_than_values(hint: Any) -> None:
    assert [*held(hint)]
