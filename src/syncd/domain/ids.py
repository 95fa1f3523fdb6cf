"""Names of things, one type each, so that two kinds of identifier are never mixed up."""

from __future__ import annotations

from typing import NewType

TenantId = NewType("TenantId", str)
"""A Pipeline tenant as configured, e.g. `acme`."""
PipelineInvoiceId = NewType("PipelineInvoiceId", str)
PipelineCustomerId = NewType("PipelineCustomerId", str)
XeroInvoiceId = NewType("XeroInvoiceId", str)
XeroContactId = NewType("XeroContactId", str)
XeroOrganisationId = NewType("XeroOrganisationId", str)
"""What goes into the `xero-tenant-id` header."""
InstallationId = NewType("InstallationId", str)
"""This store's own name: part of every mark and idempotency key."""
IncarnationId = NewType("IncarnationId", str)
"""One run of the daemon; leases belong to it."""
CallId = NewType("CallId", int)
IntentId = NewType("IntentId", int)
IdempotencyKey = NewType("IdempotencyKey", str)
