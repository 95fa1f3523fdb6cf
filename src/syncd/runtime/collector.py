"""Keeps the garbage collector from looking at what a start makes, which stays for ever.

Paused while modules are imported and the daemon is put together, it goes on when the daemon is
ready, and leaves alone what is there by then. Called by the command that runs the daemon.
"""

from __future__ import annotations

import gc


def pause() -> None:
    """Collect nothing until told to go on."""
    gc.disable()


def go_on() -> None:
    """Collect from now on, among what is made later: to look through the rest once costs 60 ms."""
    gc.freeze()
    gc.enable()
