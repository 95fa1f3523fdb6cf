"""The judge of holds bites: each wait without its reason is named, each with one is not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from syncd.lab.judges import at_rest
from syncd.lab.watch.operator_witness import Forgotten, OperatorWitness
from syncd.lab.watch.scene import Scene
from syncd.lab.watch.store_reader import JobRow
from syncd.sandbox.xero.ledger.model import APP

CUSTOMER = {
    "id": "c1",
    "name": "Harbour Build",
    "ref": "C1",
    "email": None,
    "phone": None,
    "firstName": "Ann",
    "lastName": None,
    "deleted": False,
}
INVOICE = {
    "id": "i1",
    "number": "PL-1",
    "customerId": "c1",
    "status": "Approved",
    "deleted": False,
    "version": 1,
}


def job(kind: str, key: str, reason: str) -> JobRow:
    return JobRow(
        kind=kind,
        key=key,
        state="held",
        public_state="waiting",
        reason=reason,
        note="why",
        version=1,
        is_withdrawn=False,
    )


def contact(
    status: str, *, name: str = "Harbour Build", number: str = "c1", first_name: str = "Ann"
) -> dict[str, Any]:
    return {
        "ContactID": f"x-{name}-{number}",
        "Name": name,
        "ContactStatus": status,
        "ContactNumber": number,
        "EmailAddress": None,
        "Phones": {},
        "FirstName": first_name,
        "LastName": None,
        "MergedToContactID": None,
    }


def judged(held: JobRow, *contacts: dict[str, Any]) -> list[str]:
    scene = Scene(
        pipeline={
            "invoices": {"i1": INVOICE},
            "customers": {"c1": CUSTOMER},
            "results": {"invoice": {}},
        },
        organisation={"invoices": [], "contacts": list(contacts)},
        jobs={(held.kind, held.key): held},
    )
    return list(at_rest.judge(scene))


@pytest.mark.parametrize("kind", ["push_invoice", "push_customer"])
@pytest.mark.parametrize("reason", ["contact_archived", "contact_unmapped"])
def test_wait_for_a_contact_has_its_reason_only_while_none_is_active(
    kind: str, reason: str
) -> None:
    held = job(kind, "i1" if kind == "push_invoice" else "c1", reason)

    assert judged(held, contact("ARCHIVED")) == []
    (said,) = judged(held, contact("ACTIVE"))
    assert "is active" in said


def test_wait_for_a_name_has_its_reason_only_while_another_has_it() -> None:
    held = job("push_customer", "c1", "contact_name_taken")

    assert judged(held, contact("ACTIVE", name="HARBOUR BUILD", number="")) == []
    referred = {**contact("ARCHIVED", name="Another", number=""), "AccountNumber": "c1"}
    assert judged(held, contact("ACTIVE"), referred) == []
    (said,) = judged(held, contact("ACTIVE"))
    assert "no other contact has its name" in said


def test_living_customer_is_out_of_sync_only_while_its_contact_shows_something_else() -> None:
    held = replace(job("push_customer", "c1", ""), reason=None, public_state="out_of_sync")

    assert judged(held, contact("ACTIVE", first_name="An")) == []
    (said,) = judged(held, contact("ACTIVE"))
    assert "its contact shows the same" in said


def test_contact_of_a_deleted_customer_that_is_the_next_ones_is_compared_with_that_one() -> None:
    """Seed 911131: it bears the deleted one's number, and Xero altered the next one's name."""
    held = replace(job("push_customer", "c1", ""), reason=None, public_state="out_of_sync")
    its = contact("ACTIVE", number="c0", first_name="An")
    scene = Scene(
        pipeline={
            "invoices": {},
            "customers": {"c0": {**CUSTOMER, "id": "c0", "deleted": True}, "c1": CUSTOMER},
            "results": {"invoice": {}, "customer": {"c1": {"xeroContactId": its["ContactID"]}}},
        },
        organisation={"invoices": [], "contacts": [its]},
        jobs={(held.kind, held.key): held},
    )

    assert list(at_rest.judge(scene)) == []


@pytest.mark.parametrize("made_s", [50.0, 150.0])
def test_contact_stays_for_its_maker_only_where_a_restore_has_forgotten_that(made_s: float) -> None:
    """Seed 910153: made between a backup and its restore, and deleted in Pipeline since."""
    held = replace(job("push_customer", "c1", ""), reason=None, public_state="out_of_sync")
    made = {"at_ms": int(made_s * 1000), "who": APP, "what": "created", "fields": []}
    its = {**contact("ACTIVE"), "History": [made], "IsSupplier": False}
    scene = Scene(
        pipeline={
            "invoices": {},
            "customers": {"c1": {**CUSTOMER, "deleted": True}},
            "results": {"invoice": {}, "customer": {}},
        },
        organisation={"invoices": [], "contacts": [its]},
        jobs={(held.kind, held.key): held},
        decided=OperatorWitness(forgotten=[Forgotten(taken_s=100.0, restored_s=200.0)]),
    )

    said = list(at_rest.judge(scene))

    assert ["nothing keeps its contact" in each for each in said] == [True] * (made_s < 100.0)


@pytest.mark.parametrize("kind", ["push_invoice", "push_customer"])
def test_wait_that_nothing_in_the_world_explains_is_named(kind: str) -> None:
    held = job(kind, "i1" if kind == "push_invoice" else "c1", "rate_limited")

    (said,) = judged(held, contact("ACTIVE"))

    assert "nothing in this world is a reason" in said
