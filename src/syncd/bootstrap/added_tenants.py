"""Adds tenants to a running daemon and removes them; their choices and sealed secrets are stored.

A tenant of the configuration is the configuration's alone. What is given for another is judged as
`syncd check-config` would judge it, its Pipeline's answer included. One that is added is served as
any other; one that is removed is disconnected from Xero, and keeps links, history and journal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import anyio

from syncd.bootstrap import adapters, trials
from syncd.bootstrap.adapters import Transports
from syncd.bootstrap.stored_tenants import Held, policy_of, sections
from syncd.config import added
from syncd.config.options import Options, TenantSection
from syncd.daemon import Daemon
from syncd.domain.errors import ConfigError, SyncdError
from syncd.domain.facts import TenantServed
from syncd.domain.ids import TenantId
from syncd.domain.model.settings import Mode
from syncd.engine.connection.commands import ConnectionCommands
from syncd.engine.connection.token_encryption import SECRETS_PURPOSE
from syncd.engine.connection.tokens import TokenService
from syncd.engine.core import journal_entries, tenant_mode
from syncd.engine.core.context import SyncContext
from syncd.engine.core.tenant_keeping import TenantOrder, TenantRefusal
from syncd.engine.long_work.runner import LongWork
from syncd.engine.loops.schedule import Schedule
from syncd.engine.recovery import lease_reaper
from syncd.pipeline.billing import PipelineBilling
from syncd.pipeline.client import PipelineClient, PipelineRemote
from syncd.ports.transport import Transport
from syncd.ports.webhooks import PipelineWebhooks, XeroWebhooks
from syncd.runtime.vault import FernetVault
from syncd.store import added_tenants, consents, journal, tenants
from syncd.store.added_tenants import AddedTenant
from syncd.store.journal import RecordType
from syncd.store.unit_of_work import Transaction
from syncd.web.public.receiver import Receiver

_IN_THE_FILE = (
    "The configuration names {0}: what it is served with is changed there, in [tenants.{0}], and "
    "taken up by a reload or a restart."
)
_SERVED = "{0} is served already. To serve it with other words, remove it first; its history stays."
_NOT_NOW = "syncd is stopping: no tenant is added or removed now. Try again when it runs."


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """What takes part in serving a tenant."""

    context: SyncContext
    tokens: TokenService
    commands: ConnectionCommands
    pipeline: PipelineClient
    transport: Transports
    receiver: Receiver
    schedule: Schedule
    works: LongWork


class AddedTenants:
    """The tenants added to those of the configuration; orders are carried out one by one.

    `daemon` is named before the first order.
    """

    daemon: Daemon

    def __init__(self, options: Options, held: Mapping[str, Held], serving: Serving) -> None:
        self._options = options
        self._left_out: Mapping[str, TenantSection] = {}
        self._held = dict(held)
        self._serving = serving
        self._transports: dict[str, Transport] = {}
        self.changing = anyio.Lock()
        """Held while a tenant comes or goes, and while a reload changes their choices."""

    async def add(self, name: str, given: Mapping[str, Any], who: str) -> TenantOrder:
        """See `TenantKeeping`."""
        async with self.changing:
            return await self._add(name, given, who)

    async def remove(self, tenant: TenantId, who: str) -> TenantOrder:
        """See `TenantKeeping`."""
        async with self.changing:
            return await self._remove(tenant, who)

    async def _add(self, name: str, given: Mapping[str, Any], who: str) -> TenantOrder:
        tenant, serving = TenantId(name), self._serving
        if not self.daemon.is_taking_in:
            return _refused(TenantRefusal.NOT_NOW, _NOT_NOW)
        if name in self._options.tenants or name in serving.context.policies:
            words = _IN_THE_FILE if name in self._options.tenants else _SERVED
            return _refused(TenantRefusal.NOT_POSSIBLE, words.format(name))
        try:
            section = added.section(name, given)
            readers = self._readers(self._options, {**sections(self._held), name: section})
        except ConfigError as error:
            return _refused(TenantRefusal.NOT_UNDERSTOOD, "; ".join(error.problems))
        remote = adapters.pipeline_remote(name, section, self._transport)
        alone = PipelineClient({tenant: remote}, clock=serving.context.clock)
        asked = PipelineBilling(alone)
        if problem := await trials.pipeline_problem(asked, tenant, section.pipeline_url):
            return _refused(TenantRefusal.NOT_UNDERSTOOD, problem)
        self._held[name] = Held(row=await self._written(tenant, section, who), section=section)
        await self._serve(tenant, section, remote, readers)
        said = f"{tenant} is served from now on, and observes. Connect it to Xero next."
        if section.mode is Mode.LIVE:
            switched = await tenant_mode.set_mode(serving.context, tenant, Mode.LIVE, who)
            said = f"{tenant} is served from now on. {switched.message} Connect it to Xero next."
        return TenantOrder(message=said)

    async def _written(self, tenant: TenantId, section: TenantSection, who: str) -> AddedTenant:
        """Stored, with an entry of the journal; a tenant that was served before observes again."""
        context = self._serving.context
        secrets = self._serving.tokens.encryption.secrets(tenant, added.secrets_of(section))
        row = AddedTenant(tenant=tenant, choices=added.choices_of(section), sealed_secrets=secrets)
        said = f"Added to the tenants served; its Pipeline is {section.pipeline_url}"
        entry = journal_entries.note(
            tenant, context.now(), said, who=who, record_type=RecordType.CREATE
        )
        tx = Transaction()
        tx.add(tenants.ensure([tenant]))
        tx.add(added_tenants.put(row))
        tx.add(tenants.set_mode(tenant, Mode.OBSERVE))
        tx.add(tenants.set_started_by(tenant, None))
        tx.add(journal.append([entry]))
        await context.store.commit(tx)
        return row

    async def _serve(
        self,
        tenant: TenantId,
        section: TenantSection,
        remote: PipelineRemote,
        readers: tuple[XeroWebhooks, PipelineWebhooks],
    ) -> None:
        """From here on as any other; where that fails it is not served before the next start."""
        serving, context = self._serving, self._serving.context
        context.policies[tenant] = policy_of(tenant, section)
        serving.pipeline.take_in(tenant, remote)
        serving.receiver.use(*readers)
        context.observe(TenantServed(tenant=tenant, is_served=True, at=context.now()))
        try:
            await lease_reaper.apply_choices_of(context, tenant)
        except SyncdError:
            self._forget(tenant)
            raise
        await self.daemon.take_in(serving.schedule.take_in(tenant))

    async def _remove(self, tenant: TenantId, who: str) -> TenantOrder:
        serving, context = self._serving, self._serving.context
        if not self.daemon.is_taking_in:
            return _refused(TenantRefusal.NOT_NOW, _NOT_NOW)
        if not context.policies[tenant].is_added:
            return _refused(TenantRefusal.NOT_POSSIBLE, _IN_THE_FILE.format(tenant))
        ended = await serving.commands.disconnect(tenant, who)
        said = "Removed from the tenants served; links, history and journal are kept"
        entry = journal_entries.note(
            tenant, context.now(), said, who=who, record_type=RecordType.DELETE
        )
        tx = Transaction()
        tx.add(added_tenants.forget(tenant))
        tx.add(consents.cancel(tenant, context.now()))
        tx.add(journal.append([entry]))
        await context.store.commit(tx)
        serving.works.let_go(tenant)
        await self.daemon.let_go(serving.schedule.let_go(tenant))
        self._forget(tenant)
        return TenantOrder(message=f"{tenant} is served no more. {ended.message}")

    def _forget(self, tenant: TenantId) -> None:
        serving, context = self._serving, self._serving.context
        self._held.pop(tenant, None)
        context.policies.pop(tenant, None)
        context.reached.pop(tenant, None)
        serving.pipeline.let_go(tenant)
        serving.tokens.encryption.forget(tenant)
        serving.receiver.use(*self._readers(self._options, sections(self._held)))
        context.observe(TenantServed(tenant=tenant, is_served=False, at=context.now()))

    # --- where a reload asks

    def webhooks(self, options: Options) -> tuple[XeroWebhooks, PipelineWebhooks]:
        """The readers of everybody's webhooks. Raises ConfigError where both contradict."""
        return self._readers(options, sections(self._held))

    def refuse_unopened(self, vault: FernetVault) -> None:
        """Raises VaultError when `vault` does not open a secret that is in use."""
        for held in self._held.values():
            vault.open(held.row.sealed_secrets, purpose=SECRETS_PURPOSE, tenant=held.row.tenant)

    def use(self, options: Options) -> None:
        """The configuration says this from now on."""
        self._left_out, self._options = self._left_out_of(options), options

    async def reseal(self, vault: FernetVault) -> None:
        """Put every secret under the first key of `vault`. Raises StoreError."""
        for name, held in list(self._held.items()):
            row = replace(held.row, sealed_secrets=vault.resealed(held.row.sealed_secrets))
            await self._serving.context.store.run(
                added_tenants.resealed(row.tenant, row.sealed_secrets)
            )
            if name in self._held:
                self._held[name] = replace(held, row=row)

    def _readers(
        self, options: Options, own: Mapping[str, TenantSection]
    ) -> tuple[XeroWebhooks, PipelineWebhooks]:
        beside = added.beside(options, own)
        everybody = replace(beside, tenants={**self._left_out_of(options), **beside.tenants})
        return adapters.webhook_readers(everybody, self._serving.context.clock)

    def _left_out_of(self, options: Options) -> dict[str, TenantSection]:
        """What the configuration names no more, and is served until a restart all the same."""
        known = {**self._left_out, **self._options.tenants}
        served = self._serving.context.policies
        return {
            name: section
            for name, section in known.items()
            if name not in options.tenants and TenantId(name) in served
        }

    def _transport(self, name: str) -> Transport:
        """One for each name: a tenant that comes again has the one it had."""
        if name not in self._transports:
            self._transports[name] = self._serving.transport(name)
        return self._transports[name]


def _refused(refusal: TenantRefusal, message: str) -> TenantOrder:
    return TenantOrder(message=message, refusal=refusal)
