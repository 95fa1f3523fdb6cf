"""All judges of one simulated day: at the door while it goes on, over the books at its end."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from syncd.bootstrap import upkeep
from syncd.lab import (
    at_rest,
    checkers,
    contacts_agree,
    kinds_seen,
    money_told,
    said_to_people,
    situations,
)
from syncd.lab.conduct import ConductJudge
from syncd.lab.overwriting import OverwritingJudge
from syncd.lab.postman import Postman
from syncd.lab.scene import Scene
from syncd.lab.simulated_daemon import SimulatedDaemon
from syncd.lab.store_reader import StoreReader
from syncd.lab.watched_xero import WatchedXero
from syncd.lab.ways import Without
from syncd.sandbox.pipeline.app import PipelineWorld

_UNFORESEEN = re.compile(r"(?!StoreFull: )[A-Z]\w*: ")
"""How an error begins that is none of the daemon's own: by its class. A full disk is foreseen."""


class Judgement:
    """Collects violations as sentences, and how often each named situation was reached."""

    def __init__(self, without: Without | None = None) -> None:
        self._without = without
        self.violations: list[str] = []
        self.sees_touchless = True
        """Whether a sweep finds what changed without a new time of change."""
        self.sometimes: Counter[str] = Counter()
        self._conduct: ConductJudge | None = None
        self._reader: StoreReader | None = None
        self._postman: Postman | None = None

    @property
    def reader(self) -> StoreReader:
        """The look into the store; opened once the daemon has made it."""
        assert self._reader is not None, "the judges take their places first"
        return self._reader

    def take_places(
        self, xero: WatchedXero, daemon: SimulatedDaemon, store: Path, postman: Postman
    ) -> None:
        """Stand at the door; the store must have been made."""
        self._postman = postman
        self._reader = StoreReader(store)
        conduct = self._conduct = ConductJudge(xero, self._reader, lambda: daemon.starts)
        xero.door.arriving.append(conduct.arriving)
        xero.door.done.append(conduct.done)
        daemon.departing = conduct.departing

    def close(self) -> None:
        """Let go of the store."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    async def judge(
        self, xero: WatchedXero, pipeline: PipelineWorld, daemon: SimulatedDaemon
    ) -> None:
        """The day is over: look at everything."""
        reader = self.reader
        self.violations += await _of_store(reader.path)
        organisation = xero.dump()["organisations"][0]
        tenant = next(iter(pipeline.dump()["tenants"].values()))
        jobs = {(job.kind, job.key): job for job in reader.jobs()}
        postman, conduct = self._postman, self._conduct
        assert conduct is not None, "the judges stood at the door"
        assert postman is not None, "the judges stood at the door"
        scene = Scene(
            pipeline=tenant,
            organisation=organisation,
            jobs=jobs,
            findings=reader.findings(),
            trail=reader.trail(),
            sees_touchless=self.sees_touchless,
            heard=postman.heard if self._without is Without.SWEEPS else None,
        )
        overwriting = OverwritingJudge(xero.door.seen)
        self.violations += conduct.violations
        self.violations += postman.violations
        self.violations += checkers.judge(scene)
        self.violations += money_told.judge(scene)
        self.violations += at_rest.judge(scene)
        self.violations += contacts_agree.judge(scene)
        self.violations += said_to_people.judge(reader.texts())
        self.violations += overwriting.judge(organisation)
        self.violations += _of_log(daemon.log.getvalue(), _secrets(xero, pipeline))
        self.violations += [f"a window failed: {text}" for text in daemon.failures]
        for counted in (
            conduct.sometimes,
            overwriting.sometimes,
            postman.sometimes,
            situations.reached(xero, scene, reader.intents()),
            situations.came_back(xero, scene),
            kinds_seen.counted(reader),
        ):
            self.sometimes.update(counted)


async def _of_store(path: Path) -> list[str]:
    """What `syncd db check` says: pages, references, and the chain of the journal."""
    checked = await upkeep.check(path)
    return [f"store: {problem}" for problem in checked.problems]


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
