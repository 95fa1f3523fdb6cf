"""Where an action leads."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncd.domain.model.cause import CauseKind, HoldCause
from syncd.domain.model.finding import WANT_A_PERSON, FindingKind
from syncd.domain.model.job import PublicState, Reason
from syncd.domain.rules.journal import actions
from syncd.engine.operator.needs import Need
from syncd.web.console import ways


def need(
    reason: Reason | None = None,
    *,
    state: PublicState = PublicState.WAITING,
    cause: HoldCause | None = None,
    invoices: int = 2,
) -> Need:
    return Need(
        state=state,
        reason=reason,
        cause=cause,
        cause_name="",
        invoices=invoices,
        customers=0,
        oldest_at=None,
        text="",
        example_id="i1",
        actions=actions.of_all(state, reason),
    )


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_leads_somewhere_in_the_console(reason: Reason) -> None:
    way = ways.of_need("acme", need(reason))

    assert way.label
    assert way.href.startswith("/t/acme/")


def test_a_customer_leads_to_where_it_is_linked() -> None:
    cause = HoldCause(kind=CauseKind.CUSTOMER, name="c 1")

    way = ways.of_need("acme", need(Reason.CONTACT_UNMAPPED, cause=cause))

    assert (way.label, way.href) == ("Link or create", "/t/acme/contacts/c%201")


def test_one_invoice_is_opened_and_many_are_listed() -> None:
    one = ways.of_need("acme", need(state=PublicState.OUT_OF_SYNC, invoices=1))
    many = ways.of_need("acme", need(state=PublicState.OUT_OF_SYNC))

    assert (one.label, one.href) == ("Compare", "/t/acme/invoices/i1")
    assert many.href == "/t/acme/invoices?state=out_of_sync"


def test_a_mapping_leads_to_what_is_to_be_set() -> None:
    cause = HoldCause(kind=CauseKind.COST_CODE, name="PAINT")

    way = ways.of_need("acme", need(Reason.ACCOUNT_UNMAPPED, cause=cause))

    assert way.label == "Show what to set"
    assert way.href.endswith("reason=account_unmapped&cause=cost_code%3APAINT")


@pytest.mark.parametrize("kind", WANT_A_PERSON)
def test_a_finding_leads_to_its_kind(kind: FindingKind) -> None:
    way = ways.of_need("acme", replace(need(), state=None, finding=kind, findings=1, invoices=0))

    is_of_webhooks = kind is FindingKind.MISSED_WEBHOOK
    assert way.href == f"/t/acme/{'webhooks' if is_of_webhooks else f'findings?kind={kind}'}"
