"""A reload under a running daemon: what it takes over, what it leaves; it never ends it."""

from __future__ import annotations

import sqlite3
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import anyio
import pytest
from cryptography.fernet import Fernet
from standardwebhooks import Webhook

from syncd.bootstrap import system as bootstrap
from syncd.bootstrap.machine import real_machine
from syncd.bootstrap.reload import Reloading
from syncd.bootstrap.system import System
from syncd.config import sources
from syncd.config.options import Options
from syncd.domain.errors import NotSent, StoreFull
from syncd.domain.facts import ConfigReloaded, Fact, ServiceFailed
from syncd.domain.ids import TenantId
from syncd.engine.core import pipeline_reach
from syncd.ports.driver import BoundStatement, Dialect, Driver, Row
from syncd.store import installation
from tests.cli.commanding import lines
from tests.web.support.serving import TOKENS

ACME = TenantId("acme")
NEW = "a-new-token-of-the-boss-0123456789"
SECOND_TENANT = """
[tenants.second]
pipeline_url = "http://127.0.0.1:9/api/v1"
pipeline_key = "k2"
invoice_url = "https://p.example.com/{id}"
"""
Read = Callable[[], Options]


class Disk:
    """A driver whose disk can be full."""

    def __init__(self, inner: Driver) -> None:
        self._inner = inner
        self.is_full = False
        self.is_full_behind = ""
        """The statement behind which nothing is taken any more."""

    async def write(self, statements: Sequence[BoundStatement]) -> tuple[tuple[Row, ...], ...]:
        if statements and statements[0].name == self.is_full_behind:
            self.is_full = True
            return await self._inner.write(statements)
        if self.is_full and statements:
            raise StoreFull("database or disk is full")
        return await self._inner.write(statements)

    async def read(self, statements: Sequence[BoundStatement]) -> tuple[tuple[Row, ...], ...]:
        return await self._inner.read(statements)

    @property
    def dialect(self) -> Dialect:
        return self._inner.dialect

    @property
    def has_reserve(self) -> bool:
        return self._inner.has_reserve

    @property
    def log_bytes(self) -> int:
        return self._inner.log_bytes

    async def close(self) -> None:
        await self._inner.close()


@dataclass(frozen=True, kw_only=True)
class Running:
    """A daemon at work on free ports, its disk and its file, and what it told."""

    disk: Disk

    system: System
    reloading: Reloading
    config: Path
    facts: list[Fact] = field(default_factory=list)

    async def reload(self, read: Read | None = None) -> ConfigReloaded:
        return await self.reloading.reload(read or self.read)

    def read(self) -> Options:
        return sources.load(self.config, environment={})

    def edit(self, old: str, new: str) -> None:
        text = self.config.read_text("utf-8")
        assert old in text
        self.config.write_text(text.replace(old, new, 1), "utf-8")

    def add(self, text: str) -> None:
        self.config.write_text(self.config.read_text("utf-8") + text, "utf-8")

    async def status(self, session: aiohttp.ClientSession, token: str) -> int:
        url = f"http://127.0.0.1:{self.system.operator_listener.port}/api/v1/tenants"
        headers = {"Authorization": f"Bearer {token}"}
        async with session.get(url, headers=headers) as answer:
            await answer.read()
            return answer.status

    async def note(self, session: aiohttp.ClientSession, tenant: TenantId, secret: str) -> int:
        url = f"http://127.0.0.1:{self.system.public_listener.port}/webhooks/pipeline/{tenant}"
        at, body = datetime.now(UTC), '{"type": "changes.available"}'
        headers = {
            "webhook-id": f"note-{at.timestamp()}",
            "webhook-timestamp": str(int(at.timestamp())),
        }
        headers["webhook-signature"] = Webhook(secret).sign(headers["webhook-id"], at, body)
        async with session.post(url, data=body, headers=headers) as answer:
            return answer.status


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Running]:
    config = folder / "syncd.toml"
    config.write_text(lines(listen="127.0.0.1:0", store=folder / "syncd.db"), "utf-8")
    options = sources.load(config, environment={})
    facts: list[Fact] = []
    async with real_machine(options, observers=(facts.append,)) as machine:
        disk = Disk(machine.driver)
        system = await bootstrap.build(options, replace(machine, driver=disk))
        async with anyio.create_task_group() as group:
            started = anyio.Event()
            group.start_soon(lambda: system.daemon.run(started=started))
            await started.wait()
            bootstrap.announce(system, took_s=0.1)
            reloading = Reloading(system, options)
            yield Running(disk=disk, system=system, reloading=reloading, config=config, facts=facts)
            system.daemon.drain("the test is over")


