"""Operations of the store, drawn by a die: any order, few keys, so that they meet each other.

Instants never repeat, so that what is ordered by them is ordered in one way only; limits are larger
than what there is, for among equals each engine cuts its own way.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any, TypeVar

from syncd.domain.errors import StoreError
from syncd.domain.ids import IdempotencyKey, TenantId
from syncd.domain.model.brake import Braked, BrakeKind, BrakeStep, Halt
from syncd.domain.model.cause import CauseKind, HoldCause
from syncd.domain.model.finding import FindingKind, Found
from syncd.domain.model.inbox import InboxState, NoticeOutcome
from syncd.domain.model.invoice import StepKind
from syncd.domain.model.job import Job, JobKind, JobState, PublicState, Reason
from syncd.domain.rules.inbound.event_routing import Reread
from syncd.domain.rules.limits.sweep_pace import Task
from syncd.ports.billing import ChangeKind
from syncd.store import (
    brakes,
    calls,
    control_totals,
    desired,
    findings,
    inbox,
    intents,
    jobs,
    journal,
    kept_files,
    links,
    needs,
    notices,
    pending,
    restores,
    results,
    retention,
    sweeps,
    tenants,
    views,
    withheld,
)
from syncd.store.brakes import BrakedState
from syncd.store.desired import DesiredChange
from syncd.store.intents import IntentEnd
from syncd.store.jobs import JobSettlement
from syncd.store.journal import Entry, RecordType, Wanted
from syncd.store.results import QueuedState, ResultKey, ResultKind
from syncd.store.sweeps import LastSeen
from syncd.store.unit_of_work import Statement, Store, Transaction
from syncd.store.views import Narrowed
from tests.store.build import ACME, AT, BETA, FIRST_RUN, SECOND_RUN, customer, invoice, later, wish
from tests.store.test_inbox import EVENT
from tests.store.test_intents import PREPARED, intent
from tests.store.test_links import CONTACT
from tests.store.test_links import INVOICE as LINK

T = TypeVar("T")
MOST = 200
EVER = 2**40
KEYS = ("a", "b", "é")
LABELS = ("INV-1", "inv-10", "Größe", "", "Z" * 300)
XERO_IDS = ("x1", "x2", "x3")
REASONS = (Reason.PAUSED, Reason.CONTACT_UNMAPPED, Reason.NUMBER_TAKEN, Reason.INVALID_DOCUMENT)
ENDS = tuple(state for state in JobState if state is not JobState.LEASED)


class Played:
    """A store at work. `die` says what is done next, and to whom."""

    def __init__(self, store: Store, die: Random) -> None:
        self._store = store
        self._die = die
        self._leases: dict[tuple[TenantId, JobKind, str], Job] = {}
        self._now_s = 0
        self._calls = 0

    async def step(self) -> None:
        """One operation, or some that belong together."""
        usual: tuple[Callable[[], Awaitable[None]], ...] = (
            *(self.want, self.claim, self.settle, self.release, self.news, self.write),
            *(self.end_write, self.link, self.link_customer, self.find, self.review, self.tell),
            *(self.send, self.say_queued, self.note, self.hear, self.read_notices, self.sweep),
            *(self.look, self.look_around, self.want, self.claim, self.settle),
        )
        rare = (
            *(self.withhold, self.erase, self.turn, self.brake, self.keep, self.switch),
            *(self.forget_what_is_old, self.set_the_clock, self.restore),
        )
        await self._die.choice(rare if self._die.random() < 0.15 else usual)()

    async def _run(self, *statements: Statement[Any]) -> None:
        """Write these as one transaction; a refusal is compared as an answer is."""
        tx = Transaction()
        tx.add_all(statements)
        with suppress(StoreError):
            await self._store.commit(tx)

    async def _ask(self, *statements: Statement[Any]) -> None:
        tx = Transaction()
        tx.add_all(statements)
        await self._store.read(tx)

    @property
    def _now(self) -> datetime:
        """Later than whatever was before."""
        self._now_s += 10
        return later(self._now_s)

    @property
    def _tenant(self) -> TenantId:
        return self._die.choice((ACME, ACME, ACME, BETA))

    @property
    def _key(self) -> str:
        return self._die.choice(KEYS)

    @property
    def _label(self) -> str:
        return self._die.choice(LABELS)

    @property
    def _xero_id(self) -> str:
        return self._die.choice(XERO_IDS)

    def _maybe(self, value: T) -> T | None:
        return self._die.choice((value, None))

    @property
    def _cause(self) -> HoldCause | None:
        return self._maybe(HoldCause(kind=CauseKind.CUSTOMER, name=self._key))

    # The queue.

    async def want(self) -> None:
        at, delay = self._now, timedelta(seconds=self._die.choice((0, 3, 61)))
        kind = self._die.choice(list(JobKind))
        request = wish(self._key, ready_at=at + delay, tenant=self._tenant, kind=kind)
        await self._run(jobs.enqueue([request], at))

    async def claim(self) -> None:
        tenant, kind, now = self._tenant, self._die.choice(list(JobKind)), self._now
        until = now + timedelta(seconds=120)
        claiming = self._die.choice(
            (
                jobs.claim(
                    tenant, kind, incarnation=FIRST_RUN, now=now, lease_until=until, limit=MOST
                ),
                jobs.claim_uncertain(
                    tenant, incarnation=FIRST_RUN, now=now, lease_until=until, limit=MOST
                ),
            )
        )
        for job in await self._store.run(claiming):
            self._leases[(tenant, job.kind, job.key)] = job

    async def settle(self) -> None:
        while self._leases and self._die.random() < 0.7:
            tenant, kind, key = at = self._die.choice(sorted(self._leases))
            state, now, is_odd = self._die.choice(ENDS), self._now, self._die.random() < 0.3
            settlement = JobSettlement(
                tenant=tenant,
                kind=kind,
                key=key,
                leased_until=self._leases.pop(at).leased_until,
                state=state,
                ready_at=None if state in (JobState.DONE, JobState.FAILED) else now,
                reason=None if state is JobState.DONE else self._die.choice((None, *REASONS)),
                note="a note",
                is_out_of_sync=is_odd and state is not JobState.DONE,
                is_voided=is_odd and state is JobState.DONE,
                predicates=("resumed", f"contact:{key}") if state is JobState.HELD else (),
                detail=self._maybe(b'{"why":1}'),
                cause=self._cause,
            )
            await self._run(*jobs.settle([settlement], incarnation=FIRST_RUN, at=now))

    async def release(self) -> None:
        tenant, now, reason, key = self._tenant, self._now, self._die.choice(REASONS), self._key
        statements: tuple[Statement[Any], ...] = (
            jobs.release_by_predicates(tenant, ["resumed", f"contact:{key}"], now),
            jobs.release_by_reason(tenant, reason, now),
            jobs.release_customers(tenant, [reason, Reason.CONTACT_UNMAPPED], now),
            jobs.release_due(tenant, now, limit=MOST),
            jobs.due_at_once(tenant, now),
            jobs.free_leases(self._die.choice((FIRST_RUN, SECOND_RUN)), now),
            jobs.rescue_leases(now),
            jobs.forget_releases(),
        )
        await self._run(self._die.choice(statements))

    async def withhold(self) -> None:
        tenant, key, now = self._tenant, self._key, self._now
        await self._run(withheld.withhold(tenant, "plan", [key]))
        await self._run(withheld.let_go_with_customer(tenant, key, now))
        await self._run(withheld.carried_out(tenant, JobKind.PUSH_INVOICE, [key], "plan"))
        await self._run(withheld.moved_since(tenant, JobKind.PUSH_INVOICE, [key]))
        await self._run(withheld.let_go_all(tenant))

    # What Pipeline wants, and what is written for it.

    async def news(self) -> None:
        key, label, what = self._key, self._label, self._die.randrange(5)
        content = {0: customer(key, name=label), 1: None, 2: None}.get(
            what, invoice(key, number=label)
        )
        change = DesiredChange(
            kind=ChangeKind.CUSTOMER if what == 0 else ChangeKind.INVOICE,
            key=key,
            version=self._die.randint(1, 5),
            at=self._now,
            by="Ada",
            content=content,
            problem="unreadable" if what == 2 else None,
        )
        await self._run(desired.put(self._tenant, [change]))

    async def write(self) -> None:
        self._calls += 1
        named, at = IdempotencyKey(f"install-{self._calls}"), self._now
        element = intent(self._key, 0, self._die.choice((StepKind.CREATE, StepKind.UPDATE)))
        element = replace(element, version=self._die.randint(1, 5))
        whole = self._die.random() < 0.5
        await self._run(
            calls.open_call(ACME, PREPARED, idempotency_key=named, at=at),
            intents.open_intents(ACME, [element], idempotency_key=named, at=at, are_whole=whole),
        )

    async def end_write(self) -> None:
        for one in await self._store.fetch(intents.open_of_tenant(ACME)):
            at, call = self._now, one.call
            if self._die.random() < 0.5:
                await self._run(
                    intents.note_probes([(one.id, 2, at)]), intents.not_unique([one.id])
                )
            if self._die.random() < 0.5:
                await self._run(calls.resent(call, at), intents.resent(call))
            await self._ask(intents.versions_carried([one.id]), intents.of_calls([call]))
            end = self._die.choice(list(IntentEnd))
            await self._run(intents.close([(one, end)], at), calls.close_ended([call], at))
            await self._ask(calls.get([call]))

    async def link(self) -> None:
        tenant, at, label, xero_id = self._tenant, self._now, self._label, self._xero_id
        linked = replace(
            LINK,
            key=self._key,
            xero_id=xero_id,
            xero_number=label,
            xero_status=self._die.choice(("DRAFT", "VOIDED")),
            seen_at=at,
            based_at=at,
        )
        await self._run(links.put_invoices(tenant, [linked]))
        await self._ask(
            links.renumbered(tenant, [label, "INV-1"]),
            links.invoices_by_xero(tenant, [xero_id, "x1"]),
            intents.since_base(tenant, ChangeKind.INVOICE, KEYS),
        )

    async def link_customer(self) -> None:
        key, xero_id, at = self._key, self._xero_id, self._now
        if self._die.random() < 0.2:
            await self._run(links.let_go(ACME, ChangeKind.CUSTOMER, key, xero_id))
        into = self._maybe(self._xero_id)
        linked = replace(CONTACT, key=key, xero_id=xero_id, merged_to=into, seen_at=at, based_at=at)
        await self._run(links.hand_over(ACME, [linked]))
        await self._run(links.put_customers(ACME, [linked]))
        await self._ask(
            links.owners_of_contacts(ACME, [xero_id, "x1"]),
            links.customers_standing_for(ACME, [xero_id, "x1"]),
            links.customers_by_xero(ACME, [xero_id]),
        )

    # What people are told, and Pipeline.

    async def find(self) -> None:
        key = self._die.choice((*KEYS, *XERO_IDS))
        kind = self._die.choice(list(FindingKind))
        found = [Found(kind=kind, key=key, label=self._label, text="it is so")]
        await self._run(findings.open_(self._tenant, found, self._now))

    async def review(self) -> None:
        tenant, now, kind = self._tenant, self._now, self._die.choice(list(FindingKind))
        for statement in (
            findings.open_held(tenant, now),
            findings.close_held(tenant, now),
            findings.close_readable(tenant, now),
            findings.close_linked(tenant, now),
            findings.close(tenant, kind, [self._key], now),
            findings.close_aged(tenant, kind, before=now - timedelta(seconds=99), at=now),
        ):
            if self._die.random() < 0.5:
                await self._run(statement)

    async def tell(self) -> None:
        said = self._die.choice(("pending", "synced"))
        content = f'{{"state":"{said}","reason":"x","amount_due":"1.50","amount_paid":"0"}}'
        kind = self._die.choice(list(ResultKind))
        at = ResultKey(kind=kind, key=self._key, part="p1" if kind is ResultKind.PAYMENT else "")
        await self._run(results.put(self._tenant, [(at, content.encode())], self._now))

    async def send(self) -> None:
        tenant, now, revision = self._tenant, self._now, self._die.choice((0, 2**41))
        due = (await self._store.fetch(results.due(tenant, now, limit=MOST)))[:2]
        statements = (
            results.sent(tenant, due),
            results.stale(tenant, [(one, revision) for one in due], now),
            results.deferred(tenant, due, ready_at=now, note="later"),
            results.due_at_once(tenant, now),
        )
        await self._run(*self._die.sample(statements, 2))

    async def say_queued(self) -> None:
        tenant, now = self._tenant, self._now
        saying = QueuedState(state="pending", why="", why_field="reason")
        for kind in (ResultKind.INVOICE, ResultKind.CUSTOMER):
            asked = results.queued(tenant, kind, saying, now, limit=MOST)
            contents = [(one, b'{"state":"pending"}') for one in await self._store.fetch(asked)]
            await self._run(results.put_queued(tenant, kind, contents, now))

    async def note(self) -> None:
        entry = Entry(
            tenant=self._tenant,
            at=self._now,
            object_type="Invoice",
            object_key=self._key,
            record_type=RecordType.EDIT,
            description=self._label,
            who=self._die.choice(("Ada", "Grace")),
            detail=self._maybe(b"{}"),
        )
        await self._run(journal.append([entry, replace(entry, object_key="b")]))

    async def erase(self) -> None:
        asked = journal.to_erase(self._tenant, about=("Invoice", self._key), person=None)
        await self._run(journal.erase(await self._store.fetch(asked)))
        await self._ask(journal.verification_rows(0, limit=MOST))

    # What Xero says.

    async def hear(self) -> None:
        tenant = self._maybe(self._tenant)
        event = replace(EVENT, resource_id=self._xero_id, sequence=self._die.randint(1, 9))
        ignored = NoticeOutcome.FETCHED if tenant is None else None
        await self._run(inbox.add([inbox.of_xero(event, tenant, ignored, self._now)]))
        await self._ask(inbox.kept(0))

    async def read_notices(self) -> None:
        tenant, now = self._tenant, self._now
        waiting = (await self._store.fetch(inbox.waiting(tenant, now, limit=MOST)))[:2]
        ended = [(one, InboxState.DONE, NoticeOutcome.FETCHED) for one in waiting]
        again = Reread(at=now + timedelta(seconds=35), tries=2)
        statements: tuple[Statement[Any], ...] = (
            inbox.settle(ended, now),
            inbox.put_off([(one, again) for one in waiting]),
            inbox.replay(AT, tenant),
        )
        await self._run(self._die.choice(statements))
        await self._ask(inbox.span(tenant, now))

    async def sweep(self) -> None:
        tenant, now, run = self._tenant, self._now, self._die.randint(1, 4)
        seen = LastSeen(
            xero_id=self._xero_id,
            updated_at=now,
            content_hash="h",
            money=self._die.choice(("", "1|2")),
            dated_on=f"2026-11-{10 + run}",
            full_at=self._maybe(now),
            run=run,
            row_digest=self._die.choice((None, "d")),
        )
        await self._run(
            sweeps.note_seen(tenant, [seen]),
            sweeps.note_alike(tenant, [(self._xero_id, self._die.choice(("e", "f")))], run),
            sweeps.unannounced(tenant, {seen.xero_id: now - timedelta(seconds=5)}),
        )
        await self._ask(
            sweeps.linked_documents(tenant, XERO_IDS),
            sweeps.unseen(tenant, run, after="", limit=MOST),
            sweeps.stale(tenant, now, limit=MOST),
            sweeps.bounds(tenant, every=2),
        )

    async def turn(self) -> None:
        tenant, now, task = self._tenant, self._now, self._die.choice(list(Task))
        began, ended_at = self._die.randint(1, 4), self._maybe(now)
        await self._run(sweeps.order(tenant, task))
        refused = self._maybe("refused") if ended_at else None
        await self._run(
            sweeps.remember(tenant, task, "{}", began=began, ended_at=ended_at, refused=refused)
        )
        await self._ask(sweeps.refused(tenant))
        await self._run(sweeps.announced(tenant))
        await self._run(sweeps.missed(tenant, now - timedelta(seconds=60)))

    # What is rare.

    async def brake(self) -> None:
        tenant, now, state = self._tenant, self._now, self._die.choice(list(BrakedState))
        document = Braked(
            key=self._key,
            version=1,
            step=BrakeStep.VOID,
            label="INV",
            xero_id="x1",
            currency="NZD",
            amount=Decimal(self._die.randint(0, 9)),
        )
        await self._run(
            brakes.put(tenant, [document], state, now),
            brakes.halt(tenant, Halt(kind=BrakeKind.VOIDS, text="too many"), now),
        )
        await self._ask(brakes.totals(tenant, state), brakes.get(), brakes.halted(tenant))
        await self._run(brakes.forget_halted(tenant, [self._key]), brakes.lift_if_clear(tenant))

    async def keep(self) -> None:
        tenant, name, now = self._tenant, self._key, self._now
        await self._run(*kept_files.put_plan(tenant, name, b"{}", at=now, who="Ada"))
        await self._run(kept_files.note_outcomes(tenant, name, b"[]"))
        report = kept_files.put_report(tenant, name, b"{}", at=now, who="Ada", ties_out=True)
        await self._run(*report)
        await self._run(kept_files.review(tenant, self._key, "Grace", now))
        await self._ask(kept_files.plans(tenant), kept_files.reports(tenant))

    async def switch(self) -> None:
        tenant = self._tenant
        await self._run(
            self._die.choice((tenants.pause(tenant, self._now, "Ada"), tenants.resume(tenant)))
        )
        await self._run(tenants.may_write(tenant, JobKind.PUSH_INVOICE, [self._key]))

    async def forget_what_is_old(self) -> None:
        before = self._now - timedelta(seconds=self._die.choice((10, 100)))
        await self._ask(
            retention.chunk_of_intents(0, MOST),
            retention.chunk_of_calls(0, MOST),
            retention.chunk_of_events(0, MOST),
        )
        for forget in (retention.forget_intents, retention.forget_calls, retention.forget_events):
            await self._run(forget(0, EVER, before))
        await self._run(retention.forget_findings(before, MOST))

    async def set_the_clock(self) -> None:
        now = later(self._now_s - 25)
        by = timedelta(seconds=self._die.choice((-50, 7)))
        await self._run(*self._die.choice((pending.moved(by, now), pending.mended(now))))

    async def restore(self) -> None:
        at, tenant = self._now, self._tenant
        since = at - timedelta(seconds=60)
        await self._run(*restores.mark(taken_at=at, restored_at=at, look_since=since))
        await self._ask(restores.marked(), restores.outstanding(tenant))
        if self._die.random() < 0.5:
            await self._run(*restores.ended(tenant, self._now))

    # What people see.

    async def look(self) -> None:
        tenant, kind, key = self._tenant, self._die.choice(list(ChangeKind)), self._key
        cause = self._cause
        narrowed = Narrowed(
            state=self._maybe(self._die.choice(list(PublicState))),
            reason=self._maybe(self._die.choice(REASONS)),
            text=self._maybe(self._die.choice(("INV", "öß", "z"))),
            cause=None if cause is None or self._die.random() < 0.6 else cause.text,
        )
        await self._ask(
            views.listing(tenant, kind, narrowed, after=(self._label, key), limit=3),
            views.listing(tenant, kind, narrowed, limit=MOST),
            views.listing(tenant, kind, limit=2),
            views.recent(tenant, kind, narrowed, limit=MOST),
            views.particulars(tenant, [key, "a"]),
            views.one(tenant, kind, key),
            views.invoice_sides(tenant, key),
        )

    async def look_around(self) -> None:
        tenant = self._tenant
        causes = await self._store.fetch(needs.by_cause(tenant, limit=MOST))
        wanted = Wanted(object_key=self._maybe(self._key), who=self._maybe("Ada"))
        await self._ask(
            needs.oldest(tenant, causes),
            jobs.totals(tenant),
            jobs.next_due(tenant),
            findings.listing(tenant, kind=None, after=findings.START, limit=MOST),
            findings.closed(tenant, kind=None, since=AT, limit=MOST),
            findings.counts(tenant),
            control_totals.after(tenant, "", limit=MOST),
            control_totals.customers_after(tenant, "", limit=MOST),
            notices.newest(tenant, limit=MOST),
            views.cards(),
            desired.unwanted(tenant, "", limit=MOST),
            desired.living(tenant, ChangeKind.INVOICE, KEYS),
            desired.unlinked_customers(tenant),
            sweeps.mismatches(tenant),
            sweeps.busy(tenant, self._now),
            journal.narrowed(tenant, wanted, first=1, below=EVER, limit=MOST),
        )
