"""A tenant that is added is served alone and kept sealed; the configuration's word comes first."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import anyio
import pytest
from cryptography.fernet import Fernet

from syncd.bootstrap import preflight
from syncd.bootstrap import system as bootstrap
from syncd.bootstrap.machine import real_machine
from syncd.bootstrap.reload import Reloading
from syncd.bootstrap.system import System
from syncd.config import sources
from syncd.config.options import Options
from syncd.domain.errors import NotServed
from syncd.domain.facts import Fact, ServiceFailed, TenantServed
from syncd.domain.ids import TenantId
from syncd.domain.model.settings import Mode
from syncd.engine.core.tenant_keeping import TenantRefusal
from syncd.ports.transport import HttpRequest, HttpResponse
from syncd.store import added_tenants, journal
from tests.cli.commanding import lines

ACME, BETA = TenantId("acme"), TenantId("beta")
KEY, SECOND = "the-key-of-beta-0123456789", "the-key-of-another-0123456789"
GIVEN = {
    "pipeline_url": "http://127.0.0.1:9/api/v1",
    "pipeline_key": KEY,
    "invoice_url": "https://p.example.com/{id}",
}


class Answering:
    """A Pipeline where nothing has changed, and which knows two keys."""

    async def send(self, request: HttpRequest) -> HttpResponse:
        if request.headers["Authorization"] not in (f"Bearer {KEY}", f"Bearer {SECOND}"):
            return HttpResponse(status=401, body=b'{"title":"no"}')
        page = b'{"changes":[],"nextCursor":"c","hasMore":false}'
        return HttpResponse(status=200, headers={"content-type": "application/json"}, body=page)


@dataclass(frozen=True, kw_only=True)
class Running:
    system: System
    reloading: Reloading
    facts: list[Fact] = field(default_factory=list)

    @property
    def served(self) -> set[str]:
        return set(self.system.context.policies)

    @property
    def loops(self) -> set[str]:
        return {name for one in self.system.schedule.loops if (name := one.name).endswith(BETA)}

    async def journal(self, tenant: TenantId) -> list[str]:
        found = await self.system.context.store.fetch(journal.since(0, limit=50))
        return [one.entry.description for one in found if one.entry.tenant == tenant]


def written(folder: Path) -> Path:
    config = folder / "syncd.toml"
    config.write_text(lines(listen="127.0.0.1:0", store=folder / "syncd.db"), "utf-8")
    return config


def read(config: Path) -> Options:
    return sources.load(config, environment={})


@asynccontextmanager
async def running(config: Path) -> AsyncIterator[Running]:
    options, facts = read(config), list[Fact]()
    async with real_machine(options, observers=(facts.append,)) as machine:
        system = await bootstrap.build(options, replace(machine, transport=lambda _: Answering()))
        async with anyio.create_task_group() as group:
            started = anyio.Event()
            group.start_soon(lambda: system.daemon.run(started=started))
            await started.wait()
            bootstrap.announce(system, took_s=0.1)
            yield Running(system=system, reloading=Reloading(system, options), facts=facts)
            system.daemon.drain("the test is over")


async def test_added_tenant_has_its_loops_and_is_served_again_after_a_restart(
    tmp_path: Path,
) -> None:
    config = written(tmp_path)
    async with running(config) as daemon:
        neighbours = {one.name for one in daemon.system.schedule.loops}
        done = await daemon.system.added.add("beta", GIVEN, "Ada")
        loops = daemon.loops
        journalled = await daemon.journal(BETA)
        (row,) = await daemon.system.context.store.fetch(added_tenants.everyone())
    async with running(config) as daemon:
        again = (daemon.served, daemon.loops, daemon.system.context.policies[BETA])
        gone = await daemon.system.added.remove(BETA, "Ada")
        after = (daemon.served, {one.name for one in daemon.system.schedule.loops})
        with pytest.raises(NotServed):  # whoever was at work for it meets this
            daemon.system.context.policies[BETA]
    async with running(config) as daemon:
        last = daemon.served

    assert (done.refusal, gone.refusal) == (None, None)
    assert "worker:beta" in loops
    assert journalled == ["Added to the tenants served; its Pipeline is http://127.0.0.1:9/api/v1"]
    assert KEY not in row.choices
    assert KEY.encode() not in row.sealed_secrets
    assert again[:2] == ({ACME, BETA}, loops)
    assert (again[2].is_added, again[2].mode) == (True, Mode.OBSERVE)
    assert after == ({ACME}, neighbours)
    assert last == {ACME}


async def test_one_the_configuration_names_later_is_the_configurations(tmp_path: Path) -> None:
    config = written(tmp_path)
    async with running(config) as daemon:
        await daemon.system.added.add("beta", GIVEN, "Ada")
        own = "".join(f'{key} = "{value}"\n' for key, value in GIVEN.items())
        named = config.read_text("utf-8") + f"\n[tenants.beta]\n{own}due_days = 3\n"
        config.write_text(named, "utf-8")
        told = await daemon.reloading.reload(lambda: read(config))
        meanwhile = daemon.system.context.policies[BETA]
    async with running(config) as daemon:
        taken = daemon.system.context.policies[BETA]
        kept = await daemon.system.context.store.fetch(added_tenants.everyone())
        refused = await daemon.system.added.remove(BETA, "Ada")
        said = await daemon.journal(BETA)

    assert (told.accepted, told.needs_restart) == (True, ("tenants.beta",))
    assert (meanwhile.is_added, meanwhile.due_days) == (True, 20)
    assert (taken.is_added, taken.due_days, kept) == (False, 3, ())
    assert refused.refusal is TenantRefusal.NOT_POSSIBLE
    assert said[-1] == "The configuration names it now; what it was added with is forgotten"


async def test_secrets_follow_the_encryption_key_and_a_lost_one_stops_nobody_else(
    tmp_path: Path,
) -> None:
    config = written(tmp_path)
    old = read(config).security.encryption_key.get_secret_value()
    fresh = Fernet.generate_key().decode()

    def rekey(keys: str) -> None:
        text = config.read_text("utf-8")
        before = read(config).security.encryption_key.get_secret_value().replace("\n", "\\n")
        config.write_text(text.replace(before, keys, 1), "utf-8")

    async with running(config) as daemon:
        await daemon.system.added.add("beta", GIVEN, "Ada")
        rekey(fresh)
        without = await daemon.reloading.reload(lambda: read(config))
        rekey(f"{fresh}\\n{old}")
        both = await daemon.reloading.reload(lambda: read(config))
    rekey(fresh)
    async with running(config) as daemon:
        served = daemon.served
    rekey(Fernet.generate_key().decode())
    async with running(config) as daemon:
        lost = (daemon.served, [one for one in daemon.facts if isinstance(one, ServiceFailed)])
        again = await daemon.system.added.add("beta", GIVEN, "Ada")

    assert not without.accepted
    assert "security.encryption_key" in without.problems[0]
    assert both.accepted
    assert served == {ACME, BETA}
    assert lost[0] == {ACME}
    assert [one.service for one in lost[1]] == ["tenants:beta"]
    assert again.refusal is None


async def test_what_contradicts_an_added_one_is_refused_by_a_reload_and_leaves_it_out_at_a_start(
    tmp_path: Path,
) -> None:
    config = written(tmp_path)
    async with running(config) as daemon:
        await daemon.system.added.add("beta", GIVEN, "Ada")
        await daemon.system.added.add("other", GIVEN | {"pipeline_key": SECOND}, "Ada")
        own = "".join(f'{key} = "{value}"\n' for key, value in GIVEN.items())
        config.write_text(config.read_text("utf-8") + f"\n[tenants.gamma]\n{own}", "utf-8")
        told = await daemon.reloading.reload(lambda: read(config))
    hints = await preflight.added_hints(read(config))
    async with running(config) as daemon:
        served = daemon.served
        (failed,) = [one for one in daemon.facts if isinstance(one, ServiceFailed)]

    assert not told.accepted
    assert "a key of its own, got that of gamma" in told.problems[0]
    assert served == {ACME, "gamma", "other"}, "one that cannot be served stops no other"
    assert (failed.service, [failed.error]) == ("tenants:beta", hints)
    assert told.problems[0] in failed.error


async def test_nothing_is_added_or_removed_while_the_daemon_stops(tmp_path: Path) -> None:
    config = written(tmp_path)
    async with running(config) as daemon:
        await daemon.system.added.add("beta", GIVEN, "Ada")
        daemon.system.daemon.drain("SIGTERM")
        added = await daemon.system.added.add("gamma", GIVEN | {"pipeline_key": "other"}, "Ada")
        removed = await daemon.system.added.remove(BETA, "Ada")

    assert added.refusal is removed.refusal is TenantRefusal.NOT_NOW


async def test_one_that_is_refused_leaves_nothing_behind(tmp_path: Path) -> None:
    async with running(written(tmp_path)) as daemon:
        wrong = await daemon.system.added.add("beta", GIVEN | {"pipeline_key": "no"}, "Ada")
        odd = await daemon.system.added.add("beta", GIVEN | {"due_days": "soon"}, "Ada")
        twice = await daemon.system.added.add("acme", GIVEN, "Ada")
        stored = await daemon.system.context.store.fetch(added_tenants.everyone())

    assert "Pipeline at http://127.0.0.1:9/api/v1 refuses it" in wrong.message
    assert odd.message.startswith("tenants.beta.due_days: expected a whole number")
    assert "The configuration names acme" in twice.message
    assert (stored, daemon.served) == ((), {ACME})
    assert not [one for one in daemon.facts if isinstance(one, TenantServed)]
