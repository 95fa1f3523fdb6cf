"""Identifiers follow from their seed."""

from __future__ import annotations

import pytest

from syncd.sandbox.xero.ledger.identifiers import Mint, is_guid


def test_one_seed_mints_one_row() -> None:
    first, second, other = Mint("a"), Mint("a"), Mint("b")
    row = [first.guid() for _ in range(50)]

    assert row == [second.guid() for _ in range(50)]
    assert not set(row) & {other.guid() for _ in range(50)}
    assert len(set(row)) == 50


def test_guids_have_their_form() -> None:
    assert all(is_guid(Mint(f"{seed}").guid()) for seed in range(20))


@pytest.mark.parametrize("text", ["", "PL-1", "2f79af6c-5f57-49e8-9e44-301499538ad", "z" * 36])
def test_other_texts_are_no_guids(text: str) -> None:
    assert not is_guid(text)


def test_lengths_are_as_asked() -> None:
    mint = Mint("a")

    assert [len(mint.letters(20)), len(mint.opaque(43)), len(mint.hexadecimal(32))] == [20, 43, 32]
