"""Evaluates invoices by key for a plan: what is stored of them beside what was read from Xero.

Called by `planning` with pages of whole lists, and by `applying` with what was read just before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from syncd.domain.ids import TenantId
from syncd.domain.model.intent_body import ContactBase
from syncd.domain.model.invoice import Invoice, LiveInvoice
from syncd.domain.model.job import JobKind, JobState
from syncd.domain.model.planned import PlanScope
from syncd.domain.model.settings import Mode
from syncd.domain.model.value import Value
from syncd.domain.rules.decide import policy
from syncd.engine.core import organisation_settings
from syncd.engine.core.context import SyncContext
from syncd.engine.invoices import loaded_invoice
from syncd.engine.invoices.decision_input import RoundSettings
from syncd.engine.invoices.loaded_invoice import LoadedInvoice
from syncd.engine.plans import invoices
from syncd.engine.plans.customers import job_of
from syncd.engine.plans.items import CandidateDocument, EvaluatedInvoice, PlanInput
from syncd.ports.rows import Rows, Unread
from syncd.store import jobs
from syncd.store.desired import Desired
from syncd.store.links import Link

ContactOf = Mapping[str, Link[ContactBase]]
"""The contact each customer has, or will have once the plan is applied."""
Duplicates = Mapping[str, tuple[str, ...]]
"""Other unlinked invoices of the same number, by key."""


class InvoiceEvaluator(Value, frozen=True, kw_only=True, gc=True):
    """Evaluates invoices with all that is stored of them."""

    context: SyncContext
    tenant: TenantId
    round_settings: RoundSettings
    scope: PlanScope
    contact_of: ContactOf

    async def linked(
        self, own_ids: Mapping[str, str], found: Rows[LiveInvoice]
    ) -> list[tuple[LoadedInvoice, EvaluatedInvoice | None]]:
        """These linked invoices, by key, each with its document's id, among what was read."""
        return [
            self._evaluated(
                given,
                live=found.get(own_ids[given.loaded.id]),
                problem=_hidden(found, own_ids[given.loaded.id]),
            )
            for given in await self._given(list(own_ids))
        ]

    async def unlinked(
        self,
        keys: Sequence[str],
        named: Mapping[str, tuple[CandidateDocument, ...]],
        duplicates: Duplicates,
        unread: Sequence[Unread],
    ) -> list[tuple[LoadedInvoice, EvaluatedInvoice | None]]:
        """These invoices without link, by key, each with the documents that may be its own."""
        hidden = Rows[LiveInvoice](unread=unread)
        return [
            self._evaluated(
                given,
                named=named.get(given.loaded.id, ()),
                duplicates=duplicates.get(given.loaded.id, ()),
                problem=hidden.may_hide(given.loaded.id, *_number(given.loaded)),
            )
            for given in await self._given(keys)
        ]

    def _evaluated(
        self, given: PlanInput, **found: Any
    ) -> tuple[LoadedInvoice, EvaluatedInvoice | None]:
        return given.loaded, invoices.evaluate(replace(given, **found))

    async def _given(self, keys: Sequence[str]) -> list[PlanInput]:
        """Each with the contact its customer will have, where that is not stored yet."""
        context, tenant = self.context, self.tenant
        wanted = [job_of(context, tenant, key, JobKind.PUSH_INVOICE) for key in keys]
        rows = await context.store.fetch(jobs.get(tenant, JobKind.PUSH_INVOICE, keys))
        refused = {row.key: row.note or "" for row in rows if row.state is JobState.FAILED}
        found = []
        for one in await loaded_invoice.load(context, tenant, wanted):
            parent = None if one.desired is None else one.desired.parent
            contact = self.contact_of.get(parent or "")
            found.append(
                PlanInput(
                    loaded=one if contact is None else replace(one, contact=contact),
                    round_settings=self.round_settings,
                    scope=self.scope,
                    refused=refused.get(one.id),
                )
            )
        return found


def _hidden(found: Rows[LiveInvoice], own_id: str) -> str:
    return "" if found.get(own_id) is not None else found.may_hide(own_id)


def _number(one: LoadedInvoice) -> tuple[str, ...]:
    return () if one.desired is None or not one.desired.label.strip() else (one.desired.label,)


async def round_settings_of(context: SyncContext, tenant: TenantId) -> RoundSettings:
    """The tenant's choices as if it were live, and settings no older than a no may rest on."""
    settings = await organisation_settings.current(context, tenant)
    if (context.now() - settings.read_at).total_seconds() > context.limits.settings_max_age_s:
        settings = await organisation_settings.read(context, tenant)
    return RoundSettings(
        policy=replace(context.policies[tenant], mode=Mode.LIVE),
        settings=settings,
        installation=context.installation,
    )


def is_sought(wanted: Desired[Invoice], round_settings: RoundSettings) -> bool:
    """Whether a document of its number would concern an invoice without link."""
    return wanted.content is not None and policy.in_scope(
        wanted.content, round_settings.policy, linked=False
    )


def plain(number: str) -> str:
    """A number as people compare it."""
    return number.strip().casefold()
