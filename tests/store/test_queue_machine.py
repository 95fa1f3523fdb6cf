"""The queue against a model of it that fits on a page: any order of wishes, leases and deaths.

The law behind it all: a wish is never lost, nor a release. As long as what was claimed last is
older than what is wanted, the key is not at rest; nothing is held that was released since its
claim. Whoever comes back after his claim was freed changes nothing.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from syncd.domain.ids import IncarnationId
from syncd.domain.model.job import Job, JobKind, JobState, Reason
from syncd.lab.virtual.inline_driver import InlineDriver
from syncd.ports.driver import BoundStatement, Driver
from syncd.runtime import postgresql_store
from syncd.store import jobs
from syncd.store.jobs import FreedJob, JobSettlement
from syncd.store.unit_of_work import Store, Transaction
from tests.searching import examples
from tests.store.build import ACME, later, wish
from tests.store.conftest import AS_NEW

T = TypeVar("T")
KEYS = ("a", "b")
LEASE_S = 120
EVERYTHING = (
    "SELECT * FROM jobs ORDER BY key",
    "SELECT * FROM predicates ORDER BY key, predicate",
    "SELECT * FROM details ORDER BY key",
)
DETAIL = b'{"why":1}'
ENDS = (
    JobState.UNCERTAIN,
    JobState.DONE,
    JobState.HELD,
    JobState.UNCERTAIN,
    JobState.READY,
    JobState.FAILED,
)


@dataclass
class Modelled:
    """What the model knows of one key."""

    state: JobState
    wanted: int
    claimed: int = 0
    ready_at: int = 0
    missed: frozenset[str] = frozenset()
    """What was released while it was leased."""


class QueueMachine(RuleBasedStateMachine):
    """Wishes, claims, settlements, releases, probes and deaths in any order."""

    template: Path
    url: str

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.loop = asyncio.Runner()
        self.driver = self.do(self.opened())
        self.store = Store(self.driver)
        self.keys: dict[str, Modelled] = {}
        self.leases: dict[str, Job] = {}
        self.lost: list[Job] = []
        self.now_s = 0
        self.run_number = 0

    async def opened(self) -> Driver:
        return InlineDriver(Path(shutil.copy(self.template, self.folder.name)))

    def teardown(self) -> None:
        self.do(self.driver.close())
        self.loop.close()
        self.folder.cleanup()

    async def everything(self) -> list[tuple[object, ...]]:
        """Whatever a settlement may change."""
        asked = tuple(BoundStatement(name="everything", sql=sql) for sql in EVERYTHING)
        return [row for rows in await self.driver.read(asked) for row in rows]

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run(work)

    @property
    def now(self) -> datetime:
        return later(self.now_s)

    @property
    def incarnation(self) -> IncarnationId:
        return IncarnationId(f"run-{self.run_number}")

    @initialize()
    def first_wish(self) -> None:
        self.enqueue("a", 0)

    @rule(key=st.sampled_from(KEYS), delay_s=st.sampled_from((0, 10)))
    def enqueue(self, key: str, delay_s: int) -> None:
        request = wish(key, ready_at=later(self.now_s + delay_s))
        self.do(self.store.run(jobs.enqueue([request], self.now)))
        known = self.keys.setdefault(key, Modelled(JobState.READY, 0))
        known.wanted += 1
        if known.state not in (JobState.LEASED, JobState.UNCERTAIN):
            known.state = JobState.READY

    @rule(seconds=st.sampled_from((1, 10, 60)))
    def time_passes(self, seconds: int) -> None:
        self.now_s += seconds

    @precondition(lambda self: self._in(JobState.READY))
    @rule(limit=st.integers(1, 2))
    def claim(self, limit: int) -> None:
        claimed = self.do(
            self.store.run(
                jobs.claim(
                    ACME,
                    JobKind.PUSH_INVOICE,
                    incarnation=self.incarnation,
                    now=self.now,
                    lease_until=later(self.now_s + LEASE_S),
                    limit=limit,
                )
            )
        )
        for job in claimed:
            known = self.keys[job.key]
            assert known.state is JobState.READY, "only what is ready is claimed"
            known.state, known.claimed = JobState.LEASED, known.wanted
            known.missed = frozenset()
            self.leases[job.key] = job

    @precondition(lambda self: self._in(JobState.UNCERTAIN))
    @rule()
    def probe(self) -> None:
        claimed = self.do(
            self.store.run(
                jobs.claim_uncertain(
                    ACME,
                    incarnation=self.incarnation,
                    now=self.now,
                    lease_until=later(self.now_s + LEASE_S),
                    limit=9,
                )
            )
        )
        for job in claimed:
            known = self.keys[job.key]
            assert known.state is JobState.UNCERTAIN
            known.state, known.missed = JobState.LEASED, frozenset()
            self.leases[job.key] = job

    @precondition(lambda self: self.leases)
    @rule(
        data=st.data(),
        state=st.sampled_from(ENDS),
    )
    def settle(self, data: st.DataObject, state: JobState) -> None:
        job = self.leases.pop(data.draw(st.sampled_from(sorted(self.leases))))
        self._settle(job, state)
        known = self.keys[job.key]
        waits_for = {JobState.HELD: {"resumed", "retried"}, JobState.FAILED: {"retried"}}
        is_missed = bool(known.missed & waits_for.get(state, set()))
        known.wanted += is_missed and known.wanted == known.claimed
        is_current = known.wanted == known.claimed or state is JobState.UNCERTAIN
        known.state = state if is_current else JobState.READY

    @precondition(lambda self: self.lost)
    @rule(data=st.data(), state=st.sampled_from(ENDS))
    def settle_late(self, data: st.DataObject, state: JobState) -> None:
        """A round that stood still until its claim had run out goes on."""
        job = data.draw(st.sampled_from(self.lost))
        before = self.do(self.everything())
        self._settle(job, state)
        assert self.do(self.everything()) == before

    def _settle(self, job: Job, state: JobState) -> None:
        settlement = JobSettlement(
            tenant=ACME,
            kind=job.kind,
            key=job.key,
            leased_until=job.leased_until,
            state=state,
            ready_at=self.now,
            reason=Reason.PAUSED,
            note="a note",
            predicates=("resumed",) if state is JobState.HELD else (),
            detail=DETAIL if state is JobState.HELD else None,
        )
        tx = Transaction()
        tx.add_all(jobs.settle([settlement], incarnation=self.incarnation, at=self.now))
        self.do(self.store.commit(tx))

    @rule()
    def resume(self) -> None:
        freed = self.do(self.store.run(jobs.release_by_predicate(ACME, "resumed", self.now)))
        assert {job.key for job in freed} == self._in(JobState.HELD)
        self._released(freed, "resumed")

    @rule()
    def retry(self) -> None:
        """An operator asks for everything with the reason."""
        freed = self.do(self.store.run(jobs.release_by_reason(ACME, Reason.PAUSED, self.now)))
        assert {job.key for job in freed} == self._in(JobState.HELD) | self._in(JobState.FAILED)
        self._released(freed, "retried")

    @rule()
    def forget(self) -> None:
        """A beat: what no lease can have missed goes."""
        self.do(self.store.run(jobs.forget_releases()))

    @precondition(lambda self: self.leases)
    @rule()
    def run_out(self) -> None:
        """Nobody has come back in time: whoever looks next frees what was claimed."""
        self.now_s += LEASE_S + 1
        freed = self.do(self.store.run(jobs.rescue_leases(self.now)))
        assert {job.key for job in freed} == self._in(JobState.LEASED)
        self.lost += self.leases.values()
        self.leases.clear()
        for job in freed:
            self.keys[job.key].state = JobState.READY

    @rule()
    def die(self) -> None:
        """A new incarnation frees every lease; no intent is open here, so all are ready."""
        self.run_number += 1
        freed = self.do(self.store.run(jobs.free_leases(self.incarnation, self.now)))
        assert {job.key for job in freed} == self._in(JobState.LEASED)
        self.leases.clear()
        for job in freed:
            self.keys[job.key].state = JobState.READY

    @invariant()
    def store_and_model_agree(self) -> None:
        stored = self.do(self.store.fetch(jobs.get(ACME, JobKind.PUSH_INVOICE, KEYS)))
        assert {row.key: (row.state, row.wanted_seq, row.claimed_seq) for row in stored} == {
            key: (known.state, known.wanted, known.claimed) for key, known in self.keys.items()
        }

    @invariant()
    def no_wish_is_lost(self) -> None:
        at_rest = (JobState.DONE, JobState.FAILED, JobState.HELD)
        for known in self.keys.values():
            assert known.state not in at_rest or known.claimed == known.wanted

    def _released(self, freed: tuple[FreedJob, ...], topic: str) -> None:
        for job in freed:
            self.keys[job.key].state = JobState.READY
        for key in self._in(JobState.LEASED):
            self.keys[key].missed |= {topic}

    def _in(self, state: JobState) -> set[str]:
        return {key for key, known in self.keys.items() if known.state is state}


class QueueMachineOnPostgresql(QueueMachine):
    """The same, where among equals another one may be claimed first."""

    async def opened(self) -> Driver:
        driver = await postgresql_store.open_driver(self.url, readers=1)
        await driver.write((BoundStatement(name="as_new", sql=AS_NEW),))
        return driver


@pytest.fixture(scope="module", autouse=True)
def _stores(migrated_file: Path, migrated_url: str) -> None:
    QueueMachine.template = migrated_file
    QueueMachine.url = migrated_url


TestQueue = QueueMachine.TestCase
TestQueue.settings = examples(20, stateful_step_count=30)
TestQueueOnPostgresql = QueueMachineOnPostgresql.TestCase
TestQueueOnPostgresql.settings = examples(20, stateful_step_count=30)
