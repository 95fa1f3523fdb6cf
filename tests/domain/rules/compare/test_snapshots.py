"""The laws of snapshots: equal content, equal bytes; normalisation is no edit."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import given

from syncd.domain.model.invoice import Invoice, Tracking
from syncd.domain.rules.compare import snapshots
from syncd.domain.rules.compare.translation import expected, translate
from tests.domain import builders


def rewritten(said: Invoice) -> Invoice:
    """The same invoice, written with other blanks and zeros."""
    return replace(
        said,
        number=f"  {said.number} ",
        reference=f"{said.reference}\r\n",
        nett=said.nett + Decimal("0.0000"),
        lines=tuple(
            replace(
                each,
                description=" " + each.description.replace("\n", "\r\n"),
                quantity=each.quantity + Decimal("0.000000"),
                discount_percent=each.discount_percent or Decimal(0),
                tracking=tuple(reversed(each.tracking)),
            )
            for each in said.lines
        ),
    )


@given(builders.invoices())
def test_snapshot_is_the_same_for_the_same_content_written_otherwise(said: Invoice) -> None:
    first, second = snapshots.of_pipeline(said), snapshots.of_pipeline(rewritten(said))

    assert first == second
    assert first.fingerprint() == second.fingerprint()


@given(builders.invoices())
def test_snapshot_of_what_xero_shows_after_a_write_is_what_was_expected(said: Invoice) -> None:
    meant = translate(said, builders.policy(), builders.settings(), builders.CONTACT_ID)
    live = builders.as_shown(said, meant)

    shown = snapshots.of_xero(live)

    renamed = tuple(replace(each, id=each.id.removeprefix("x-")) for each in shown.lines)
    assert replace(shown, lines=renamed) == expected(said, meant)


def test_snapshot_keeps_each_side_in_its_own_words() -> None:
    said = snapshots.of_pipeline(builders.invoice())
    shown = snapshots.of_xero(builders.live_invoice())

    assert (said.contact, said.lines[0].account, said.lines[0].tax) == (
        builders.CUSTOMER_ID,
        "costCode:LAB",
        "rate:0.15",
    )
    assert (shown.contact, shown.lines[0].account, shown.lines[0].tax) == (
        builders.CONTACT_ID,
        "200",
        "OUTPUT2",
    )
    assert (said.status, shown.status) == ("Approved", "AUTHORISED")
    assert (said.total, said.nett) == ("115", "100")


def test_empty_field_is_none() -> None:
    said = snapshots.of_pipeline(
        builders.invoice(reference="  ", due_on=None, lines=(builders.line(cost_code=""),))
    )

    assert (said.reference, said.due_on, said.currency) == (None, None, None)
    assert (said.lines[0].account, said.lines[0].discount, said.lines[0].tracking) == (
        None,
        None,
        None,
    )


def test_tracking_text_tells_categories_apart_whatever_they_contain() -> None:
    one = snapshots.tracking_text((Tracking(name="a", option="b; c: d"),))
    two = snapshots.tracking_text((Tracking(name="a", option="b"), Tracking(name="c", option="d")))

    assert one != two
    assert two == "a: b; c: d"
