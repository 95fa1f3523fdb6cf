from __future__ import annotations

from syncd.store import journal
from syncd.store.journal import Entry, RecordType
from syncd.store.unit_of_work import Store
from tests.store.build import ACME, AT


def entry(text: str, *, key: str = "i1") -> Entry:
    return Entry(
        tenant=ACME,
        at=AT,
        object_type="Invoice",
        object_key=key,
        record_type=RecordType.EDIT,
        description=text,
        who="Ada",
        detail=b"{}",
    )


async def test_story_of_an_object_is_paged_newest_first(store: Store) -> None:
    texts = ("one", "two", "three")
    await store.run(journal.append([entry(text) for text in texts] + [entry("x", key="i2")]))

    first = await store.fetch(journal.of_object(ACME, "Invoice", "i1", limit=2))
    rest = await store.fetch(
        journal.of_object(ACME, "Invoice", "i1", before=first[-1].seq, limit=2)
    )

    assert [written.entry.description for written in (*first, *rest)] == ["three", "two", "one"]
    assert rest[0].entry == entry("one")


async def test_trail_is_read_from_where_the_reader_was(store: Store) -> None:
    await store.run(journal.append([entry("one"), entry("two")]))

    (first,) = await store.fetch(journal.since(0, limit=1))
    rest = await store.fetch(journal.since(first.seq, limit=10))

    assert [written.entry.description for written in (first, *rest)] == ["one", "two"]
