"""Judges at the end whose everything is: what one tenant was told of stands in its own books.

Ids of Xero's are never equal, so one that stands in no book of the tenant's is another's. What
arrives in the books themselves is judged at the door, by `write_conduct`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from syncd.lab.watch.scene import Json

_NAMED = ("xeroInvoiceId", "xeroContactId")


def judge(pipeline: Json, organisation: Json, linked: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Every document that Pipeline was told of, or that is linked, and is not the tenant's own."""
    own = {each["InvoiceID"] for each in organisation["invoices"]}
    own |= {each["ContactID"] for each in organisation["contacts"]}
    for kind, results in pipeline["results"].items():
        for key, said in results.items():
            for name in _NAMED:
                if said.get(name) and said[name] not in own:
                    yield f"another's: Pipeline was told of {name} {said[name]} for {kind} {key}"
    for key, identity in linked:
        if identity not in own:
            yield f"another's: {key} is linked to {identity}"
