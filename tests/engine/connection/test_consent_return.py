"""What a consent granted is given back where it is not kept, and nothing else is."""

from __future__ import annotations

from pathlib import Path

from syncd.domain.errors import OutcomeUnknown
from syncd.engine.connection.consent_return import Returned, give_back
from syncd.ports.identity import OrganisationConnection
from tests.engine.support.connecting import ORG, OTHER_ORG, PretendIdentity, a_world, listed


async def test_connection_this_consent_made_is_cut(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        world.identity.listed += [listed(ORG), listed(OTHER_ORG, event="other")]

        returned = await give_back(world.identity, world.identity.issue(), ())

        assert returned == Returned(given=("org-1 Ltd",))
        assert world.identity.removed == ["connection-org-1"]


async def test_organisation_in_use_is_left_alone(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        world.identity.listed.append(listed(ORG))

        assert await give_back(world.identity, world.identity.issue(), {ORG}) == Returned()
        assert world.identity.removed == []


async def test_connection_xero_could_not_be_told_of_is_named(tmp_path: Path) -> None:
    async with a_world(tmp_path) as world:
        world.identity.listed.append(listed(ORG))
        world.identity.cuts.append("unreached")

        returned = await give_back(world.identity, world.identity.issue(), ())

        assert returned == Returned(left=("org-1 Ltd",))


async def test_list_that_cannot_be_read_says_that_nobody_knows(tmp_path: Path) -> None:
    class Silent(PretendIdentity):
        async def connections(self, access_token: str) -> tuple[OrganisationConnection, ...]:
            raise OutcomeUnknown(f"no answer for {len(access_token)} characters")

    async with a_world(tmp_path) as world:
        identity = Silent(clock=world.clock)

        assert await give_back(identity, identity.issue(), ()) == Returned(is_known=False)
