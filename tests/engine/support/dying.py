"""Stories lived once for each commit they make: it fails, or the process dies after it.

`every_commit` plays a story as often as its action commits, twice: once the COMMIT fails, once it
stands and the process dies before anybody hears of it. Then another life of the daemon begins on
the same file, comes to rest, and the simulation's judges look at both books and the store.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace

from syncd.domain.errors import SyncdError
from syncd.domain.ids import IncarnationId
from syncd.domain.model.settings import CodeMapping
from syncd.engine.core import journal_audit, wall_clock
from syncd.engine.core.wall_clock import CarriedClock
from syncd.engine.recovery import lease_reaper
from syncd.lab.judges import at_rest, checkers, contacts_agree, money_told
from syncd.lab.watch.scene import Scene
from syncd.lab.watch.store_reader import StoreReader
from syncd.ports.driver import Driver
from syncd.sandbox.seed import COST_CODES
from syncd.store.unit_of_work import Store
from tests.engine.support.coming_back import Coming, inbox_of, play
from tests.engine.support.mortal import How, Killed, Mortal
from tests.engine.support.restored import looked, place
from tests.engine.support.rounds import Rounds
from tests.engine.support.sweeping import swept
from tests.xero.support import worlds
from tests.xero.support.worlds import TENANT

BOOT = "the one boot of a story"
MOST_COMMITS = 60
SETTLES_S = 540
"""Longer than a late commit is waited for, and the looks after it."""


@dataclass(frozen=True, kw_only=True)
class Story:
    """Something the daemon does: what comes before, and what is done while a commit strikes."""

    name: str
    prepare: Callable[[Coming], Awaitable[None]]
    act: Callable[[Coming], Awaitable[None]]
    tasks: tuple[str, ...] = ()
    """The daemon's loops this is a round of. None: a person's deed, who sees it fail and repeats
    it."""


@dataclass
class Lived:
    """What one life of a story showed."""

    commits: int
    violations: list[str] = field(default_factory=list)


def every_commit(story: Story) -> Iterator[tuple[int, How, list[str]]]:
    """Each commit of the story's action, how it ended, and what the judges say at rest."""
    commits = _lived(story, at=0, how=How.FAILS).commits
    assert 0 < commits <= MOST_COMMITS, f"{story.name} commits {commits} times"
    for number in range(1, commits + 1):
        for how in How:
            yield number, how, _lived(story, at=number, how=how).violations


def _lived(story: Story, *, at: int, how: How) -> Lived:
    lived = Lived(0)

    async def whole(coming: Coming) -> None:
        coming.rounds.choose(cost_codes={c: CodeMapping(account=a) for c, a in COST_CODES.items()})
        await story.prepare(coming)
        mortal = _made_mortal(coming, at, how)
        # A loop backs off after the one; nobody can do anything about the other.
        with suppress(SyncdError, Killed):
            await story.act(coming)
        lived.commits = mortal.commits
        await _reborn(coming, mortal)
        if not story.tasks:
            await story.act(coming)
        await _to_rest(coming)
        lived.violations = await judged(coming.rounds)

    play(whole)
    return lived


def _made_mortal(coming: Coming, at: int, how: How) -> Mortal:
    mortal = Mortal(coming.context.store._driver, at=at, how=how)
    _on(coming, mortal, str(coming.context.incarnation))
    return mortal


def _on(coming: Coming, driver: Driver, incarnation: str) -> None:
    context = replace(coming.context, store=Store(driver), incarnation=IncarnationId(incarnation))
    coming.rounds.context = context
    coming.inbox = inbox_of(coming.rounds)


def go_by(coming: Coming, clock: CarriedClock) -> None:
    """The daemon, its calls included, goes by this clock."""
    coming.rounds.context = replace(coming.context, clock=clock)
    coming.rounds.xero.client._clock = clock
    coming.rounds.xero.ledger._clock = clock


async def _reborn(coming: Coming, mortal: Mortal) -> None:
    _on(coming, mortal.inner, f"{coming.context.incarnation}+")
    clock = coming.context.clock
    # Whoever starts knows no time but the machine's.
    new = CarriedClock(clock._wall if isinstance(clock, CarriedClock) else clock, BOOT)
    if isinstance(clock, CarriedClock):
        go_by(coming, new)
    await wall_clock.start_up(coming.context.store, new)
    await lease_reaper.start_up(coming.context)
    await coming.inbox.start_up()


async def _to_rest(coming: Coming) -> None:
    left = SETTLES_S
    while left > 0:
        await coming.post()
        await coming.digest()
        await looked(coming.rounds)
        await swept(coming.rounds)
        await worlds.passes(30)
        await coming.digest()
        await coming.rounds.turn()
        left -= 30


async def judged(rounds: Rounds) -> list[str]:
    """What the simulation's judges of the end say, and the journal's own chain."""
    reader = StoreReader(place(rounds), TENANT)
    (organisation,) = rounds.xero.world.dump()["organisations"]
    scene = Scene(
        pipeline=rounds.pipeline.dump()["tenants"][TENANT],
        organisation=organisation,
        jobs={(job.kind, job.key): job for job in reader.jobs()},
        findings=reader.findings(),
        journal_entries=reader.journal_entries(),
    )
    violations = [f"unrest: {text}" for text in reader.unrest()]
    violations += checkers.judge(scene)
    violations += money_told.judge(scene)
    violations += at_rest.judge(scene)
    violations += contacts_agree.judge(scene)
    reader.close()
    checked = await journal_audit.verify(rounds.context.store)
    if checked.fault is not None:
        violations.append(f"journal: entry {checked.fault.seq}: {checked.fault.text}")
    return violations
