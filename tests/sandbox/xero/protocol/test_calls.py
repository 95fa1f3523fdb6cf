"""What a call's query says."""

from __future__ import annotations

from typing import Any

import pytest

from syncd.sandbox.http import Request
from syncd.sandbox.xero.ledger.authors import Author
from syncd.sandbox.xero.ledger.identifiers import Mint
from syncd.sandbox.xero.protocol.calls import Call, Died
from syncd.sandbox.xero.protocol.envelope import Refusal
from tests.sandbox.xero.builders import Client


def call(client: Client, **query: str) -> Call:
    return Call(
        books=client.books,
        request=Request(method="GET", path="/"),
        query=query,
        author=Author(who="app", at_ms=5),
        answers=Mint("a"),
    )


@pytest.mark.parametrize(("text", "says"), [("false", False), ("False", False), ("true", True)])
def test_summarize_errors_reads_any_case_and_is_on_by_default(
    client: Client, text: str, says: bool
) -> None:
    assert call(client, summarizeerrors=text).summarizes is says
    assert call(client).summarizes is True


def test_places_are_two_or_four(client: Client) -> None:
    assert [call(client).places, call(client, unitdp="4").places] == [2, 4]
    with pytest.raises(Refusal):
        _ = call(client, unitdp="3").places


def test_lists_drop_quotes_and_empties(client: Client) -> None:
    assert call(client, ids='"a", b ,,').listed("IDs") == ["a", "b"]
    assert call(client).listed("IDs") is None


def test_batch_dies_after_the_number_ordered(client: Client) -> None:
    own: Any = call(client)
    own.dies_after = 2
    own.count_saved()

    with pytest.raises(Died):
        own.count_saved()
