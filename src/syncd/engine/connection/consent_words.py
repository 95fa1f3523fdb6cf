"""What a person reads when a consent ends: every way it can fail, in the product's words.

Called by `consent`; shown by the callback page and kept in the journal. A text says what happened
and what to press next, and never shows a state, a code or another tenant's name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum

from syncd.domain.model.settings import Mode, TenantPolicy
from syncd.domain.model.value import Value
from syncd.engine.connection.consent_return import Returned


class ConsentProblem(StrEnum):
    """Why a consent did not end in Connected; a closed set."""

    TICKET_SPENT = "ticket_spent"
    STATE_MISSING = "state_missing"
    COOKIE_MISSING = "cookie_missing"
    STATE_MISMATCH = "state_mismatch"
    STATE_SPENT = "state_spent"
    CONSENT_REFUSED = "consent_refused"
    SCOPE_NOT_ALLOWED = "scope_not_allowed"
    APP_LIMIT = "app_limit"
    XERO_ERROR = "xero_error"
    CODE_MISSING = "code_missing"
    CODE_EXPIRED = "code_expired"
    APP_REFUSED = "app_refused"
    IDENTITY_UNREACHABLE = "identity_unreachable"
    PERMISSION_MISSING = "permission_missing"
    OFFLINE_MISSING = "offline_missing"
    NO_ORGANISATION = "no_organisation"
    SEVERAL_ORGANISATIONS = "several_organisations"
    WRONG_ORGANISATION = "wrong_organisation"
    ORGANISATION_TAKEN = "organisation_taken"
    OUR_MISTAKE = "our_mistake"


_AGAIN = "Go back to Settings > Accounting and press Connect to Xero again."


class Words(Value, frozen=True, kw_only=True):
    """A page's heading, what happened, and what to do next."""

    title: str = "The connection was not completed"
    text: str
    next_step: str = _AGAIN


_UNCHANGED = " Nothing was changed."

_PLAIN = {
    ConsentProblem.TICKET_SPENT: Words(
        title="This link no longer works",
        text="A link to connect works once and for ten minutes.",
        next_step="Press Connect to Xero again, or ask for a new link.",
    ),
    ConsentProblem.STATE_MISSING: Words(
        text="This page is where Xero sends you back to; it was opened without Xero's answer.",
    ),
    ConsentProblem.COOKIE_MISSING: Words(
        text="Your browser did not send back the cookie that was set when you started. "
        "Either cookies are blocked, or you came back in another browser than you "
        "started in.",
        next_step="Allow cookies for this site, then press Connect to Xero again and stay in one "
        "browser.",
    ),
    ConsentProblem.STATE_MISMATCH: Words(
        text="What came back does not belong to the connection this browser started last; "
        "perhaps it was started in two tabs.",
        next_step="Close the other tabs, then press Connect to Xero again.",
    ),
    ConsentProblem.STATE_SPENT: Words(
        title="This connection attempt has ended",
        text="It took longer than ten minutes, or this page was opened a second time.",
        next_step="If the card shows Connected, all is well. Otherwise press Connect to Xero "
        "again.",
    ),
    ConsentProblem.CONSENT_REFUSED: Words(
        title="Access was not granted",
        text="You chose not to grant access in Xero, so nothing was connected.",
        next_step="Press Connect to Xero again and choose Allow access.",
    ),
    ConsentProblem.SCOPE_NOT_ALLOWED: Words(
        title="Xero does not let this app ask for these permissions",
        text="Apps made since March 2026 know granular permissions only, older ones may know"
        " only the broad ones.",
        next_step="Ask your administrator to set xero.scopes to the other of granular and broad.",
    ),
    ConsentProblem.APP_LIMIT: Words(
        title="This app has reached its connection limit",
        text="Xero allows this app a limited number of connected organisations, and all are "
        "in use.",
        next_step="Disconnect an organisation that is no longer needed, or move the app to a "
        "higher tier, then press Connect to Xero again.",
    ),
    ConsentProblem.XERO_ERROR: Words(
        text="Xero reported an error instead of granting access.",
    ),
    ConsentProblem.CODE_MISSING: Words(
        text="Xero's answer brought neither a code nor an error.",
    ),
    ConsentProblem.CODE_EXPIRED: Words(
        title="Xero's permission code was no longer valid",
        text="A code works once and for five minutes, and only for the exact address of this page.",
        next_step=f"{_AGAIN} If it happens each time, ask your administrator to compare "
        "server.public_url with the redirect address registered in Xero.",
    ),
    ConsentProblem.APP_REFUSED: Words(
        title="Xero does not accept this app",
        text="The client id or client secret is not the one Xero knows.",
        next_step="Ask your administrator to check xero.client_id and xero.client_secret.",
    ),
    ConsentProblem.IDENTITY_UNREACHABLE: Words(
        title="Xero could not be reached",
        text="You granted access, but Xero did not answer when it was to be completed, or not in "
        "a way that can be read. Nothing was stored.",
        next_step=f"{_AGAIN} If it persists, look at status.developer.xero.com.",
    ),
    ConsentProblem.OFFLINE_MISSING: Words(
        title="Offline access is missing",
        text="Xero granted access for half an hour only: offline access, for background sync "
        "(offline_access), was not among the granted permissions. The connection was not made.",
        next_step="Press Connect to Xero again and grant all requested permissions. If it happens "
        "each time, ask your administrator to check that xero.scopes names offline_access and that "
        "the app in Xero may ask for it.",
    ),
    ConsentProblem.OUR_MISTAKE: Words(
        title="This could not be completed",
        text="Something unforeseen went wrong on our side, and the log says what. Nothing was "
        "connected.",
        next_step=f"{_AGAIN} If it happens each time, ask your administrator to look at the log.",
    ),
    ConsentProblem.NO_ORGANISATION: Words(
        title="No organisation was connected",
        text="Xero granted access but to no organisation: a practice cannot be connected, "
        "and an app at its connection limit gets none.",
        next_step="Press Connect to Xero again and choose an organisation you may connect.",
    ),
}
_SCOPE_WORDS = {
    "accounting.contacts": "create and edit contacts",
    "accounting.invoices": "create and edit invoices",
    "accounting.transactions": "create and edit invoices and transactions",
    "accounting.payments": "payments",
    "accounting.payments.read": "read payments",
    "accounting.settings": "organisation settings",
    "accounting.settings.read": "read organisation settings",
    "offline_access": "offline access, for background sync",
}


