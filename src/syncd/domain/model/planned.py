"""A plan: everything that would be written, object by object, with the money it moves.

Made by `engine.plans.build`, kept by people as a file, executed by `engine.plans.apply`. All of it
is text, so that the file, its hash and what a person reads are one thing.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from enum import StrEnum

import msgspec

from syncd.domain.model.value import Value

FORMAT = 1
"""Of the file. Another number is another form."""


class PlanKind(StrEnum):
    """What an item speaks of; customers stand before the invoices that need their contacts."""

    CUSTOMER = "customer"
    INVOICE = "invoice"


class PlanAction(StrEnum):
    """What follows for one object, in the order in which a person reads a plan."""

    LINK = "link"
    """A customer is that contact; at most our mark is written to it."""
    ADOPT = "adopt"
    """The document stands in Xero and shows the same: linked, nothing is written."""
    ADOPT_DIFFERING = "adopt_differing"
    """The same document shows something else: linked as out of sync, nothing is overwritten."""
    CREATE = "create"
    UPDATE = "update"
    VOID = "void"
    """Withdrawn in Xero: voided, deleted, or archived for a contact."""
    AMBIGUOUS = "ambiguous"
    """A person has to choose; nothing is chosen for him."""
    HOLD = "hold"
    """It waits for the reason given."""
    LEAVE = "leave"
    """Nothing follows: in sync, out of scope, or Xero's own."""


ACTS = (
    PlanAction.LINK,
    PlanAction.ADOPT,
    PlanAction.ADOPT_DIFFERING,
    PlanAction.CREATE,
    PlanAction.UPDATE,
    PlanAction.VOID,
)
"""What applying carries out; the rest is shown."""


class PlanField(Value, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One field: `before` as Xero shows it, `after` as Pipeline has it."""

    field: str
    before: str | None = None
    after: str | None = None


class PlanItem(Value, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One object. `name` is an invoice's number or a customer's name.

    `before` and `after` are what the document amounts to in Xero, gross, in `currency`. `desired`
    and `live` are fingerprints of both sides (`rules.plan_file`). Without `key` it is Xero's alone.
    """

    not_shown = ("name", "why", "fields")

    kind: PlanKind
    action: PlanAction
    why: str
    key: str = ""
    name: str = ""
    reason: str = ""
    """From the closed set of reason codes, or `out_of_sync`; why it waits."""
    xero_id: str = ""
    candidates: tuple[str, ...] = ()
    """Documents or contacts in Xero a person would choose from."""
    fields: tuple[PlanField, ...] = ()
    currency: str = ""
    before: str = "0"
    after: str = "0"
    desired: str = ""
    live: str = ""
    remap: bool = False
    """The mapping has changed: its lines would be coded differently now."""

    @property
    def acts(self) -> bool:
        """Whether applying does anything with it."""
        return self.action in ACTS


class PlanTotal(Value, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All items of one kind, action and currency."""

    kind: PlanKind
    action: PlanAction
    count: int
    currency: str = ""
    before: str = "0"
    after: str = "0"


class PlanScope(Value, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was planned. `remap`: only invoices that a changed mapping would code differently.

    `retry_failed`: what Xero refused counts as if it were tried again.
    """

    remap: bool = False
    retry_failed: bool = False


class Plan(Value, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that would be written for one tenant; `hash` is over all the rest."""

    not_shown = ("items",)

    syncd_plan: int
    tenant: str
    organisation_id: str
    organisation: str
    mode: str
    made_at: str
    """UTC, ISO 8601."""
    scope: PlanScope
    totals: tuple[PlanTotal, ...]
    items: tuple[PlanItem, ...]
    hash: str = ""

    def digest(self) -> str:
        """SHA-256 over the canonical form, in which fields stand in their declared order."""
        return hashlib.sha256(msgspec.json.encode(replace(self, hash=""))).hexdigest()
