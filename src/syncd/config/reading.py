"""Reads what is said of the options into their sections: each value as the type of its key asks.

Called by `sources` and `added`. Everything wrong is told at once, each problem with its key. What
comes from the environment is text, so a text that reads as a number, a date or a yes is taken for
one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from msgspec import structs

from syncd.config import wording
from syncd.config.bounds import As, Expected, Secret
from syncd.config.options import Section
from syncd.domain.errors import ConfigError

S = TypeVar("S", bound=Section)
_WRONG: Any = object()
"""What stands for a value that cannot be read, until all problems are known."""
_MOST_EXACT = 2**53
"""From here on a float is no certain whole number."""
_YES, _NO = ("true", "yes", "on", "t", "y", "1"), ("false", "no", "off", "f", "n", "0")


def read(kind: type[S], said: object, *, within: tuple[str, ...] = ()) -> S:
    """The section, `within` the keys it lies under. Raises ConfigError naming every wrong key."""
    problems: list[str] = []
    found: S = _section(kind, said, within, problems)
    if problems:
        raise ConfigError(tuple(problems))
    return found


def _section(kind: type[S], said: object, keys: tuple[str, ...], problems: list[str]) -> Any:
    if not isinstance(said, Mapping):
        return _wrong(keys, "expected a table", said, problems)
    values: dict[str, Any] = {}
    fields = structs.fields(kind)
    for field in fields:
        inner = (*keys, field.name)
        if field.name in said:
            values[field.name] = _value(field.type, said[field.name], inner, problems)
        elif field.required:
            values[field.name] = _WRONG
            problems.append(f"{'.'.join(inner)}: {wording.missing(field.name)}")
    unknown = [key for key in said if key not in kind.__struct_fields__]
    problems.extend(f"{'.'.join((*keys, key))}: {wording.unknown((*keys, key))}" for key in unknown)
    is_wrong = unknown or any(value is _WRONG for value in values.values())
    return _WRONG if is_wrong else kind(**values)


def _value(kind: Any, said: object, keys: tuple[str, ...], problems: list[str]) -> Any:
    """What was said, as its type has it; `_WRONG` where it is not, which is noted."""
    rules: Sequence[Any] = ()
    if get_origin(kind) is Annotated:
        kind, *rules = get_args(kind)
    if get_origin(kind) in (Union, UnionType) and NoneType in get_args(kind):
        (kind,) = (part for part in get_args(kind) if part is not NoneType)
        return said if said is None else _value(kind, said, keys, problems)
    if isinstance(kind, type) and issubclass(kind, Section):
        return _section(kind, said, keys, problems)
    if get_origin(kind) is dict:
        return _table(get_args(kind), said, keys, problems)
    if get_origin(kind) is tuple and not rules:
        return _list(get_args(kind)[0], said, keys, problems)
    try:
        return _single(kind, said, rules)
    except ValueError as error:
        return _wrong(keys, str(error), said, problems)


def _wrong(keys: tuple[str, ...], problem: str, said: object, problems: list[str]) -> Any:
    problems.append(f"{'.'.join(keys)}: {problem}{wording.got(keys[-1], said)}")
    return _WRONG


def _table(kinds: tuple[Any, Any], said: object, keys: tuple[str, ...], problems: list[str]) -> Any:
    """What is said under keys of the first kind, each of the second."""
    if not isinstance(said, Mapping):
        return _wrong(keys, "expected a table", said, problems)
    found = {}
    for name, value in said.items():
        inner = (*keys, name)
        key = _value(kinds[0], name, inner, problems)
        found[key] = _value(kinds[1], value, inner, problems)
    return _WRONG if _WRONG in (*found, *found.values()) else found


def _list(kind: Any, said: object, keys: tuple[str, ...], problems: list[str]) -> Any:
    if not isinstance(said, list | tuple):
        return _wrong(keys, "expected a list", said, problems)
    found = [_value(kind, one, (*keys, str(place)), problems) for place, one in enumerate(said)]
    return _WRONG if _WRONG in found else tuple(found)


def _single(kind: Any, said: object, rules: Sequence[Any]) -> Any:
    """A value without parts. Raises ValueError in words."""
    whole = next((rule for rule in rules if isinstance(rule, As)), None)
    if whole is not None:
        return whole.read(said)
    value = _typed(kind, said, rules)
    for check in filter(callable, rules):
        value = check(value)
    return value


def _typed(kind: Any, said: object, rules: Sequence[Any]) -> Any:
    if get_origin(kind) is Literal:
        return _one_of(dict(zip(get_args(kind), get_args(kind), strict=True)), said)
    if issubclass(kind, Enum):
        return _one_of({one.value: one for one in kind}, said)
    if kind in (int, float, Decimal) and isinstance(said, bool):
        raise ValueError("must be a number")  # TOML's true is no 1
    to, words = _TYPES[kind]
    try:
        return to(said)
    except (ValueError, TypeError, OverflowError, InvalidOperation):
        told = next((rule.words for rule in rules if isinstance(rule, Expected)), words)
        raise ValueError(f"expected {told}") from None


def _one_of(known: Mapping[Any, Any], said: object) -> Any:
    plain = said.strip() if isinstance(said, str) else said
    try:
        return known[plain]
    except (KeyError, TypeError):
        *others, last = (f'"{name}"' for name in known)
        raise ValueError(f"expected {', '.join(others)} or {last}") from None


def _text(said: object) -> str:
    if not isinstance(said, str):
        raise TypeError
    return said.strip()


def _whole(said: object) -> int:
    if isinstance(said, str):
        return int(said)
    if isinstance(said, float) and said.is_integer() and abs(said) < _MOST_EXACT:
        return int(said)
    if not isinstance(said, int):
        raise TypeError
    return said


def _number(said: object) -> float:
    if not isinstance(said, str | int | float):
        raise TypeError
    return float(said)


def _exact(said: object) -> Decimal:
    if not isinstance(said, str | int | float | Decimal):
        raise TypeError
    return Decimal(str(said).strip())


def _yes(said: object) -> bool:
    word = str(said).lower()
    if isinstance(said, str | int) and word in (*_YES, *_NO):
        return word in _YES
    raise TypeError


def _day(said: object) -> date:
    if isinstance(said, str):
        return date.fromisoformat(said.strip())
    if not isinstance(said, date) or isinstance(said, datetime):
        raise TypeError
    return said


_TYPES: dict[Any, tuple[Callable[[object], object], str]] = {
    str: (_text, "text"),
    Secret: (lambda said: Secret(_text(said)), "text"),
    bool: (_yes, "true or false"),
    int: (_whole, "a whole number"),
    float: (_number, "a number"),
    Decimal: (_exact, "a number"),
    date: (_day, "a date such as 2026-01-31"),
}
"""How each type is read, and what it is called."""
