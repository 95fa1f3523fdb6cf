"""What is in force is shown key by key, with where it comes from."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from syncd.domain.model.limits import Limits
from syncd.domain.model.settings import CodeMapping, Mode
from syncd.engine.core.settings_in_force import Setting, SettingSource
from tests.engine.support.operating import Desk, desk
from tests.store.build import ACME


async def shown(at: Desk) -> dict[str, Setting]:
    return {one.key: one for one in (await at.operations.settings(ACME)).settings}


async def test_what_is_usual_is_told_from_what_was_chosen() -> None:
    async with desk() as at:
        at.policies[ACME] = replace(
            at.policies[ACME],
            due_days=14,
            cost_codes={"LAB": CodeMapping(account="200", tax="OUTPUT2")},
            tax_types={Decimal("0.15"): "OUTPUT2"},
        )

        found = await shown(at)

        due, edits = found["tenants.acme.due_days"], found["tenants.acme.xero_edits"]
        assert (due.value, due.source) == ("14", SettingSource.CONFIGURATION)
        assert (edits.value, edits.source) == ("hold", SettingSource.DEFAULT)
        assert found["tenants.acme.cost_codes.LAB"].value == "200, tax OUTPUT2"
        assert found["tenants.acme.tax_types.0.15"].value == "OUTPUT2"
        assert not due.needs_restart


async def test_a_mode_that_the_configuration_leaves_open_is_a_persons_word() -> None:
    async with desk() as at:
        at.policies[ACME] = replace(at.policies[ACME], mode=Mode.LIVE, is_mode_stored=True)

        mode = (await shown(at))["tenants.acme.mode"]

        assert (mode.value, mode.source) == ("live", SettingSource.SWITCH)


async def test_every_duration_is_shown_and_needs_a_restart() -> None:
    async with desk() as at:
        found = await shown(at)

        limits = {key: one for key, one in found.items() if key.startswith("sync.")}
        assert set(limits) == {f"sync.{name}" for name in Limits.__struct_fields__}
        assert all(one.needs_restart for one in limits.values())
        assert limits["sync.keep_writes_s"].value == "2592000"
        assert limits["sync.poll_gap_s"].value == "1.5"


async def test_the_organisations_own_are_there_once_they_were_read() -> None:
    async with desk() as at:
        before = await at.operations.settings(ACME)
        await at.seed({})
        await at.link("a")
        after = await at.operations.settings(ACME)

        assert before.organisation is None
        assert after.organisation is not None
