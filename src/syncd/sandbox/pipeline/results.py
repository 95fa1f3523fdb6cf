"""What syncd has written back, and the rule by which the newest revision stands.

Called by `pipeline.app` for `POST /sync-results`; sync-api.yaml is the contract.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from syncd.sandbox.pipeline.books import Books
from syncd.sandbox.pipeline.shapes import item as shaped

SYNCD = "syncd"
"""Who the feed names for a customer that `fromXero` refreshed."""


@dataclass(slots=True, kw_only=True)
class Standing:
    """The item that stands for one key, and whether its `fromXero` reached the customer."""

    item: dict[str, Any]
    applied: bool = True

    def says(self, item: Mapping[str, Any]) -> bool:
        """Whether `item` has the same content: revision, `asOf` and nulls do not count."""
        return _content(self.item) == _content(item)


class Results:
    """The latest result of every invoice, customer and payment of one tenant."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self.standing: dict[str, Standing] = {}

    def put(self, raw: Any) -> dict[str, Any]:
        """Take one item and answer with its outcome, without `index`."""
        try:
            item = shaped(raw)
        except ValueError as error:
            return {"outcome": "invalid", "detail": str(error)}
        kind = "customer" if item["kind"] == "customer" else "invoice"
        if item["id"] not in self._books.records[kind]:
            return {"outcome": "not_found", "detail": f"no {kind} has ever had id {item['id']}"}
        key = "/".join((item["kind"], item["id"], item.get("paymentId", "")))
        stands = self.standing.get(key)
        if stands is None:
            return self._store(key, item)
        revision = stands.item["revision"]
        same = stands.says(item)
        if item["revision"] < revision or (item["revision"] == revision and not same):
            return {"outcome": "stale", "revision": revision}
        if same and stands.applied:
            stands.item = item
            return {"outcome": "unchanged", "revision": item["revision"]}
        return self._store(key, item)

    def _store(self, key: str, item: dict[str, Any]) -> dict[str, Any]:
        moved = item.get("fromXero")
        applied = not moved or self._refresh(item["id"], item["basedOnVersion"], moved)
        self.standing[key] = Standing(item=item, applied=applied)
        if applied:
            return {"outcome": "stored", "revision": item["revision"]}
        detail = (
            f"the customer is newer than version {item['basedOnVersion']}; fromXero is not applied"
        )
        return {"outcome": "conflict", "revision": item["revision"], "detail": detail}

    def _refresh(self, customer_id: str, based_on: int, moved: Mapping[str, Any]) -> bool:
        customer = self._books.alive("customer", customer_id)
        if customer is None or customer.document["version"] > based_on:
            return False
        self._books.edit("customer", customer_id, moved, by=SYNCD)
        return True

    def dump(self) -> dict[str, Any]:
        """`results` by kind and id, `payments` by invoice and payment; money as text."""
        results: dict[str, dict[str, Any]] = {"invoice": {}, "customer": {}}
        payments: dict[str, dict[str, Any]] = {}
        for stands in self.standing.values():
            item = stands.item | {"applied": stands.applied}
            if item["kind"] == "payment":
                payments.setdefault(item["id"], {})[item["paymentId"]] = item
            else:
                results[item["kind"]][item["id"]] = item
        return {"results": results, "payments": payments}

    def load(self, dump: Mapping[str, Any]) -> None:
        """Become the results of an earlier `dump`."""
        items = [item for of_kind in dump["results"].values() for item in of_kind.values()]
        items += [item for paid in dump["payments"].values() for item in paid.values()]
        self.standing = {}
        for dumped in items:
            item = dict(dumped)
            applied = item.pop("applied")
            key = "/".join((item["kind"], item["id"], item.get("paymentId", "")))
            self.standing[key] = Standing(item=item, applied=applied)


def _content(item: Mapping[str, Any]) -> dict[str, Any]:
    skipped = ("revision", "asOf")
    return {name: item[name] for name in item if name not in skipped and item[name] is not None}
