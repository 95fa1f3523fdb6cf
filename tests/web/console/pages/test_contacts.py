"""Customers: the list, one with its candidates, Link, and Create in Xero & Link."""

from __future__ import annotations

import re

import msgspec
import pytest

from syncd.domain.ids import XeroContactId
from syncd.domain.model.contact import ContactCandidate, ContactStatus
from syncd.domain.model.job import JobState, Reason
from syncd.engine.contacts import link_requests
from syncd.engine.contacts.link_requests import LinkRequest, Particulars
from syncd.ports.billing import ChangeKind
from syncd.store import desired
from syncd.store.desired import DesiredChange
from syncd.web.console.pages import contacts
from tests.engine.operator.test_needs import UNMAPPED, hold_customer
from tests.engine.support.operating import Desk
from tests.store.build import ACME, later
from tests.web.console.support.browsing import Page, browsing, console, path_of
from tests.web.console.support.hostile import EACH, assert_harmless
from tests.web.support.serving import TOKENS, operators

LIST = "/t/acme/contacts"
ONE = LIST + "/c1"
GOOD = "11111111-1111-4111-8111-111111111111"
OTHER = "22222222-2222-4222-8222-222222222222"
NAMES = (
    "company_name", "first_name", "last_name", "email", "phone", "website", "city",
    "postal_address",
)  # fmt: skip


def candidate(
    name: str = "Kiwi Plumbing",
    *,
    status: ContactStatus = ContactStatus.ACTIVE,
    owner: str = "",
    contact: str = GOOD,
) -> ContactCandidate:
    return ContactCandidate(
        id=XeroContactId(contact), name=name, status=status, email=name, account_number=name,
        owner=owner,
    )  # fmt: skip


async def held(
    at: Desk, *found: ContactCandidate, reason: Reason = Reason.CONTACT_UNMAPPED
) -> None:
    detail = msgspec.json.encode(found) if found else None
    await hold_customer(at, JobState.HELD, reason, detail=detail)


async def ordered(at: Desk) -> LinkRequest | None:
    found = await at.store.fetch(link_requests.of(ACME, msgspec.convert("c1", str)))
    return link_requests.read(found[0]) if found else None


def values_of(page: Page) -> dict[str, str]:
    """The fields of the form, by what they hold."""
    found, name = {}, ""
    for key, value in page.attributes:
        if key == "name":
            name = value
        elif key == "value" and name in NAMES:
            found[name] = value
    return found


@pytest.mark.parametrize("role", TOKENS)
async def test_a_customer_with_candidates_is_shown_to_every_role(role: str) -> None:
    async with console(role) as browser:
        await browser.desk.seed({"a": UNMAPPED, "b": UNMAPPED})
        await held(
            browser.desk,
            candidate(),
            candidate("Kiwi 2", status=ContactStatus.ARCHIVED),
            candidate("Kiwi 3", owner="c9"),
            candidate("Kiwi 4"),
        )

        shown = await browser.get(ONE)

        assert (shown.status, shown.unclosed) == (200, [])
        assert "Two contacts in Xero could be Kiwi Plumbing." in shown.text
        assert "2 invoices wait for it" in shown.text
        assert "restore it in Xero to choose it" in shown.text
        assert "/t/acme/contacts/c9" in shown.links
        assert "/t/acme/invoices/a" in shown.links
        assert ("Link" in shown.buttons) is (role == "Super User")
        assert shown.attributes.count(("type", "radio")) == (2 if role == "Super User" else 0)
        assert ("Linking needs Super User." in shown.text) is (role != "Super User")
        assert ("Create in Xero & Link" in shown.buttons) is (role != "Office")
        assert ("Create in Xero & Link needs Admin." in shown.text) is (role == "Office")


ENDS = [
    (JobState.HELD, Reason.CONTACT_UNMAPPED),
    (JobState.HELD, Reason.CONTACT_ARCHIVED),
    (JobState.HELD, Reason.CONTACT_NAME_TAKEN),
    (JobState.HELD, Reason.RATE_LIMITED),
    (JobState.FAILED, Reason.REFUSED),
]


