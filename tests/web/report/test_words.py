"""What causes, reasons and fields are called, in print as in the console."""

from __future__ import annotations

import msgspec

from syncd.domain.model.control_totals import Cause
from syncd.domain.model.job import Reason
from syncd.domain.model.snapshot import PUBLIC_LINE_NAMES, PUBLIC_NAMES
from syncd.web.report import page, words
from tests.web.console.books.test_report_rows import like
from tests.web.support.reports import report


def test_every_cause_and_reason_has_words_of_its_own() -> None:
    said = {words.cause_of(like(cause)) for cause in Cause}

    assert len(said) == len(Cause)
    assert len({words.reason(one) for one in Reason}) == len(Reason)
    assert words.cause_of(like(None)) == "Nothing says why"


def test_a_reason_that_is_not_known_here_leaves_the_cause() -> None:
    assert words.cause_of(like(Cause.HELD, "out_of_sync")) == "Waiting"


def test_every_compared_field_has_a_name_for_people() -> None:
    for name in PUBLIC_NAMES.values():
        assert words.field(name)[0].isupper()
    for name in PUBLIC_LINE_NAMES.values():
        assert words.field(f"lines[1].{name}").startswith("Line 2 ")
        assert name == name.lower() or name not in words.field(f"lines[1].{name}")


def test_sentences_of_the_journal_name_fields_as_people_do() -> None:
    said = words.in_words("moved in Pipeline: total, lines[0].quantity, invoiceDate.")

    assert said == "moved in Pipeline: total, line 1 quantity, date."


def test_in_print_no_code_and_no_id_stands_where_a_name_would_do() -> None:
    text = (
        "The contact Kiwi (344050f0-7134-4ea7-a10e-1be0e7575fc7) is archived. "
        "Moved in Xero: lines[5].quantity. Say `syncd contacts link`."
    )
    one = like(Cause.HELD, Reason.CONTACT_ARCHIVED, text=text, fields=["lines[5].quantity"])
    found = report()

    printed = page.render(msgspec.structs.replace(found, exceptions=[one]))

    assert "The contact is archived in Xero" in printed
    assert "The contact Kiwi is archived. Moved in Xero: line 6 quantity.</td>" in printed
    for code in ("contact_archived", "344050f0", "lines[5]", "syncd contacts"):
        assert code not in printed
    assert found.organisation_id not in printed
