"""Reads the configuration again under a running daemon, and takes over what needs no restart.

What the file says wrong is refused before anything has changed. Operators and keys to the outside
are taken over first, for they need nobody: a token that is taken away opens nothing from then on,
also where the store takes no write. Nothing that goes wrong here ends the daemon.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from syncd.bootstrap import adapters
from syncd.bootstrap.system import System
from syncd.config import changes
from syncd.config.options import Options
from syncd.domain.errors import ConfigError, StoreError
from syncd.domain.facts import ConfigReloaded, ServiceFailed
from syncd.domain.ids import TenantId
from syncd.domain.model.settings import TenantPolicy
from syncd.engine.connection import refresh_rounds
from syncd.engine.core import tenant_mode
from syncd.engine.recovery import lease_reaper
from syncd.ports.webhooks import PipelineWebhooks, XeroWebhooks
from syncd.runtime.vault import FernetVault, VaultError
from syncd.store import installation
from syncd.web.http.guard import Operator

_NOT_STORED = "{}: not taken over, for the store takes no write: {}; reload again when it does"
_NOT_IN_WHOLE = (
    "{}: taken over, but not in whole, for the store takes no write: {}; reload again when it does"
)
_UNFORESEEN = "the configuration could not be read again: the log says what happened"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fresh:
    """All that the new configuration makes; nothing of it is in use yet."""

    values: dict[str, Any]
    vault: FernetVault
    operators: list[Operator]
    client_secret: str
    pipeline_keys: dict[TenantId, str]
    webhooks: tuple[XeroWebhooks, PipelineWebhooks]
    policies: dict[TenantId, TenantPolicy]
    options: Options


class Reloading:
    """Reloads one daemon, which was started with `options`."""

    def __init__(
        self,
        system: System,
        options: Options,
        *,
        use_log_level: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._system = system
        self._use_log_level = use_log_level
        self._in_force = changes.values(options)

    async def reload(self, read: Callable[[], Options]) -> ConfigReloaded:
        """Read and take over what can be; told to the observers, and answered. Raises nothing."""
        context = self._system.context
        try:
            told = await self._take_over(self._prepared(read()))
        except ConfigError as error:
            told = self._refused(error.problems)
        except VaultError as error:
            told = self._refused((f"security.encryption_key: {error}",))
        except Exception as error:  # noqa: BLE001  (the last resort: a reload never ends the daemon)
            text = f"{type(error).__name__}: {error}"
            context.observe(ServiceFailed(service="reload", error=text, retry_after_s=0.0))
            told = self._refused((_UNFORESEEN,))
        context.observe(told)
        return told

    def _refused(self, problems: tuple[str, ...]) -> ConfigReloaded:
        at = self._system.context.now()
        return ConfigReloaded(accepted=False, at=at, problems=problems)

    def _prepared(self, options: Options) -> _Fresh:
        """Raises ConfigError and VaultError for whatever cannot be used."""
        system = self._system
        fresh = _Fresh(
            values=changes.values(options),
            vault=FernetVault(options.security.encryption_key.get_secret_value()),
            operators=adapters.operators(options),
            client_secret=options.xero.client_secret.get_secret_value(),
            pipeline_keys=adapters.pipeline_keys(options),
            webhooks=system.added.webhooks(options),
            policies=adapters.policies(options),
            options=options,
        )
        system.added.refuse_unopened(fresh.vault)
        refresh_rounds.refuse_unopened(system.tokens, fresh.vault)
        return fresh

    async def _take_over(self, fresh: _Fresh) -> ConfigReloaded:
        at = self._system.context.now()
        differs = changes.changed(self._in_force, fresh.values)
        taken = [key for key in differs if changes.is_taken_over(key)]
        at_once = [key for key in taken if not changes.is_stored(key)]
        stored = [key for key in taken if changes.is_stored(key)]
        self._use_at_once(fresh)
        self._note(fresh, at_once)
        if at_once:  # who was refused by the old key may call again
            for tenant in self._system.context.policies:
                self._system.schedule.asked(tenant)
        try:
            if stored:
                # Bytes: only they meet a full disk.
                await self._system.context.store.run(installation.touch())
        except StoreError as error:
            problem = _NOT_STORED.format(", ".join(stored), error)
            return ConfigReloaded(
                accepted=False, at=at, problems=(problem,), applied=tuple(at_once)
            )
        try:
            if stored:
                async with self._system.added.changing:
                    await self._use_stored(fresh, is_rekeyed="security.encryption_key" in stored)
        except StoreError as error:
            problem = _NOT_IN_WHOLE.format(", ".join(stored), error)
            return ConfigReloaded(
                accepted=False, at=at, problems=(problem,), applied=tuple(at_once)
            )
        self._note(fresh, stored)
        self._system.schedule.wake_all()
        waiting = tuple(key for key in differs if not changes.is_taken_over(key))
        return ConfigReloaded(accepted=True, at=at, applied=tuple(taken), needs_restart=waiting)

    def _use_at_once(self, fresh: _Fresh) -> None:
        """Who may call us, and the keys we call with; no await, so nobody sees half of it."""
        system = self._system
        system.operators[:] = fresh.operators
        system.identity.use_secret(fresh.client_secret)
        for tenant, key in fresh.pipeline_keys.items():
            if self._is_configured(tenant):
                system.pipeline.use_key(tenant, key)
        system.receiver.use(*fresh.webhooks)
        system.added.use(fresh.options)
        self._use_log_level(fresh.values["log.level"])

    async def _use_stored(self, fresh: _Fresh, *, is_rekeyed: bool) -> None:
        """The tenants' choices and the encryption keys. Raises StoreError."""
        context, tokens = self._system.context, self._system.tokens
        served = {
            tenant: policy
            for tenant, policy in fresh.policies.items()
            if self._is_configured(tenant)
        }
        context.policies.update(tenant_mode.with_modes_kept(served, context.policies))
        if is_rekeyed:
            tokens.encryption.use(fresh.vault)
            await refresh_rounds.reseal_all(tokens, context.store, fresh.vault.resealed)
            await self._system.added.reseal(fresh.vault)
        await lease_reaper.apply_choices(context)

    def _is_configured(self, tenant: TenantId) -> bool:
        """Whether the configuration's word serves it; one named only now waits for a start."""
        policy = self._system.context.policies.get(tenant)
        return policy is not None and not policy.is_added

    def _note(self, fresh: _Fresh, keys: list[str]) -> None:
        self._in_force |= {key: fresh.values[key] for key in keys}
