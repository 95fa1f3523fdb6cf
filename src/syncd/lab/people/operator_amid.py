"""What an operator does while a call is under way: it has left, and nobody has answered it yet.

On a real site he hits such an instant by chance. Here he waits until a call has arrived, whose
answer is then late, so that what he does always falls into it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import anyio

from syncd.lab.people import operator_acts
from syncd.lab.people.operator_desk import NAME, Desk
from syncd.lab.watch.watched_xero import Arrival, Hold

DISCONNECTED_AMID_WRITE = f"{NAME}disconnect while a write was under way"
DISCONNECTED_AMID_REFRESH = f"{NAME}disconnect while a refresh was under way"
CONNECTED_AMID_WRITE = f"{NAME}connect again while a write was under way"
DEEDS = (DISCONNECTED_AMID_WRITE, DISCONNECTED_AMID_REFRESH, CONNECTED_AMID_WRITE)
_LATE_S = (2.0, 15.0, 45.0, 90.0)
"""How long the answer is late; the last is later than anybody waits."""
_WAITS_S = 300.0
_AT_ONCE = 0.5
"""How often he connects again while the call is still under way."""


async def disconnect_amid_write(desk: Desk) -> None:
    """A write has left, and he disconnects; often he connects again before it is answered."""
    await _amid(desk, _is_write_for(desk), DISCONNECTED_AMID_WRITE, _disconnect)


async def disconnect_amid_refresh(desk: Desk) -> None:
    """A refresh is under way, often one that he has asked for himself, and he disconnects."""
    async with anyio.create_task_group() as group:
        group.start_soon(operator_acts.refresh, desk)
        await _amid(desk, lambda each: each.is_refresh, DISCONNECTED_AMID_REFRESH, _disconnect)


async def connect_amid_write(desk: Desk) -> None:
    """A write has left, and somebody consents anew."""
    await _amid(desk, _is_write_for(desk), CONNECTED_AMID_WRITE, operator_acts.connect)


async def _amid(
    desk: Desk,
    fits: Callable[[Arrival], bool],
    deed: str,
    act: Callable[[Desk], Awaitable[object]],
) -> None:
    """Do it once such a call is under way, if one comes."""
    hold = Hold(fits=fits, seconds=desk.dice.choice(_LATE_S))
    desk.xero.holds.append(hold)
    with anyio.move_on_after(min(_WAITS_S, desk.ends_s - desk.now_s)):
        await hold.begun.wait()
    if not hold.begun.is_set():
        desk.xero.holds.remove(hold)
        return
    await anyio.sleep(desk.dice.uniform(0.0, hold.seconds / 2))
    desk.witness.sometimes[deed] += 1
    await act(desk)


async def _disconnect(desk: Desk) -> None:
    await operator_acts.disconnect(desk, is_brief=desk.dice.random() < _AT_ONCE)


def _is_write_for(desk: Desk) -> Callable[[Arrival], bool]:
    return lambda each: each.is_write and each.organisation == desk.organisation
