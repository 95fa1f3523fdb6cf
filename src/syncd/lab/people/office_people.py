"""What people do on a simulated day: the user in Pipeline, the bookkeeper in Xero, by seeded dice.

The user works for the length of the day; the bookkeeper touches few documents, each time a field
the daemon compares. Whoever takes the daemon's side is nobody here.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from syncd.lab.watch.marks import invoice_marked
from syncd.sandbox.bookkeeper import WEIGHTS, BookkeeperAtPlay
from syncd.sandbox.pipeline.app import PipelineWorld
from syncd.sandbox.user import User, UserAtPlay
from syncd.sandbox.xero.ledger.books import Books
from syncd.sandbox.xero.server.app import XeroWorld

EDITS = ("edit", "edit_line", "approve", "void")
MONEY = ("pay", "part_pay", "delete_payment", "credit", "deallocate")
_WORK: tuple[tuple[float, tuple[str, ...]], ...] = (
    (0.0, EDITS),
    (3.0, EDITS),
    (15.0, MONEY),
    (10.0, tuple(WEIGHTS)),
    (40.0, tuple(WEIGHTS)),
)
"""How much the bookkeeper does in an hour, and of what."""
_FRESH = 0.1
_MEET = 0.25
"""How often one takes up the invoice that the other had in hand last."""
_RENAMES = 0.06
_CUSTOMERS = 0.05
_REDATES = 0.05
_CALLS = 0.04
"""How often the user gives a customer another telephone number, or another mail address."""
_MAILS = 0.05
"""How often the bookkeeper does the same to a contact of ours."""
_SAME_NUMBER = 0.3
"""How often a rename picks a number the bookkeeper may have given to an invoice of his own."""
_BORN_RENAMED = 0.1
_HIS_OWN = 0.2
_HIS_NUMBERS = 4


class Action(NamedTuple):
    """What somebody did, and to which document (nothing: to none that is followed)."""

    verb: str
    identity: str


@dataclass(slots=True)
class Meeting:
    """What each has had in hand last, as Pipeline's invoice id: people meet on the same paper."""

    user: str = ""
    bookkeeper: str = ""


class PipelineUser:
    """One person's work in Pipeline, a step at a time."""

    def __init__(
        self, world: PipelineWorld, tenant: str, rng: Random, meeting: Meeting | None = None
    ) -> None:
        self._meeting = meeting or Meeting()
        self._books = world.tenants[tenant].books
        self._user = User(world)
        self._equal = world.equal_ids
        self._tenant = tenant
        self._at_play = UserAtPlay(world, tenant, rng)
        self._rng = rng
        self._made = 0

    def step(self) -> Action:
        """Do one thing and say what."""
        action = self._step()
        self._meeting.user = action.identity or self._meeting.user
        return action

    def _step(self) -> Action:
        draw = self._rng.random()
        movable = self._books.ids("invoice")
        if self._meeting.bookkeeper in movable and self._rng.random() < _MEET:
            return self._edit([self._meeting.bookkeeper], reference=f"U-{self._rng.randint(1, 99)}")
        if draw < _CUSTOMERS or not self._books.ids("customer"):
            return self._new_customer()
        if draw > 1 - _CALLS:
            return self._edit_customer()
        if draw < _CUSTOMERS + _RENAMES + _REDATES and movable:
            is_rename = draw < _CUSTOMERS + _RENAMES
            return self._edit(movable, **(self._renamed() if is_rename else self._redated()))
        done = self._at_play.step()
        identity = str(done["answer"]["id"])
        if done["do"] == "create_invoice" and self._rng.random() < _BORN_RENAMED:
            return self._edit([identity], **self._renamed())
        return Action(str(done["do"]), identity)

    def _renamed(self) -> dict[str, str]:
        return {"number": self._number()}

    def _redated(self) -> dict[str, str]:
        return {"dueDate": f"2027-02-{self._rng.randint(1, 28):02d}"}

    def _number(self) -> str:
        his = f"B-{self._rng.randint(1, _HIS_NUMBERS)}"
        if self._rng.random() < _SAME_NUMBER and self._books.invoice_id(his) is None:
            return his
        return f"R-{self._books.seq}-{self._rng.randint(1, 99)}"

    def _new_customer(self) -> Action:
        self._made += 1
        town = self._rng.randint(1, 10**6)
        name = f"Customer {self._made} of {1 if self._equal else town}"
        self._do("create_customer", ref=f"C-{self._made}", name=name)
        return Action("create_customer", "")

    def _edit_customer(self) -> Action:
        identity = self._rng.choice(self._books.ids("customer"))
        self._do("edit_customer", id=identity, set=_way_to_reach(self._rng, ("phone", "email")))
        return Action("edit_customer", "")

    def _edit(self, movable: list[str], **fields: str) -> Action:
        identity = self._rng.choice(movable)
        self._do("edit_invoice", id=identity, set=fields)
        return Action(f"edit_{next(iter(fields))}", identity)

    def _do(self, verb: str, **command: object) -> None:
        self._user({"do": verb, "tenant": self._tenant, **command})


