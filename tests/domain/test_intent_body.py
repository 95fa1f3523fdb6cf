"""What a write remembers says whether its document was written since."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from syncd.domain.ids import PipelineInvoiceId
from syncd.domain.model.intent_body import InvoiceIntentBody
from syncd.domain.model.invoice import InvoiceWrite, StepKind

READ = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_a_document_was_changed_since_it_was_read_by_its_own_time_alone() -> None:
    write = InvoiceWrite(step=StepKind.UPDATE, pipeline_id=PipelineInvoiceId("i-1"))
    body = InvoiceIntentBody(desired=None, expected=None, write=write, changed_at=READ)

    assert body.was_changed_since(READ + timedelta(milliseconds=1))
    assert not body.was_changed_since(READ)
    assert not replace(body, changed_at=None).was_changed_since(READ)
