"""Rounds of the engine between both pretend worlds, called by hand, in virtual time, on SQLite."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from syncd.domain.errors import OutcomeUnknown, RemoteError
from syncd.domain.facts import Fact
from syncd.domain.ids import IncarnationId, InstallationId, TenantId
from syncd.domain.model.limits import Limits
from syncd.domain.model.settings import CodeMapping, Mode, TenantPolicy
from syncd.domain.rules.limits.sliding_window import AllowanceLimits
from syncd.engine.core.context import SyncContext
from syncd.engine.feed import intake, write_back
from syncd.engine.loops import worker
from syncd.engine.recovery import lease_reaper, prober
from syncd.pipeline.billing import PipelineBilling
from syncd.pipeline.client import PipelineClient, PipelineRemote
from syncd.ports.driver import Driver
from syncd.ports.transport import HttpRequest, HttpResponse
from syncd.sandbox.http import Request
from syncd.sandbox.pipeline.app import PipelineWorld
from syncd.sandbox.user import User
from syncd.store.unit_of_work import Store
from tests.support.stores import driver_at
from tests.xero.support import worlds
from tests.xero.support.worlds import TENANT, Connected

COST_CODES = {"LAB": CodeMapping(account="200")}
TAX_TYPES = {Decimal("0.15"): "OUTPUT2", Decimal(0): "ZERORATED"}
LINE = {
    "description": "Install, zone 2",
    "quantity": 3,
    "unitAmount": 120,
    "costCode": "LAB",
    "taxRate": "0.15",
}
MOST_ROUNDS = 200


class SeededEntropy:
    """The Entropy port from one seed."""

    def __init__(self, seed: str = "rounds") -> None:
        self._rng = Random(seed)  # noqa: S311  (seeded on purpose)

    def child(self, name: str) -> SeededEntropy:
        return SeededEntropy(name)

    def draw(self) -> float:
        return self._rng.random()

    def token(self, n_bytes: int) -> str:
        return self._rng.randbytes(n_bytes).hex()


@dataclass
class PipelineTransport:
    """The Transport port straight into the pretend Pipeline."""

    world: PipelineWorld

    async def send(self, request: HttpRequest) -> HttpResponse:
        parts = urlsplit(request.url)
        response = self.world.handle(
            Request(
                method=request.method,
                path=unquote(parts.path),
                query=dict(parse_qsl(parts.query, keep_blank_values=True)),
                headers={name.lower(): value for name, value in request.headers.items()},
                body=request.body or b"",
                raw_query=parts.query,
            )
        )
        if response.drop is not None:
            raise OutcomeUnknown("the answer was lost", system="pipeline")
        headers = {name.lower(): value for name, value in response.headers.items()}
        return HttpResponse(status=response.status, headers=headers, body=response.body)


class Interrupted:
    """A ledger during whose first answer to one question something else happens."""

    def __init__(
        self, ledger: Any, question: str, happens: Callable[[], Coroutine[Any, Any, Any]]
    ) -> None:
        self._ledger = ledger
        self._question = question
        self._happens: list[Callable[[], Coroutine[Any, Any, Any]]] = [happens]

    def __getattr__(self, name: str) -> Any:
        return self._asked if name == self._question else getattr(self._ledger, name)

    async def _asked(self, *args: Any, **kwargs: Any) -> Any:
        answer = await getattr(self._ledger, self._question)(*args, **kwargs)
        while self._happens:
            await self._happens.pop()()
        return answer


@dataclass
class Rounds:
    """Both worlds, and the context of the rounds between them."""

    xero: Connected
    pipeline: PipelineWorld
    context: SyncContext
    told: list[Fact] = field(default_factory=list)

    @property
    def tenant(self) -> TenantId:
        return TENANT

    def user(self, **command: Any) -> dict[str, Any]:
        """What the Pipeline user does."""
        return User(self.pipeline)({"tenant": TENANT, **command})

    def customer(self, **fields: Any) -> str:
        made = self.user(do="create_customer", ref="C1", name="Harbour Build", **fields)
        return str(made["id"])

    def invoice(self, customer: str, number: str = "PL-1", **fields: Any) -> str:
        """An approved invoice of one line, unless said otherwise."""
        made = self.user(
            do="create_invoice",
            **{
                "customerId": customer,
                "number": number,
                "status": "Approved",
                "invoiceDate": "2026-11-20",
                "lines": [LINE],
                **fields,
            },
        )
        return str(made["id"])

    async def turn(self) -> None:
        """Every workflow once, as often as there is work now."""
        for _ in range(MOST_ROUNDS):
            rests = []
            for once in (self._poll, self._work, self._probe, self._tell):
                try:
                    rests.append(await once())
                except RemoteError:
                    rests.append(1.0)
            if all(rest is None or rest > 0 for rest in rests):
                return
        raise AssertionError("the rounds never come to rest")

    async def after(self, seconds: float, *, step_s: float = 5.0) -> None:
        """Turn, then let time pass in steps, turning at each."""
        await self.turn()
        left = seconds
        while left > 0:
            step = min(step_s, left)
            await worlds.passes(step)
            left -= step
            await self.turn()

    def result(self, invoice: str) -> dict[str, Any]:
        """What Pipeline was last told of an invoice."""
        found = self.pipeline.dump()["tenants"][TENANT]["results"]["invoice"].get(invoice)
        return found or {}

    def books(self) -> list[dict[str, Any]]:
        """Every sales invoice in Xero, whatever its status."""
        organisations = self.xero.world.dump()["organisations"]
        (one,) = organisations.values() if isinstance(organisations, dict) else organisations
        found = one["invoices"]
        return list(found.values()) if isinstance(found, dict) else list(found)

    def xero_id(self, invoice: str) -> str:
        return str(self.result(invoice)["xeroInvoiceId"])

    def calls(self, operation: str) -> int:
        """How often Xero was asked this, e.g. `PUT Invoices`."""
        counters = self.xero.world.dump()["counters"]["calls"]
        return int(counters.get(operation, 0))

    def fault(self, **rule: Any) -> None:
        self.xero.world.faults.set([rule])

    def rewrite(self, find: str, put: str) -> None:
        """From here on every answer of Pipeline's says `put` for `find`."""
        rule = {"do": "rewritten", "times": None}
        self.pipeline.faults.set([{**rule, "find": find, "put": put}])

    def choose(self, **choices: Any) -> None:
        """Change the tenant's policy."""
        self.context.policies[TENANT] = replace(self.context.policies[TENANT], **choices)

    def interrupt(self, question: str, happens: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        """While Xero answers this question of the ledger's next, that happens too."""
        ledger = Interrupted(self.context.ledger, question, happens)
        self.context = replace(self.context, ledger=ledger)  # type: ignore[arg-type]  (a double)

    async def _poll(self) -> float | None:
        return await intake.poll_once(self.context, TENANT)

    async def _work(self) -> float | None:
        return await worker.drain_once(self.context, TENANT, is_open=lambda _: True)

    async def _probe(self) -> float | None:
        return await prober.probe_once(self.context, TENANT, is_open=lambda _: True)

    async def _tell(self) -> float | None:
        return await write_back.write_once(self.context, TENANT)


def play(story: Callable[[Rounds], Coroutine[Any, Any, None]], **limits: Any) -> None:
    """Play `story` in virtual time against fresh worlds and a fresh store."""

    async def main() -> None:
        with tempfile.TemporaryDirectory() as folder:
            rounds, driver = await _rounds(Path(folder) / "syncd.db", limits)
            await story(rounds)
            await driver.close()

    worlds.virtually(main)


async def _rounds(path: Path, limits: dict[str, Any]) -> tuple[Rounds, Driver]:
    plenty = AllowanceLimits(minute=10_000)
    xero = await worlds.connect(allowance=plenty, minute_limit=10_000)
    pipeline = PipelineWorld(clock=xero.world.clock, seed=1, tenants=(TENANT,))
    remote = PipelineRemote(
        url="https://pipeline.test/api/v1",
        api_key=pipeline.keys[TENANT],
        transport=PipelineTransport(pipeline),
    )
    driver = driver_at(path)
    told: list[Fact] = []
    policy = TenantPolicy(
        tenant=TENANT,
        invoice_url="https://app.test/invoices/{id}",
        mode=Mode.LIVE,
        cost_codes=COST_CODES,
        tax_types=TAX_TYPES,
    )
    context = SyncContext(
        store=Store(driver),
        clock=xero.clock,
        entropy=SeededEntropy(),
        observe=told.append,
        ledger=xero.ledger,
        billing=PipelineBilling(PipelineClient({TENANT: remote}, clock=xero.clock)),
        policies={TENANT: policy},
        limits=Limits(**limits),
        installation=InstallationId("installation-1"),
        incarnation=IncarnationId("boot-1"),
    )
    await lease_reaper.start_up(context)
    return Rounds(xero=xero, pipeline=pipeline, context=context, told=told), driver
