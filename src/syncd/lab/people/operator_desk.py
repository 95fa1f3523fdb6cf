"""One tenant as the operator has it before him: the API, both books, and what he notes.

Every act goes through here: it is counted by name and by what was answered, and what must be shown
right after it is looked for at once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

import anyio

from syncd.lab.people.operator_api import Answer, OperatorApi
from syncd.lab.watch import reasons_in_books
from syncd.lab.watch.comparing import differences, is_even
from syncd.lab.watch.operator_witness import AFTERWARDS_S, OperatorCommand, OperatorWitness, Shown
from syncd.lab.watch.scene import DEAD, Json, Scene
from syncd.lab.watch.store_reader import StoreReader
from syncd.lab.watch.tenancy import Tenant
from syncd.lab.watch.watched_xero import WatchedXero
from syncd.sandbox.pipeline.app import PipelineWorld
from syncd.sandbox.pipeline.app import Tenant as Office
from syncd.sandbox.xero.ledger.books import Books
from syncd.sandbox.xero.server.dump import books_to_json

NAME = "operator: "


def refused(act: str, status: int) -> str:
    """What a refusal is called in the counts."""
    return f"{NAME}{act}, answered {status}" if status else f"{NAME}{act}, not answered"


@dataclass(frozen=True, slots=True, kw_only=True)
class BothSides:
    """What both books show of one invoice at one instant, seen with the judges' eyes."""

    shown: frozenset[Shown] = frozenset()
    documents: frozenset[str] = frozenset()
    dead: frozenset[str] = frozenset()
    left: int = 0


class Desk:
    """One operator at work for one tenant."""

    def __init__(
        self,
        tenant: Tenant,
        *,
        api: OperatorApi,
        xero: WatchedXero,
        pipeline: PipelineWorld,
        witness: OperatorWitness,
        reader: StoreReader,
        is_alone: bool,
        dice: Random,
    ) -> None:
        self.tenant = tenant.name
        self.organisation = tenant.organisation
        self.picks = None if is_alone else tenant.organisation
        """What he chooses on Xero's page of consent, where there is a choice."""
        self.reader = reader
        self.api = api
        self.xero = xero
        self.pipeline = pipeline
        self.witness = witness
        self.dice = dice
        self.ends_s = 0.0
        """His working day, in world time; what he wants to do after it is left."""

    @property
    def now_s(self) -> float:
        """World time."""
        return self.xero.clock.now()

    @property
    def is_peace(self) -> bool:
        """Whether his day is over, and he only sets right what is not."""
        return math.isinf(self.ends_s)

    @property
    def office(self) -> Office:
        """The tenant's books in Pipeline."""
        return self.pipeline.tenants[self.tenant]

    @property
    def books(self) -> Books:
        """The organisation's books in Xero."""
        return self.xero.books[self.organisation]

    async def lets_pass(self, mean_s: float) -> bool:
        """He waits or thinks, for so long in the mean; False when his day is over before."""
        wanted_s = self.dice.expovariate(1 / mean_s)
        left_s = self.ends_s - self.now_s
        await anyio.sleep(max(0.0, min(wanted_s, left_s)))
        return wanted_s < left_s

    async def get(self, path: str = "") -> Answer:
        """Read something of the tenant."""
        return await self.api.get(f"/tenants/{self.tenant}{path}")

    async def order(self, act: str, path: str, body: Mapping[str, Any] | None = None) -> Answer:
        """Order something of the tenant, and count what became of it."""
        answer = await self.api.post(f"/tenants/{self.tenant}{path}", body)
        return self.counted(act, answer)

    async def card(self) -> Answer:
        """The tenant's card."""
        return await self.get()

    def counted(self, act: str, answer: Answer) -> Answer:
        """The same answer, noted."""
        name = NAME + act if answer.is_done else refused(act, answer.status)
        self.witness.sometimes[name] += 1
        return answer

    def commanded(self, began_s: float, answer: Answer) -> OperatorCommand:
        """When what was asked for then has had its effect."""
        late_s = 0.0 if answer.status else AFTERWARDS_S
        return OperatorCommand(began_s=began_s, ended_s=self.now_s + late_s)

    async def must_show(self, what: str, shows: Callable[[Mapping[str, Any]], bool]) -> None:
        """What stands now stands on the card, looked at now."""
        card = await self.card()
        if card.is_done and not shows(card.body):
            shown = {key: card.body.get(key) for key in ("status", "mode", "paused", "halted")}
            self.wrong(f"{what}, and its card shows {shown}, troubles {kinds(card.body)}")

    def wrong(self, text: str) -> None:
        """The operator was shown something else than stands."""
        at_s = self.now_s - self.xero.born_at_s
        self.witness.violations.append(f"surface: at {at_s:.3f} s, {self.tenant} {text}")

    def is_mapping_usable(self) -> bool:
        """Whether the organisation takes whatever the configuration maps to."""
        scene = Scene(pipeline={}, organisation=books_to_json(self.books), jobs={})
        return reasons_in_books.mapping_usable(scene)

    def sides(self, identity: str) -> BothSides:
        """Both books as they stand, for one invoice."""
        scene = Scene(pipeline=self.office.dump(), organisation=books_to_json(self.books), jobs={})
        for key, invoice, documents in scene.invoices:
            if key == identity:
                return _both(scene, invoice, documents)
        return BothSides()

    def even(self, identities: Collection[str]) -> frozenset[str]:
        """Those of these invoices of which nothing would be written as both books stand."""
        scene = Scene(
            pipeline=self.office.dump(),
            organisation=books_to_json(self.books),
            jobs={},
            decided=self.witness,
        )
        return frozenset(
            key
            for key, invoice, documents in scene.invoices
            if key in identities and is_even(scene, invoice, documents)
        )


def kinds(card: Mapping[str, Any]) -> list[str]:
    """The troubles of a card, by kind."""
    return [str(each["kind"]) for each in card.get("troubles", ())]


def _both(scene: Scene, invoice: Json, documents: list[Json]) -> BothSides:
    differ = frozenset(
        (field, str(wanted), str(shown))
        for document in documents
        for field, wanted, shown in differences(scene, invoice, document)
    )
    return BothSides(
        shown=differ,
        documents=frozenset(each["InvoiceID"] for each in documents),
        dead=frozenset(each["InvoiceID"] for each in documents if each["Status"] in DEAD),
        left=invoice["version"] if invoice["deleted"] else 0,
    )
