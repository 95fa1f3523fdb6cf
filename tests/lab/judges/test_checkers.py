"""The judge of what was told knows a contact by its number, or by the id that was told."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from syncd.lab.judges import checkers
from syncd.lab.watch.scene import Scene

KEY, OTHER = "customer-2", "customer-1"


def unheard(
    contact: dict[str, Any], told: dict[str, Any], *, is_forgotten: bool = False
) -> list[str]:
    scene = SimpleNamespace(
        is_forgotten=lambda _: is_forgotten,
        pipeline={"results": {"customer": {KEY: {"state": "archived", **told}}, "invoice": {}}},
        jobs={("push_customer", KEY): SimpleNamespace(state="done", public_state="synced")},
        organisation={"contacts": [contact]},
        heard=None,
    )
    return list(checkers._unheard(cast("Scene", scene)))


@pytest.mark.parametrize("number", [KEY, OTHER])
def test_archived_is_true_of_the_contact_that_was_told_whose_number_it_may_bear(
    number: str,
) -> None:
    contact = {"ContactID": "x1", "ContactNumber": number, "ContactStatus": "ARCHIVED"}

    assert unheard(contact, {"xeroContactId": "x1"}) == []
    assert unheard({**contact, "ContactStatus": "ACTIVE"}, {"xeroContactId": "x1"}) != []


def test_archived_is_not_true_for_another_customers_contact() -> None:
    contact = {"ContactID": "x1", "ContactNumber": OTHER, "ContactStatus": "ARCHIVED"}

    assert unheard(contact, {"xeroContactId": "x2"}) != []


def test_pipeline_is_told_nothing_of_what_it_was_set_back_to_before() -> None:
    contact = {"ContactID": "x1", "ContactNumber": KEY, "ContactStatus": "ACTIVE"}

    assert unheard(contact, {"xeroContactId": "x1"})
    assert unheard(contact, {"xeroContactId": "x1"}, is_forgotten=True) == []
