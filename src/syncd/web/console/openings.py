"""The sentence a page opens with, where it is about one subject: how it stands, what is wanted.

Pure. A tenant's own verdict is `verdicts`; shown by the same part of the templates.
"""

from __future__ import annotations

from collections.abc import Sequence

from syncd.domain.model.contact import ContactStatus
from syncd.domain.model.finding import Finding
from syncd.domain.model.job import PublicState, Reason
from syncd.domain.model.long_work import WorkState
from syncd.domain.model.replica import ReplicaStanding
from syncd.domain.model.sample import Sample
from syncd.domain.model.trouble import Trouble
from syncd.domain.model.value import Value
from syncd.domain.rules.samples.delays import within_s
from syncd.engine.core.settings_in_force import SettingsInForce, SettingSource
from syncd.engine.long_work.runner import Work
from syncd.engine.operator import long_orders
from syncd.engine.operator.contact_details import CustomerDetails
from syncd.engine.operator.release_brake import BrakeStatus
from syncd.web.console import amounts, words
from syncd.web.console.verdicts import Press
from syncd.web.console.words import GOOD, MOVING, OFF, PERSON, STOP, Look

_OK, _ASKS = "check", "bars"


class Opening(Value, frozen=True, kw_only=True):
    """How a page's subject stands: `look.word` begins the sentence, `text` is the rest of it."""

    look: Look
    text: str
    press: Press | None = None


def of_findings(
    shown: Sequence[Finding],
    *,
    has_more: bool,
    is_running: bool,
    is_narrowed: bool = False,
    unseen: Trouble | None = None,
) -> Opening:
    """How many are open, and how many of them need a person.

    `is_narrowed`: of one kind alone; `unseen` says why something may be open that is not here.
    """
    if is_running:
        look = Look(word="Reconciling.", tone=MOVING, icon="clock")
        return Opening(look=look, text="Both books are compared; what differs appears below.")
    why = "" if unseen is None else words.without_commands(unseen.text)
    if not shown and why:
        look = Look(word="Not everything could be looked at.", tone=PERSON, icon="alert")
        return Opening(look=look, text=why)
    if not shown and is_narrowed:
        look = Look(word="None of this kind is open.", tone=OFF, icon="minus")
        return Opening(look=look, text="Other kinds may be; this page shows one.")
    if not shown:
        look = Look(word="Nothing is open.", tone=GOOD, icon=_OK)
        text = "Nothing in Xero differs from what was agreed, as far as it was looked at."
        return Opening(look=look, text=f"{text} What waits stands under Invoices.")
    wanting = sum(words.finding(one.kind).tone in (PERSON, STOP) for one in shown)
    open_ = "of this kind open" if is_narrowed else "open"
    many = f"More than {len(shown)} {open_}" if has_more else f"{len(shown)} {open_}"
    look = Look(word=f"{many}.", tone=PERSON if wanting else OFF, icon=_ASKS)
    if wanting == len(shown):
        text = "It needs a person." if wanting == 1 else "All of them need a person."
    elif not wanting:
        text = "None of them needs a person."
    else:
        text = f"{wanting} of them {'needs' if wanting == 1 else 'need'} a person."
    return Opening(look=look, text=f"{text} {why}".rstrip())


def of_replicas(replicas: Sequence[ReplicaStanding], press: Press | None = None) -> Opening:
    """Who works, whether anybody would follow it, and who has not been heard of."""
    works = next((one.name for one in replicas if one.works), "Nobody")
    gone = [one.name for one in replicas if one.is_gone]
    others = len(replicas) - len(gone) - (works != "Nobody")
    stand_by = words.counted(others, "other stands by", "others stand by")
    follows = f"{stand_by} and would follow it." if others else "Nobody stands by."
    if shared := [one.name for one in replicas if one.is_name_shared]:
        look = Look(word=f"Two replicas are called {shared[0]}.", tone=PERSON, icon="alert")
        text = f"Give each a name of its own (replicas.name), or none. {works} works."
        return Opening(look=look, text=text, press=press)
    if gone:
        names, is_one = " and ".join(gone), len(gone) == 1
        look = Look(word=f"{names} {'is' if is_one else 'are'} gone.", tone=PERSON, icon="alert")
        heard = f"{'It has' if is_one else 'They have'} not been heard of for a whole lease"
        text = f"{heard}: dead, or without the database. {works} works. {follows}"
        return Opening(look=look, text=text, press=press)
    if others:
        return Opening(look=Look(word=f"{works} works.", tone=GOOD, icon=_OK), text=follows)
    look = Look(word=f"{works} works.", tone=PERSON, icon="alert")
    text = "Nobody stands by who would follow it: start another replica."
    return Opening(look=look, text=text, press=press)


def of_brake(brake: BrakeStatus | None) -> Opening:
    """Why a tenant is halted, or that it is not."""
    if brake is None:
        look = Look(word="Not halted.", tone=GOOD, icon=_OK)
        return Opening(look=look, text="No brake holds anything back.")
    look = Look(word="Halted.", tone=STOP, icon="cross")
    behind = max(brake.waiting, len(brake.documents))
    waits = words.counted(behind, "invoice waits", "invoices wait")
    said = words.plain(brake.halt.text)
    return Opening(look=look, text=f"{said} {waits}. Nothing of it was written.")


