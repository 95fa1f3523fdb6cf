"""All judges of one simulated day: at the door while it goes on, over the books at its end."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from syncd.bootstrap import upkeep
from syncd.config.options import StoreSection
from syncd.domain.ids import TenantId
from syncd.lab.daemon.process import SimulatedDaemon
from syncd.lab.days import trial
from syncd.lab.judges import (
    at_rest,
    checkers,
    contacts_agree,
    money_told,
    said_to_people,
    situations,
    tenants_apart,
)
from syncd.lab.judges.conduct import ConductJudge
from syncd.lab.judges.obedience import BrakeJudge, ObedienceJudge
from syncd.lab.judges.overwriting import OverwritingJudge, agreed_at_death
from syncd.lab.people.operator_ways import Brakes
from syncd.lab.people.webhook_sender import WebhookSender
from syncd.lab.watch import kinds_seen
from syncd.lab.watch.operator_witness import OperatorWitness
from syncd.lab.watch.scene import Json, Scene
from syncd.lab.watch.store_reader import StoreReader
from syncd.lab.watch.tenancy import NAMES, Tenant
from syncd.lab.watch.watched_wire import Departing, Departure
from syncd.lab.watch.watched_xero import Arrival, WatchedXero
from syncd.lab.watch.ways import Without
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
        self.witnesses: dict[str, OperatorWitness] = {}
        """What the operator did to each organisation's tenant."""
        self.brakes: Brakes | None = None
        self._conduct: ConductJudge | None = None
        self._obedience: ObedienceJudge | None = None
        self._tenants: Sequence[Tenant] = ()
        self.readers: dict[TenantId, StoreReader] = {}
        """Each tenant's look into the store; opened once the daemon has made it."""
        self.by_organisation: dict[str, StoreReader] = {}
        """The same, by what Xero calls the tenant."""
        self.ends: dict[str, str] = {}
        """What stands of each tenant once the day was judged."""
        self._postman: WebhookSender | None = None

    def stand_at_door(
        self, xero: WatchedXero, daemon: SimulatedDaemon, tenants: Sequence[Tenant]
    ) -> None:
        """Watch from the first consent on."""
        self._tenants = tenants
        witnesses = self.witnesses = {each.organisation: OperatorWitness() for each in tenants}
        conduct = self._conduct = ConductJudge(
            xero, tenants, self.by_organisation, witnesses, lambda: daemon.starts
        )
        obedience = self._obedience = ObedienceJudge(xero, self.by_organisation, witnesses)
        xero.door.arriving.append(conduct.arriving)
        xero.door.done.append(conduct.done)
        daemon.departing = _both(conduct.departing, obedience.departing)

    def open_store(self, store: Path, postman: WebhookSender) -> None:
        """Look into the store, which must have been made with a row for every tenant."""
        self._postman = postman
        for tenant in self._tenants:
            reader = StoreReader(store, tenant.name)
            self.readers[tenant.name] = self.by_organisation[tenant.organisation] = reader

    def close(self) -> None:
        """Let go of the store."""
        for reader in self.readers.values():
            reader.close()

    async def judge(
        self, xero: WatchedXero, pipeline: PipelineWorld, daemon: SimulatedDaemon
    ) -> None:
        """The day is over: look at everything."""
        postman, conduct = self._postman, self._conduct
        assert conduct is not None, "the judges stood at the door"
        assert self._obedience is not None, "the judges stood at the door"
        assert postman is not None, "the judges stood at the door"
        organisations = xero.dump()["organisations"]
        pipelines = pipeline.dump()["tenants"]
        self.violations += await _of_store(self.readers[self._tenants[0].name].path)
        self.violations += conduct.violations
        self.violations += self._obedience.violations
        self.violations += postman.violations
        for tenant, organisation in zip(self._tenants, organisations, strict=True):
            self._of_tenant(xero, tenant, organisation, pipelines[tenant.name])
        self.violations += _of_log(daemon.log.getvalue(), _secrets(xero, pipeline))
        self.violations += [f"an observer failed: {text}" for text in daemon.failures]
        for counted in (conduct.sometimes, postman.sometimes, situations.of_xero(xero)):
            self.sometimes.update(counted)

    def _of_tenant(
        self, xero: WatchedXero, tenant: Tenant, organisation: Json, pipeline: Json
    ) -> None:
        """What stands of one tenant, and of nobody else."""
        reader = self.readers[tenant.name]
        witness = self.witnesses[tenant.organisation]
        own = [each for each in xero.door.seen if each.organisation == tenant.organisation]
        scene = self._scene(reader, organisation, pipeline, witness, own)
        self.ends[tenant.name] = trial.end_of(scene)
        overwriting = OverwritingJudge(own, witness.decisions, agreed_at_death(scene))
        found = [
            *checkers.judge(scene),
            *money_told.judge(scene),
            *at_rest.judge(scene),
            *contacts_agree.judge(scene),
            *said_to_people.judge(reader.texts()),
            *tenants_apart.judge(pipeline, organisation, reader.links()),
            *overwriting.judge(organisation),
            *witness.violations,
            *self._past_brakes(witness, own, organisation),
        ]
        self.violations += [_of(tenant, text) for text in found]
        for counted in (
            overwriting.sometimes,
            witness.sometimes,
            situations.reached(xero, tenant, scene, reader.intents()),
            situations.came_back(scene),
            kinds_seen.counted(reader),
        ):
            self.sometimes.update(counted)

    def _past_brakes(
        self, witness: OperatorWitness, own: Sequence[Arrival], organisation: Json
    ) -> Iterator[str]:
        if self.brakes is not None:
            voids, window_s = self.brakes.voids, self.brakes.window_s
            judge = BrakeJudge(arrivals=own, witness=witness, most=voids, window_s=window_s)
            yield from judge.judge(organisation)

    def _scene(
        self,
        reader: StoreReader,
        organisation: Json,
        pipeline: Json,
        witness: OperatorWitness,
        arrivals: Sequence[Arrival],
    ) -> Scene:
        assert self._postman is not None, "the judges stood at the door"
        return Scene(
            pipeline=pipeline,
            organisation=organisation,
            jobs={(job.kind, job.key): job for job in reader.jobs()},
            findings=reader.findings(),
            journal_entries=reader.journal_entries(),
            sees_touchless=self.sees_touchless,
            heard=self._postman.heard if self._without is Without.SWEEPS else None,
            decided=witness,
            arrivals=arrivals,
        )


def _both(first: Departing, second: Departing) -> Departing:
    def departing(departure: Departure, /) -> None:
        first(departure)
        second(departure)

    return departing


def _of(tenant: Tenant, text: str) -> str:
    return text if tenant.name == NAMES[0] else f"{text} (tenant {tenant.name})"


async def _of_store(path: Path) -> list[str]:
    """What `syncd db check` says: pages, references, and the chain of the journal."""
    checked = await upkeep.check(StoreSection(url=f"sqlite://{path}"))
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
