"""Where each planted bug is looked for: the way its days are lived, or the tests that name it."""

from __future__ import annotations

from collections.abc import Mapping

from syncd.lab.watch.ways import Without

WAYS: Mapping[str, Without | None] = {
    "intent-after-call": None,
    "no-look": Without.WEBHOOKS,
    "new-key": Without.WEBHOOKS,
    "early-end": Without.WEBHOOKS,
    "blind": Without.WEBHOOKS,
    "base-from-look": Without.WEBHOOKS,
    "pushed-over": Without.WEBHOOKS,
    "money-dropped": Without.WEBHOOKS,
    "answer-before-commit": Without.SWEEPS,
    "our-clock": Without.WEBHOOKS,
    "since-our-clock": Without.WEBHOOKS,
    "no-release": Without.RECHECKS,
    "deaf": None,
    "eager-refresh": None,
    "missed-release": Without.RECHECKS,
    "one-rest-for-all": None,
    "others-books": None,
    "deaf-to-pause": None,
    "no-brake": None,
    "sure-after-restore": None,
    "literal-clock": None,
    "no-backoff": None,
    "six-at-once": None,
    "minute-off-by-one": None,
    "credit-counted-twice": None,
    "page-lost": Without.WEBHOOKS,
    "merge-not-followed": Without.WEBHOOKS,
    "lines-by-place": None,
    "discount-lost": None,
    "brake-counts-batches": None,
    "lease-kept": None,
    "refresh-unstored": None,
    "two-refreshes": None,
    "old-pair-kept": None,
    "contact-events-dropped": Without.SWEEPS,
    "version-stale": None,
    "restore-ignored": None,
    "retention-eager": None,
    "resolve-unseen": None,
    "waits-untold": None,
    "switch-unwritten": None,
}
"""Every planted bug, and the layer that is switched off so that its backup does not hide it."""
COMMON: Mapping[str, int] = {
    "intent-after-call": 0,
    "new-key": 0,
    "no-look": 3,
    "answer-before-commit": 0,
    "eager-refresh": 0,
    "blind": 2,
    "pushed-over": 2,
    "others-books": 3,
}
"""Found by a fifth of all days or more, and the first that did: where it does no more, the first
days do, whichever these are."""


def _of(room: str, *tests: str) -> tuple[str, ...]:
    return tuple(f"tests/{room}.py::{test}" for test in tests)


