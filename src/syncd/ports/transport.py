"""Bytes to another system and back: one request, one answer, no retries of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from syncd.domain.model.value import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """One request. `url` is complete and encoded; headers may hold secrets: never in a repr."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)
    timeout_s: float = 60.0
    max_bytes: int = 1024 * 1024
    """Of the answer, unpacked; TooLong beyond. A token needs no more than this."""
    sift: Callable[[bytes], bytes] | None = field(default=None, repr=False, compare=False)
    """What of each part of the answer is kept, as it comes; `max_bytes` counts what is."""
    max_sifted_bytes: int = 64 * 1024 * 1024
    """Of an answer that is sifted, unpacked, kept or not."""


class HttpResponse(Value, frozen=True, kw_only=True):
    """One answer, decompressed. Header names are lower case; `wire_bytes` as received."""

    not_shown = ("headers", "body")

    status: int
    headers: Mapping[str, str] = {}
    body: bytes = b""
    wire_bytes: int = 0


class Transport(Protocol):
    """Carries requests. Follows no redirects and never sends one twice by itself."""

    async def send(self, request: HttpRequest) -> HttpResponse:
        """The answer, whatever its status.

        Raises NotSent when no byte of the request was accepted (refused, name unknown), TooLong
        when the answer has more than `max_bytes`, and OutcomeUnknown for every other failure:
        time-out, dropped or half an answer.
        """
        ...
