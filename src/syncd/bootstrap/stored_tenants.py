"""The tenants that were added while a daemon ran, as the store has them: opened and judged again.

Read at the start by `bootstrap.system` and looked at by `bootstrap.preflight`; `added_tenants` adds
further ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from syncd.config import added
from syncd.config.options import Options, TenantSection
from syncd.domain.errors import ConfigError, SyncdError
from syncd.domain.facts import ServiceFailed
from syncd.domain.ids import TenantId
from syncd.domain.model.settings import TenantPolicy
from syncd.engine.connection.token_encryption import TokenEncryption
from syncd.engine.core import journal_entries
from syncd.ports.clock import Clock
from syncd.ports.observer import Observer
from syncd.store import added_tenants, journal
from syncd.store.added_tenants import AddedTenant
from syncd.store.unit_of_work import Store, Transaction

_NOT_SERVED = (
    "{0} was added while the daemon ran and cannot be served: {1} {2} (syncd tenants add {0}); its "
    "links and history are kept."
)
_WITH_SECRETS = "Start again with the older encryption key, or add it again with its secrets"
_OTHERWISE = "Change that and start again, or add it again as it should be"


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """An added tenant: what is stored of it, and its section."""

    row: AddedTenant
    section: TenantSection


async def stored(
    options: Options, store: Store, encryption: TokenEncryption, clock: Clock, observe: Observer
) -> dict[str, Held]:
    """The tenants that were added before, by name. Raises StoreError.

    One that the configuration names by now is the configuration's; one that cannot be served is
    told of, and stops no other.
    """

    def tell(row: AddedTenant, words: str) -> None:
        observe(ServiceFailed(service=f"tenants:{row.tenant}", error=words, retry_after_s=0.0))

    found = await servable(options, store, encryption, tell)
    for name in [name for name in found if name in options.tenants]:
        row = found.pop(name).row
        said = "The configuration names it now; what it was added with is forgotten"
        tx = Transaction()
        tx.add(added_tenants.forget(row.tenant))
        tx.add(journal.append([journal_entries.note(row.tenant, clock.now(), said)]))
        await store.commit(tx)
    return found


async def servable(
    options: Options,
    store: Store,
    encryption: TokenEncryption,
    tell: Callable[[AddedTenant, str], None],
) -> dict[str, Held]:
    """Those whose secrets open, and that stand beside the options and each other; by name.

    Of the others `tell` is told why, in words for people. Raises StoreError.
    """
    found: dict[str, Held] = {}
    for row in await store.fetch(added_tenants.everyone()):
        try:
            secrets = encryption.opened_secrets(row.tenant, row.sealed_secrets)
            section = added.restored(row.tenant, row.choices, secrets)
            added.beside(options, {**sections(found), row.tenant: section})
        except ConfigError as error:
            tell(row, _NOT_SERVED.format(row.tenant, f"{error}.", _OTHERWISE))
        except SyncdError as error:
            tell(row, _NOT_SERVED.format(row.tenant, error, _WITH_SECRETS))
        else:
            found[row.tenant] = Held(row=row, section=section)
    return found


def sections(held: Mapping[str, Held]) -> dict[str, TenantSection]:
    """Their sections, by name."""
    return {name: one.section for name, one in held.items()}


def policies(held: Mapping[str, Held]) -> dict[TenantId, TenantPolicy]:
    """Their choices."""
    return {one.row.tenant: policy_of(one.row.tenant, one.section) for one in held.values()}


def policy_of(tenant: TenantId, section: TenantSection) -> TenantPolicy:
    """The choices of an added tenant: its mode is always a switch."""
    return replace(section.policy(tenant, is_added=True), is_mode_stored=True)
