"""Whose contact a contact is, as the books of both sides say it."""

from __future__ import annotations

from typing import Any

from syncd.lab.watch.scene import Scene
from syncd.lab.watch.store_reader import FindingRow

SURVIVOR = "walk-in"


def contact(number: str | None = None, into: str | None = None) -> dict[str, Any]:
    identity = SURVIVOR if number is None else f"contact of {number}"
    return {"ContactID": identity, "ContactNumber": number, "MergedToContactID": into}


def scene(*, sharing: tuple[str, ...]) -> Scene:
    """A customer was deleted and made again, and its contact merged into one, as another's was."""
    told = {"xeroContactId": SURVIVOR}
    return Scene(
        pipeline={
            "customers": {
                "gone": {"deleted": True},
                "again": {"deleted": False},
                "other": {"deleted": False},
            },
            "results": {"customer": {"again": told, "other": told}},
        },
        organisation={
            "contacts": [contact("gone", SURVIVOR), contact("other", SURVIVOR), contact()]
        },
        jobs={},
        findings=[FindingRow(kind="contacts_merged", key=key, text="") for key in sharing],
    )


def test_contact_of_a_deleted_customer_is_the_next_ones_though_anothers_was_merged_into_it() -> (
    None
):
    """Seed 910049."""
    assert scene(sharing=("other",)).customer_of(SURVIVOR) == {"gone", "again", "other"}


def test_nobody_has_it_beside_one_who_bears_it_by_mark_and_is_told_of_no_merge() -> None:
    assert scene(sharing=()).customer_of(SURVIVOR) == {"gone", "other"}