NAMED: Mapping[str, tuple[str, ...]] = {
    "early-end": _of(
        "domain/rules/queue/test_uncertain_write",
        "test_three_clean_looks_before_the_end_are_not_enough",
        "test_an_unmoved_update_may_be_planned_anew_only_after_the_end",
    ),
    "base-from-look": _of(
        "engine/recovery/test_prober",
        "test_an_edit_made_in_xero_after_a_lost_create_is_shown_and_never_overwritten",
    ),
    "money-dropped": _of(
        "domain/rules/inbound/test_payment_diff", "test_deleted_payment_keeps_its_amount"
    ),
    "our-clock": _of(
        "domain/rules/inbound/test_change_cursor", "test_sweep_never_comes_further_than_xeros_clock"
    ),
    "since-our-clock": _of(
        "engine/recovery/test_prober",
        "test_a_create_renumbered_in_xero_is_found_by_a_clock_that_is_not_xeros",
    ),
    "no-release": _of(
        "engine/loops/test_worker",
        "test_contact_that_is_settled_while_an_invoice_is_decided_wakes_the_invoice",
    ),
    "missed-release": _of(
        "engine/loops/test_worker",
        "test_contact_that_is_settled_while_an_invoice_is_decided_wakes_the_invoice",
    ),
    "deaf": _of("pipeline/test_client", "test_nothing_leaves_while_the_allowance_is_spent"),
    "one-rest-for-all": _of("xero/test_quota", "test_tenants_do_not_wait_for_each_other"),
    "deaf-to-pause": _of(
        "engine/core/test_tenant_mode",
        "test_a_paused_tenant_is_read_and_never_written",
        "test_a_pause_survives_a_restart",
    ),
    "no-brake": _of(
        "domain/rules/limits/test_brake",
        "test_voids_and_deletes_count_together_with_those_of_the_window",
    ),
    "sure-after-restore": _of(
        "engine/sweeps/test_after_restore",
        "test_an_invoice_of_the_lost_hours_is_adopted_by_its_mark",
    ),
    "literal-clock": _of(
        "engine/core/test_wall_clock",
        "test_clock_goes_on_as_it_was_until_the_set_one_is_taken_over",
    ),
    "no-backoff": _of(
        "domain/rules/queue/test_backoff", "test_a_rest_is_the_drawn_share_of_its_ceiling"
    ),
    "six-at-once": _of("domain/rules/limits/test_allowance", "test_at_most_five_are_in_flight"),
    "minute-off-by-one": _of(
        "domain/rules/limits/test_allowance",
        "test_sixty_calls_go_at_once_and_the_next_after_the_window",
        "test_a_call_counts_until_a_window_after_its_end",
    ),
    "credit-counted-twice": _of(
        "engine/core/test_money_seen",
        "test_payment_seen_by_a_round_that_had_nothing_to_write_is_told",
    ),
    "page-lost": _of(
        "domain/rules/inbound/test_change_cursor_while_rows_move",
        "test_what_slid_on_the_way_through_a_crowd_is_seen_on_the_way_back",
    ),
    "merge-not-followed": _of(
        "domain/rules/contacts/test_matching",
        "test_a_linked_contact_that_was_merged_is_followed_to_the_end",
    )
    + _of(
        "engine/invoices/test_contact_merges",
        "test_an_invoice_sent_in_the_second_of_a_merge_is_not_out_of_sync",
    ),
    "lines-by-place": _of(
        "domain/rules/compare/test_line_joining",
        "test_lines_that_read_the_same_are_joined_by_place",
    ),
    "discount-lost": _of(
        "domain/rules/decide/test_write_builder", "test_create_carries_everything_and_our_mark"
    ),
    "brake-counts-batches": _of(
        "domain/rules/limits/test_brake",
        "test_voids_and_deletes_count_together_with_those_of_the_window",
    ),
    "lease-kept": _of(
        "engine/recovery/test_lease_reaper",
        "test_a_new_incarnation_frees_what_the_one_before_had_claimed",
        "test_a_lease_that_ran_out_is_freed_on_the_beat",
    ),
    "refresh-unstored": _of(
        "engine/connection/test_refresh", "test_full_disk_is_noticed_before_a_token_is_spent"
    ),
    "two-refreshes": _of(
        "engine/connection/test_tokens", "test_ten_callers_of_an_expired_token_share_one_refresh"
    ),
    "contact-events-dropped": _of(
        "engine/webhooks/test_process_events",
        "test_contact_edited_in_xero_is_refreshed_in_pipeline_per_field",
        "test_contact_announced_before_a_death_is_looked_at_after_it",
    ),
    "version-stale": _of(
        "engine/writes/test_push", "test_an_invoice_stands_in_xero_once_and_its_state_comes_back"
    ),
    "old-pair-kept": _of(
        "engine/connection/test_refresh",
        "test_token_that_permits_more_than_was_granted_is_said_once",
    ),
    "restore-ignored": _of(
        "engine/sweeps/test_after_restore",
        "test_nothing_is_created_before_the_look_has_come_to_its_end",
    ),
    "retention-eager": _of(
        "engine/loops/test_retention", "test_what_is_young_stays_and_nothing_is_said"
    ),
    "resolve-unseen": _of(
        "engine/operator/test_resolve",
        "test_an_edit_in_xero_since_the_page_was_opened_is_shown_instead",
        "test_an_edit_in_pipeline_not_heard_of_yet_is_shown_instead",
    ),
    "waits-untold": _of(
        "engine/loops/test_waiting_results",
        "test_edit_behind_a_closed_gate_is_told_as_waiting_with_the_gates_reason",
    ),
    "switch-unwritten": _of(
        "engine/core/test_tenant_mode", "test_a_paused_tenant_is_read_and_never_written"
    ),
}
"""The others, and the tests whose law each breaks: they are run with it, and have to fail."""
