"""Judges whether an edit made in Xero was ever overwritten silently, by Xero's own history.

The one window no client of Xero can close, between what a read of ours showed and the commit of our
write, is measured at the door and excused; everything else is a broken promise.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

from syncd.lab.watch.comparing import differences
from syncd.lab.watch.operator_witness import Decision
from syncd.lab.watch.scene import Scene
from syncd.lab.watch.watched_xero import Arrival
from syncd.sandbox.xero.ledger.model import APP

Json = Mapping[str, Any]
COMPARED = (
    "Reference",
    "DueDate",
    "Date",
    "InvoiceNumber",
    "ContactID",
    "LineItems",
    "CurrencyCode",
)
MERGED = "merged"
DEATHS = ("VOIDED", "DELETED")
OLDEST_READ_S = 11.0
"""`live_max_age_s` and a second on the wire."""
DECIDED = "an edit was written over by a person's decision"
_MS = 1000


def agreed_at_death(scene: Scene) -> dict[str, AbstractSet[str]]:
    """The fields, by dead document, that Pipeline showed alike when it deleted the invoice."""
    return {
        document["InvoiceID"]: set(COMPARED).difference(
            field for field, _, _ in differences(scene, invoice, document)
        )
        for _, invoice, documents in scene.invoices
        for document in documents
        if invoice["deleted"] and document["Status"] in DEATHS
    }


@dataclass(slots=True)
class OverwritingJudge:
    """Reads histories; `sometimes` counts edits that fell into the window.

    What is `agreed` of a document goes with it: whoever deleted the invoice had it before his eyes.
    """

    arrivals: Sequence[Arrival]
    decisions: Sequence[Decision] = ()
    agreed: Mapping[str, AbstractSet[str]] = field(default_factory=dict)
    sometimes: Counter[str] = field(default_factory=Counter)

    def judge(self, organisation: Json) -> Iterator[str]:
        """Every edit of a person that the app wrote over, as a sentence."""
        for document in organisation["invoices"]:
            yield from self._document(document)

    def _document(self, document: Json) -> Iterator[str]:
        """What people set, until they set it back themselves, or a write of ours changes it."""
        standing: dict[str, Json] = {}
        before_them: dict[str, tuple[Any, int]] = {}
        asserted: set[str] = set()
        for entry in document["History"]:
            if entry["what"] == MERGED:
                continue  # the contact went where its survivor is: nobody edited the invoice
            changed = {
                name: before
                for name, before, after in entry["fields"]
                if name in COMPARED and before != after  # lines tell of all but their tracking
            }
            if entry["who"] != APP:
                # What Pipeline leaves empty is not compared, so a withdrawal does not see it.
                asserted.update(
                    name for name, was in changed.items() if was and name not in standing
                )
                standing.update(dict.fromkeys(changed, entry))
                for name, before, after in entry["fields"]:
                    if name in changed:
                        first = before_them.setdefault(name, (before, entry["at_ms"]))
                        if first[0] == after and not self._was_taken(document, first[1], entry):
                            del standing[name], before_them[name]
                            asserted.discard(name)
                continue
            kills = any(name == "Status" and after in DEATHS for name, _, after in entry["fields"])
            agreed = self.agreed.get(document["InvoiceID"], ())
            lost = [each for each in standing if each in asserted and each not in agreed]
            for name in lost if kills else changed:
                edit = standing.pop(name, None)
                before_them.pop(name, None)
                if edit is not None:
                    takes = ("pipeline", "xero") if kills else ("pipeline",)
                    yield from self._overwritten(document, name, edit, entry, takes)

    def _was_taken(self, document: Json, first_ms: int, undone: Json) -> bool:
        """Whether a person may have taken Xero's side before an edit was undone by hand."""
        return any(
            each.take == "xero"
            and document["InvoiceID"] in each.documents
            and each.began_s * _MS <= undone["at_ms"]
            and first_ms <= each.ended_s * _MS
            for each in self.decisions
        )

    def _overwritten(
        self, document: Json, name: str, edit: Json, write: Json, takes: Sequence[str]
    ) -> Iterator[str]:
        read, sent_at_s = self._known(document["InvoiceID"], write["at_ms"])
        if self._was_decided(document["InvoiceID"], edit["at_ms"], write["at_ms"], takes):
            self.sometimes[DECIDED] += 1
            return
        what = f"overwritten: {document['InvoiceNumber']} ({document['InvoiceID']}) {name}"
        if read is None or sent_at_s is None:
            yield f"{what}: set by {edit['who']}, written over without a read before it"
        elif (read.at_s - read.lag_s) * _MS > edit["at_ms"] + 1:
            yield (
                f"{what}: set by {edit['who']}, shown {read.at_s - edit['at_ms'] / _MS:.3f} s "
                f"later and written over all the same"
            )
        elif sent_at_s - read.at_s > OLDEST_READ_S:
            yield f"{what}: the read before the write was {sent_at_s - read.at_s:.1f} s old"
        else:
            self.sometimes["an edit fell between our read and our write"] += 1

    def _was_decided(
        self, document: str, edited_ms: int, written_ms: int, takes: Sequence[str]
    ) -> bool:
        """A person was shown the edit, as the last read of his decision had it, and chose.

        An edit whose side was taken is agreed: it leaves with a document that is withdrawn later.
        """
        return any(
            each.take in takes
            and document in each.documents
            and edited_ms <= self._last_read_s(document, each) * _MS
            and each.began_s * _MS <= written_ms
            for each in self.decisions
        )

    def _last_read_s(self, document: str, decision: Decision) -> float:
        reads = (
            each.at_s
            for each in self.arrivals
            if decision.covers(each.at_s) and each.shows(document)
        )
        return max(reads, default=decision.began_s)

    def _known(self, document: str, committed_ms: int) -> tuple[Arrival | None, float | None]:
        """When the write behind an entry was sent, and the last read of the document before."""
        write = next(
            (
                each
                for each in self.arrivals
                if each.is_write
                and committed_ms in (int(each.at_s * _MS), int(each.lives_until_s * _MS))
                and document.encode() in each.request.body
            ),
            None,
        )
        if write is None:
            return None, None
        reads = [
            each for each in self.arrivals if each.number < write.number and each.shows(document)
        ]
        return (reads[-1] if reads else None), write.at_s
