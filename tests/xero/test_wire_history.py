"""History and Notes as the docs show them, oldest first."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from syncd.domain.errors import Garbled
from syncd.xero.wire_history import to_notes

BODY = b"""{"HistoryRecords": [
  {"Changes": "Edited", "DateUTCString": "2019-11-14T17:00:00",
   "DateUTC": "/Date(1573755038314)/", "User": "Kim Ledger", "Details": "Total was 1"},
  {"Changes": "Created", "DateUTC": "/Date(1573755000000+0000)/", "User": null, "Details": null}
]}"""


def test_records_are_read_oldest_first() -> None:
    first, second = to_notes(BODY)

    assert (first.what, first.who, first.details) == ("Created", "", "")
    assert (second.who, second.details) == ("Kim Ledger", "Total was 1")
    assert second.at == datetime(2019, 11, 14, 18, 10, 38, 314000, tzinfo=UTC)


@pytest.mark.parametrize(
    "body",
    [b"{}", b"no", b'{"HistoryRecords": [{"DateUTC": "soon"}]}', b'{"HistoryRecords": [{}]}'],
)
def test_answer_that_is_none_is_garbled(body: bytes) -> None:
    with pytest.raises(Garbled):
        to_notes(body)