@pytest.mark.parametrize(("state", "reason"), ENDS)
async def test_every_end_of_a_customer_is_shown(state: JobState, reason: Reason) -> None:
    async with console() as browser:
        await hold_customer(browser.desk, state, reason)

        shown = await browser.get(ONE)
        listed = await browser.get(LIST)

        assert (shown.status, listed.status) == (200, 200)
        assert shown.unclosed == listed.unclosed == []
        assert "Kiwi Plumbing" in listed.text
        assert ONE in listed.links


async def test_without_candidates_it_says_so() -> None:
    async with console() as browser:
        await held(browser.desk)

        shown = await browser.get(ONE)

        assert "No contact in Xero was found for Kiwi Plumbing." in shown.text
        assert "Candidates" not in shown.text


async def test_a_customer_that_waits_for_nobody_goes_by_itself() -> None:
    async with console() as browser:
        await browser.desk.seed_customer("c1")

        shown = await browser.get(ONE)

        assert "Pending. It goes by itself when its turn comes." in shown.text


async def test_the_list_is_narrowed_by_state_and_by_name() -> None:
    async with console("Office") as browser:
        await held(browser.desk)
        await browser.desk.seed_customer("c2", name="Ada & Sons")

        waiting = await browser.get(LIST + "?state=waiting")
        named = await browser.get(LIST + "?q=ada")
        none = await browser.get(LIST + "?q=nobody&state=synced")

        assert "Kiwi Plumbing" in waiting.text
        assert "Ada & Sons" not in waiting.text
        assert "Ada & Sons" in named.text
        assert "Nothing named “nobody” is synced in acme" in none.text
        assert (await browser.get(LIST + "?state=odd")).status == 400


async def test_a_long_list_is_paged_and_keeps_its_filters() -> None:
    async with console() as browser:
        for number in range(51):
            await browser.desk.seed_customer(f"k{number:02}", name=f"Customer {number:02}")

        first = await browser.get(LIST + "?q=customer")
        (older,) = [link for link in first.links if "cursor=" in link]
        second = await browser.get(LIST + older)

        assert "Customer 50" not in first.text
        assert "Customer 50" in second.text
        assert "Customer 00" not in second.text
        assert "q=customer" in older


async def test_no_customer_yet_says_where_they_come_from() -> None:
    async with console() as browser:
        assert "told of no customer of acme yet" in (await browser.get(LIST)).text


async def test_a_customer_nobody_knows_is_a_sentence() -> None:
    async with console() as browser:
        assert (await browser.get(LIST + "/nobody")).status == 404
        answer = await browser.post(LIST + "/nobody/create", {"company_name": "X"})
        assert answer.status == 404


async def test_link_orders_that_contact_and_says_so_until_it_is_done() -> None:
    async with console() as browser:
        await held(browser.desk, candidate())

        answer = await browser.post(ONE + "/link", {"contact_id": GOOD})
        shown = await browser.get(answer.headers["Location"])

        assert (answer.status, path_of(answer)) == (303, ONE)
        assert await ordered(browser.desk) == LinkRequest(link_to=XeroContactId(GOOD))
        assert "Ordered. The next round carries it out" in shown.text
        assert ("hx-trigger", "every 2s") in shown.attributes
        assert "Candidates" not in shown.text
        assert browser.desk.woken == [ACME]


async def test_an_order_that_cannot_be_carried_out_says_why_and_another_can_be_given() -> None:
    async with console() as browser:
        await held(browser.desk)
        await browser.post(ONE + "/link", {"contact_id": GOOD})
        await held(browser.desk)

        shown = await browser.get(ONE)

        assert await ordered(browser.desk) is not None
        assert "Ordered." not in shown.text
        assert "two fit" in shown.text
        assert "Link another contact by its id" in shown.text
        assert "Create in Xero & Link" in shown.buttons
        assert ("hx-trigger", "every 2s") not in shown.attributes


@pytest.mark.parametrize("contact", ["", "kiwi", "00000000-0000-0000-0000-000000000000"])
async def test_link_to_nothing_asks_for_a_choice(contact: str) -> None:
    async with console() as browser:
        await held(browser.desk, candidate())

        answer = await browser.post(ONE + "/link", {"contact_id": contact})

        assert answer.status == 400
        assert "Choose a contact first" in answer.text
        assert await ordered(browser.desk) is None