def of_customer(customer: CustomerDetails) -> Opening:
    """Which contact a customer is, or what a person has to choose."""
    status, row = customer.status, customer.status.row
    look = words.state(status.state, status.reason)
    if row.is_withdrawn:
        look = Look(word="Deleted in Pipeline.", tone=OFF, icon="slash")
        return Opening(look=look, text=words.plain(status.why))
    if customer.is_on_its_way:
        look = Look(word="Ordered.", tone=MOVING, icon="clock")
        return Opening(look=look, text="The next round carries it out; this page shows it then.")
    if status.state is PublicState.SYNCED:
        look = Look(word="Linked.", tone=GOOD, icon=_OK)
        return Opening(look=look, text=f"In Xero it is {row.xero_label or 'a contact'}.")
    look = Look(word=f"{look.word[:1].upper()}{look.word[1:]}.", tone=look.tone, icon=look.icon)
    if status.reason is Reason.CONTACT_UNMAPPED and customer.link_request is None:
        return Opening(look=look, text=_to_choose(customer))
    said = words.plain(status.why)
    return Opening(look=look, text=said or "It goes by itself when its turn comes.")


def _to_choose(customer: CustomerDetails) -> str:
    name = customer.status.row.label
    open_to_all = [
        one for one in customer.candidates if one.status is ContactStatus.ACTIVE and not one.owner
    ]
    if not customer.candidates:
        return f"No contact in Xero was found for {name}. Create one, or link one by its id."
    if not open_to_all:
        return f"Contacts in Xero look like {name}, but none can be chosen as it stands."
    if len(open_to_all) == 1:
        return f"A contact in Xero could be {name}. Link it, or create another."
    many = words.number(len(open_to_all))
    return f"{many} contacts in Xero could be {name}. Choose the right one, or create another."


def of_webhooks(day: Sample | None, unseen: Trouble | None = None) -> Opening:
    """Whether Xero announces in time, by what came and what was missed in a day.

    What was missed is known by sweeps: `unseen` says why they do not look at everything now.
    What the door kept and refused is of all tenants together: one signed well proves the key.
    """
    is_refused = day is not None and day.xero_refused and not (day.events or day.xero_kept)
    if day is None or not (day.events or day.missed or is_refused):
        look = Look(word="Nothing came.", tone=OFF, icon="slash")
        if unseen is not None:
            text = "Xero has announced nothing of this organisation in 24 h, and what changed there"
            why = words.without_commands(unseen.text)
            return Opening(look=look, text=f"{text} meanwhile is not seen now. {why}")
        text = (
            "Xero has announced nothing of this organisation in 24 h, and sweeps found nothing "
            "that it should have. Changes come by sweep all the same, only later."
        )
        return Opening(look=look, text=text)
    if day.missed:
        changes = words.counted(day.missed, "change was", "changes were")
        look = Look(word="Xero does not announce everything in time.", tone=PERSON, icon="alert")
        text = (
            f"{changes} found by a sweep in 24 h and not announced within half an hour. Nothing "
            "is lost. Check the webhook in Xero's developer portal: its address, its key, and "
            "that it is enabled."
        )
        return Opening(look=look, text=text)
    if is_refused:
        look = Look(word="Every webhook was refused.", tone=PERSON, icon="alert")
        text = (
            "None of them was signed with the key that is configured. Compare it with the one "
            "Xero's developer portal shows."
        )
        return Opening(look=look, text=text)
    if unseen is not None:
        look = Look(
            word="Whether Xero announces everything is not seen now.", tone=PERSON, icon="alert"
        )
        return Opening(look=look, text=words.without_commands(unseen.text))
    half = within_s(day.webhook_delays, 0.5)
    fast = f"Half took effect within {amounts.lasting(half)}; no" if half is not None else "No"
    look = Look(word="Xero announces in time.", tone=GOOD, icon=_OK)
    return Opening(look=look, text=f"{fast} change was missed in 24 h.")


def of_journal(entries: int, check: Work | None) -> Opening:
    """How long the journal is, and what the last check of its chain has found."""
    many = words.counted(entries, "entry", "entries")
    checked = None if check is None else check.row
    if checked is None or checked.state is not WorkState.DONE or checked.result is None:
        look = Look(word=f"{many}.", tone=OFF, icon="clock")
        return Opening(look=look, text="Each carries the digest of the one before it.")
    if long_orders.is_fault(checked.result):
        look = Look(word="The chain is broken.", tone=STOP, icon="cross")
        return Opening(look=look, text=checked.text)
    since = entries - int(checked.result.partition(":")[0])
    look = Look(word="The chain fits.", tone=GOOD, icon=_OK)
    came = f" {words.counted(since, 'entry', 'entries')} came since the check." if since > 0 else ""
    return Opening(look=look, text=f"{checked.text}{came}")


def of_settings(found: SettingsInForce) -> Opening:
    """How much was chosen, and whether the organisation's own settings are known."""
    chosen = sum(one.source is not SettingSource.DEFAULT for one in found.settings)
    many = words.counted(chosen, "setting differs", "settings differ")
    if found.organisation is None:
        look = Look(word=f"{many} from what is usual.", tone=OFF, icon="clock")
        return Opening(look=look, text="The organisation's own settings were not read yet.")
    if found.organisation.unread:
        look = Look(word="Some of Xero's settings cannot be read.", tone=PERSON, icon="alert")
        return Opening(look=look, text="They count as not being there; correct them in Xero.")
    look = Look(word="In force.", tone=GOOD, icon=_OK)
    return Opening(look=look, text=f"{many} from what is usual.")
