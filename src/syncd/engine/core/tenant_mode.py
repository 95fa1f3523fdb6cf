"""A tenant's switches while the daemon runs: observe or live, paused or not.

Called by `operations` for people, and by whoever puts a tenant live for them. A switch holds from
its commit on: no write is stored after it. What the configuration names (the mode, where the
tenant's section has that key) is changed there only; but `observe` is how a tenant starts, and the
first plan that is applied ends that, also across restarts. What that plan did not carry out stays
held until a later one does, or a person says so: to set the tenant live by hand is such a word.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from syncd.domain.ids import TenantId
from syncd.domain.model.predicate import Predicate
from syncd.domain.model.settings import Mode, TenantPolicy
from syncd.domain.model.value import Value
from syncd.engine.core import journal_entries
from syncd.engine.core.context import SyncContext
from syncd.store import jobs, journal, tenants, withheld
from syncd.store.unit_of_work import Statement, Transaction

_MODES = {
    Mode.LIVE: ("Set live", "is live", ": from now on Pipeline's invoices are written to Xero"),
    Mode.OBSERVE: ("Set to observe", "observes", ": everything is read and shown, nothing written"),
}
_PAUSES = {
    True: ("Paused", "is paused", ": nothing is written to Xero until it is resumed"),
    False: ("Resumed", "is resumed", ": what waited goes on"),
}
"""Each as the journal has it, as its answer begins, and what follows where nothing else holds."""


class Switched(Value, frozen=True, kw_only=True):
    """What became of a switch, in plain words; not done when the configuration forbids it."""

    is_done: bool
    message: str


class Switches:
    """The switches as people turn them. `wake` is called when a tenant may have work."""

    def __init__(self, context: SyncContext, *, wake: Callable[[TenantId], None]) -> None:
        self._context = context
        self._wake = wake

    async def pause(self, tenant: TenantId, who: str) -> Switched:
        """Hold all writes to Xero; reading goes on. Raises StoreError."""
        return await set_paused(self._context, tenant, who, is_paused=True)

    async def resume(self, tenant: TenantId, who: str) -> Switched:
        """Let them pass again. Raises StoreError."""
        done = await set_paused(self._context, tenant, who, is_paused=False)
        self._wake(tenant)
        return done

    async def mode(self, tenant: TenantId, mode: Mode, who: str) -> Switched:
        """Observe, or write. Raises StoreError."""
        done = await set_mode(self._context, tenant, mode, who)
        self._wake(tenant)
        return done


async def set_paused(
    context: SyncContext, tenant: TenantId, who: str, *, is_paused: bool
) -> Switched:
    """Pause or resume, once: a switch that stands so already is left alone. Raises StoreError."""
    words, stands, follows = _PAUSES[is_paused]
    (row,) = await context.store.fetch(tenants.one(tenant))
    if row.is_paused != is_paused:
        tx = Transaction()
        now = context.now()
        tx.add(tenants.pause(tenant, now, who) if is_paused else tenants.resume(tenant))
        tx.add(said(context, tenant, words, who))
        await context.store.commit(tx)
    held = "" if is_paused else await still_held(context, tenant)
    return Switched(is_done=True, message=f"{tenant} {stands}{held or follows}.")


async def set_mode(
    context: SyncContext, tenant: TenantId, mode: Mode, who: str, cause: str = ""
) -> Switched:
    """Observe or live, from this commit on and across restarts; `cause` is told in the journal.

    Refused, with nothing changed, when the configuration names another mode. Raises StoreError.
    """
    policy = context.policies[tenant]
    words, stands, follows = _MODES[mode]
    if policy.mode is mode:
        freed = ""
        if mode is Mode.LIVE:
            freed = await _let_go(context, tenant, who)
            follows = await still_held(context, tenant) or follows
        return Switched(is_done=True, message=f"{tenant} {stands}{follows}{freed}.")
    (row,) = await context.store.fetch(tenants.one(tenant))
    if not (policy.is_mode_stored or row.is_started_by_plan):
        refusal = (
            f'{tenant} stays as it is: the configuration says tenants.{tenant}.mode = "'
            f'{policy.mode}". Change that key in its file (or environment) and reload with SIGHUP; '
            "or remove it there, and the mode is switched here."
        )
        return Switched(is_done=False, message=refusal)
    tx = Transaction()
    _switch(tx, context, tenant, mode)
    tx.add(withheld.let_go_all(tenant))
    tx.add(tenants.set_started_by(tenant, None))
    tx.add(said(context, tenant, f"{words}: {cause}" if cause else words, who))
    await _commit(context, tenant, mode, tx)
    held = await still_held(context, tenant) if mode is Mode.LIVE else ""
    return Switched(is_done=True, message=f"{tenant} {stands}{held or follows}.")


async def start(
    context: SyncContext, tenant: TenantId, who: str, plan: str, waiting: Collection[str]
) -> tuple[str, ...]:
    """The first plan was applied: live, whatever mode the tenant started in. Raises StoreError.

    Where the configuration says `observe` it counts again once it has said something else. Answers
    the keys of what is pending and was not carried out: that stays held. `waiting` are keys of
    which the plan says what they wait for; they go on by themselves.
    """
    policy = context.policies[tenant]
    if policy.mode is Mode.LIVE:
        return ()
    words = _MODES[Mode.LIVE][0]
    cause = f"plan {plan} applied"
    tx = Transaction()
    left = tx.add(withheld.withhold(tenant, plan, waiting))
    _switch(tx, context, tenant, Mode.LIVE)
    if not policy.is_mode_stored:
        tx.add(tenants.set_started_by(tenant, cause))
    tx.add(said(context, tenant, f"{words}: {cause}", who))
    await _commit(context, tenant, Mode.LIVE, tx)
    if left.rows:
        held = f"Plan {plan} left out pending changes, which stay held: {len(left.rows)}"
        await context.store.run(said(context, tenant, held, who))
    return tuple(left.rows)


async def _let_go(context: SyncContext, tenant: TenantId, who: str) -> str:
    """What a plan left held goes on; answers what is to be said of it. Raises StoreError."""
    tx = Transaction()
    freed = tx.add(withheld.let_go_all(tenant))
    tx.add(jobs.release_by_predicate(tenant, Predicate.MODE_LIVE, context.now()))
    await context.store.commit(tx)
    if not freed.rows:
        return ""
    words = f"what a plan had left out goes on ({len(freed.rows)})"
    await context.store.run(said(context, tenant, f"Set live: {words}", who))
    return f"; {words}"


async def take_mode(context: SyncContext, tenant: TenantId) -> None:
    """At start and reload: the configured mode is stored, or the stored one counts."""
    policy = context.policies[tenant]
    (row,) = await context.store.fetch(tenants.one(tenant))
    if policy.is_mode_stored:
        context.policies[tenant] = replace(policy, mode=row.mode)
        return
    if row.is_started_by_plan:
        if policy.mode is Mode.OBSERVE:
            context.policies[tenant] = replace(policy, mode=Mode.LIVE)
            await context.store.run(
                jobs.release_by_predicate(tenant, Predicate.MODE_LIVE, context.now())
            )
            return
        await context.store.run(tenants.set_started_by(tenant, None))
    if row.mode is policy.mode:
        return
    words = _MODES[policy.mode][0]
    tx = Transaction()
    _switch(tx, context, tenant, policy.mode)
    tx.add(withheld.let_go_all(tenant))
    tx.add(said(context, tenant, f"{words}: the configuration says so"))
    await context.store.commit(tx)


def with_modes_kept(
    fresh: Mapping[TenantId, TenantPolicy], standing: Mapping[TenantId, TenantPolicy]
) -> dict[TenantId, TenantPolicy]:
    """Reloaded choices; where the configuration names no mode, the one that stands stays."""
    return {
        tenant: replace(policy, mode=standing[tenant].mode) if policy.is_mode_stored else policy
        for tenant, policy in fresh.items()
    }


async def still_held(context: SyncContext, tenant: TenantId) -> str:
    """What keeps a tenant from writing that somebody has let go, as the end of a sentence.

    Empty where nothing does.
    """
    (row,) = await context.store.fetch(tenants.one(tenant))
    causes = {
        "it observes": context.policies[tenant].mode is not Mode.LIVE,
        "it is paused": row.is_paused,
        "a brake has halted it": row.is_halted,
    }
    found = " and ".join(cause for cause, holds in causes.items() if holds)
    return f". Nothing is written yet, for {found}" if found else ""


async def is_still(context: SyncContext, tenant: TenantId) -> bool:
    """Nothing may be sent for the tenant now: not even bytes that left once already."""
    if context.policies[tenant].mode is not Mode.LIVE:
        return True
    (row,) = await context.store.fetch(tenants.one(tenant))
    return row.is_paused or row.is_halted


def said(
    context: SyncContext, tenant: TenantId, words: str, who: str = journal_entries.SYNCD
) -> Statement[None]:
    """An entry of the tenant's journal."""
    return journal.append([journal_entries.note(tenant, context.now(), words, who=who)])


def _switch(tx: Transaction, context: SyncContext, tenant: TenantId, mode: Mode) -> None:
    tx.add(tenants.set_mode(tenant, mode))
    if mode is Mode.LIVE:
        tx.add(jobs.release_by_predicate(tenant, Predicate.MODE_LIVE, context.now()))


async def _commit(context: SyncContext, tenant: TenantId, mode: Mode, tx: Transaction) -> None:
    """Store a switch, then decide by it; what was decided by the old mode looks again.

    Of the choices as they stand now: a reload may have brought others meanwhile.
    """
    await context.store.commit(tx)
    context.policies[tenant] = replace(context.policies[tenant], mode=mode)
    if mode is Mode.LIVE:
        await context.store.run(
            jobs.release_by_predicate(tenant, Predicate.MODE_LIVE, context.now())
        )