async def test_the_form_holds_pipelines_values_and_sends_only_what_was_changed() -> None:
    async with console("Admin") as browser:
        await held(browser.desk)

        shown = await browser.get(ONE)
        typed = {**values_of(shown), "city": "Napier", "email": "kiwi@example.com"}
        answer = await browser.post(ONE + "/create", typed)

        assert set(values_of(shown)) == set(NAMES)
        assert values_of(shown)["company_name"] == "Kiwi Plumbing"
        assert answer.status == 303
        assert await ordered(browser.desk) == LinkRequest(
            create=Particulars(city="Napier", email="kiwi@example.com")
        )


async def test_a_form_without_a_name_comes_back_as_it_was_typed_with_the_reason_beside_it() -> None:
    async with console("Admin") as browser:
        await held(browser.desk)

        answer = await browser.post(
            ONE + "/create", {"company_name": "  ", "city": "Napier", "phone": "<1>"}
        )

        assert answer.status == 400
        assert values_of(answer)["city"] == "Napier"
        assert values_of(answer)["phone"] == "<1>"
        assert ("aria-describedby", "company_name-error") in answer.attributes
        assert "A contact needs a company name." in answer.text
        assert await ordered(browser.desk) is None


async def test_a_refused_order_says_why_and_keeps_what_was_typed() -> None:
    async with console() as browser:
        await held(browser.desk, candidate())
        gone = DesiredChange(
            kind=ChangeKind.CUSTOMER, key="c1", version=2, at=later(5), by="Ada", content=None
        )
        await browser.desk.store.run(desired.put(ACME, [gone]))

        answer = await browser.post(ONE + "/create", {"company_name": "Kiwi"})

        assert answer.status == 409
        assert ("role", "alert") in answer.attributes
        assert "deleted in Pipeline" in answer.text


def test_only_what_is_alive_and_nobodys_can_be_chosen() -> None:
    assert contacts.may_choose(candidate())
    assert not contacts.may_choose(candidate(owner="c2"))
    for status in ContactStatus:
        assert contacts.may_choose(candidate(status=status)) is (status is ContactStatus.ACTIVE)


@EACH
async def test_what_others_wrote_is_shown_as_text(text: str) -> None:
    async with console() as browser:
        await held(browser.desk, candidate(text), candidate(text, owner=text))
        await browser.desk.seed_customer("c2", name=text)

        assert_harmless(await browser.get(ONE))
        assert_harmless(await browser.get(LIST))
        assert_harmless(await browser.get(LIST + "/c2"))
        assert_harmless(await browser.post(ONE + "/create", {"company_name": "", "city": text}))


@pytest.mark.parametrize("action", ["link", "create"])
async def test_an_order_is_refused_to_who_may_not_and_from_elsewhere(action: str) -> None:
    body = {"contact_id": GOOD, "company_name": "Kiwi"}
    async with operators() as served:
        await held(served.desk, candidate())
        refused = [("Office", 403), (None, 401)] + ([("Admin", 403)] if action == "link" else [])
        for role, status in refused:
            async with browsing(served, role) as browser:
                assert (await browser.post(f"{ONE}/{action}", body)).status == status
        async with browsing(served) as browser:
            answer = await browser.post(
                f"{ONE}/{action}", body, headers={"Origin": "http://elsewhere"}
            )
            assert answer.status == 403
        assert await ordered(served.desk) is None


def stood_in(page: Page) -> str:
    stood = set(re.findall(r'name="stood" value="([^"]*)"', page.body))
    assert len(stood) == 1
    return str(*stood)


async def test_an_order_from_a_page_that_no_longer_stands_changes_nothing() -> None:
    async with console() as browser:
        await held(browser.desk, candidate(), candidate(contact=OTHER))
        stale = {"stood": stood_in(await browser.get(ONE))}
        first = await browser.post(ONE + "/link", {"contact_id": GOOD, **stale})

        twice = await browser.post(ONE + "/link", {"contact_id": GOOD, **stale})
        other = await browser.post(ONE + "/link", {"contact_id": OTHER, **stale})
        create = await browser.post(ONE + "/create", {"company_name": "Kiwi", **stale})
        after = await ordered(browser.desk)

        assert [first.status, twice.status, other.status, create.status] == [303, 303, 409, 409]
        assert "Nothing was changed" in other.text
        assert after == LinkRequest(link_to=XeroContactId(GOOD))
