"""The outcome of each step of a consent: a link, a redirect to Xero, a connection, or a refusal.

Made by `consent`; shown by the API and by the pages of the public listener.
"""

from __future__ import annotations

from datetime import datetime

from syncd.domain.ids import TenantId
from syncd.domain.model.value import Value
from syncd.engine.connection import consent_words
from syncd.engine.connection.consent_words import ConsentProblem, Words


class ConsentOffer(Value, frozen=True, kw_only=True):
    """A link for one person, good once. Show it to whoever asked, and to no log."""

    not_shown = ("url", "ticket")

    url: str
    ticket: str
    expires_at: datetime


class ConsentOpened(Value, frozen=True, kw_only=True):
    """Where to send the browser, and the cookie that binds it."""

    not_shown = ("url", "cookie")

    url: str
    cookie: str


class Connected(Value, frozen=True, kw_only=True):
    """Consent was given; the tenant is connected."""

    tenant: TenantId
    organisation: str
    words: Words
    notice: str | None = None


class NotConnected(Value, frozen=True, kw_only=True):
    """Nothing was connected or stored. `tenant` is None when nobody knows whose consent it was.

    `again` is a fresh link for the person who came back from Xero, to try it once more.
    """

    problem: ConsentProblem
    words: Words
    tenant: TenantId | None = None
    again: ConsentOffer | None = None


class Stopped(Exception):
    """Ends a consent from within: carries its outcome to the caller."""

    def __init__(self, problem: ConsentProblem, words: Words | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.words = words or consent_words.plain(problem)
