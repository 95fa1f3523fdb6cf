"""All judges of one simulated day: at the door while it goes on, over the books when it has ended."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from pathlib import Path

from syncd.lab import checkers
from syncd.lab.checkers import Scene
from syncd.lab.conduct import ConductJudge, documents_of
from syncd.lab.overwriting import OverwritingJudge
from syncd.lab.simulated_daemon import SimulatedDaemon
from syncd.lab.store_reader import StoreReader
from syncd.lab.watched_xero import Arrival, WatchedXero
from syncd.sandbox.pipeline.app import PipelineWorld

_UNFORESEEN = re.compile(r"[A-Z]\w*: ")
"""How an error begins that is none of the daemon's own: by the name of its class."""

SOMETIMES = (
    "a lost answer was found by a look",
    "the same bytes were sent again",
    "a write was carried out late",
    "given up after the late-commit wait, and made anew",
    "killed between intent and send",
    "killed while a write's outcome was open",
    "a batch of several",
    "a batch saved in part",
    "a number was refused and looked for",
    "renamed while its create was uncertain",
    "deleted while its create was uncertain",
    "edited while its write was uncertain",
    "deleted in Pipeline, dead in Xero",
    "held for an edit in Xero",
    "an edit fell between our read and our write",
    "a refresh was applied and its answer lost",
    "the daemon was drained under load",
    "a commit failed",
    "the cursor was too old",
    "Xero throttled a call",
)
"""Situations a sweep must reach; one that stays at zero means that the judges looked at nothing."""


class Judgement:
    """Collects violations as sentences, and how often each named situation was reached."""

    def __init__(self) -> None:
        self.violations: list[str] = []
        self.sometimes: Counter[str] = Counter()
        self._conduct: ConductJudge | None = None
        self._reader: StoreReader | None = None

    @property
    def reader(self) -> StoreReader:
        """The look into the store; opened once the daemon has made it."""
        assert self._reader is not None, "the judges take their places first"
        return self._reader

    def take_places(self, xero: WatchedXero, daemon: SimulatedDaemon, store: Path) -> None:
        """Stand at the door; the store must have been made."""
        self._reader = StoreReader(store)
        conduct = self._conduct = ConductJudge(xero, self._reader)
        xero.door.arriving.append(conduct.arriving)
        xero.door.done.append(conduct.done)
        daemon.departing = conduct.departing

    def close(self) -> None:
        """Let go of the store."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def judge(self, xero: WatchedXero, pipeline: PipelineWorld, daemon: SimulatedDaemon) -> None:
        """The day is over: look at everything."""
        reader = self.reader
        organisation = xero.dump()["organisations"][0]
        tenant = next(iter(pipeline.dump()["tenants"].values()))
        jobs = {(job.kind, job.key): job for job in reader.jobs()}
        scene = Scene(pipeline=tenant, organisation=organisation, jobs=jobs)
        overwriting = OverwritingJudge(xero.door.seen)
        conduct = self._conduct
        assert conduct is not None, "the judges stood at the door"
        self.violations += conduct.violations
        self.violations += checkers.judge(scene)
        self.violations += overwriting.judge(organisation)
        self.violations += _of_log(daemon.log.getvalue(), _secrets(xero, pipeline))
        self.violations += [f"a window failed: {text}" for text in daemon.failures]
        for counted in (conduct.sometimes, overwriting.sometimes, self._reached(xero, scene)):
            self.sometimes.update(counted)

    def _reached(self, xero: WatchedXero, scene: Scene) -> Counter[str]:
        reached: Counter[str] = Counter()
        by_key: dict[str, list[Arrival]] = defaultdict(list)
        for arrival in xero.door.seen:
            if arrival.is_write:
                by_key[arrival.key].append(arrival)
        for intent in self.reader.intents():
            arrivals = by_key.get(intent.call_key, [])
            was_heard = any(_is_heard(each) for each in arrivals)
            if intent.state == "applied" and not was_heard:
                reached["a lost answer was found by a look"] += 1
            if intent.state == "abandoned":
                reached["given up after the late-commit wait, and made anew"] += 1
            reached["a number was refused and looked for"] += intent.was_not_unique
        for arrivals in by_key.values():
            reached["a batch of several"] += len(documents_of(arrivals[0].request.body, xero)) > 1
        for (kind, _), job in scene.jobs.items():
            if kind == "push_invoice":
                reached["held for an edit in Xero"] += job.public_state == "out_of_sync"
                reached["deleted in Pipeline, dead in Xero"] += job.public_state == "voided"
        fired = xero.faults.fired
        reached["a batch saved in part"] += fired.get("partial_commit", 0)
        reached["Xero throttled a call"] += fired.get("throttle", 0)
        for arrival in xero.door.seen:
            if arrival.is_refresh and arrival.answered is not None:
                was_lost = arrival.answered.drop == "after_commit" or arrival.lives_until_s > 0
                reached["a refresh was applied and its answer lost"] += was_lost
        return reached


def _is_heard(arrival: Arrival) -> bool:
    answer = arrival.answered
    return answer is not None and answer.status == HTTPStatus.OK and answer.drop is None


def _secrets(xero: WatchedXero, pipeline: PipelineWorld) -> Iterator[tuple[str, str]]:
    yield "the client secret", xero.client_secret
    for name, key in pipeline.keys.items():
        yield f"the Pipeline key of {name}", key
    for token in xero.grants.refresh_tokens:
        yield "a refresh token", token
    bearers = {each.request.headers.get("authorization", "") for each in xero.door.seen}
    for bearer in sorted(bearers):
        scheme, _, token = bearer.partition(" ")
        if scheme.lower() == "bearer":
            yield "an access token", token


def _of_log(log: str, secrets: Iterable[tuple[str, str]]) -> Iterator[str]:
    """No secret in any line, and no error nobody foresaw."""
    for name, secret in secrets:
        if secret and secret in log:
            yield f"secret: {name} stands in the log"
    for line in log.splitlines():
        if '"service.failed"' in line:
            error = json.loads(line)["error"]
            if _UNFORESEEN.match(error):
                yield f"unforeseen: {error}"
