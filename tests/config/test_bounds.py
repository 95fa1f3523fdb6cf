"""A secret shows itself to nobody, and a bound lets pass what it names and no more."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from syncd.config.bounds import Form, Limit, Secret, finite, not_empty


def test_secret_is_never_shown_and_known_by_its_text() -> None:
    secret = Secret("hush")

    assert "hush" not in f"{secret!r} {secret} {[secret]}"
    assert secret == Secret("hush") != Secret("other")
    assert len({secret, Secret("hush")}) == 1
    with pytest.raises(TypeError):
        msgspec.json.encode({"secret": secret})


def test_limit_takes_its_bounds_and_nothing_beyond() -> None:
    limit = Limit(least=1, most=5)

    assert [limit(value) for value in (1, 2.5, Decimal(5))] == [1, 2.5, Decimal(5)]
    for value, said in ((0.9, "1 or more"), (float("nan"), "1 or more"), (5.1, "5 or less")):
        with pytest.raises(ValueError, match=said):
            limit(value)


def test_form_is_of_the_whole_text() -> None:
    form = Form(words="three digits", pattern=r"\d{3}")

    assert form("123") == "123"
    for text in ("12", "1234", "123\n"):
        with pytest.raises(ValueError, match="expected three digits"):
            form(text)


def test_nothing_is_no_text_and_infinity_no_amount() -> None:
    with pytest.raises(ValueError, match="not nothing"):
        not_empty("")
    with pytest.raises(ValueError, match="finite"):
        finite(Decimal("Infinity"))
