"""Finds the organisation a consent just granted, among all its person ever connected.

Pure; called by `consent`. Xero lists every organisation of the person, not the one just chosen
(facts §1.6), so it is told apart: by the consent's own event, then by the newest update, then it is
the one already bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from syncd.domain.ids import XeroOrganisationId
from syncd.domain.model.value import Value
from syncd.ports.identity import OrganisationConnection, TokenPair

CODE_LIFE = timedelta(minutes=15)
"""A code lives five minutes: what was last updated longer before the token was issued, by Xero's
own clock, is not of this consent. Three times that, for clocks among Xero's machines."""


FIRST_LINK = timedelta(seconds=10)
"""Xero updates a connection some milliseconds after making it, and again only at a later consent
(facts §1.6)."""


class SeveralOrganisations(Value, frozen=True, kw_only=True):
    """More than one was granted at once and nothing tells which is meant."""

    names: tuple[str, ...]


def choose(
    listed: Sequence[OrganisationConnection],
    pair: TokenPair,
    pinned: XeroOrganisationId | None,
) -> OrganisationConnection | SeveralOrganisations | None:
    """The organisation just granted; None when there is none.

    None too where only others are listed, from long before: no organisation was chosen, or the app
    may have no more. The one already bound needs no trace of this consent.
    """
    event = pair.authentication_event_id
    ours = [one for one in listed if event and one.authentication_event_id == event]
    if ours:
        return _one_of(ours, pinned)
    # Consenting again to a linked organisation may keep its old event (facts §1.6, uncertain).
    if not listed:
        return None
    newest_at = max(one.updated_at for one in listed)
    newest = [one for one in listed if one.updated_at == newest_at]
    bound = [one for one in listed if one.organisation_id == pinned]
    if _is_of_another_consent(newest_at, pair.issued_at):
        return bound[0] if bound else None
    return _one_of(newest, pinned)


def granted_by(
    listed: Sequence[OrganisationConnection], pair: TokenPair
) -> tuple[OrganisationConnection, ...]:
    """The connections this consent made or renewed; none when the token does not say."""
    event = pair.authentication_event_id
    return tuple(one for one in listed if event and one.authentication_event_id == event)


def is_first(connection: OrganisationConnection) -> bool:
    """Nobody had connected this organisation before the consent it comes from.

    One that was removed and connected again may keep its first date: it is not told apart.
    """
    return connection.updated_at - connection.created_at < FIRST_LINK


def _one_of(
    found: Sequence[OrganisationConnection], pinned: XeroOrganisationId | None
) -> OrganisationConnection | SeveralOrganisations:
    if len(found) == 1:
        return found[0]
    for one in found:
        if one.organisation_id == pinned:
            return one
    return SeveralOrganisations(names=tuple(sorted(one.name for one in found)))


def _is_of_another_consent(updated_at: datetime, issued_at: datetime | None) -> bool:
    return issued_at is not None and updated_at < issued_at - CODE_LIFE
