"""What all calls have in common: envelopes, limits, idempotency, lists, faults."""
