"""The change set of a round: settlements, links, intents' ends, results, journal, in one commit.

Rounds fill one and commit it once; what Pipeline is told and what the journal says is written in
the transaction that settles the job, so neither can be lost or invented. Money seen on the way is
noted with it: nobody waits for an event or a sweep to show it once more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

import msgspec

from syncd.domain.errors import Conflict
from syncd.domain.facts import Fact, ForeignEditFound, JobsSettled
from syncd.domain.ids import CallId, IntentId, PipelineInvoiceId, TenantId
from syncd.domain.model.finding import FindingKind, Found
from syncd.domain.model.intent_body import ContactBase
from syncd.domain.model.invoice import LiveInvoice
from syncd.domain.model.push import PushOutcome
from syncd.domain.model.result import CustomerResult, InvoiceResult
from syncd.domain.model.snapshot import Base
from syncd.engine.core import money_seen
from syncd.engine.core.context import SyncContext
from syncd.store import calls, findings, intents, jobs, journal, links, results
from syncd.store.intents import Intent, IntentEnd
from syncd.store.jobs import JobSettlement
from syncd.store.journal import Entry
from syncd.store.links import Link
from syncd.store.results import ResultKey, ResultKind
from syncd.store.unit_of_work import Statement, Transaction


class ChangeSet:
    """What one round changes for one tenant, committed in one transaction."""

    def __init__(self, context: SyncContext, tenant: TenantId, task: str) -> None:
        self.context = context
        self.tenant = tenant
        self._task = task
        self._began_at = context.now()
        self.draw = context.entropy.draw()
        """One spread for all: what failed together is tried together, in as few calls."""
        self.settlements: list[JobSettlement] = []
        self.invoice_links: list[Link[Base]] = []
        self.contact_links: list[Link[ContactBase]] = []
        self.ends: list[tuple[Intent, IntentEnd]] = []
        self.looks: list[tuple[IntentId, int, datetime | None]] = []
        self.not_unique: list[IntentId] = []
        self.calls: list[CallId] = []
        self.results: list[tuple[ResultKey, bytes]] = []
        self.entries: list[Entry] = []
        self.released: list[str] = []
        self.findings: list[Found] = []
        self.explained: dict[FindingKind, list[str]] = {}
        """Keys of findings that are so no more, where any was open."""
        self.read_at: datetime | None = None
        """When the reads of `saw` began; None: they were noted already."""
        self.saw: dict[PipelineInvoiceId, LiveInvoice] = {}
        """Whole reads of linked invoices."""
        self.stamps: dict[str, datetime] = {}
        """Of our own writes, by invoice with a link: their events need no look."""
        self.extra: list[Statement[None]] = []
        self.foreign: list[tuple[str, tuple[str, ...]]] = []
        self.outcomes: Counter[PushOutcome] = Counter()
        self.held: Counter[str] = Counter()
        self.delays_s: list[float] = []
        self.news: list[Fact] = []
        """What else is told once it is committed."""

    def tell_invoice(self, result: InvoiceResult) -> None:
        """Pipeline is to be told this of an invoice."""
        key = ResultKey(kind=ResultKind.INVOICE, key=result.id)
        self.results.append((key, msgspec.json.encode(result)))

    def tell_customer(self, result: CustomerResult) -> None:
        """Pipeline is to be told this of a customer."""
        key = ResultKey(kind=ResultKind.CUSTOMER, key=result.id)
        self.results.append((key, msgspec.json.encode(result)))

    @property
    def is_empty(self) -> bool:
        """Nothing was added to any of its parts."""
        return not any(part for part in vars(self).values() if isinstance(part, list | dict))

    async def commit(self) -> None:
        """Write everything in one transaction, then tell it. Does nothing when empty."""
        if self.is_empty:
            return
        for attempt in range(1, money_seen.TRIES + 1):
            now = self.context.now()
            try:
                await self._commit(now)
            except Conflict:
                is_other_now = await self._leave_lost() or bool(self.saw)
                if not is_other_now or attempt == money_seen.TRIES:
                    raise
            else:
                self._tell(now)
                return

    def _must_hold(self) -> list[JobSettlement]:
        """The settlements that count only while their claims do.

        What an answer of Xero's ended is kept all the same: it proves what became of the write, and
        nobody else may get to see it.
        """
        ended = {intent.key for intent, _ in self.ends}
        return [one for one in self.settlements if one.key not in ended]

    async def _leave_lost(self) -> bool:
        """Leave out what is said of jobs whose claim was lost, if any: whoever has them says it."""
        guarded = self._must_hold()
        if not guarded:
            return False
        held = set(
            await self.context.store.fetch(
                jobs.held_claims(self.tenant, guarded, self.context.incarnation)
            )
        )
        lost = {one.key for one in guarded if (one.kind, one.key) not in held}
        self.settlements = [one for one in self.settlements if one.key not in lost]
        self.invoice_links = [one for one in self.invoice_links if one.key not in lost]
        self.contact_links = [one for one in self.contact_links if one.key not in lost]
        self.results = [(at, told) for at, told in self.results if at.key not in lost]
        self.entries = [one for one in self.entries if one.object_key not in lost]
        self.findings = [one for one in self.findings if one.key not in lost]
        self.foreign = [(key, fields) for key, fields in self.foreign if key not in lost]
        for kind, keys in self.explained.items():
            self.explained[kind] = [key for key in keys if key not in lost]
        return bool(lost)

    async def _commit(self, now: datetime) -> None:
        tx = Transaction()
        if guarded := self._must_hold():
            tx.add(jobs.must_hold(self.tenant, guarded, self.context.incarnation))
        tx.add_all(self._statements(now))
        if self.saw and self.read_at is not None:
            told = [at.key for at, _ in self.results if at.kind is ResultKind.INVOICE]
            found = sorted(self.saw.items())
            noted = await money_seen.note(
                self.context, self.tenant, found, self.read_at, told_anew=told
            )
            tx.add_all(noted.statements)
        if self.released:
            tx.add(jobs.release_by_predicates(self.tenant, set(self.released), now))
        await self.context.store.commit(tx)

    def _statements(self, now: datetime) -> Iterable[Statement[None]]:
        """Links before settlements: whoever is released must find them."""
        tenant = self.tenant
        if self.invoice_links:
            yield links.put_invoices(tenant, self.invoice_links, self.stamps)
        if self.contact_links:
            yield links.hand_over(tenant, self.contact_links)
            yield links.put_customers(tenant, self.contact_links)
        yield from self._of_writes(now)
        yield from self.extra
        for kind, keys in self.explained.items():
            yield findings.close_unanswered(tenant, kind, keys, now)
        if self.findings:
            yield findings.open_unanswered(tenant, self.findings, now)
        if self.settlements:
            yield from jobs.settle(self.settlements, incarnation=self.context.incarnation, at=now)
        if self.results:
            yield results.put(tenant, self.results, now)
        if self.entries:
            yield journal.append(self.entries)

    def _of_writes(self, now: datetime) -> Iterable[Statement[None]]:
        """What became of intents; a call closes with the last of its own."""
        if self.looks:
            yield intents.note_probes(self.looks)
        if self.not_unique:
            yield intents.not_unique(self.not_unique)
        if self.ends:
            yield intents.close(self.ends, now)
        if self.calls:
            yield calls.close_ended(self.calls, now)

    def _tell(self, now: datetime) -> None:
        for fact in self.news:
            self.context.observe(fact)
        for key, fields in self.foreign:
            self.context.observe(ForeignEditFound(tenant=self.tenant, key=key, fields=fields))
        self.context.observe(
            JobsSettled(
                tenant=self.tenant,
                task=self._task,
                outcomes=dict(self.outcomes),
                held=dict(self.held),
                push_delays_s=tuple(self.delays_s),
                took_s=(now - self._began_at).total_seconds(),
            )
        )
