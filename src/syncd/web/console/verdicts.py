"""The sentence a tenant's pages open with, and the one thing to press.

Pure. `domain.rules.tenant.verdict` says which it is; here are the words, with a tenant's figures.
"""

from __future__ import annotations

from syncd.domain.model.job import PublicState
from syncd.domain.model.settings import Mode
from syncd.domain.model.trouble import Trouble, TroubleKind
from syncd.domain.model.value import Value
from syncd.domain.rules.tenant import verdict as rule
from syncd.domain.rules.tenant.verdict import Standing, TenantVerdictKind
from syncd.engine.operator.statuses import TenantStatus
from syncd.web.console import words
from syncd.web.console.visit import place
from syncd.web.console.words import Look

_CONNECT = ("Connect to Xero", "connect", "connect")
_PRESSED = {
    TenantVerdictKind.HALTED: ("See what was halted", "brake", "listBrakes"),
    TenantVerdictKind.TOKEN_EXPIRED: _CONNECT,
    TenantVerdictKind.NOT_CONNECTED: _CONNECT,
    TenantVerdictKind.PAUSED: ("Resume", "resume", "resumeTenant"),
    TenantVerdictKind.WARNED: ("Refresh Token", "refresh", "refresh"),
    TenantVerdictKind.OBSERVES: ("Plan", "plans", "listPlans"),
}
"""Label, the path's last part, and the API's operation."""
_ASK_FIRST = ("connect", "brake", "plans")
"""Pages of their own; the others are done at one press."""


class Press(Value, frozen=True, kw_only=True):
    """What to press: a link, or a form that posts. Shown to whose role suffices."""

    label: str
    href: str
    operation: str
    posts: bool = False


class Told(Value, frozen=True, kw_only=True):
    """How a tenant stands: `word` begins the sentence, `text` is the rest of it."""

    kind: TenantVerdictKind
    look: Look
    text: str
    press: Press | None = None
    trouble: TroubleKind | None = None
    """What the sentence says already."""


class Needs(Value, frozen=True, kw_only=True):
    """What wants a person: so many causes, of so many invoices."""

    causes: int = 0
    invoices: int = 0


def of(status: TenantStatus, needs: Needs) -> Told:
    """The sentence of a tenant as it stands."""
    found = rule.of(
        Standing(
            troubles=status.troubles,
            queued=status.backlog,
            needs=needs.causes,
            mode=status.mode,
        )
    )
    look = words.verdict(found.kind)
    pressed = found.kind
    if found.kind is TenantVerdictKind.NEEDS_PERSON and status.mode is Mode.OBSERVE:
        pressed = TenantVerdictKind.OBSERVES
        look = Look(word=words.verdict(pressed).word, tone=look.tone, icon=look.icon)
    return Told(
        kind=found.kind,
        look=look,
        text=_text(found.kind, found.trouble, status, needs),
        press=_press(pressed, status.tenant),
        trouble=None if found.trouble is None else found.trouble.kind,
    )


def _text(
    kind: TenantVerdictKind, trouble: Trouble | None, status: TenantStatus, needs: Needs
) -> str:
    match kind:
        case TenantVerdictKind.HALTED:
            said = f"{status.halt or ''} Nothing is written until somebody releases it."
        case TenantVerdictKind.PAUSED:
            said = f"Nothing is written to Xero; reading goes on. {_queued(status)}"
        case TenantVerdictKind.NEEDS_PERSON:
            things = words.counted(needs.causes, "thing needs", "things need")
            invoices = words.counted(needs.invoices, "invoice", "invoices")
            of_invoices = f" ({invoices})" if needs.invoices else ""
            said = f"{things} a person{of_invoices}; {_rest(status)}"
        case TenantVerdictKind.OBSERVES:
            invoices = words.counted(would_write(status), "invoice", "invoices")
            said = f"{invoices} would be written. A plan shows them."
        case TenantVerdictKind.WORKING:
            moving = f"{_queued(status)} {_looked_for(status)}".strip()
            said = f"{moving or 'Nothing is queued.'} Nothing needs a person."
        case _:
            assert trouble is not None, "every other verdict is a trouble's"
            said = words.without_commands(trouble.text)
    return said.strip()


def _rest(status: TenantStatus) -> str:
    if status.mode is Mode.OBSERVE:
        would = words.counted(would_write(status), "invoice", "invoices")
        return f"nothing is written: {would} would be. A plan shows them."
    return "everything else goes by itself."


def _queued(status: TenantStatus) -> str:
    if not status.backlog:
        return ""
    wait = (
        ""
        if status.clears_in_s is None
        else f", clear in about {words.lasting(status.clears_in_s)}"
    )
    return f"{words.counted(status.backlog, 'invoice is', 'invoices are')} queued{wait}."


def _looked_for(status: TenantStatus) -> str:
    """How many writes nobody knows the outcome of: not queued, and not done either."""
    count = status.invoices[PublicState.UNCERTAIN]
    if not count:
        return ""
    whether = "whether Xero took the last write is looked for"
    return f"{words.counted(count, 'invoice is', 'invoices are')} uncertain: {whether}."


def would_write(status: TenantStatus) -> int:
    """How many invoices wait for a tenant that only observes."""
    return status.invoices[PublicState.WAITING] + status.invoices[PublicState.PENDING]


def _press(kind: TenantVerdictKind, tenant: str) -> Press | None:
    if kind not in _PRESSED:
        return None
    label, last, operation = _PRESSED[kind]
    return Press(
        label=label,
        href=place(tenant, last),
        operation=operation,
        posts=last not in _ASK_FIRST,
    )


def mode_of(text: str) -> Mode | None:
    """The mode of a form's field; None for another word."""
    return next((one for one in Mode if one.value == text), None)
