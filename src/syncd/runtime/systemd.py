"""Notifies systemd: ready, stopping, reloading, still alive; a datagram each.

Without `NOTIFY_SOCKET` every call does nothing, so the daemon need not know who started it.
Source: sd_notify(3).
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping


class Systemd:
    """The service manager's socket at `address`; empty means nobody listens."""

    def __init__(self, address: str = "", *, watchdog_s: float | None = None) -> None:
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self._said = ""
        self.watchdog_s = watchdog_s
        """How often systemd wants to hear `alive`, or None: not at all."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Systemd:
        """The socket systemd named in `environment` (this process's own when None)."""
        names = os.environ if environment is None else environment
        watchdog_us = names.get("WATCHDOG_USEC", "")
        is_for_us = names.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        watchdog_s = int(watchdog_us) / 1e6 if is_for_us and watchdog_us.isdigit() else None
        return cls(names.get("NOTIFY_SOCKET", ""), watchdog_s=watchdog_s)

    def ready(self, status: str = "") -> None:
        """Started, or done with reloading."""
        if self._send("READY=1", _status(status)) and status:
            self._said = status

    def stopping(self, status: str = "") -> None:
        """Shutting down in order."""
        self._send("STOPPING=1", _status(status))

    def reloading(self) -> None:
        """Reading the configuration again; `ready` ends it.

        Both words travel in one datagram, as Type=notify-reload asks (systemd 253 on).
        """
        self._send("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")

    @property
    def is_heard(self) -> bool:
        """Whether a service manager listens."""
        return bool(self._address)

    def says(self, status: str) -> None:
        """How it stands, in a line; told where it has changed."""
        if status != self._said and self._send(_status(status)):
            self._said = status

    def alive(self) -> None:
        """Feed the watchdog."""
        self._send("WATCHDOG=1")

    def _send(self, *words: str) -> bool:
        """Whether the manager has it."""
        if not self._address:
            return False
        words = tuple(word for word in words if word)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock:
            sock.setblocking(False)  # a service manager that does not read may not stop the loop
            try:
                sock.sendto("\n".join(words).encode(), self._address)
            except OSError:
                return False  # nobody reads, or not now: the next datagram may get through
        return True


def _status(text: str) -> str:
    return f"STATUS={' '.join(text.split())}" if text else ""
