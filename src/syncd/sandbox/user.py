"""What the Pipeline user does: a person who creates, edits, approves, sends and deletes.

Called by the sandbox's control (`POST /_sandbox/user`), by the demo and by the simulation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

from syncd.sandbox.pipeline.app import PipelineWorld, Tenant

Command = Mapping[str, Any]
_ANYBODY = "the office"
_KINDS = {"create_customer": "customer", "create_invoice": "invoice"}


class User:
    """Takes commands such as `{"do": "approve", "id": …}`; every one may name `tenant` and `by`.

    - `create_customer`, `create_invoice`: the contract's fields beside `do`, an `id` if wanted
    - `edit_customer`, `edit_invoice`: `id`, and `set` with the fields that change
    - `edit_line`: `id` of the invoice, `line` (position from 0), and `set` with the line's fields
    - `approve`, `send`, `reopen` (back to Draft), `delete`, `delete_customer`: `id`
    - `delete_many`: `count` live invoices at once, as a slip of the hand would
    - `expire_cursors`: every feed cursor handed out so far is too old from now on
    - `plant`: `id` of an invoice and `reason_code`, the one it is expected to be held for

    An invoice may be named by `number`, a customer by `ref`, in place of `id`.
    """

    def __init__(self, world: PipelineWorld) -> None:
        self._world = world
        self._verbs: dict[str, Callable[[Tenant, Command], dict[str, Any]]] = {
            "create_customer": self._create,
            "create_invoice": self._create,
            "edit_customer": self._edit_customer,
            "edit_invoice": self._edit_invoice,
            "edit_line": self._edit_line,
            "approve": lambda tenant, command: self._status(tenant, command, "Approved"),
            "send": lambda tenant, command: self._status(tenant, command, "Sent"),
            "reopen": lambda tenant, command: self._status(tenant, command, "Draft"),
            "delete": lambda tenant, command: self._delete(tenant, command, "invoice"),
            "delete_many": self._delete_many,
            "restore": self._restore,
            "delete_customer": lambda tenant, command: self._delete(tenant, command, "customer"),
            "expire_cursors": self._expire_cursors,
            "plant": self._plant,
        }

    def __call__(self, command: Command) -> dict[str, Any]:
        """Do one thing; answers with what it touched. Raises ValueError saying what is wrong."""
        verb = self._verbs.get(command.get("do", ""))
        if verb is None:
            raise ValueError(f"do: expected one of {[*self._verbs]}, got {command.get('do')!r}")
        name = command.get("tenant") or next(iter(self._world.tenants))
        tenant = self._world.tenants.get(name)
        if tenant is None:
            known = list(self._world.tenants)
            raise ValueError(f"tenant: expected one of {known}, got {name!r}")
        return verb(tenant, command)

    def _create(self, tenant: Tenant, command: Command) -> dict[str, Any]:
        kind = _KINDS[command["do"]]
        fields = {key: command[key] for key in command if key not in ("do", "tenant", "by")}
        if kind == "invoice":
            fields.setdefault("invoiceDate", self._world.clock.utc().date().isoformat())
        identity = tenant.books.create(kind, fields, by=_person(command))
        return {"id": identity, "version": 1}

    def _edit_customer(self, tenant: Tenant, command: Command) -> dict[str, Any]:
        return _edited(tenant, "customer", _id(tenant, command, "customer"), command)

    def _edit_invoice(self, tenant: Tenant, command: Command) -> dict[str, Any]:
        return _edited(tenant, "invoice", _id(tenant, command, "invoice"), command)

    def _edit_line(self, tenant: Tenant, command: Command) -> dict[str, Any]:
        identity = _id(tenant, command, "invoice")
        lines = [dict(line) for line in tenant.books.records["invoice"][identity].document["lines"]]
        at = command.get("line", 0)
        if not isinstance(at, int) or not 0 <= at < len(lines):
            raise ValueError(f"line: expected 0 to {len(lines) - 1}, got {at!r}")
        lines[at] |= command.get("set", {})
        return _edited(tenant, "invoice", identity, {**command, "set": {"lines": lines}})

    def _status(self, tenant: Tenant, command: Command, status: str) -> dict[str, Any]:
        identity = _id(tenant, command, "invoice")
        return _edited(tenant, "invoice", identity, {**command, "set": {"status": status}})

    def _delete(self, tenant: Tenant, command: Command, kind: str) -> dict[str, Any]:
        identity = _id(tenant, command, kind)
        return {
            "id": identity,
            "version": tenant.books.delete(kind, identity, by=_person(command)),
        }

    def _delete_many(self, tenant: Tenant, command: Command) -> dict[str, Any]:
        count = command.get("count")
        if not isinstance(count, int) or isinstance(count, bool) or count < 1:
            raise ValueError(f"count: expected 1 or more, got {count!r}")
        free = [key for key in tenant.books.ids("invoice") if key not in tenant.planted]
        for identity in free[:count]:
            tenant.books.delete("invoice", identity, by=_person(command))
        return {"deleted": len(free[:count])}

    def _restore(self, tenant: Tenant, command: Command) -> dict[str, Any]:
        identity = str(command.get("id", ""))
        version = tenant.books.restore("invoice", identity, by=_person(command))
        return {"id": identity, "version": version}

    def _expire_cursors(self, tenant: Tenant, _command: Command) -> dict[str, Any]:
        tenant.books.epoch += 1
        return {"epoch": tenant.books.epoch}

    def _plant(self, tenant: Tenant, command: Command) -> dict[str, Any]:
        identity = _id(tenant, command, "invoice")
        tenant.planted[identity] = str(command["reason_code"])
        return {"id": identity}


class UserAtPlay:
    """A person who keeps the books moving, the same way for the same dice."""

    def __init__(self, world: PipelineWorld, tenant: str, rng: Random) -> None:
        self._tenant = world.tenants[tenant]
        self._world = world
        self._hand = User(world)
        self._rng = rng
        self._made = 0

    def step(self) -> dict[str, Any]:
        """Do one thing a person would do now, and say what: the command with its answer."""
        books = self._tenant.books
        if not books.ids("customer"):
            return self._do(do="create_customer", ref="C-PLAY-0", name="The First Customer Ltd")
        verbs = ("create_invoice", "edit_line", "approve", "send", "edit_invoice", "delete")
        weights = (30, 25, 20, 10, 10, 5)
        verb = self._rng.choices(verbs, weights)[0]
        movable = [key for key in books.ids("invoice") if key not in self._tenant.planted]
        if verb == "create_invoice" or not movable:
            return self._create()
        identity = self._rng.choice(movable)
        document = books.records["invoice"][identity].document
        if verb == "edit_line" and document["lines"]:
            at = self._rng.randrange(len(document["lines"]))
            return self._do(do=verb, id=identity, line=at, set={"quantity": self._quantity()})
        before = {"approve": "Draft", "send": "Approved", "delete": document["status"]}
        if before.get(verb) == document["status"]:
            return self._do(do=verb, id=identity)
        reference = f"PO-{self._rng.randint(1, 9999)}"
        return self._do(do="edit_invoice", id=identity, set={"reference": reference})

    def _create(self) -> dict[str, Any]:
        self._made += 1
        today = self._world.clock.utc().date()
        lines = [
            {
                "description": f"Call-out {self._made}, part {part}",
                "quantity": self._quantity(),
                "unitAmount": Decimal(self._rng.randint(100, 2_000_000)) / 10_000,
                "costCode": "LAB",
                "taxRate": self._tenant.tax_rate,
            }
            for part in range(1, self._rng.randint(2, 4))
        ]
        return self._do(
            do="create_invoice",
            number=f"PLAY-{0 if self._world.equal_ids else self._tenant.books.seq}-{self._made}",
            customerId=self._rng.choice(self._tenant.books.ids("customer")),
            invoiceDate=today.isoformat(),
            dueDate=(today + timedelta(days=20)).isoformat(),
            lines=lines,
        )

    def _quantity(self) -> Decimal:
        return Decimal(self._rng.randint(1, 80)) / 4

    def _do(self, **command: Any) -> dict[str, Any]:
        command["tenant"] = self._tenant.name
        return {**command, "answer": self._hand(command)}


def _edited(tenant: Tenant, kind: str, identity: str, command: Command) -> dict[str, Any]:
    fields = command.get("set")
    if not isinstance(fields, Mapping):
        raise ValueError(f"set: expected the fields that change, got {fields!r}")  # noqa: TRY004 - one error kind for bad input
    version = tenant.books.edit(kind, identity, fields, by=_person(command))
    return {"id": identity, "version": version}


def _person(command: Command) -> str:
    return str(command.get("by", _ANYBODY))


def _id(tenant: Tenant, command: Command, kind: str) -> str:
    if "id" in command:
        return str(command["id"])
    if kind == "invoice":
        found = tenant.books.invoice_id(str(command.get("number", "")))
    else:
        records = tenant.books.records["customer"]
        alive = (key for key in tenant.books.ids("customer"))
        found = next((k for k in alive if records[k].document["ref"] == command.get("ref")), None)
    if found is None:
        name = "number" if kind == "invoice" else "ref"
        raise ValueError(f"{name}: expected that of a {kind} alive, got {command.get(name)!r}")
    return found
