"""An address this process listens on for as long as it lives, whoever answers there.

A replica answers first as a standby and then as the one that works: between the two, who calls
waits in the system's queue instead of being refused. Used by `bootstrap.replicas`.
"""

from __future__ import annotations

import socket

from syncd.domain.errors import ConfigError
from syncd.domain.rules.text.listening import cannot_listen

_QUEUE = 128


def host_name() -> str:
    """What this machine calls itself."""
    return socket.gethostname()


class KeptAddress:
    """Listens on HOST:PORT from its making until it is closed; port 0 takes a free one.

    Raises ConfigError, naming `key`, when the address cannot be listened on.
    """

    def __init__(self, key: str, address: str) -> None:
        host, _, port = address.rpartition(":")
        try:
            family, kind, protocol, _, place = socket.getaddrinfo(
                host.strip("[]"), int(port), type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )[0]
            self._socket = socket.socket(family, kind, protocol)
        except OSError as error:
            raise ConfigError((cannot_listen(key, address, error),)) from error
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._socket.bind(place)
            self._socket.listen(_QUEUE)
        except OSError as error:
            self._socket.close()
            raise ConfigError((cannot_listen(key, address, error),)) from error

    @property
    def address(self) -> str:
        """HOST:PORT, with the port that was taken."""
        host, port = self._socket.getsockname()[:2]
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    def again(self) -> socket.socket:
        """Another handle on it, for one that answers; closing that one leaves this listening."""
        return self._socket.dup()

    def close(self) -> None:
        """Listen no more. Idempotent."""
        self._socket.close()
