"""A pytest plugin that plants one bug for the whole run: `-p tests.simulation.planting`.

`SYNCD_PLANTED` names it. It is planted as the plugin is loaded, so that test rooms which import a
function by its name get the planted one.
"""

from __future__ import annotations

import os
from contextlib import ExitStack

from syncd.lab.days.mutants import applied

_planted = ExitStack()
_planted.enter_context(applied(os.environ["SYNCD_PLANTED"]))


def pytest_unconfigure() -> None:
    """Take it out again."""
    _planted.close()
