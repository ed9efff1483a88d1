"""The line is cut, and then the server itself: the page says so, comes back by itself and has every event once."""

from __future__ import annotations

import json
import random
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.cli.program import muster
from tests.e2e.real.client import Client
from tests.e2e.real.conftest import Screens
from tests.e2e.real.program import Cable, Server


def free_port() -> int:
    """A port that nobody listens on, below those that the system gives to clients: it has to be free a second time."""
    while True:
        port = random.randrange(20_000, 30_000)
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)):
                return port


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the server keeps everything."""
    return tmp_path_factory.mktemp("serve")


@pytest.fixture(scope="module")
def server(data: Path) -> Iterator[Server]:
    """One server for this file, reached directly and over a cable."""
    server = Server(data, free_port(), free_port()).begin()
    yield server
    server.stop()


@pytest.fixture
def cable(server: Server) -> Iterator[Cable]:
    """The browser's way to the server in one test."""
    cable = Cable(server.port, server.others[0]).start()
    yield cable
    cable.close()


@pytest.fixture(scope="module")
def client(server: Server, data: Path) -> Client:
    """An incident's commander, invited from the command line beside the running server."""
    words = ("user", "invite", "ic", "--name", "Ines Castro", "--agency", "spd", "--rank", "captain", "--role", "commander", "--json")  # fmt: skip
    return Client(json.loads(muster(*words, "--base-url", server.url, data=data))["url"])


@pytest.fixture(scope="module")
def log(client: Client) -> str:
    """Opened over HTTP."""
    return client.open({"name": "River march", "kind": "planned", "lead_agency": "spd", "lead_agency_name": "Metro Police", "time_zone": "America/Chicago", "commander": "ic", "commander_name": "Ines Castro", "commander_rank": "captain"})  # fmt: skip


def _all_seqs(page: Page, head: int) -> list[int]:
    """Every seq in the page's log, by walking it from top to bottom."""
    box = page.locator(".feed-scroll")
    found: dict[int, int] = {}
    for _ in range(200):
        shown = page.evaluate("() => [...document.querySelectorAll('.feed-open')].map((one) => [Number(one.closest('.feed-row').getAttribute('aria-posinset')), Number(one.dataset.seq)])")  # fmt: skip
        for place, seq in shown:
            assert found.setdefault(place, seq) == seq
        if 1 in found.values():
            break
        lowest = min(found.values())
        box.evaluate("box => { box.scrollTop += box.clientHeight }")
        page.wait_for_function("low => [...document.querySelectorAll('.feed-open')].some((one) => Number(one.dataset.seq) < low)", arg=lowest)  # fmt: skip
    return [found[place] for place in sorted(found)]


def _is_whole(page: Page, client: Client, log: str, last: int) -> None:
    """Live again without anybody's hand, with each event of the log once and in order."""
    expect(page.locator(".link-live")).to_be_visible(timeout=60_000)
    expect(page.locator("#link")).to_contain_text(f"#{last}")
    expect(page.locator(".banner-cut")).to_have_count(0)
    assert _all_seqs(page, last) == list(reversed(client.seqs(log)))
    assert page.evaluate("window.same") is True


def test_a_cut_line_is_said_and_mended(client: Client, cable: Cable, log: str, screens: Screens) -> None:
    """During the cut the age of the picture counts up; what was committed meanwhile is there afterwards, once."""
    screens.tolerated.append("ERR_INTERNET_DISCONNECTED|ERR_CONNECTION_RESET")
    page = screens.board(client, log, at=cable.url)
    page.evaluate("window.same = true")
    client.note(log, *(f"before {n}" for n in range(20)))
    page.context.set_offline(True)  # which leaves an open socket alone …
    cable.cut()  # … so those are reset as well
    banner = page.locator(".banner-cut")
    expect(banner).to_contain_text("The line to the server is cut")
    expect(banner).to_contain_text(re.compile(r"What you see is \d+"))
    expect(page.locator("#link")).not_to_contain_text("Live")
    aged = banner.inner_text()
    expect(banner).not_to_have_text(aged)
    [*_, last] = client.note(log, *(f"during {n}" for n in range(60)))
    expect(page.locator(".feed-row", has_text="during")).to_have_count(0)
    page.context.set_offline(False)
    _is_whole(page, client, log, last["seq"])


def test_a_line_that_falls_silent_is_noticed(client: Client, cable: Cable, log: str, screens: Screens) -> None:
    """No reset, no word: what is shown is no longer called live, and says how old it is, until bytes come again."""
    screens.tolerated.append("ERR_|WebSocket")
    page = screens.profile(client).new_page()
    page.clock.install()  # the server speaks each fifteen seconds, and the page waits for twenty
    screens.visit(page, client, log, at=cable.url)
    page.evaluate("window.same = true")
    cable.silent(True)
    page.clock.fast_forward(25_000)
    expect(page.locator(".banner-cut")).to_contain_text(re.compile(r"What you see is \d+"))
    expect(page.locator("#link")).not_to_contain_text("Live")
    [last] = client.note(log, "said into the silence")
    cable.silent(False)
    cable.cut()
    _is_whole(page, client, log, last["seq"])


def test_a_killed_server_comes_back_with_everything(server: Server, client: Client, log: str, screens: Screens) -> None:
    """SIGKILL, and started again on the same data and port: said, waited for, whole; nobody presses anything."""
    screens.tolerated.append("ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|WebSocket")
    page = screens.board(client, log, "&d=note")
    page.evaluate("window.same = true")
    page.get_by_label("Entry", exact=True).fill("sent into the dark")
    client.note(log, *(f"acknowledged {n}" for n in range(10)))
    server.kill()
    expect(page.locator(".banner-cut")).to_contain_text("The line to the server is cut")
    expect(page.locator("#link")).not_to_contain_text("Live")
    page.get_by_role("button", name="Record", exact=True).click()
    expect(page.locator(".form-waiting")).to_be_visible()
    server.begin()
    expect(page.locator(".sent-strip")).to_contain_text("recorded", timeout=60_000)
    [last] = client.note(log, "after the restart")
    _is_whole(page, client, log, last["seq"])
    texts = [one.get("text") for one in client.get(f"/api/incidents/{log}/events?limit=500")["entries"]]
    assert texts.count("sent into the dark") == 1
    assert [text for text in texts if text and text.startswith("acknowledged")] == [
        f"acknowledged {n}" for n in range(10)
    ]
