"""Judges customers and contacts at rest: what counts as synced shows the same on both sides.

Asked of contacts that nobody has merged, for several customers may share one that was. Contacts are
seen by sweeps alone, so nothing is asked on a day without them.
"""

from __future__ import annotations

from collections.abc import Iterator

from syncd.lab.watch.scene import Json, Scene
from syncd.sandbox.xero.ledger.model import APP


def judge(scene: Scene) -> Iterator[str]:
    """Every field that a customer and its contact show differently, as a sentence."""
    if not scene.sees_everything:
        return
    winners = {each["MergedToContactID"] for each in scene.organisation["contacts"]}
    by_number = {
        each["ContactNumber"]: each
        for each in scene.organisation["contacts"]
        if each["ContactStatus"] == "ACTIVE" and each["ContactID"] not in winners
    }
    for identity, customer in scene.pipeline["customers"].items():
        job = scene.jobs.get(("push_customer", identity))
        contact = by_number.get(identity)
        if job is None or job.state != "done" or customer["deleted"] or contact is None:
            continue
        if _was_linked_as_it_stood(scene, identity, contact):
            continue
        for field, ours, theirs in compared(customer, contact):
            if (ours or "") != (theirs or ""):
                yield (
                    f"unshown: customer {identity} ({customer['name']}): {field} is {ours!r} in "
                    f"Pipeline, {theirs!r} in Xero, and it counts as {job.public_state}"
                )


def _was_linked_as_it_stood(scene: Scene, identity: str, contact: Json) -> bool:
    """What differed at linking stays: of a person's contact, by order, or after a restore."""
    first = contact["History"][0]
    born_s = scene.sent_s(first["at_ms"])
    return (
        first["who"] != APP
        or identity in scene.decided.linked
        or scene.decided.is_forgotten(born_s)
    )


def compared(customer: Json, contact: Json) -> Iterator[tuple[str, str | None, str | None]]:
    """In the forms Xero keeps: texts trimmed, names with single blanks and no angle brackets."""
    yield "name", _name(customer["name"]), _name(contact["Name"])
    yield "first name", _text(customer["firstName"]), _text(contact["FirstName"])
    yield "last name", _text(customer["lastName"]), _text(contact["LastName"])
    yield "email", _text(customer["email"]), _text(contact["EmailAddress"])
    phone = contact["Phones"].get("DEFAULT", {}).get("PhoneNumber")
    yield "phone", _text(customer["phone"]), _text(phone)


def _name(name: str) -> str:
    return " ".join(name.replace("<", " ").replace(">", " ").split())


def _text(text: str | None) -> str:
    return (text or "").strip()
