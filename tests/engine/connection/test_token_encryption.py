"""Tokens open for their own tenant and purpose only."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from syncd.engine.connection.token_encryption import TokenEncryption
from syncd.runtime.vault import VaultError
from tests.engine.support.connecting import ACME, BETA, a_world


async def test_row_copied_to_another_tenant_does_not_open(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        row = world.connections.opened(ACME)
        seals = TokenEncryption(world.vault)

        with pytest.raises(VaultError, match="rows were swapped"):
            seals.access(replace(row, tenant=BETA))
        with pytest.raises(VaultError, match="rows were swapped"):
            seals.refresh(replace(row, sealed_refresh=row.sealed_access))


async def test_open_token_is_kept_for_its_own_generation_only(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        await world.connect()
        first = world.connections.opened(ACME)
        before = world.tokens.encryption.access(first)

        second = await world.tokens.refresh(ACME)

        assert world.tokens.encryption.access(second) != before
        assert world.tokens.encryption.access(first) == before
