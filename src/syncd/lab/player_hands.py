"""What people do on a simulated day: the user in Pipeline, the bookkeeper in Xero, by seeded dice.

The user works for the length of the day; the bookkeeper touches few documents, each time a field
the daemon compares. Whoever takes the daemon's side is nobody here.
"""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from syncd.sandbox.bookkeeper import BookkeeperAtPlay
from syncd.sandbox.pipeline.app import PipelineWorld
from syncd.sandbox.user import User, UserAtPlay
from syncd.sandbox.xero.app import XeroWorld

DEEDS = ("edit", "edit_line", "approve", "void")
_RENAMES = 0.06
_CUSTOMERS = 0.05
_REDATES = 0.05
_SAME_NUMBER = 0.3
"""How often a rename picks a number the bookkeeper may have given to an invoice of his own."""
_BORN_RENAMED = 0.1
_HIS_OWN = 0.2
_HIS_NUMBERS = 4


class Deed(NamedTuple):
    """What somebody did, and to which document (nothing: to none that is followed)."""

    verb: str
    identity: str


class UserHand:
    """One person's work in Pipeline, a step at a time."""

    def __init__(self, world: PipelineWorld, tenant: str, rng: Random) -> None:
        self._books = world.tenants[tenant].books
        self._user = User(world)
        self._tenant = tenant
        self._at_play = UserAtPlay(world, tenant, rng)
        self._rng = rng
        self._made = 0

    def step(self) -> Deed:
        """Do one thing and say what."""
        draw = self._rng.random()
        movable = self._books.ids("invoice")
        if draw < _CUSTOMERS or not self._books.ids("customer"):
            return self._new_customer()
        if draw < _CUSTOMERS + _RENAMES and movable:
            return self._edit(movable, number=self._number())
        if draw < _CUSTOMERS + _RENAMES + _REDATES and movable:
            return self._edit(movable, dueDate=f"2027-02-{self._rng.randint(1, 28):02d}")
        done = self._at_play.step()
        identity = str(done["answer"]["id"])
        if done["do"] == "create_invoice" and self._rng.random() < _BORN_RENAMED:
            return self._edit([identity], number=self._number())
        return Deed(str(done["do"]), identity)

    def _number(self) -> str:
        his = f"B-{self._rng.randint(1, _HIS_NUMBERS)}"
        if self._rng.random() < _SAME_NUMBER and self._books.invoice_id(his) is None:
            return his
        return f"R-{self._books.seq}-{self._rng.randint(1, 99)}"

    def _new_customer(self) -> Deed:
        self._made += 1
        name = f"Customer {self._made} of {self._rng.randint(1, 10**6)}"
        self._do("create_customer", ref=f"C-{self._made}", name=name)
        return Deed("create_customer", "")

    def _edit(self, movable: list[str], **fields: str) -> Deed:
        identity = self._rng.choice(movable)
        self._do("edit_invoice", id=identity, set=fields)
        return Deed(f"edit_{next(iter(fields))}", identity)

    def _do(self, verb: str, **command: object) -> None:
        self._user({"do": verb, "tenant": self._tenant, **command})


class BookkeeperHand:
    """One person's few edits in Xero, and a few invoices of his own."""

    def __init__(self, world: XeroWorld, rng: Random) -> None:
        self._world = world
        self._rng = rng
        self._made = 0
        self._at_play = BookkeeperAtPlay(world, rng, deeds=DEEDS)

    def step(self) -> Deed:
        """Do one thing and say what; an empty verb when there was nothing to do."""
        if self._made < _HIS_NUMBERS and self._rng.random() < _HIS_OWN:
            return self._own_invoice()
        done = self._at_play.step()
        if done is None or "refused" in done:
            return Deed("", "")
        return Deed(str(done["do"]), str(done.get("invoice", "")))

    def _own_invoice(self) -> Deed:
        self._made += 1
        number = f"B-{self._made}"
        try:
            self._world.bookkeeper({"do": "create_invoice", "InvoiceNumber": number})
        except ValueError:
            return Deed("", "")  # the number is taken, by one of ours
        return Deed("create_invoice", number)