@contextmanager
def held_by_another(store: Path) -> Iterator[None]:
    other = sqlite3.connect(store, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        other.close()


async def test_token_that_is_taken_away_opens_nothing_on_a_connection_that_is_open(
    tmp_path: Path,
) -> None:
    async with running(tmp_path) as daemon, aiohttp.ClientSession() as session:
        before = await daemon.status(session, TOKENS["Super User"])
        daemon.edit(TOKENS["Super User"], NEW)
        told = await daemon.reload()

        old = await daemon.status(session, TOKENS["Super User"])
        new = await daemon.status(session, NEW)

    assert (before, old, new) == (200, 401, 200)
    assert told.accepted
    assert told.applied == ("security.operators",)


async def test_tenant_that_is_left_out_is_told_by_pipeline_until_the_restart(
    tmp_path: Path,
) -> None:
    """It is served till then: a 401 would have Pipeline turn its webhooks off."""
    secret = "whsec_" + b64encode(b"of acme alone, 24 bytes.").decode()
    async with running(tmp_path) as daemon, aiohttp.ClientSession() as session:
        daemon.edit(
            'pipeline_key = "k"', f'pipeline_key = "k"\npipeline_webhook_secret = "{secret}"'
        )
        await daemon.reload()
        before = await daemon.note(session, ACME, secret)
        daemon.edit("[tenants.acme]", "[tenants.renamed]")
        told = await daemon.reload()
        await daemon.reload()

        after = await daemon.note(session, ACME, secret)

    assert told.needs_restart == ("tenants.acme", "tenants.renamed")
    assert (before, after) == (204, 204)


async def test_each_changed_key_is_applied_or_needs_a_restart_also_when_asked_again(
    tmp_path: Path,
) -> None:
    async with running(tmp_path) as daemon:
        daemon.edit('pipeline_key = "k"', 'pipeline_key = "k3"\ndue_days = 9')
        daemon.edit('client_secret = "s"', 'client_secret = "t"\ntimeout_s = 50')
        daemon.edit('listen = "127.0.0.1:0"', 'listen = "127.0.0.1:1"')
        daemon.add(SECOND_TENANT)
        first = await daemon.reload()
        second = await daemon.reload()
        due_days = daemon.system.context.policies[ACME].due_days

    taken = ("tenants.acme.due_days", "tenants.acme.pipeline_key", "xero.client_secret")
    waiting = ("server.listen", "tenants.second", "xero.timeout_s")
    assert first.applied == taken
    assert first.needs_restart == waiting
    assert (second.accepted, second.applied, second.needs_restart) == (True, (), waiting)
    assert due_days == 9


async def test_new_key_to_pipeline_is_tried_at_once(tmp_path: Path) -> None:
    async with running(tmp_path) as daemon:
        context = daemon.system.context
        pipeline_reach.read(context, ACME, NotSent("nobody answers", system="pipeline"))
        intake = next(loop for loop in daemon.system.schedule.loops if loop.name == "intake:acme")
        before = intake.beats
        daemon.edit('pipeline_key = "k"', 'pipeline_key = "k3"')
        await daemon.reload()

        with anyio.fail_after(10):
            while intake.beats == before:
                await anyio.lowlevel.checkpoint()


async def test_level_of_the_log_is_taken_over(tmp_path: Path) -> None:
    used: list[str] = []
    async with running(tmp_path) as daemon:
        reloading = Reloading(daemon.system, daemon.read(), use_log_level=used.append)
        daemon.add('\n[log]\nlevel = "debug"\n')
        told = await reloading.reload(daemon.read)

    assert (told.applied, used) == (("log.level",), ["debug"])


def undecodable(daemon: Running) -> Read:
    secret = daemon.config.with_name("secret")
    secret.write_bytes(b"\xff\xfe\x00")
    daemon.edit('client_secret = "s"', f'client_secret_file = "{secret}"')
    return daemon.read


def a_folder(daemon: Running) -> Read:
    daemon.edit('client_secret = "s"', f'client_secret_file = "{daemon.config.parent}"')
    return daemon.read


def no_toml(daemon: Running) -> Read:
    daemon.config.write_bytes(b"\xff\xfe")
    return daemon.read


def gone(daemon: Running) -> Read:
    daemon.config.unlink()
    return daemon.read


def no_key(daemon: Running) -> Read:
    daemon.edit('encryption_key = "', 'encryption_key = "no')
    return daemon.read


def no_webhook_secret(daemon: Running) -> Read:
    daemon.edit('pipeline_key = "k"', 'pipeline_key = "k"\npipeline_webhook_secret = "whsec_?"')
    return daemon.read


def unforeseen(_: Running) -> Read:
    def read() -> Options:
        raise RuntimeError("nobody thought of that")

    return read


@pytest.mark.parametrize(
    "spoil", [undecodable, a_folder, no_toml, gone, no_key, no_webhook_secret, unforeseen]
)
async def test_what_cannot_be_used_is_told_and_changes_nothing(
    tmp_path: Path, spoil: Callable[[Running], Read]
) -> None:
    async with running(tmp_path) as daemon, aiohttp.ClientSession() as session:
        daemon.edit(TOKENS["Super User"], NEW)

        told = await daemon.reload(spoil(daemon))

        still = await daemon.status(session, TOKENS["Super User"])
        metrics = daemon.system.metrics.exposition().decode()
        is_ready = daemon.system.health.is_ready

    assert not told.accepted
    assert told.problems
    assert told.applied == ()
    assert still == 200
    assert is_ready
    assert "syncd_config_last_reload_successful 0.0" in metrics


async def test_error_nobody_foresaw_is_counted_and_its_name_stays_in_the_log(
    tmp_path: Path,
) -> None:
    async with running(tmp_path) as daemon:
        told = await daemon.reload(unforeseen(daemon))

    (failed,) = [fact for fact in daemon.facts if isinstance(fact, ServiceFailed)]
    assert failed.service == "reload"
    assert "RuntimeError" in failed.error
    assert "RuntimeError" not in " ".join(told.problems)


async def test_locked_store_keeps_no_revoked_token_alive_and_the_rest_is_asked_for_again(
    tmp_path: Path,
) -> None:
    async with running(tmp_path) as daemon, aiohttp.ClientSession() as session:
        daemon.edit(TOKENS["Super User"], NEW)
        daemon.edit('pipeline_key = "k"', 'pipeline_key = "k"\ndue_days = 9')
        with held_by_another(tmp_path / "syncd.db"):
            locked = await daemon.reload()
            old = await daemon.status(session, TOKENS["Super User"])
            before = daemon.system.context.policies[ACME].due_days
        freed = await daemon.reload()
        after = daemon.system.context.policies[ACME].due_days

    assert (locked.accepted, locked.applied) == (False, ("security.operators",))
    assert "tenants.acme.due_days" in locked.problems[0]
    assert (old, before) == (401, 20)
    assert (freed.accepted, freed.applied, after) == (True, ("tenants.acme.due_days",), 9)


async def test_full_disk_refuses_choices_and_ends_nothing(tmp_path: Path) -> None:
    async with running(tmp_path) as daemon:
        daemon.edit('pipeline_key = "k"', 'pipeline_key = "k"\ndue_days = 9')
        daemon.disk.is_full = True
        told = await daemon.reload()
        daemon.disk.is_full = False
        again = await daemon.reload()

    assert not told.accepted
    assert "disk is full" in told.problems[0]
    assert again.applied == ("tenants.acme.due_days",)


async def test_choices_that_count_already_are_told_as_such_where_the_store_fails_behind_them(
    tmp_path: Path,
) -> None:
    async with running(tmp_path) as daemon:
        daemon.edit('pipeline_key = "k"', 'pipeline_key = "k"\ndue_days = 9')
        daemon.disk.is_full_behind = installation.touch().bound.name
        told = await daemon.reload()
        counts = daemon.system.context.policies[ACME].due_days
        daemon.disk.is_full_behind, daemon.disk.is_full = "", False
        again = await daemon.reload()

    assert (told.accepted, counts) == (False, 9)
    assert "tenants.acme.due_days: taken over, but not in whole" in told.problems[0]
    assert (told.applied, again.applied) == ((), ("tenants.acme.due_days",))


async def test_encryption_key_of_a_store_without_tokens_is_taken_over(
    tmp_path: Path,
) -> None:
    async with running(tmp_path) as daemon:
        key = daemon.read().security.encryption_key.get_secret_value()
        daemon.edit(key, Fernet.generate_key().decode())

        told = await daemon.reload()

    assert told.applied == ("security.encryption_key",), "nothing is sealed yet: any key will do"
