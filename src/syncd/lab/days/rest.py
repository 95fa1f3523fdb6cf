"""Rest on a simulated day: what is still under way, and whether every layer has had its say.

Asked by `day` while the world settles, of each tenant by itself. At rest no job is pending and no
intent open, everything announced was taken and digested, and each of `sweeps` has begun and ended
since all else is so.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from syncd.lab.daemon.process import SimulatedDaemon
from syncd.lab.people.webhook_sender import WebhookSender
from syncd.lab.watch.store_reader import StoreReader
from syncd.lab.watch.tenancy import Tenant
from syncd.lab.watch.watched_xero import WatchedXero
from syncd.sandbox.pipeline.app import PipelineWorld

_ALL = ("invoices", "contacts", "full")
_KEPT_AT_MOST = 0.2
"""With a smaller share of the day's calls left the daemon may keep them from writes."""
_BELIEVED_S = 900.0
"""For so long it may go by what Xero said last, though another day has begun there since."""


class Rest:
    """Looks at both worlds and the store; `unrest` is empty once nothing of a tenant's moves."""

    def __init__(
        self,
        tenant: Tenant,
        *,
        xero: WatchedXero,
        pipeline: PipelineWorld,
        postman: WebhookSender,
        reader: StoreReader,
        sweeps: tuple[str, ...],
    ) -> None:
        self._tenant = tenant
        self._xero = xero
        self._pipeline = pipeline
        self._postman = postman
        self._reader = reader
        self._tasks = sweeps
        self._ended_before: dict[str, int] = {}
        self._swept: set[str] = set()
        self._was_at_rest = False
        self._spent_at_s = -math.inf

    def unrest(self, daemon: SimulatedDaemon) -> list[str]:
        """What is not at rest, in words; the sweeps are counted once all else is."""
        if not daemon.is_alive:
            return ["the daemon is dead"]
        if self._xero.late_commits:
            return ["Xero has writes to carry out"]
        if not self._was_at_rest and self._is_day_nearly_spent():
            return ["the day's calls are nearly spent: what falls due then waits for the next day"]
        under_way = self._postman.unrest or self._left() or self._behind()
        # What was held back may go by its own clock later: only then is there what to sweep.
        found = under_way or ([] if self._was_at_rest else self._unswept())
        self._was_at_rest = self._was_at_rest or not found
        return found

    def first_sweeps(self) -> list[str]:
        """Which sweeps have never come to an end."""
        done = self._reader.sweeps()
        return [task for task in _ALL if not done.get(task, (False, 0))[1]]

    def _is_day_nearly_spent(self) -> bool:
        day = self._xero.limits.of(self._tenant.organisation).day
        now_s = self._xero.clock.now()
        day.turn(now_s)
        limit = self._xero.switches.day_limit
        if limit - day.used < limit * _KEPT_AT_MOST:
            self._spent_at_s = now_s
        return now_s - self._spent_at_s < _BELIEVED_S

    def _left(self) -> list[str]:
        """What the store has under way, but for what is told of whom Pipeline has forgotten."""
        records = self._pipeline.tenants[self._tenant.name].books.records
        known = {key for of_kind in records.values() for key in of_kind}
        return self._reader.unrest(known)

    def _behind(self) -> list[str]:
        books = self._pipeline.tenants[self._tenant.name].books
        known = self._reader.known_versions()
        return [
            f"{kind} {key} is not known in version {record.document['version']}"
            for kind, records in books.records.items()
            for key, record in records.items()
            if known.get(key, 0) < record.document["version"]
            and (record.deleted_at is None or key in known)
        ]

    def _unswept(self) -> list[str]:
        """Each sweep has to begin and to end after the first look that found it at rest."""
        if not self._reader.links():
            return []  # nothing of ours stands there: sweeps make no calls, and come rarely
        self._look(self._reader.sweeps())
        return [f"no sweep of {task} since" for task in self._tasks if task not in self._swept]

    def _look(self, sweeps: Mapping[str, tuple[bool, int]]) -> None:
        for task in self._tasks:
            is_under_way, ended_at = sweeps.get(task, (False, 0))
            if task in self._ended_before:
                if ended_at > self._ended_before[task]:
                    self._swept.add(task)
            elif not is_under_way:
                self._ended_before[task] = ended_at
