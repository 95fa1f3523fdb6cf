"""The entries of the control totals: one document after the other, paired, judged and added.

Called by `engine.reports.control_totals`, which reads both sides. Knows the tenant's choices and
people; what the entries come to is `rules.report.control_totals`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from syncd.domain.ids import XeroContactId
from syncd.domain.model.control_totals import Cause, Dimension
from syncd.domain.model.invoice import LiveInvoice
from syncd.domain.model.job import PublicState, Reason
from syncd.domain.model.money import canonical
from syncd.domain.model.settings import OrganisationSettings, TenantPolicy
from syncd.domain.rules.compare.translation import translate
from syncd.domain.rules.journal.explanation import why_held
from syncd.domain.rules.report import causes, contributions
from syncd.domain.rules.report.causes import Pair, PairCause, StoredInvoice
from syncd.domain.rules.report.control_totals import Tally
from syncd.engine.core import unreadable_rows
from syncd.engine.reports.control_people import People
from syncd.ports.rows import Unread
from syncd.store.control_totals import InvoiceRow


@dataclass(slots=True, kw_only=True)
class Entries:
    """Adds documents of one tenant."""

    policy: TenantPolicy
    organisation: OrganisationSettings
    is_paused: bool
    people: People
    tally: Tally = field(default_factory=Tally)
    nobodys: dict[str, str] = field(default_factory=dict)
    """Contacts that are no customer's, by id: their names."""

    def add(self, row: InvoiceRow, live: LiveInvoice | None, *, hidden: str = "") -> None:
        """One invoice of Pipeline's, with its living document; `hidden`: why that is unread."""
        alive = None if live is None or live.status.is_gone else live
        pair = self._pair(row, alive, hidden)
        judged = causes.cause_of(pair, self.policy, self.organisation)
        ours = None if pair.stored.is_withdrawn else pair.pipeline
        self.tally.add(ours, pair.xero, judged, stored=pair.stored, live=live)
        if alive is not None:
            published, is_on_its_way = row.published(), row.is_on_its_way
            self.tally.add_money(pair.stored, alive, published, is_on_its_way=is_on_its_way)

    def _pair(self, row: InvoiceRow, live: LiveInvoice | None, hidden: str) -> Pair:
        stored = replace(self._stored(row), hidden=hidden)
        invoice = stored.invoice
        billed = None if invoice is None else invoice.customer_id
        theirs = None
        if live is not None:
            theirs = contributions.of_xero(live, self._customer(live, billed))
        if invoice is None:
            return Pair(stored=stored, live=live, xero=theirs)
        contact = self.people.contact_of.get(invoice.customer_id)
        translation = translate(
            invoice,
            self.policy,
            self.organisation,
            None if contact is None else XeroContactId(contact),
        )
        return Pair(
            stored=stored,
            live=live,
            pipeline=contributions.of_pipeline(invoice, translation, self.organisation),
            xero=theirs,
            translation=translation,
            aliases=self.people.aliases(invoice.customer_id),
        )

    def _stored(self, row: InvoiceRow) -> StoredInvoice:
        state, reason, note = row.state, row.reason, row.note
        if self.is_paused and state is PublicState.PENDING:
            state, reason = PublicState.WAITING, Reason.PAUSED
            note = why_held(reason)
        return StoredInvoice(
            key=row.key,
            number=row.number,
            is_withdrawn=row.is_withdrawn,
            invoice=row.invoice(),
            problem=row.problem,
            state=state,
            reason=reason,
            note=note,
            is_linked=row.xero_id is not None,
            base=row.base(),
        )

    def add_stranger(self, live: LiveInvoice, owner: InvoiceRow | None, *, is_marked: bool) -> None:
        """A document that is alive and no invoice's own."""
        judged = _of_stranger(live, owner, self.policy, is_marked=is_marked)
        theirs = contributions.of_xero(live, self._customer(live, None))
        self.tally.add(None, theirs, judged, live=live)

    def add_unread(self, one: Unread) -> None:
        """A document that nobody can read and that is no known invoice's own."""
        self.tally.add_unread(one.id, one.label, unreadable_rows.in_words(one.problem))

    def _customer(self, live: LiveInvoice, billed: str | None) -> str:
        found = self.people.customer(live.contact_id, billed)
        if found == live.contact_id and live.contact_name:
            self.nobodys[found] = f"{live.contact_name} ({found})"
        return found

    def labels(self) -> dict[tuple[Dimension, str], str]:
        """What people call the keys of groups."""
        names = {**self.nobodys, **self.people.names}
        found = {(Dimension.CUSTOMER, key): name for key, name in names.items()}
        for code, account in self.organisation.accounts.items():
            found[Dimension.ACCOUNT, code] = f"{code} {account.name}"
        for name, one in self.organisation.tax_rates.items():
            found[Dimension.TAX, name] = f"{name} {canonical(one.rate * 100)} %"
        return found


def _of_stranger(
    live: LiveInvoice, owner: InvoiceRow | None, policy: TenantPolicy, *, is_marked: bool
) -> PairCause:
    if owner is not None:
        return PairCause(
            cause=Cause.DUPLICATE,
            text=(
                f"It carries the mark of Pipeline invoice {owner.number}, which stands in Xero as "
                "another document. Void one of the two in Xero."
            ),
        )
    if is_marked:
        text = "It carries our mark, but is linked to nothing here."
        return PairCause(cause=Cause.EXTRA, text=text)
    if policy.start_on is not None and live.invoice_on < policy.start_on:
        text = "Made in Xero and dated before the tenant's start date; left alone."
        return PairCause(cause=Cause.BEFORE_START, text=text)
    text = "Made directly in Xero; such invoices are never imported into Pipeline."
    return PairCause(cause=Cause.XERO_ONLY, text=text)
