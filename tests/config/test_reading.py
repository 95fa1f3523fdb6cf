"""What is said of an option is taken for what its type asks, or refused by its key."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

import pytest

from syncd.config.bounds import Limit, Secret, finite
from syncd.config.options import Section
from syncd.config.reading import read
from syncd.domain.errors import ConfigError
from syncd.domain.model.settings import Mode


class Kinds(Section, frozen=True, kw_only=True):
    """One key of each kind."""

    whole: Annotated[int, Limit(least=0)] = 0
    number: float = 0.0
    exact: Annotated[Decimal, finite] = Decimal(0)
    yes: bool = False
    day: date | None = None
    word: str = ""
    mode: Mode | None = None
    secret: Secret | None = None


@pytest.mark.parametrize(
    ("key", "said", "taken"),
    [
        ("whole", 5, 5), ("whole", 5.0, 5), ("whole", " 5 ", 5),
        ("number", 5, 5.0), ("number", "0.5", 0.5),
        ("exact", 0.1, Decimal("0.1")), ("exact", "0.10", Decimal("0.10")),
        ("yes", "on", True), ("yes", "False", False), ("yes", True, True),
        ("day", "2026-01-31", date(2026, 1, 31)), ("day", date(2026, 1, 31), date(2026, 1, 31)),
        ("word", " text ", "text"), ("mode", "live", Mode.LIVE),
    ],
)  # fmt: skip
def test_value_is_taken_for_what_its_type_asks(key: str, said: object, taken: object) -> None:
    assert getattr(read(Kinds, {key: said}), key) == taken


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("whole", 5.5), ("whole", 1e300), ("whole", True), ("whole", "x"), ("whole", -1),
        ("number", False), ("number", []), ("number", 10**400), ("exact", "nan"), ("exact", "x"),
        ("yes", 2), ("yes", "x"), ("day", 5), ("day", datetime(2026, 1, 31)), ("day", "x"),  # noqa: DTZ001 - as TOML has it
        ("word", 5), ("mode", "x"), ("mode", []), ("secret", 5), ("other", 5),
    ],
)  # fmt: skip
def test_other_value_is_refused_by_its_key(key: str, said: object) -> None:
    with pytest.raises(ConfigError) as raised:
        read(Kinds, {key: said}, within=("part",))

    (problem,) = raised.value.problems
    assert problem.startswith(f"part.{key}: ")
