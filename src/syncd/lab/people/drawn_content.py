"""Content out of the ordinary in Pipeline: each seed draws a few kinds of it, and works in them.

Half of the seeds draw none and some a single kind all day. This person has dice of its own, so that
it moves no other draw, and does only what Pipeline's contract allows a person to do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from syncd.lab.people.office_people import Action, Meeting
from syncd.sandbox.pipeline.app import PipelineWorld
from syncd.sandbox.seed import COST_CODES
from syncd.sandbox.user import User

Fields = dict[str, Any]
_NOTHING = Action("", "")
_PLAIN_DAYS = 0.5
_ONE_KIND_DAYS = 0.2
_MOST_KINDS = 5
_PACES = (30.0, 30.0, 80.0, 80.0, 400.0)
_NEW = 0.6
"""How often content comes with a new invoice; else one that stands is changed to it."""
_ODD = (
    "two\r\nlines",
    "old\rMac",
    "\n\nblank lines before",
    "  blanks around  ",
    "a\ttab",
    "no\u00a0break",
    "emoji 🏗️ at work",
    "👩‍🔧",
    "Ma\u0308dchen, \u4e2d\u6587, \u05e2\u05d1\u05e8\u05d9\u05ea",
    "right \u202eto left",
    "<b>bold</b> & 'quoted' \"twice\"",
    "; DROP TABLE -- \\",
    "x" * 255,
)
_UNSEEN = ("bell \x07 rings", "next\x85line", "")
_RATES = ("0.15", "0.15", "0.15", "0", "0.125")
_CURRENCIES = ("USD", "USD", "NZD", "AUD", "EUR")


@dataclass(slots=True)
class Mix:
    """What one seed works in, and how often an hour."""

    kinds: tuple[str, ...] = ()
    an_hour: float = 0.0


def drawn(rng: Random, kinds: tuple[str, ...], paces: tuple[float, ...] = _PACES) -> Mix:
    """Nothing in half of the seeds; one kind all day in some, a few in the others."""
    draw = rng.random()
    if draw < _PLAIN_DAYS:
        return Mix()
    count = 1 if draw < _PLAIN_DAYS + _ONE_KIND_DAYS else rng.randint(2, _MOST_KINDS)
    return Mix(tuple(rng.sample(kinds, count)), rng.choice(paces))


@dataclass(slots=True)
class ContentActor:
    """One more person at work in Pipeline, in the kinds of content this seed has drawn."""

    world: PipelineWorld
    tenant: str
    rng: Random
    meeting: Meeting = field(default_factory=Meeting)
    mix: Mix = field(init=False)
    _made: int = 0

    def __post_init__(self) -> None:
        self.mix = drawn(self.rng, (*KINDS,))

    @property
    def an_hour(self) -> float:
        """How many actions."""
        return self.mix.an_hour

    def step(self) -> Action:
        """Do one thing and say what; an empty verb where Pipeline takes it not."""
        kind = self.rng.choice(self.mix.kinds)
        try:
            return KINDS[kind](self)
        except ValueError:
            return _NOTHING

    # --- what every action is made of

    @property
    def _books(self) -> Any:
        return self.world.tenants[self.tenant].books

    def _do(self, verb: str, **command: Any) -> str:
        answer = User(self.world)({"do": verb, "tenant": self.tenant, **command})
        return str(answer["id"])

    def _invoices(self) -> list[str]:
        return list(self._books.ids("invoice"))

    def _shown(self, identity: str) -> Mapping[str, Any]:
        shown: Mapping[str, Any] = self._books.records["invoice"][identity].document
        return shown

    def _line(self, **more: Any) -> Fields:
        plain = {
            "description": f"Drawn {self.rng.randint(1, 999)}",
            "quantity": Decimal(self.rng.randint(1, 40)) / 4,
            "unitAmount": Decimal(self.rng.randint(100, 90_000)) / 100,
            "costCode": self.rng.choice((*COST_CODES,)),
            "taxRate": Decimal("0.15"),
        }
        return {**plain, **more}

    def _put(self, verb: str, lines: list[Fields] | None = None, **fields: Any) -> Action:
        """Write it into a new invoice, or into one that stands."""
        standing = self._invoices()
        if standing and self.rng.random() > _NEW:
            identity = self.rng.choice(standing)
            changed = fields if lines is None else {**fields, "lines": lines}
            self._do("edit_invoice", id=identity, set=changed)
            return Action(verb, identity)
        made = {"lines": lines or [self._line()], **fields}
        return Action(verb, self._new(**made))

    def _new(self, **fields: Any) -> str:
        customers = self._books.ids("customer")
        if not customers:
            raise ValueError("customer: nobody is there to be invoiced yet")
        self._made += 1
        today = self.world.clock.utc().date()
        plain = {
            "number": f"D-{self._made}",
            "customerId": self.rng.choice(customers),
            "status": self.rng.choice(("Draft", "Approved", "Sent")),
            "invoiceDate": today.isoformat(),
            "dueDate": (today + timedelta(days=14)).isoformat(),
        }
        return self._do("create_invoice", **{**plain, **fields})

    # --- content

    def currency(self) -> Action:
        """Another currency, which the organisation has or has not."""
        return self._put("edit_currency", currencyCode=self.rng.choice(_CURRENCIES))

    def tax_kinds(self) -> Action:
        """Amounts with tax, without it, or of no tax at all."""
        kind = self.rng.choice(("Inclusive", "Exclusive", "NoTax"))
        untaxed = {"taxType": "NONE", "taxRate": Decimal(0)} if kind == "NoTax" else {}
        lines = [self._line(**untaxed) for _ in range(self.rng.randint(1, 3))]
        return self._put("edit_line", lines, lineAmountTypes=kind)

    def rates(self) -> Action:
        """Rates that are mapped or not, tax types by name, and none at all."""
        rate = self.rng.choice(_RATES)
        shapes: tuple[Fields, ...] = (
            {"taxRate": Decimal(rate)},
            {"taxRate": Decimal(0), "taxType": "ZERORATED"},
            {"taxRate": None, "taxType": None},
            {"taxRate": Decimal("0.15"), "taxType": "GHOSTTAX"},
        )
        return self._put("edit_line", [self._line(**self.rng.choice(shapes))])

    def accounts(self) -> Action:
        """Cost codes nobody has mapped, and accounts by their codes: good, system and unknown."""
        shapes: tuple[Fields, ...] = (
            {"costCode": "GHOST"},
            {"accountCode": "260"},
            {"accountCode": "610"},
            {"accountCode": "999"},
            {"costCode": None, "accountCode": None},
        )
        return self._put("edit_line", [self._line(**self.rng.choice(shapes))])

    def discount(self) -> Action:
        """A line at a discount, up to all of it."""
        per_cent = self.rng.choice(("5", "12.5", "33.3333", "100", "0.0001", "101"))
        return self._put("edit_line", [self._line(discountPercent=Decimal(per_cent))])

    def tracking(self) -> Action:
        """Tracking options that are there, that are not, and none any more."""
        option = self.rng.choice(("North", "South", "East", "Moon", ""))
        pairs = [{"name": "Region", "option": option}] if option else []
        return self._put("edit_line", [self._line(tracking=pairs)])

    def half_cents(self) -> Action:
        """Amounts that lie exactly between two cents, and prices of four decimals."""
        unit = self.rng.choice(("0.005", "1.115", "10.0050", "0.1234", "99.9999", "0.3333"))
        lines = [
            self._line(unitAmount=Decimal(unit), quantity=Decimal(self.rng.choice((1, 3, 5))))
            for _ in range(self.rng.randint(1, 4))
        ]
        return self._put("edit_line", lines)

    def negative(self) -> Action:
        """Something taken off: a line below nought, sometimes more than there is."""
        off = Decimal(self.rng.choice(("-1", "-10.5", "-100000")))
        taken = {"unitAmount": off} if self.rng.random() < 0.5 else {"quantity": off}  # noqa: PLR2004 - a coin
        return self._put("edit_line", [self._line(), self._line(**taken)])

    def many_lines(self) -> Action:
        """Very many lines."""
        count = self.rng.choice((30, 120))
        return self._put("edit_line", [self._line() for _ in range(count)])

    def texts(self) -> Action:
        """Long and odd texts, with what cannot be seen among them."""
        text = self.rng.choice((*_ODD, *_ODD, *_UNSEEN, "y" * 4000))
        if self.rng.random() < 0.5:  # noqa: PLR2004 - a coin
            return self._put("edit_line", [self._line(description=text)])
        return self._put("edit_reference", reference=text[:255])

    def no_due_date(self) -> Action:
        """Nobody says when it is due, and the date it follows from moves."""
        day = self.world.clock.utc().date() - timedelta(days=self.rng.randint(0, 40))
        return self._put("edit_dueDate", dueDate=None, invoiceDate=day.isoformat())

    def old_dates(self) -> Action:
        """A date in a period that may be closed."""
        day = date(2026, self.rng.randint(1, 11), self.rng.randint(1, 28))
        return self._put("edit_invoiceDate", invoiceDate=day.isoformat())

    def statuses(self) -> Action:
        """Forward and back again."""
        verb = self.rng.choice(("reopen", "approve", "send"))
        return Action(verb, self._do(verb, id=self._any_invoice()))

    def totals(self) -> Action:
        """Totals that no lines add up to."""
        off = Decimal(self.rng.choice(("0.01", "0.05", "-3")))
        shown = self._shown(self._any_invoice())
        return self._put("edit_line", total=shown["total"] + off, tax=shown["tax"] + off)

    def line_order(self) -> Action:
        """Lines that change places, go, and come between others."""
        identity = self._any_invoice()
        lines = [dict(each) for each in self._shown(identity)["lines"]]
        self.rng.shuffle(lines)
        if lines and self.rng.random() < 0.4:  # noqa: PLR2004 - now and then
            lines.pop()
        lines.insert(self.rng.randint(0, len(lines)), self._line())
        self._do("edit_invoice", id=identity, set={"lines": lines})
        return Action("edit_line", identity)

    def again(self) -> Action:
        """An invoice that is deleted, and comes back."""
        gone = [key for key, record in self._books.records["invoice"].items() if record.deleted_at]
        if gone and self.rng.random() < 0.5:  # noqa: PLR2004 - a coin
            return Action("restore", self._do("restore", id=self.rng.choice(gone)))
        return Action("delete", self._do("delete", id=self._any_invoice()))

    # --- numbers

    def swap(self) -> Action:
        """Two invoices change numbers in one breath."""
        one, other = self._some_invoices(2)
        mine, yours = self._shown(one)["number"], self._shown(other)["number"]
        self._number(one, f"S-{self._books.seq}")
        self._number(other, mine)
        return self._number(one, yours)

    def chain(self) -> Action:
        """Each number moves one further, and the first is free."""
        row = self._some_invoices(3)
        numbers = [self._shown(each)["number"] for each in row]
        self._number(row[-1], f"N-{self._books.seq}")
        for at in reversed(range(len(row) - 1)):
            self._number(row[at], numbers[at + 1])
        return Action("edit_number", row[0])

    def freed(self) -> Action:
        """A number that somebody has just let go, taken by another or by a new invoice."""
        one, other = self._some_invoices(2)
        number = self._shown(one)["number"]
        verb = "edit_number" if self.rng.random() < 0.5 else "delete"  # noqa: PLR2004 - a coin
        if verb == "delete":
            self._do("delete", id=one)
        else:
            self._number(one, f"F-{self._books.seq}")
        if self.rng.random() < 0.3:  # noqa: PLR2004 - now and then
            return Action("create_invoice", self._new(number=number, lines=[self._line()]))
        return self._number(other, number)

    def letter_case(self) -> Action:
        """A number that differs from another's, or its own, in its letters' case alone."""
        one, other = self._some_invoices(2)
        number = self._shown(one)["number"].swapcase()
        return self._number(self.rng.choice((one, other)), number)

    def blank_numbers(self) -> Action:
        """A number with blanks around it, which are no part of it in Xero."""
        identity = self._any_invoice()
        return self._number(identity, f" {self._shown(identity)['number'].strip()} ")

    def _number(self, identity: str, number: str) -> Action:
        self._do("edit_invoice", id=identity, set={"number": number})
        return Action("edit_number", identity)

    # --- customers

    def customer_again(self) -> Action:
        """A customer that is deleted, and made anew under the same name and reference."""
        identity = self._any_customer()
        shown = self._books.records["customer"][identity].document
        self._do("delete_customer", id=identity)
        self._do("create_customer", ref=shown["ref"], name=shown["name"])
        return Action("delete_customer", "")

    def customer_fields(self) -> Action:
        """Everything a customer has, emptied now and then."""
        word = f"{self.rng.choice(_ODD[:10])} {self.rng.randint(1, 99)}"
        address = {"line1": word, "city": "Harbour", "postalCode": "1010", "country": "NZ"}
        shapes: tuple[Fields, ...] = (
            {"firstName": word.strip(), "lastName": "Desk"},
            {"postalAddress": address},
            {"email": None, "phone": None},
            {"email": "nobody at all"},
            {"website": "https://www.example.com"},
            {"ref": f"REF-{self.rng.randint(1, 5)}"},
            {"name": f"Customer {word}"},
        )
        identity = self._any_customer()
        self._do("edit_customer", id=identity, set=self.rng.choice(shapes))
        return Action("edit_customer", "")

    def customer_names(self) -> Action:
        """A name that another customer has already."""
        one, other = self._some("customer", 2)
        name = self._books.records["customer"][one].document["name"]
        self._do("edit_customer", id=other, set={"name": name.upper()})
        return Action("edit_customer", "")

    def customer_moves(self) -> Action:
        """An invoice goes to another customer."""
        return self._put("edit_customerId", customerId=self._any_customer())

    # --- whom

    def _some(self, kind: str, count: int) -> list[str]:
        alive = self._books.ids(kind)
        if len(alive) < count:
            raise ValueError(f"{kind}: expected {count} of them, got {len(alive)}")
        return self.rng.sample(alive, count)

    def _some_invoices(self, count: int) -> list[str]:
        return self._some("invoice", count)

    def _any_invoice(self) -> str:
        if self.meeting.bookkeeper in self._invoices() and self.rng.random() < 0.2:  # noqa: PLR2004 - now and then
            return self.meeting.bookkeeper
        return self._some("invoice", 1)[0]

    def _any_customer(self) -> str:
        return self._some("customer", 1)[0]


KINDS: Mapping[str, Callable[[ContentActor], Action]] = {
    each.__name__: each
    for each in (
        ContentActor.currency,
        ContentActor.tax_kinds,
        ContentActor.rates,
        ContentActor.accounts,
        ContentActor.discount,
        ContentActor.tracking,
        ContentActor.half_cents,
        ContentActor.negative,
        ContentActor.many_lines,
        ContentActor.texts,
        ContentActor.no_due_date,
        ContentActor.old_dates,
        ContentActor.statuses,
        ContentActor.totals,
        ContentActor.line_order,
        ContentActor.again,
        ContentActor.swap,
        ContentActor.chain,
        ContentActor.freed,
        ContentActor.letter_case,
        ContentActor.blank_numbers,
        ContentActor.customer_again,
        ContentActor.customer_fields,
        ContentActor.customer_names,
        ContentActor.customer_moves,
    )
}
