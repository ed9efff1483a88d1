"""Every form of the rooms of force, filled in a real browser: what it builds is a command that the server can read."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from command.policy.decision import Finding
from tests.e2e.fake_scene import IC, KC
from tests.e2e.fake_server import FakeServer

Open = Callable[..., Page]

# Fills whatever a form shows: `all` also what is optional. Values are ids, since an id fits every kind of text field.
FILL = """async all => {
  const say = (node, value) => { node.value = value; node.dispatchEvent(new Event(node.tagName === 'SELECT' ? 'change' : 'input', { bubbles: true })) };
  const form = document.querySelector('#drawer form');
  for (const node of form.querySelectorAll('input, select, textarea')) {
    await new Promise((next) => { setTimeout(next) }); // as between two presses: the form has drawn the last one
    if (!all && !node.getAttribute('aria-required')) continue;
    if (node.type === 'checkbox' || node.type === 'radio') { if (!node.checked) node.click(); }
    else if (node.tagName === 'SELECT') say(node, node.options[node.options.length > 1 ? 1 : 0].value);
    else if (node.placeholder === 'hh:mm') continue;
    else if (node.placeholder === 'yyyy-mm-dd') say(node, '2027-01-31');
    else say(node, node.inputMode === 'numeric' ? '7' : 'x-1');
  }
}"""
FORMS = {
    "askforce": "AskForce", "askforce~K5~chemical-area~disperse": "AskForce", "grantforce~ask-1": "GrantForce", "relay~ask-1": "GrantForce",
    "cosign~ask-1": "CoSignForce", "callback~ask-1": "CoSignForce", "renewgrant~g-1": "RenewGrant", "revoke~g-1": "RevokeGrant",
    "confirmrelay~g-1": "ConfirmRelay", "askposture~K5": "AskPosture", "posture~K5~protective-gear": "ChangePosture",
    "renewposture~K5~protective-gear": "RenewPosture", "suspend": "SuspendRule", "resume~muster-model~tactic.area-tools": "ResumeRule",
    "changeplan": "ChangePlan", "delegate": "DelegateAuthority", "enddelegation~d-1": "EndDelegation", "exits~K5": "ReportExits", "moved~K5": "ReportCrowdMoved",
    "attempt~K5": "RecordAttempt", "finding~K5": "RecordObservation", "presence": "ReportPresence", "distress": "FlagDistress",
    "helped~d-1": "AnswerDistress", "pursuit": "ReportPursuit", "intervention": "ReportIntervention", "issue": "IssueMunitions",
    "returned~U01~oc-hand": "ReturnMunitions", "counted~U01~oc-hand": "CountMunitions", "review~f-0": "FileReview",
    "warning~K5": "ReportWarning", "heard~K5~w-1": "ReportAudibility", "force": "ReportForce", "checkin": "CheckIn", "checkin~p-lind": "CheckIn",
}  # fmt: skip


@pytest.mark.parametrize("everything", [True, False], ids=["everything", "only what is needed"])
def test_every_form_builds_a_command_that_can_be_read(server: FakeServer, open_page: Open, everything: bool) -> None:
    """Filled in full or with no more than it asks for, it is taken, once, as the command it names."""
    page = open_page(server.url)
    for form, kind in FORMS.items():
        page.evaluate(
            "to => { history.pushState(null, '', to); dispatchEvent(new PopStateEvent('popstate')) }", f"?d={form}"
        )
        page.wait_for_selector("#drawer form")
        before = len(server.received)
        page.evaluate(FILL, everything)
        if form.startswith("exits"):  # an exit has to be named, and which of the two lists is the reporter's to say
            page.locator("#f-open").fill("North stairs")
        if form == "changeplan":  # a pack goes by its id and digest, and nothing shorter
            page.locator("#f-packs").fill(f"law@sha256:{'1' * 64}\n plan@sha256:{'2' * 64}")
        if form.startswith("finding"):
            page.locator("#f-findings input").first.check()
        page.locator(".form-ways .button").first.click()
        expect(page.locator("#drawer form")).to_have_count(0)
        assert len(server.received) == before + 1, form
        assert server.received[-1]["command"]["type"] == kind
        page.evaluate("() => sessionStorage.clear()")


def test_training_is_stated_course_by_course(server: FakeServer, open_page: Open) -> None:
    """Command staff confirm what someone has passed, with the day through which it counts; a half date is named."""
    page = open_page(f"{server.url}/?d=checkin~p-lind")
    page.get_by_label("Name", exact=True).fill("Sgt. M. Lind")
    page.get_by_label("Agency").select_option("kcso")
    page.get_by_label("Rank").fill("sergeant")
    page.get_by_label("Course 1").fill("crowd-management")
    page.get_by_label("Counts through").fill("2027-1")
    page.get_by_role("button", name="Another course").click()
    page.get_by_label("Course 2").fill("incident-command")
    page.get_by_role("button", name="Check in", exact=True).click()
    expect(page.locator(".form-errors")).to_contain_text("Training: each course by its id")
    page.get_by_label("Counts through").first.fill("2027-01-31")
    page.get_by_role("button", name="Check in", exact=True).click()
    expect(page.locator("#drawer form")).to_have_count(0)
    assert server.received[-1]["command"]["training"] == [
        {"course": "crowd-management", "expires": "2027-02-01T08:00:00Z"},  # midnight of the place, in Los Angeles
        {"course": "incident-command"},
    ]


def test_what_is_not_confirmed_of_someone_is_said(server: FakeServer, open_page: Open) -> None:
    """In the log, in the list and beside the person, until someone whose word counts has checked them in."""
    page = open_page(f"{server.url}/?v=people")
    doubt = Finding("cannot tell", (), ("training that is not on one's account",))
    made = server.entry("PersonCheckedIn", "Sgt. M. Lind checked in", who=KC, finding=doubt, record="p-lind")
    server.commit([made], [server.set_row("people", "p-lind", unconfirmed=("training",))])
    expect(page.locator(".feed-row").first).to_contain_text("cannot tell")
    row = page.locator("#forces tr", has_text="Sgt. M. Lind")
    expect(row).to_contain_text("not confirmed: training")
    row.get_by_role("button", name="Sgt. M. Lind").click()
    expect(page.locator("#drawer")).to_contain_text("training that is not on their account")
    page.get_by_role("button", name="Confirm or state anew…").click()
    expect(page.locator("#drawer-title")).to_have_text("Confirm Sgt. M. Lind")
    again = server.entry("PersonCheckedIn", "Sgt. M. Lind checked in", who=IC)
    server.commit([again], [server.set_row("people", "p-lind", unconfirmed=())])
    expect(row).not_to_contain_text("not confirmed")