class XeroBookkeeper:
    """One person's work in Xero, much or little, and a few invoices of his own."""

    def __init__(
        self,
        world: XeroWorld,
        rng: Random,
        meeting: Meeting | None = None,
        organisation: str | None = None,
    ) -> None:
        self._world = world
        self._organisation = organisation or next(iter(world.books))
        self._rng = rng
        self._made = 0
        self._meeting = meeting or Meeting()
        self.an_hour, self._deeds = rng.choice(_WORK)
        self._at_play = BookkeeperAtPlay(world, rng, tenant=self._organisation, actions=self._deeds)

    def step(self) -> Action:
        """Do one thing and say what; an empty verb when there was nothing to do."""
        if self._made < _HIS_NUMBERS and self._rng.random() < _HIS_OWN:
            return self._own_invoice()
        if self._rng.random() < _MAILS and self._deeds != MONEY:
            return self._edit_contact()
        if self._rng.random() < _FRESH:
            return self._edit_the_newest()
        if self._meeting.user and self._rng.random() < _MEET:
            return self._edit_the_same()
        done = self._at_play.step()
        if done is None or "refused" in done:
            return Action("", "")
        self._has_in_hand(str(done.get("invoice", "")))
        return Action(str(done["do"]), str(done.get("invoice", "")))

    def _edit_contact(self) -> Action:
        ours = [each.id for each in self._books.contacts.current() if each.number]
        if not ours:
            return Action("", "")
        reached = _way_to_reach(self._rng, ("Phones", "EmailAddress"))
        self._tried("edit_contact", contact=self._rng.choice(ours), set=reached)
        return Action("edit_contact", "")

    def _edit_the_newest(self) -> Action:
        """What has just come: the answer that told of it may still be lost."""
        ours = [each for each in self._books.invoices.current() if invoice_marked(each.url or "")]
        if not ours:
            return Action("", "")
        fields = {"Reference": f"N-{self._rng.randint(1, 99)}"}
        return self._tried("edit", invoice=ours[-1].id, set=fields)

    def _edit_the_same(self) -> Action:
        for document in self._books.invoices.current():
            if invoice_marked(document.url or "") == self._meeting.user:
                fields = {"Reference": f"B-{self._rng.randint(1, 99)}"}
                return self._tried("edit", invoice=document.id, set=fields)
        return Action("", "")

    @property
    def _books(self) -> Books:
        return self._world.books[self._organisation]

    def _has_in_hand(self, document_id: str) -> None:
        document = self._books.invoices.by_id.get(document_id)
        if document is not None:
            self._meeting.bookkeeper = invoice_marked(document.url or "") or ""

    def _own_invoice(self) -> Action:
        self._made += 1
        return self._tried("create_invoice", InvoiceNumber=f"B-{self._made}")

    def _tried(self, verb: str, **command: object) -> Action:
        """Nothing was done where Xero refuses: the number is one of ours, the books are closed."""
        try:
            self._world.bookkeeper({"do": verb, "tenant": self._organisation, **command})
        except ValueError:
            return Action("", "")
        return Action(verb, str(command.get("invoice", "")))


def _way_to_reach(rng: Random, fields: tuple[str, str]) -> dict[str, object]:
    """Another telephone number or mail address, under the words of either side."""
    number = f"555-{rng.randint(1000, 9999)}"
    phone, mail = fields
    if rng.random() < 0.5:  # noqa: PLR2004 - a coin
        return {mail: f"{number}@example.com"}
    shown = [{"PhoneType": "DEFAULT", "PhoneNumber": number}] if phone == "Phones" else number
    return {phone: shown}
