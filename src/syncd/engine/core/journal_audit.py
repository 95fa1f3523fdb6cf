"""Verifies the journal's chain, page by page, and erases words from it, leaving word of that.

Called by `operations` for the API, and with the store alone by whoever checks a store at rest.
What the chain can prove and what it cannot: docs/decisions/0008-journal-hash-chain.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from syncd.domain.ids import TenantId
from syncd.domain.model.value import Value
from syncd.domain.rules.journal import hash_chain
from syncd.engine.core import journal_entries
from syncd.engine.core.context import SyncContext
from syncd.store import desired, journal
from syncd.store.journal import ChainLink, Entry, Head, RecordType, TextState, Wanted
from syncd.store.unit_of_work import Statement, Store, Transaction

PAGE = 1000
"""Entries read at once: some 20 ms of the reader's thread."""
MOST_LOOKED_AT = 5_000
"""Entries gone through for one page of those that are wanted."""
MOST_AT_ONCE = 100_000
"""Entries verified in one request: some seconds."""
ABOUT = (
    journal_entries.INVOICE, journal_entries.CUSTOMER, journal_entries.TENANT,
    journal_entries.CONNECTION, journal_entries.REPORT, journal.OBJECT_TYPE,
)  # fmt: skip
"""What entries may be about."""
Range = tuple[int, int]


class Erasure(msgspec.Struct, frozen=True, kw_only=True):
    """The detail of an erasure's entry: numbers from and to, both included."""

    erased: tuple[Range, ...]


class ChainFault(Value, frozen=True, kw_only=True):
    """The first entry that does not fit, and how."""

    seq: int
    text: str


class ChainCheck(Value, frozen=True, kw_only=True):
    """Entries up to `entries` fit. `is_complete`: that was all of them, or a fault was found."""

    entries: int
    head: Head
    is_complete: bool
    fault: ChainFault | None = None


class JournalPage(Value, frozen=True, kw_only=True):
    """Numbered entries of a tenant, and the number to go on from."""

    items: tuple[tuple[int, Entry], ...]
    last: int
    labels: Mapping[str, str]
    """What people call the invoices and customers among them, by Pipeline's id."""


class AuditService:
    """What operators may ask of the journal."""

    def __init__(self, context: SyncContext) -> None:
        self._context = context

    async def since(self, tenant: TenantId, seq: int, *, limit: int) -> JournalPage:
        """A page of a tenant's entries after number `seq`, oldest first. Raises StoreError."""
        found = await self._context.store.fetch(journal.since(seq, limit=limit))
        items = tuple((one.seq, one.entry) for one in found if one.entry.tenant == tenant)
        keys = sorted({entry.object_key for _, entry in items})
        named = await self._context.store.fetch(desired.labels(tenant, keys))
        last = found[-1].seq if found else seq
        return JournalPage(items=items, last=last, labels=dict(named))

    @staticmethod
    def wanted(*, object_type: str | None, object_key: str | None, who: str | None) -> Wanted:
        """Which entries are wanted; what is empty does not narrow."""
        return Wanted(
            object_type=object_type or None, object_key=object_key or None, who=who or None
        )

    async def newest(
        self, tenant: TenantId, wanted: Wanted, *, before: int | None, limit: int
    ) -> JournalPage:
        """A tenant's entries below number `before`, or the newest, that are wanted; newest first.

        Looks through `MOST_LOOKED_AT` numbers at most. `last` is the number to go on below; 1 or
        less at the beginning. Raises StoreError.
        """
        head = await self.head()
        below = min(before or head.entries + 1, head.entries + 1)
        first = max(1, below - MOST_LOOKED_AT)
        found = await self._context.store.fetch(
            journal.narrowed(tenant, wanted, first=first, below=below, limit=limit)
        )
        items = tuple((one.seq, one.entry) for one in found)
        keys = sorted({entry.object_key for _, entry in items})
        named = await self._context.store.fetch(desired.labels(tenant, keys))
        last = items[-1][0] if len(items) == limit else first
        return JournalPage(items=items, last=last, labels=dict(named))

    async def head(self) -> Head:
        """How long the journal is and what it ends in. Raises StoreError."""
        (head,) = await self._context.store.fetch(journal.head())
        return head

    async def verify(self, *, after: int, noted: tuple[int, bytes] | None) -> ChainCheck:
        """Check a part of the chain, as far as one request should take.

        `noted` is a head: entries and digest. Raises StoreError.
        """
        head = None if noted is None else Head(entries=noted[0], digest=noted[1])
        return await verify(self._context.store, after=after, noted=head, most=MOST_AT_ONCE)

    async def erase(
        self,
        tenant: TenantId,
        who: str,
        *,
        about: tuple[str, str] | None = None,
        person: str | None = None,
    ) -> int:
        """See `erase`. Raises StoreError."""
        return await erase(self._context, tenant, who, about=about, person=person)


