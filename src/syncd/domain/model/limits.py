"""Every duration and size that workflows keep, with the value it has when nobody configures it."""

from __future__ import annotations

from syncd.domain.model.value import Value


class Limits(Value, frozen=True, kw_only=True):
    """Every duration and size a workflow keeps, as configured (`[sync]`)."""

    batch_size: int = 50
    lease_s: float = 120.0
    probe_after_s: float = 20.0
    replay_within_s: float = 300.0
    late_commit_s: float = 420.0
    live_max_age_s: float = 10.0
    draft_quiet_s: float = 10.0
    recheck_s: float = 3600.0
    settings_max_age_s: float = 300.0
    poll_every_s: float = 15.0
    poll_gap_s: float = 1.5
    reconcile_every_s: float = 900.0
    full_sweep_every_s: float = 86_400.0
    sample_every_s: float = 5.0
    hung_after_s: float = 300.0
    backoff_base_s: float = 2.0
    backoff_most_s: float = 900.0
    webhook_quiet_s: float = 1.0
    webhook_most_s: float = 3.0
    brake_voids: int = 20
    brake_window_s: float = 3600.0
    answer_within_s: float = 15.0
    retention_every_s: float = 3600.0
    keep_writes_s: float = 2_592_000.0
    keep_events_s: float = 2_764_800.0
    keep_findings_s: float = 2_592_000.0
    keep_consents_s: float = 86_400.0
    keep_words_s: float | None = None
    """Of the journal; None: for ever."""
