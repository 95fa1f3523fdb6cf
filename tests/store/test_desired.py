from __future__ import annotations

from syncd.domain.model.contact import Customer
from syncd.domain.model.invoice import Invoice
from syncd.ports.billing import ChangeKind
from syncd.store import desired
from syncd.store.desired import DesiredChange, Moved
from syncd.store.unit_of_work import Store
from tests.store.build import ACME, AT, BETA, customer, invoice


def change(
    content: Invoice | Customer | None, *, key: str = "i1", version: int = 1
) -> DesiredChange:
    kind = ChangeKind.CUSTOMER if isinstance(content, Customer) else ChangeKind.INVOICE
    return DesiredChange(kind=kind, key=key, version=version, at=AT, by="Ada", content=content)


def moved(key: str, version: int) -> Moved:
    return Moved(kind=ChangeKind.INVOICE, key=key, version=version)


async def test_put_keeps_the_whole_object_exactly(store: Store) -> None:
    await store.run(desired.put(ACME, [change(invoice()), change(customer(), key="c1")]))

    (wanted_invoice,) = await store.fetch(desired.invoices(ACME, ["i1", "unknown"]))
    (wanted_customer,) = await store.fetch(desired.customers(ACME, ["c1"]))

    assert wanted_invoice.content == invoice()
    assert (wanted_invoice.label, wanted_invoice.parent) == ("INV-1", "c1")
    assert wanted_customer.content == customer()
    assert (wanted_customer.label, wanted_customer.changed_at) == ("Ada & Söhne", AT)


async def test_put_ignores_a_version_not_above_the_stored_one(store: Store) -> None:
    await store.run(desired.put(ACME, [change(invoice(version=3), version=3)]))

    same = await store.run(desired.put(ACME, [change(invoice(number="X"), version=3)]))
    older = await store.run(desired.put(ACME, [change(None, version=2)]))
    newer = await store.run(desired.put(ACME, [change(invoice(number="Y"), version=4)]))

    assert (same, older, newer) == ((), (), (moved("i1", 4),))
    (wanted,) = await store.fetch(desired.invoices(ACME, ["i1"]))
    assert wanted.label == "Y"


async def test_put_counts_the_newest_of_one_key_in_a_page(store: Store) -> None:
    page = [
        change(invoice(number="new"), version=5),
        change(invoice(number="old"), version=4),
        change(invoice("i2"), key="i2", version=1),
    ]

    assert await store.run(desired.put(ACME, page)) == (moved("i1", 5), moved("i2", 1))
    assert await store.fetch(desired.versions(ACME, ChangeKind.INVOICE, ["i1"])) == (
        moved("i1", 5),
    )


async def test_only_what_is_not_deleted_is_living(store: Store) -> None:
    invoices = [change(invoice("i1")), change(None, key="i2"), change(None, key="i3")]
    await store.run(desired.put(ACME, [*invoices, change(customer(), key="i2")]))
    await store.run(desired.put(ACME, [change(invoice("i3"), key="i3", version=2)]))
    await store.run(desired.put(BETA, [change(invoice("i2"), key="i2")]))

    keys = ["i1", "i2", "i3", "unknown"]
    found = await store.fetch(desired.living(ACME, ChangeKind.INVOICE, keys))
    assert sorted(found) == ["i1", "i3"]
    assert await store.fetch(desired.living(ACME, ChangeKind.CUSTOMER, keys)) == ("i2",)
    assert await store.fetch(desired.living(ACME, ChangeKind.INVOICE, [])) == ()


async def test_withdrawal_keeps_label_and_parent(store: Store) -> None:
    await store.run(desired.put(ACME, [change(invoice())]))
    await store.run(desired.put(ACME, [change(None, version=2)]))

    (gone,) = await store.fetch(desired.invoices(ACME, ["i1"]))
    assert (gone.is_withdrawn, gone.label, gone.parent) == (True, "INV-1", "c1")
    assert gone.content is None
    assert await store.fetch(desired.invoices_by_number(ACME, ["INV-1"])) == (gone,)


async def test_unreadable_object_is_kept_and_is_no_withdrawal(store: Store) -> None:
    unreadable = DesiredChange(
        kind=ChangeKind.INVOICE, key="i1", version=1, at=AT, by="", problem="total: not a number"
    )
    await store.run(desired.put(ACME, [unreadable]))

    (found,) = await store.fetch(desired.invoices(ACME, ["i1"]))

    assert (found.is_withdrawn, found.problem, found.content) == (
        False,
        "total: not a number",
        None,
    )


async def test_children_are_the_invoices_of_a_customer(store: Store) -> None:
    await store.run(
        desired.put(ACME, [change(invoice("i2"), key="i2"), change(invoice("i1"), key="i1")])
    )
    await store.run(desired.put(BETA, [change(invoice("i3"), key="i3")]))

    assert await store.fetch(desired.invoices_of(ACME, ["c1"])) == ("i1", "i2")
    assert await store.fetch(desired.invoices_of(ACME, ["c2"])) == ()


async def test_pages_by_key_cover_every_object_once(store: Store) -> None:
    keys = [f"i{number}" for number in range(5)]
    await store.run(desired.put(ACME, [change(invoice(key), key=key) for key in keys]))

    found: list[str] = []
    while page := await store.fetch(
        desired.invoices_after(ACME, found[-1] if found else "", limit=2)
    ):
        found += [wanted.key for wanted in page]

    assert found == keys
