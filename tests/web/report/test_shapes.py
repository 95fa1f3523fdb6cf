"""A report's shapes: exact amounts, and a digest that anybody can recompute."""

from __future__ import annotations

import hashlib
import json

import msgspec

from syncd.web.http import endpoint
from syncd.web.report import shapes
from tests.web.support.reports import report


def test_digest_is_of_the_json_without_it() -> None:
    said = json.loads(endpoint.encode(report()))

    digest = said.pop("digest")

    canonical = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert digest == f"sha256:{hashlib.sha256(canonical.encode()).hexdigest()}"


def test_digest_tells_any_change() -> None:
    found = report()
    forged = msgspec.structs.replace(found, ties_out=not found.ties_out)

    assert shapes.digest_of(found) == found.digest
    assert shapes.digest_of(forged) != forged.digest


def test_amounts_are_texts_at_two_decimals() -> None:
    (total,) = report().totals

    assert (total.pipeline.total, total.xero.total) == ("1234578.30", "1234567.80")
    assert (total.difference.total, total.unexplained.total) == ("10.50", "0.00")


def test_what_nobody_explains_is_no_exception_and_keeps_the_books_apart() -> None:
    found = report(is_whole=False)

    assert [one.number for one in found.suspects] == ["PL-9"]
    assert {one.dimension for one in found.unexplained} == {"currency", "month", "customer"}
    assert {one.unexplained.total for one in found.unexplained} == {"0.01"}
    assert not found.ties_out
