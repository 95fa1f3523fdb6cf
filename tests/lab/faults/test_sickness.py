"""What ails one tenant: only its own requests fail, and nothing is left of it in the end."""

from __future__ import annotations

from random import Random

import pytest

from syncd.lab.faults import sickness
from syncd.lab.faults.sickness import Ailment, Sickness
from syncd.lab.watch import tenancy
from syncd.lab.watch.tenancy import NAMES, Tenant
from syncd.sandbox.clock import SandboxClock
from syncd.sandbox.http import Request
from syncd.sandbox.pipeline.app import PipelineWorld
from syncd.sandbox.xero.server.app import XeroWorld

CLOCK = SandboxClock(lambda: 0.0)
IN_PIPELINE = (Ailment.PIPELINE_FAILS, Ailment.PIPELINE_REFUSES, Ailment.PIPELINE_STALLS)
IN_XERO = (Ailment.XERO_OFFLINE, Ailment.XERO_STALLS, Ailment.XERO_THROTTLES)


class Worlds:
    """Both pretend worlds with three tenants."""

    def __init__(self) -> None:
        self.xero = XeroWorld(clock=CLOCK, organisations=3, countries=tenancy.COUNTRIES)
        self.pipeline = PipelineWorld(clock=CLOCK, tenants=NAMES, equal_ids=True)
        self.tenants = tenancy.tenants(NAMES, self.xero)

    def ill(self, ailment: Ailment) -> Sickness:
        return Sickness(self.tenants[1], ailment, self.xero, self.pipeline)

    def are_answered(self) -> list[bool]:
        """Whose Pipeline answers well and at once."""
        answers = [self.pipeline.handle(self._changes(each)) for each in self.tenants]
        return [answer.status == 200 and not answer.delay_s for answer in answers]

    def _changes(self, tenant: Tenant) -> Request:
        headers = {"authorization": f"Bearer {self.pipeline.keys[tenant.name]}"}
        return Request(method="GET", path="/api/v1/changes", headers=headers)

    def meet_faults(self) -> list[bool]:
        """For whose organisation a call goes wrong."""
        calls = [
            Request(method="GET", path="/", headers={"xero-tenant-id": each.organisation})
            for each in self.tenants
        ]
        return [self.xero.faults.pick(call) is not None for call in calls]

    def roles(self) -> list[str]:
        return [books.organisation.user_role for books in self.xero.books.values()]


@pytest.fixture
def worlds() -> Worlds:
    return Worlds()


@pytest.mark.parametrize("ailment", IN_PIPELINE)
def test_sick_pipeline_is_one_tenants_alone(worlds: Worlds, ailment: Ailment) -> None:
    ill = worlds.ill(ailment)
    ill.begin()
    assert [worlds.are_answered() for _ in range(3)] == [[True, False, True]] * 3

    ill.end()

    assert worlds.are_answered() == [True, True, True]


@pytest.mark.parametrize("ailment", IN_XERO)
def test_sick_organisation_is_one_tenants_alone(worlds: Worlds, ailment: Ailment) -> None:
    ill = worlds.ill(ailment)
    ill.begin()
    assert [worlds.meet_faults() for _ in range(3)] == [[False, True, False]] * 3

    ill.end()

    assert worlds.meet_faults() == [False, False, False]


def test_role_is_given_back(worlds: Worlds) -> None:
    ill = worlds.ill(Ailment.READ_ONLY)
    ill.begin()
    assert worlds.roles() == ["standard", "read_only", "standard"]

    ill.end()

    assert worlds.roles() == ["standard"] * 3


def test_what_goes_wrong_for_everybody_stays_beside_it(worlds: Worlds) -> None:
    ill = worlds.ill(Ailment.XERO_OFFLINE)
    ill.begin(xero=[{"do": "html", "probability": 1}])
    assert worlds.meet_faults() == [True, True, True]

    ill.go_on()

    assert worlds.meet_faults() == [False, True, False]


def test_nobody_is_sick_who_has_nobody_beside_him(worlds: Worlds) -> None:
    drawn = {
        many: [
            sickness.drawn(
                Random(seed),  # noqa: S311 - a test's dice
                worlds.tenants[:many],
                worlds.xero,
                worlds.pipeline,
            )
            for seed in range(200)
        ]
        for many in (1, 2)
    }

    assert {*drawn[1]} == {None}
    assert {ill.ailment for ill in drawn[2] if ill is not None} == {*Ailment}
    assert None in drawn[2]