async def verify(
    store: Store,
    *,
    after: int = 0,
    most: int | None = None,
    noted: Head | None = None,
    page: int = PAGE,
) -> ChainCheck:
    """Check what follows entry `after`, which an earlier call has found to fit.

    `most` bounds the entries of this call, to whole pages of `page`. `noted` is a head that was
    written down elsewhere: it must still be in the chain. Raises StoreError.
    """
    checked = after
    while True:
        read = Transaction()
        head = read.add(journal.head())
        links = read.add(journal.verification_rows(checked, limit=page))
        erasures = read.add(journal.erasures())
        last = read.add(journal.digest_at(checked))
        end = checked + page
        strays = read.add(journal.text_without_entry(checked, end))
        await store.read(read)
        if checked > head.one.entries:
            return _ends_before(checked, head.one)
        fault = _fault_in(links.rows, _ranges(erasures.rows))
        digest = last.first or hash_chain.START
        for link in links.rows:
            if fault is not None and link.seq >= fault.seq:
                break
            checked, digest = link.seq, link.digest
        if fault is None and strays.rows:
            text = "it has words and no entry: the entry was taken away"
            fault = ChainFault(seq=strays.rows[0], text=text)
        is_last = len(links.rows) < page
        if fault is None and is_last:
            fault = _fault_of_head(Head(entries=checked, digest=digest), head.one)
        if fault is None and is_last and noted is not None:
            fault = await _fault_of_note(store, noted)
        is_complete = fault is not None or is_last
        if is_complete or (most is not None and checked - after >= most):
            return ChainCheck(entries=checked, head=head.one, is_complete=is_complete, fault=fault)


async def erase(
    context: SyncContext,
    tenant: TenantId,
    who: str,
    *,
    about: tuple[str, str] | None = None,
    person: str | None = None,
) -> int:
    """Erase the words of entries about an object (type, key), or by or naming a person; how many.

    The chain still fits, and an entry says how many were erased, which, and at whose word, without
    repeating the name. Raises StoreError.
    """
    assert about is not None or person, "an erasure names an object or a person"
    seqs = await context.store.fetch(journal.to_erase(tenant, about=about, person=person))
    if not seqs:
        return 0
    whose = f"{about[0]} {about[1]}" if about is not None else "one person"
    tx = Transaction()
    tx.add_all(_erased(context, tenant, seqs, of=whose, who=who))
    await context.store.commit(tx)
    return len(seqs)


def erasure(
    context: SyncContext, tenant: TenantId, seqs: Sequence[int]
) -> tuple[Statement[None], ...]:
    """Erase the words of these entries because of their age, and the entry that says so."""
    return _erased(
        context, tenant, seqs, of="older than sync.keep_words_s", who=journal_entries.SYNCD
    )


def _erased(
    context: SyncContext, tenant: TenantId, seqs: Sequence[int], *, of: str, who: str
) -> tuple[Statement[None], ...]:
    many = "1 entry" if len(seqs) == 1 else f"{len(seqs)} entries"
    entry = journal_entries.note(
        tenant,
        context.now(),
        f"Words of {many} erased: {of}",
        who=who,
        about=journal.OBJECT_TYPE,
        record_type=RecordType.DELETE,
        detail=msgspec.json.encode(Erasure(erased=tuple(_as_ranges(seqs)))),
    )
    return journal.erase(seqs), journal.append([entry])


def _fault_in(links: Sequence[ChainLink], erased: Sequence[Range]) -> ChainFault | None:
    for link in links:
        if link.seq != link.seq_before + 1:
            missing = link.seq_before + 1
            return ChainFault(seq=missing, text=f"it is missing: entry {link.seq} comes next")
        if not link.fits:
            text = "its row, or the digest it carries, is not what was written"
            return ChainFault(seq=link.seq, text=text)
        if link.text is TextState.ERASED:
            if not any(first <= link.seq <= last for first, last in erased):
                return ChainFault(
                    seq=link.seq, text="its words are gone, and no entry says who erased"
                )
        elif link.text is not TextState.FIT:
            text = "its words are not what was written"
            return ChainFault(
                seq=link.seq, text=text if link.text is TextState.CHANGED else "no words"
            )
    return None


def _ends_before(entry: int, head: Head) -> ChainCheck:
    """Asked to go on from an entry that is not there: nothing fits, and nothing was looked at."""
    text = f"the journal ends before entry {entry}, which an earlier check is said to have found"
    fault = ChainFault(seq=head.entries + 1, text=text)
    return ChainCheck(entries=head.entries, head=head, is_complete=True, fault=fault)


def _fault_of_head(found: Head, kept: Head) -> ChainFault | None:
    if found == kept:
        return None
    text = (
        f"the journal was left {kept.entries} entries long, ending in {kept.digest.hex()}; it has "
        f"{found.entries}, ending in {found.digest.hex()}"
    )
    return ChainFault(seq=min(found.entries + 1, kept.entries + 1), text=text)


async def _fault_of_note(store: Store, noted: Head) -> ChainFault | None:
    found = await store.fetch(journal.digest_at(noted.entries))
    digest = found[0] if found else None
    if digest == noted.digest or noted == Head(entries=0, digest=hash_chain.START):
        return None
    now = "there is no such entry" if digest is None else f"it is {digest.hex()}"
    return ChainFault(seq=noted.entries, text=f"noted with {noted.digest.hex()}, and now {now}")


def _ranges(details: Iterable[bytes]) -> list[Range]:
    """What was erased by the journal's own word. A detail that was changed excuses nothing."""
    found: list[Range] = []
    for detail in details:
        try:
            found.extend(msgspec.json.decode(detail, type=Erasure).erased)
        except msgspec.MsgspecError:
            continue
    return found


def _as_ranges(seqs: Sequence[int]) -> Iterable[Range]:
    first = last = seqs[0]
    for seq in seqs[1:]:
        if seq != last + 1:
            yield first, last
            first = seq
        last = seq
    yield first, last
