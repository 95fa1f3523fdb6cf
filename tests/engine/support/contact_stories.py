"""A customer linked to its contact in the pretend Xero, and what people do to both."""

from __future__ import annotations

from typing import Any

from syncd.domain.model.job import JobKind, JobRequest
from syncd.store import jobs, journal
from tests.engine.support.rounds import Rounds
from tests.xero.support.worlds import TENANT


def contacts(rounds: Rounds) -> list[dict[str, Any]]:
    """Every contact in Xero, archived ones too."""
    organisations = rounds.xero.world.dump()["organisations"]
    (one,) = organisations.values() if isinstance(organisations, dict) else organisations
    return list(one["contacts"])


def contact(rounds: Rounds, customer: str) -> dict[str, Any]:
    """The contact that Pipeline was told of."""
    wanted = told(rounds, customer)["xeroContactId"]
    return next(each for each in contacts(rounds) if each["ContactID"] == wanted)


def told(rounds: Rounds, customer: str) -> dict[str, Any]:
    """What Pipeline was last told of a customer."""
    found = rounds.pipeline.dump()["tenants"][TENANT]["results"]["customer"].get(customer)
    return found or {}


def shown(rounds: Rounds, customer: str) -> dict[str, Any]:
    """The customer as Pipeline has it."""
    found = rounds.pipeline.tenants[TENANT].books.records["customer"][customer].document
    return dict(found)


def edit_in_pipeline(rounds: Rounds, customer: str, **fields: Any) -> None:
    rounds.user(do="edit_customer", id=customer, set=fields)


def edit_in_xero(rounds: Rounds, customer: str, **fields: Any) -> None:
    identifier = told(rounds, customer)["xeroContactId"]
    rounds.xero.do(do="edit_contact", contact=identifier, set=fields)


async def announced(rounds: Rounds, *customers: str) -> None:
    """A webhook or a sweep found these customers' contacts changed: as the digest enqueues them."""
    now = rounds.context.now()
    wishes = [
        JobRequest(tenant=TENANT, kind=JobKind.PUSH_CUSTOMER, key=key, ready_at=now)
        for key in customers
    ]
    await rounds.context.store.run(jobs.enqueue(wishes, now))
    await rounds.turn()


async def entries(rounds: Rounds, customer: str) -> list[str]:
    """What the journal says of a customer, oldest first."""
    found = await rounds.context.store.fetch(journal.of_object(TENANT, "Customer", customer))
    return [written.entry.description for written in reversed(found)]
