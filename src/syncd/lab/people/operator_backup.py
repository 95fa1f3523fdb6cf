"""Backup and restore on a simulated day, as `syncd db` does them: the file copied, and put back.

A backup is taken while the daemon works. For a restore it is stopped, in peace or by a kill, the
file is replaced, and it is started again. The judges' own look into the store is opened anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from syncd.bootstrap import restoration, upkeep
from syncd.lab.daemon.machine import SimulatedClock
from syncd.lab.daemon.process import SimulatedDaemon
from syncd.lab.people.operator_api import Answer
from syncd.lab.people.operator_desk import Desk, kinds
from syncd.lab.virtual.processes import Ending
from syncd.lab.virtual.virtual_loop import VirtualLoop

BACKUP, RESTORE = "back up the store", "restore a backup"
TOLD = "operator: the status tells whether it looks after a restore"
LOOKING = "looking"
_TRIES = 10
_LOOKS_EVERY_S = 20.0
_DRAINS = 0.5
_LONGEST_DEATH_S = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Copy:
    path: Path
    taken_s: float


class StoreOperator:
    """Who copies one store, and puts a copy back."""

    def __init__(
        self, loop: VirtualLoop, daemon: SimulatedDaemon, clock: SimulatedClock, dice: Random
    ) -> None:
        self._loop = loop
        self._daemon = daemon
        self.clock = clock
        self.desks: Sequence[Desk] = ()
        """Everybody's whose rows are in the store."""
        self.dice = dice
        self._copies: list[_Copy] = []

    async def back_up(self, desk: Desk) -> None:
        """`syncd db backup`; the daemon may run."""
        path = desk.reader.path
        target = path.with_name(f"backup-{len(self._copies)}.db")
        await upkeep.back_up(path, target, self.clock.now())
        self._copies.append(_Copy(path=target, taken_s=desk.now_s))
        desk.counted(BACKUP, Answer(status=200))

    async def restore(self, desk: Desk) -> None:
        """`syncd db restore` of one of the copies; then the daemon is started again."""
        if not self._copies:
            return
        copy = self.dice.choice(self._copies)
        await self._stop()
        self._daemon.let_go_of_file()
        for each in self.desks:
            each.reader.close()
        names = [each.tenant for each in self.desks]
        await restoration.restore(desk.reader.path, copy.path, self.clock.now(), names)
        for each in self.desks:
            each.reader.open()
            each.witness.restored(copy.taken_s, desk.now_s)
        desk.counted(RESTORE, Answer(status=200))
        await self._must_tell(desk)

    async def _must_tell(self, desk: Desk) -> None:
        """As soon as it answers again, the status says whether it looks for what it forgot."""
        for _ in range(_TRIES):
            was = desk.reader.is_looking()
            card = await desk.card()
            if card.is_done and was is desk.reader.is_looking():
                shown = (card.body["restore"] == LOOKING, "restore_look" in kinds(card.body))
                if shown != (was, was):
                    desk.wrong(f"is looking after a restore: {was}, and the card tells {shown}")
                desk.witness.sometimes[f"{TOLD}: {was}"] += 1
                return
            if not await desk.lets_pass(_LOOKS_EVERY_S):
                return

    async def _stop(self) -> None:
        """Nobody has the file when this returns; whoever was running comes back by and by."""
        daemon = self._daemon
        if not daemon.is_alive:
            return
        if self.dice.random() < _DRAINS and await daemon.drain() is Ending.RETURNED:
            daemon.buried()  # the supervisor, who starts it again, has not looked yet
            return
        if daemon.is_alive:
            daemon.kill()
            delay_s = self.dice.random() ** 2 * _LONGEST_DEATH_S
            self._loop.call_later(delay_s, self._stand_up)

    def _stand_up(self) -> None:
        if not self._daemon.is_alive:
            self._daemon.start()
