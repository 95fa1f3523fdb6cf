"""Signed bytes from outside as the receiver sees them: read, or refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from syncd.domain.ids import TenantId
from syncd.domain.model.inbox import PipelineNote, ResourceChange


class XeroWebhooks(Protocol):
    """Reads Xero's webhooks."""

    def is_signed(self, body: bytes, signature: str) -> bool:
        """Whether `body` was signed with our key."""
        ...

    def read(self, body: bytes) -> tuple[ResourceChange, ...]:
        """The events in `body`, none in an intent to receive; one of an odd shape stops no other.

        Raises Garbled when there is nothing we can read.
        """
        ...


class PipelineWebhooks(Protocol):
    """Reads Pipeline's webhooks."""

    def decode(self, tenant: TenantId, body: bytes, headers: Mapping[str, str]) -> PipelineNote:
        """The note in `body`; `headers` by their names in small letters.

        Raises BadSignature also for an unknown tenant and for a note from another time.
        """
        ...
