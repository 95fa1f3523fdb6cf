"""Refreshes tokens by schedule: settles what is in doubt, refreshes ahead, keeps idle grants alive.

The schedule gives every tenant a loop of `keep_once`, so that one tenant's dead identity call
never delays another's. Tokens are refreshed ahead of their end whether or not anybody asks for
them: an idle or paused tenant's refresh token is thereby never older than half an hour while the
daemon runs, far inside its 60 days, and a dead grant is noticed within one such cycle.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from syncd.domain.errors import Conflict, RemoteError, StoreError, SyncdError
from syncd.domain.ids import TenantId
from syncd.engine.connection.token_encryption import TokenEncryption
from syncd.engine.connection.tokens import TokenService
from syncd.ports.vault import Vault
from syncd.store import tokens
from syncd.store.tokens import Connection
from syncd.store.unit_of_work import Store

LEAST_DELAY_S = 0.01
_RESEAL_TRIES = 3
SEALED_NOTE = (
    "No configured encryption key opens this tenant's tokens. Put the older key back on a line of "
    "its own and start again, or press Connect to Xero. Lost are the tokens alone: links, queue "
    "and history stay."
)


async def start_up(service: TokenService) -> None:
    """Load every connection before anything asks for a token. Raises StoreError.

    Nothing outward: what a crash left in doubt is settled by the first round of `keep_once`,
    which is due at once. Tokens no encryption key opens close their tenant's gate alone.
    """
    for row in await service.connections.load():
        if not service.connections.is_open(row.tenant):
            continue
        try:
            service.encryption.access(row)
            service.encryption.refresh(row)
        except SyncdError:
            await service.connections.set_aside(row.tenant, SEALED_NOTE)


async def refresh_once(service: TokenService, tenant: TenantId) -> float | None:
    """Refresh when it is due, or check whether a refused role is back. Answers when the next is.

    None behind any other closed gate. What stands in the store comes first: what was stored when
    it could not be read again is found here.
    """
    with suppress(StoreError):  # a refresh in doubt waits for no store
        await service.connections.moved(tenant, cause="read_again")
    due_s = service.delay_s(tenant)
    if due_s is None or due_s > 0:
        return due_s
    try:
        if service.connections.is_open(tenant):
            await service.refresh(tenant)
        else:
            await service.ask_for_role(tenant)
    except RemoteError:
        # Told and noted by the refresh itself; it says when it may be tried again, and that it is
        # never where the grant is dead.
        pass
    due_s = service.delay_s(tenant)
    return None if due_s is None else max(LEAST_DELAY_S, due_s)


def refuse_unopened(service: TokenService, vault: Vault) -> None:
    """Raises VaultError when `vault` does not open a token that opens now: a key is missing."""
    fresh = TokenEncryption(vault)
    for row in service.connections.everyone():
        if row.has_tokens and _opens(service.encryption, row):
            fresh.refresh(row)


def _opens(encryption: TokenEncryption, row: Connection) -> bool:
    try:
        encryption.refresh(row)
    except SyncdError:
        return False
    return True


async def reseal_all(
    service: TokenService, store: Store, resealed: Callable[[bytes], bytes]
) -> int:
    """Put every stored token under the first encryption key; answers how many connections.

    `resealed` is the new vault's, which `service.encryption.use` was given before. Runs beside
    refreshes: a pair that was rotated meanwhile is read again. What no key opens stays as it is:
    `refuse_unopened` has seen that there is no more of that than before. Raises StoreError.
    """
    done = 0
    for row in service.connections.everyone():
        for _ in range(_RESEAL_TRIES):
            found = await service.connections.reread(row.tenant)
            if found is None or found.sealed_access is None or found.sealed_refresh is None:
                break
            try:
                access, refresh = resealed(found.sealed_access), resealed(found.sealed_refresh)
            except SyncdError:
                break  # no key opened it before either: its tenant was told at the start
            statement = tokens.resealed(
                found.tenant, found.generation, access=access, refresh=refresh
            )
            try:
                await store.run(statement)
            except Conflict:
                continue
            await service.connections.reread(row.tenant)
            done += 1
            break
    return done
