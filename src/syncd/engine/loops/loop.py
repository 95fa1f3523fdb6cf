"""A workflow's loop: do a round, wait until woken or due, repeat.

Built by `engine.loops.schedule`; the daemon starts and stops it as a service. Here stands the one
last-resort handler: an error nobody foresaw is told, backs the loop off and never ends the process.
Only a store that is gone does.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from math import inf

import anyio
from anyio.abc import TaskStatus

from syncd.domain.errors import Disposition, StoreReplaced, SyncdError, Throttled
from syncd.domain.facts import RoundDeferred, ServiceFailed
from syncd.domain.ids import TenantId
from syncd.engine.loops.watch import MOVING
from syncd.ports.observer import Observer
from syncd.ports.scheduler import Scheduler

Round = Callable[[], Awaitable[float | None]]
"""Does one bounded round; answers after how many seconds the next is due (0: at once, None: when
woken)."""

MOST_BACKOFF_S = 60.0
LONGEST_DELAY_S = 3600.0
"""A loop that nobody wakes looks up once an hour all the same."""
BEAT_LATE_S = 1.0
"""A loop whose job has not woken it by then goes on by itself."""


class Loop:
    """A service made of rounds.

    `gap_s` is the least time between the starts of two rounds of which the first left nothing to
    do: news that come in a burst are taken together. `every_s` is the most: a wake that was lost
    costs no more than that.
    """

    def __init__(
        self,
        name: str,
        once: Round,
        *,
        observe: Observer,
        tenant: TenantId | None = None,
        base_backoff_s: float = 1.0,
        gap_s: float = 0.0,
        every_s: float = LONGEST_DELAY_S,
        failing: MutableMapping[str, int] | None = None,
    ) -> None:
        """`failing` has how many rounds in a row have failed, of those loops that do."""
        self.name = name
        self._task = name.partition(":")[0]
        self._once = once
        self._observe = observe
        self._tenant = tenant
        self._base_backoff_s = base_backoff_s
        self._gap_s = gap_s
        self._every_s = every_s
        self._scheduler: Scheduler | None = None
        self._pause_s = 0.0
        self._woken = anyio.Event()
        self._woken_at_once = anyio.Event()
        self._is_stopping = False
        self.is_waiting = False
        """Whether it waits for its next round; else one is under way."""
        self.beats = 0
        self._failing = {} if failing is None else failing

    @property
    def failures(self) -> int:
        """So many rounds in a row have failed; not counted is that the other side asks to wait."""
        return self._failing.get(self.name, 0)

    def wake(self) -> None:
        """There may be work: do a round soon. Waking a working loop costs one more round."""
        self._woken.set()

    def wake_at_once(self) -> None:
        """What made it wait is over: do a round at once, also where it was asked to rest."""
        self._woken_at_once.set()
        self._woken.set()

    def schedule(self, scheduler: Scheduler) -> None:
        """Be woken by a job of this loop's name, whose next run is set after every round."""
        scheduler.every(self.name, self._every_s, self.wake)
        self._scheduler = scheduler

    def unschedule(self) -> None:
        """Have no job any more: the loop is about to end, and another of its name may come."""
        if self._scheduler is not None:
            self._scheduler.forget(self.name)
            self._scheduler = None

    def stop(self) -> None:
        """Finish the round under way, then end."""
        self._is_stopping = True
        self._woken_at_once.set()
        self._woken.set()

    async def run(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Rounds until stopped."""
        task_status.started()
        MOVING.set(self)
        while not self._is_stopping:
            self._forget_wakes()
            began_s = anyio.current_time()
            self._pause_s = 0.0
            delay_s = await self._round()
            self.beats += 1
            if delay_s <= 0 or self._is_stopping:
                await anyio.lowlevel.checkpoint()
                continue
            pause_s = max(self._pause_s, began_s + self._gap_s - anyio.current_time(), 0.0)
            pause_s = min(pause_s, delay_s)
            self.is_waiting = True
            await self._wait(max(min(delay_s, self._every_s), pause_s), pause_s=pause_s)
            self.is_waiting = False
        self.is_waiting = True
        self._failing.pop(self.name, None)

    def _forget_wakes(self) -> None:
        """Forget earlier wakes; an event nobody has set is as good as new."""
        if self._woken.is_set():
            self._woken = anyio.Event()
        if self._woken_at_once.is_set():
            self._woken_at_once = anyio.Event()

    async def _wait(self, delay_s: float, *, pause_s: float) -> None:
        """Until woken or due. A wake during the pause is kept for afterwards, not lost."""
        if self._scheduler is not None:
            self._scheduler.set_next(self.name, delay_s)
            delay_s += BEAT_LATE_S
        if pause_s > 0:
            with anyio.move_on_after(pause_s):
                await self._woken_at_once.wait()
        with anyio.move_on_after(delay_s - pause_s):
            await self._woken.wait()

    async def _round(self) -> float:
        try:
            due_s = await self._once()
        except StoreReplaced:
            raise  # nothing that goes on would be kept
        except SyncdError as error:
            return self._defer(error)
        except anyio.get_cancelled_exc_class() as error:
            if anyio.current_effective_deadline() == -inf:
                raise  # the loop itself is to end
            # Unanswered, it would end every service, and that as if it had been asked for.
            return self._failed(error)
        except Exception as error:  # noqa: BLE001  (the last resort: tell, back off, live on)
            return self._failed(error)
        self._failing.pop(self.name, None)
        return LONGEST_DELAY_S if due_s is None else due_s

    def _failed(self, error: BaseException) -> float:
        """An error that nobody foresaw."""
        self._pause_s = delay_s = self._backoff_s()
        text = f"{type(error).__name__}: {error}"
        self._observe(ServiceFailed(service=self.name, error=text, retry_after_s=delay_s))
        return delay_s

    def _defer(self, error: SyncdError) -> float:
        """An error of our own tree: wait as it asks, or back off."""
        if isinstance(error, Throttled):
            delay_s = max(error.retry_after_s, 0.05)
        else:
            delay_s = self._backoff_s()
        # Who asked us to wait is not asked again because something else happened meanwhile.
        self._pause_s = min(delay_s, MOST_BACKOFF_S)
        if self._tenant is None or error.disposition is Disposition.STOP:
            self._observe(ServiceFailed(service=self.name, error=str(error), retry_after_s=delay_s))
        else:
            self._observe(
                RoundDeferred(
                    tenant=self._tenant, task=self._task, error=str(error), retry_after_s=delay_s
                )
            )
        return delay_s

    def _backoff_s(self) -> float:
        """One more round has failed: how long to rest."""
        self._failing[self.name] = self.failures + 1
        exponent = min(self.failures - 1, 10)
        return min(self._base_backoff_s * 2.0**exponent, MOST_BACKOFF_S)
