"""Plans tie: each item is counted once, money adds up; a look says what has moved since."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.ids import TenantId, XeroContactId
from syncd.domain.model.planned import PlanAction, PlanItem, PlanKind, PlanScope
from syncd.domain.model.statuses import PipelineStatus, XeroStatus
from syncd.domain.rules import plan_file
from syncd.domain.rules.compare import comparison
from syncd.domain.rules.plan_file import NOTHING
from tests.domain import builders

ACME = TenantId("acme")
AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
amounts = st.decimals(0, 10**6, places=2).map(str)
items = st.builds(
    PlanItem,
    kind=st.sampled_from(PlanKind),
    action=st.sampled_from(PlanAction),
    why=st.just("why"),
    key=st.uuids().map(str),
    name=st.text(max_size=5),
    currency=st.sampled_from(["NZD", "AUD", ""]),
    before=amounts,
    after=amounts,
)


def _sealed(*found: PlanItem) -> plan_file.Plan:
    return plan_file.plan_of(
        found,
        tenant=ACME,
        organisation_id="o1",
        organisation="Demo",
        mode="observe",
        made_at=AT,
        scope=PlanScope(),
    )


@given(found=st.lists(items, max_size=20))
def test_totals_tie_with_the_items(found: list[PlanItem]) -> None:
    plan = _sealed(*found)

    assert sum(total.count for total in plan.totals) == len(found) == len(plan.items)
    for side in ("before", "after"):
        in_totals = sum((Decimal(getattr(each, side)) for each in plan.totals), Decimal(0))
        assert in_totals == sum((Decimal(getattr(each, side)) for each in found), Decimal(0))
    places = [(each.kind, each.action, each.currency) for each in plan.totals]
    assert len(places) == len(set(places))


@given(found=st.lists(items, max_size=20), data=st.data())
def test_plan_does_not_depend_on_the_order_in_which_it_was_found(
    found: list[PlanItem], data: st.DataObject
) -> None:
    assert _sealed(*data.draw(st.permutations(found))) == _sealed(*found)


def test_customers_stand_before_the_invoices_that_need_them() -> None:
    some = [PlanItem(kind=kind, action=PlanAction.CREATE, why="") for kind in reversed(PlanKind)]

    assert [item.kind for item in _sealed(*some).items] == [PlanKind.CUSTOMER, PlanKind.INVOICE]


def test_plan_is_applied_to_its_own_tenant_and_organisation_and_unchanged_only() -> None:
    plan = _sealed(PlanItem(kind=PlanKind.INVOICE, action=PlanAction.CREATE, why=""))

    assert plan_file.objection(plan, ACME, "o1") == ""
    assert "tenant acme" in plan_file.objection(plan, TenantId("beta"), "o1")
    assert "connected to o2" in plan_file.objection(plan, ACME, "o2")
    assert "hash" in plan_file.objection(replace(plan, organisation="Other"), ACME, "o1")
    assert "form 2" in plan_file.objection(replace(plan, syncd_plan=2), ACME, "o1")


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"reference": "other"}, "reference"),
        ({"total": Decimal(5), "tax": Decimal(1)}, "tax, total"),
        ({"lines": ()}, "lines"),
        ({"status": PipelineStatus.DRAFT}, "status"),
    ],
)
def test_what_moved_in_pipeline_is_named(changes: dict[str, object], named: str) -> None:
    invoice = builders.invoice(status=PipelineStatus.APPROVED)
    before = plan_file.invoice_fingerprint(invoice)
    now = plan_file.invoice_fingerprint(replace(invoice, **changes))

    assert plan_file.moved(PlanKind.INVOICE, before, now) == named


def test_a_new_version_that_says_the_same_has_not_moved() -> None:
    invoice = builders.invoice()
    later = replace(invoice, version=invoice.version + 5)

    assert plan_file.invoice_fingerprint(later) == plan_file.invoice_fingerprint(invoice)


def test_a_payment_is_no_edit() -> None:
    live = builders.live_invoice(status=XeroStatus.AUTHORISED)
    paid = replace(live, status=XeroStatus.PAID, amount_paid=live.total)

    assert plan_file.document_fingerprint(paid) == plan_file.document_fingerprint(live)
    gone = replace(live, status=XeroStatus.VOIDED)
    before, now = plan_file.document_fingerprint(live), plan_file.document_fingerprint(gone)
    assert plan_file.moved(PlanKind.INVOICE, before, now) == "status"


def test_what_moved_of_a_customer_is_named() -> None:
    customer, contact = builders.customer(), builders.live_contact()
    renamed = plan_file.customer_fingerprint(replace(customer, name="Another", email="a@b.test"))
    before = plan_file.customer_fingerprint(customer)
    marked = replace(contact, number="mark", merged_to=XeroContactId("other"))
    pair = (plan_file.contact_fingerprint(contact), plan_file.contact_fingerprint(marked))

    assert plan_file.moved(PlanKind.CUSTOMER, before, renamed) == "name, email"
    assert plan_file.moved(PlanKind.CUSTOMER, *pair) == "mark, merge"
    assert plan_file.customer_fingerprint(None) == plan_file.contact_fingerprint(None) == NOTHING


def test_what_came_or_went_is_said() -> None:
    there = plan_file.invoice_fingerprint(builders.invoice())

    assert plan_file.moved(PlanKind.INVOICE, NOTHING, there) == "it came since"
    assert plan_file.moved(PlanKind.INVOICE, there, NOTHING) == "it is gone"
    assert plan_file.moved(PlanKind.INVOICE, there, there) == ""
    assert plan_file.moved(PlanKind.INVOICE, there, "of another form.") == "it changed"


def _adoption(**changes: object) -> tuple[PlanAction, str]:
    invoice = builders.invoice()
    live = replace(builders.shown(invoice), **changes)
    compared = comparison.compare_documents(
        base=None, invoice=invoice, live=live, translation=builders.meaning(invoice)
    )
    return plan_file.adoption(compared)


@pytest.mark.parametrize(
    ("changes", "action", "named"),
    [
        ({}, PlanAction.ADOPT, "the same"),
        ({"number": "OTHER"}, PlanAction.ADOPT_DIFFERING, "number"),
        ({"status": XeroStatus.PAID}, PlanAction.ADOPT, "the same"),
        ({"contact_id": XeroContactId("other")}, PlanAction.AMBIGUOUS, "another contact"),
        ({"currency_code": "USD"}, PlanAction.AMBIGUOUS, "another currency"),
    ],
)
def test_adoption_overwrites_nothing_and_chooses_nothing(
    changes: dict[str, object], action: PlanAction, named: str
) -> None:
    found, why = _adoption(**changes)

    assert found is action
    assert named in why
