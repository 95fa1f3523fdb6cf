"""Both sides under the sync API's own field names."""

from __future__ import annotations

import msgspec

from syncd.domain.model.snapshot import PUBLIC_LINE_NAMES, PUBLIC_NAMES
from syncd.web.api.documents import AgreedLine, AgreedSide, agreed_side, pipeline_invoice
from tests.store.build import invoice, snapshot


def names(kind: type[msgspec.Struct]) -> set[str]:
    return {field.encode_name for field in msgspec.structs.fields(kind)}


def test_agreed_side_has_the_names_differences_have() -> None:
    assert names(AgreedSide) == set(PUBLIC_NAMES.values())
    assert names(AgreedLine) == {"id", *PUBLIC_LINE_NAMES.values()}


def test_missing_half_is_none() -> None:
    assert agreed_side(None) is None
    side = agreed_side(snapshot())
    assert side is not None
    assert (side.number, side.lines[0].unit_amount) == ("INV-1", "50")


def test_pipelines_document_keeps_every_digit() -> None:
    shown = pipeline_invoice(invoice())

    assert str(shown.lines[0].quantity) == "2.0000"
    assert [(each.name, each.option) for each in shown.lines[0].tracking] == [("Region", "North")]
