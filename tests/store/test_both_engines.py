"""Any sequence of the store's operations answers alike on both engines and leaves the same rows."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from random import Random

import anyio
from hypothesis import Phase, given
from hypothesis import strategies as st

from syncd.lab.virtual.inline_driver import InlineDriver
from syncd.ports.driver import BoundStatement
from syncd.runtime import postgresql_store
from syncd.store.unit_of_work import Store
from tests.searching import examples
from tests.store.compared import ComparedDriver
from tests.store.conftest import AS_NEW
from tests.store.played import Played

# A shorter story is the same one, cut off: what failed says where.
UNSHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)


@given(die=st.randoms(use_true_random=True), steps=st.integers(100, 500))
@examples(8, phases=UNSHRUNK)
def test_engines_answer_alike_and_keep_the_same_rows(
    migrated_file: Path, migrated_url: str, die: Random, steps: int
) -> None:
    async def story(path: Path) -> None:
        postgresql = await postgresql_store.open_driver(migrated_url, readers=1)
        await postgresql.write((BoundStatement(name="as_new", sql=AS_NEW),))
        driver = ComparedDriver(postgresql, InlineDriver(path))
        played = Played(Store(driver), die)
        try:
            for _ in range(steps):
                await played.step()
            await driver.compare_rows()
        finally:
            await driver.close()

    with tempfile.TemporaryDirectory() as folder:
        anyio.run(story, Path(shutil.copy(migrated_file, folder)))
