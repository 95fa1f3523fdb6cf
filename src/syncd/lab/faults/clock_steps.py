"""The daemon's machine has its clock set in the middle of some simulated days, by an hour or a day.

Only its own clock: world time goes on as it does. In a quarter of the worlds, from one to three
times, a nightly time server's work or a person's mistake and its mending.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

_HOUR_S, _DAY_S = 3600.0, 86_400.0
_STEPPED = 0.25
_MOST = 3
NAMES = {
    _HOUR_S: "the clock was set an hour forward",
    -_HOUR_S: "the clock was set an hour back",
    _DAY_S: "the clock was set a day forward",
    -_DAY_S: "the clock was set a day back",
}
Step = tuple[float, float]
"""After how much of the storm, as a share of it, and by how many seconds."""


def draw(rng: Random) -> tuple[Step, ...]:
    """The steps of one seed, in order."""
    if rng.random() >= _STEPPED:
        return ()
    return tuple(sorted(_steps(rng)))


def _steps(rng: Random) -> Iterator[Step]:
    for _ in range(rng.randint(1, _MOST)):
        yield rng.random(), rng.choice([*NAMES])
