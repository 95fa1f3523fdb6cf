"""Everything the documents leave open about Xero, as named switches with their defaults.

A switch stands for a fact of facts.md marked uncertain, or for a choice Xero makes per app. A
client must be right under every setting; the tests and the simulation turn them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args, get_type_hints


@dataclass(slots=True, kw_only=True)
class Switches:
    """The settings of one pretend Xero; each line names its source."""

    # --- identity (facts §1)
    access_token_s: int = 1800
    """How long an access token lives (§1.4: 30 minutes); short lives rehearse refreshing."""
    strict_refresh: bool = False
    """A used refresh token is dead at once, no 30 minutes of grace (§1.4, toggle asked for)."""
    grace_keeps_all_pairs: bool = True
    """Every pair issued inside the grace stays good; else only the newest one does (§1.4, U)."""
    reauthorise_keeps_event: bool = False
    """Consenting again to a linked organisation keeps its old authEventId (§1.6, U)."""
    loopback_redirects: bool = True
    """http to any loopback address is registered (§1.2: Xero itself refuses 127.0.0.1)."""
    broad_scopes: bool = True
    """The app may ask for the old broad scopes (§1.3: only apps made before 2 March 2026)."""
    consent: Literal["approve", "deny"] = "approve"
    """What the person at Xero's consent page does (§1.2)."""
    revoked_access_lives: bool = True
    """An access token outlives the revocation of its refresh token until it expires (§1.7, U)."""
    missing_scope_is_403: bool = False
    """A missing permission is told by 403 instead of 401 (§1.8, U)."""
    withheld_scopes: str = ""
    """Scopes, apart by spaces, that a grant lacks though they were asked for (§1.3, U)."""
    max_connections: int = 50
    """The tier's cap on connections (§2.4; the text at the cap is U)."""

    # --- transport (facts §2, §3.9)
    limits: bool = True
    """Minute, day and app limits are counted; off for benchmarks (§2.1)."""
    day_limit: int = 5000
    """1000 on the Starter tier, 5000 above (§2.1)."""
    minute_limit: int = 60
    """Calls of one app to one tenant in a minute (§2.1)."""
    app_minute_limit: int = 10_000
    """Calls of one app to all its tenants in a minute (§2.1)."""
    concurrent_limit: int = 5
    """Calls of one app to one tenant in progress (§2.1)."""
    day_header: bool = True
    """X-DayLimit-Remaining is sent; it is sometimes absent (§2.2, U)."""
    offline: bool = False
    """Everything answers 503, identity too (§8.8)."""
    tokens_offline: bool = False
    """Calls for tokens answer 503, and nothing else does (§8.8, U)."""
    stall_s: float = 0.0
    """Every answer but those to calls for tokens is so late (§8.8, U)."""
    idempotency_s: float = 360.0
    """How long an Idempotency-Key is remembered, from its first call (§3.9)."""
    key_in_flight: Literal["error", "runs"] = "error"
    """The same key while its first call still runs: 500, or it runs too (§3.9, U)."""
    shortest_numbers: bool = False
    """Numbers are as short as they can be; else in the store's scale: 45.50, 1.0000 (§3.1, U)."""
    answers_xml: bool = False
    """A call that does not accept JSON is answered in XML (§3.1); else it is refused loudly."""
    strict_queries: bool = True
    """An unknown query parameter is refused loudly (§9)."""
    max_ids: int = 52
    """More ids than these in one list do not fit into a URL (§3.4)."""
    max_url: int = 2090
    """The longest path and query, in characters (§3.4: about so many)."""
    read_lag_s: float = 0.0
    """Reads show the books as they were this long ago (reliability notes, U)."""

    # --- invoices (facts §3)
    save_good_on_400: bool = True
    """The good elements of a batch answered with 400 are saved all the same (§3.3: 3 reports)."""
    post_by_number_edits: bool = True
    """POST with an existing number and no id edits that invoice (§3.2: four reports)."""
    dead_numbers_stay_taken: bool = True
    """Voided and deleted invoices hold their number (§3.5: three help pages; one says no)."""
    numbers_ignore_case: bool = True
    """`pl-1` and `PL-1` are one number (U)."""
    unknown_invoice_is_404: bool = False
    """POST to an unknown InvoiceID answers 404; else a validation error (§3.10, U)."""
    partial_lines_keep: bool = True
    """What a line sent with its id leaves out stays; else it is emptied (§3.7: one report, U)."""
    lock_date_is_closed: bool = True
    """A document dated on a lock date itself is locked (§7: one help page, U)."""
    unknown_line_is_error: bool = True
    """A LineItemID the document does not have is refused; else it makes a line (§3.7, U)."""
    due_date_to_authorise: bool = True
    """An ACCREC needs a due date to be authorised (§3.5: two reports)."""
    account_to_authorise: bool = True
    """Every line with an amount needs an account to be authorised (§3.10: three help pages)."""
    negative_quantity_refused: bool = True
    """A quantity below zero is refused, a unit price is not (§3.10: two help pages)."""
    total_below_zero_refused: bool = True
    """An invoice that comes to less than nothing is refused (§3.5: one help page, U)."""
    unknown_tax_is_not_valid: bool = False
    """An unknown TaxType is called not valid, as on a quote; else two sentences (§3.10, U)."""
    void_keeps_lines: bool = True
    """A voided document still lists its lines (§3.7: recorded)."""
    ties: Literal["away", "even"] = "away"
    """Half a cent goes away from zero (§3.8: staff say so of tax), or to the even cent."""
    discounts_round: Literal["half up", "down"] = "half up"
    """How a discounted line's amount comes to cents (§3.8: one report of down, U)."""
    texts_max: int = 0
    """The longest Reference and Name; 0: none, for such of 260 and 263 exist (§3.5, §4; U)."""
    new_lines_first: bool = True
    """New lines sent beside kept ones come out before them; else in the order sent (§3.7)."""
    reverses_new_lines: bool = False
    """The new lines of a write, a create's too, come out in reverse (§3.7, U)."""
    trims_texts: bool = True
    """Blanks around a number, a reference and a description are taken off (§3.5, U)."""
    drops_emoji: bool = False
    """Emoji in texts are dropped without a word (§3.5, U)."""
    drops_unknown_tracking: bool = False
    """Tracking nobody knows is dropped without a word; else it is refused (§3.5, U)."""
    drops_tracking: bool = False
    """Tracking is dropped without a word, whatever was sent (§3.5, U)."""
    unit_places: int = 4
    """Decimals of a unit price that `unitdp=4` keeps; 2: as if it had not been said (§3.8, U)."""
    answers_by_date: bool = False
    """A batch is answered in the order of its dates; else as it was sent (§3.3: one report, U)."""
    ids_bring_lines: bool = True
    """A list by IDs without a page shows its lines (§3.4: one report, U)."""
    credit_dates_are_the_invoices: bool = False
    """An applied credit on an invoice by id carries the invoice's date (§5.1: so in 2020, U)."""
    where_on_null: Literal["500", "400", "no match"] = "500"
    """A where's Contains on a text that one row lacks: 500, 400, or no match (§3.4: one 500, U)."""
    since_is_inclusive: bool = True
    """If-Modified-Since returns rows of that very second (§3.4, U)."""
    nothing_is_304: bool = False
    """No rows since then answers 304 instead of an empty list (§3.4, U)."""
    rows_ahead_s: float = 0.0
    """Every fourth document changes so far ahead of the clock (§3.6: 10 to 13 h were seen, U)."""
    max_rows: int = 100_000
    """A result larger than this is refused (§3.4)."""
    account_numbers_unique: bool = True
    """No two contacts have one AccountNumber, archived or not (§4: four reports)."""
    contact_names_ignore_case: bool = True
    """Names of active contacts are unique whatever their case (§4, U)."""

    drops_phones: bool = False
    """A contact's phones are dropped without a word (§4, U)."""
    cuts_names: int = 0
    """A contact's name is cut to so many characters without a word; 0: never (§4, U)."""
    archived_contacts_hold_number: bool = True
    """An archived or merged contact's ContactNumber cannot be given to another (§4)."""

    # --- money (facts §5)
    deleted_payments_in_lists: bool = True
    """Lists by If-Modified-Since return deleted payments (§5.2, U)."""
    allocation_bumps_invoice: bool = True
    """An allocation moves the invoice's UpdatedDateUTC (§5.2, U)."""
    merge_moves_invoices: bool = True
    """After a merge the loser's invoices carry the winner's ContactID (§4, U)."""

    # --- webhooks (facts §6)
    own_writes_raise_events: bool = True
    """Writes through the API raise events (§6.4, U)."""
    payment_raises_invoice_event: bool = True
    """A payment or allocation raises INVOICE UPDATE (§6.4, U)."""
    payment_events: bool = False
    """The PAYMENT category is live (§6.3, U)."""
    credit_events: bool = True
    """CREDITNOTE, PREPAYMENT and OVERPAYMENT are subscribed to (§6.3)."""
    webhook_line_breaks: bool = True
    """Bodies have line breaks, as in 2020; else they are compact, as in 2018 (§6.3, U)."""
    events_across_tenants: bool = True
    """One POST may carry events of several organisations (§6.4, U)."""
    resource_url_has_id: bool = True
    """resourceUrl ends in the id; once it did not (§6.3)."""

    webhook_delay_s: float = 0.5
    """The least time between a change and its event (§6.4: no promise, U)."""
    webhook_delay_spread_s: float = 0.0
    """Up to so much later, drawn from the seed (§6.4, U)."""
    webhook_losses: float = 0.0
    """The share of events never sent (§6.4)."""
    webhook_duplicates: float = 0.0
    """The share of deliveries posted twice (§6.4: at least once)."""
    webhook_duplicate_within_s: float = 60.0
    """How soon the second one follows (U)."""
    webhook_reorders: float = 0.0
    """The share of events overtaken by later ones (§6.4: no order)."""
    webhook_reorder_s: float = 30.0
    """How long those are held back (U)."""
    webhook_strangers: float = 0.0
    """The share of events accompanied by one of an unknown category (§6.3)."""
    webhook_riddles: float = 0.0
    """The share of events accompanied by one that nobody can read (§9)."""
    portal_tries_again_s: float = 5.0
    """The person at the portal presses the button again after a failed run; 0: never (U)."""

    def turn(self, settings: Mapping[str, Any]) -> None:
        """Set switches by name. Raises ValueError naming what is unknown or of the wrong kind."""
        kinds = get_type_hints(Switches)
        turned = {}
        for name, value in settings.items():
            if name not in kinds:
                raise ValueError(f"no switch is called {name!r}; there are {sorted(kinds)}")
            turned[name] = _fitted(name, value, kinds[name])
        for name, value in turned.items():
            setattr(self, name, value)

    def as_json(self) -> dict[str, Any]:
        """All switches as they stand."""
        return asdict(self)


def _fitted(name: str, value: Any, kind: Any) -> Any:
    """The value as the switch keeps it: a whole number is good for a fractional one."""
    if words := get_args(kind):
        if value not in words:
            raise ValueError(f"switch {name!r} takes one of {words}, not {value!r}")
        return value
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise ValueError(f"switch {name!r} takes {kind.__name__}, not {value!r}")
    return value
