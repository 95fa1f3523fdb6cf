"""Value: the base of the values that rooms pass to each other.

A frozen dataclass sets its fields one `object.__setattr__` at a time; a msgspec Struct is made and
encoded by C code, some ten times as fast. A value of values holds no cycle, so the collector of
garbage need not look at it; one that holds anything else (a service, a function, an error) says
`gc=True`, or a cycle through it would never be freed. `dataclasses.replace` and `fields` take them
as they take dataclasses.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import cache
from typing import Any, ClassVar, TypeVar

import msgspec

K = TypeVar("K", bound=msgspec.Struct)


@cache
def _fields_of(kind: type[msgspec.Struct]) -> dict[str, dataclasses.Field[Any]]:
    """The fields of a value as the dataclass of the same fields has them."""
    twin = dataclasses.make_dataclass(
        kind.__name__, [(name, Any) for name in kind.__struct_fields__], kw_only=True
    )
    return {each.name: each for each in dataclasses.fields(twin)}


class _AsDataclass:
    """What `dataclasses` asks a class for, made when it is asked for."""

    def __get__(
        self, value: object, kind: type[msgspec.Struct]
    ) -> dict[str, dataclasses.Field[Any]]:
        return _fields_of(kind)


class Value(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Immutable, equal by content: `class X(Value, frozen=True, kw_only=True)`."""

    __dataclass_fields__: ClassVar[Any] = _AsDataclass()

    not_shown: ClassVar[tuple[str, ...]] = ()
    """Fields left out of the repr: what people wrote has no place in logs."""

    def __repr__(self) -> str:
        """The class and its fields, without those of `not_shown`."""
        shown = ((name, getattr(self, name)) for name in self.__struct_fields__)
        parts = ", ".join(
            f"{name}={value!r}" for name, value in shown if name not in self.not_shown
        )
        return f"{type(self).__name__}({parts})"


def like(kind: type[K], of: object, /, **others: object) -> K:
    """A value of `kind` with the fields that `of` has by the same names, and these others."""
    made: K = _maker(kind, tuple(others))(of, others)
    return made


@cache
def _maker(kind: type[K], others: tuple[str, ...]) -> Callable[[object, dict[str, object]], K]:
    """What `like` does, as one expression: it takes half as long as to ask for name after name."""
    shared = ", ".join(f"{name}=of.{name}" for name in kind.__struct_fields__ if name not in others)
    made: Callable[[object, dict[str, object]], K] = eval(  # noqa: S307  (of our own fields alone)
        f"lambda of, others: kind({shared}, **others)", {"kind": kind}
    )
    return made