def plain(problem: ConsentProblem) -> Words:
    """The words of a problem that needs no names."""
    return _PLAIN[problem]


def permission_missing(missing: Sequence[str], granted: Sequence[str]) -> Words:
    """Names every permission that was not granted; a read-only one where writing is needed."""
    named = "; ".join(_scope(one, granted) for one in missing)
    return Words(
        title="A permission is missing",
        text=f"Not granted: {named}. Without it the sync cannot work: the connection was not made.",
        next_step="Press Connect to Xero again and grant all requested permissions.",
    )


def several_organisations(names: Sequence[str]) -> Words:
    """More than one was granted at once, and none of them is the one connected before."""
    return Words(
        title="More than one organisation was chosen",
        text=f"You granted access to {_listed(names)}. A Pipeline account connects to one.",
        next_step="Press Connect to Xero again and choose one organisation.",
    )


def wrong_organisation(chosen: str, pinned: str) -> Words:
    """Another organisation than the one this tenant belongs to."""
    return Words(
        title="This is another organisation",
        text=f"You chose {chosen}, but this account belongs to {pinned}: its invoices are linked "
        f"there.{_UNCHANGED}",
        next_step=f"Press Connect to Xero again and choose {pinned}.",
    )


def organisation_taken(chosen: str) -> Words:
    """One organisation cannot serve two tenants."""
    return Words(
        title="This organisation is already connected",
        text=f"{chosen} is connected to another Pipeline account. One organisation cannot serve "
        "two: each would overwrite the other's invoices.",
        next_step="Disconnect it there first, or choose another organisation.",
    )


def connected(
    organisation: str, policy: TenantPolicy, *, is_paused: bool, is_halted: bool
) -> Words:
    """The success notification, and what happens now in this tenant's mode."""
    return Words(
        title="Connected to Xero",
        text=f"Organisation: {organisation}",
        next_step=_what_happens(policy, is_paused=is_paused, is_halted=is_halted),
    )


def _what_happens(policy: TenantPolicy, *, is_paused: bool, is_halted: bool) -> str:
    left_alone = ""
    if policy.start_on is not None:
        left_alone = (
            f" Invoices dated before {policy.start_on.isoformat()} are left alone, unless they are "
            "linked already."
        )
    if policy.mode is Mode.OBSERVE:
        return (
            "Nothing is written to Xero yet: this account observes. Everything is read, and each "
            "invoice shows what would be done with it, until a plan is applied or the account is "
            f"set live.{left_alone}"
        )
    if is_paused:
        return (
            "This account is paused: nothing is written to Xero until it is resumed. Payments are "
            f"read meanwhile.{left_alone}"
        )
    if is_halted:
        return (
            "A brake has halted this account: nothing is written to Xero until somebody has looked "
            f"and released it. Payments are read meanwhile.{left_alone}"
        )
    return f"Invoices, customers and payments now sync in the background.{left_alone}"


def with_returned(words: Words, returned: Returned) -> Words:
    """What failed, and what became of the access that Xero had granted by then."""
    text = words.text
    if returned.given:
        text += f" The access to {_listed(returned.given)} was given back."
    if returned.left or not returned.is_known:
        text = text.replace(_UNCHANGED, "")
        where = _listed(returned.left) if returned.left else "an organisation you did not mean"
        is_left = "is" if returned.left else "may be"
        text += (
            f" In Xero this app {is_left} still connected to {where}; where it should not be, "
            "remove it there under Settings > Connected apps."
        )
    return replace(words, text=text)


def clock_notice(skew_s: float) -> str:
    """What a person should know when this machine's clock is wrong; the connection works."""
    way = "behind" if skew_s > 0 else "ahead of"
    minutes = max(1, round(abs(skew_s) / 60))
    return (
        f"This machine's clock is about {minutes} min {way} Xero's. The connection works all the "
        "same, but times shown here are off: ask your administrator to set the clock."
    )


def _scope(scope: str, granted: Sequence[str]) -> str:
    words = f"{_SCOPE_WORDS.get(scope, scope)} ({scope})"
    if f"{scope}.read" in granted:
        return f"{words}: only read access was granted, write access is needed"
    return words


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
