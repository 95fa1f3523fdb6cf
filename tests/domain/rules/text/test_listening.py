"""An address that cannot be listened on is told by its setting, with what to do."""

from __future__ import annotations

import errno
import socket

import pytest

from syncd.domain.rules.text.listening import cannot_listen


@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        (OSError(errno.EADDRINUSE, "while attempting to bind"), "end it, or set another port"),
        (OSError(errno.EADDRNOTAVAIL, "cannot assign"), "set one of its own"),
        (PermissionError(errno.EACCES, "Permission denied"), "set a higher one"),
        (socket.gaierror(-2, "Name or service not known"), "set an address of this machine"),
        (UnicodeError("label too long"), "set an address of this machine"),
        (OSError(errno.ENFILE, "Too many open files in system"), "Too many open files in system"),
    ],
)
def test_each_reason_names_setting_address_and_remedy(
    error: OSError | UnicodeError, remedy: str
) -> None:
    said = cannot_listen("server.listen", "127.0.0.1:8480", error)

    assert said.startswith("server.listen: 127.0.0.1:8480 cannot be listened on: ")
    assert said.endswith(remedy)
    assert "attempting" not in said
