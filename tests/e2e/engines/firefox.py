"""Firefox by WebDriver BiDi, which it speaks by itself (https://w3c.github.io/webdriver-bidi/)."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from websockets.sync.client import connect

from tests.e2e.engines.engine import WAIT_S, Process, ScriptFailed

_QUIET = {
    "app.normandy.enabled": False,
    "app.update.enabled": False,
    "browser.aboutwelcome.enabled": False,
    "browser.safebrowsing.downloads.remote.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "captivedetect.canonicalURL": "",
    "datareporting.policy.dataSubmissionEnabled": False,
    "datareporting.policy.dataSubmissionPolicyBypassNotification": True,
    "extensions.getAddons.cache.enabled": False,
    "extensions.update.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "toolkit.telemetry.reportingpolicy.firstRun": False,
}
"""What would call others or ask a person: nothing here changes how a page runs."""


class Firefox:
    """One headless Firefox."""

    name = "Firefox"

    def __init__(self, program: str, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        prefs = "".join(f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in _QUIET.items())
        (folder / "user.js").write_text(prefs)
        words = [program, "--headless", "--no-remote", "--profile", str(folder), "--remote-debugging-port", "0"]
        self._end = ExitStack()
        self._process = Process([*words, "about:blank"], {"HOME": str(folder), "LANG": "en_US.UTF-8"})
        try:
            url = self._process.wait_for(r"WebDriver BiDi listening on (ws://\S+)")
            line = connect(f"{url}/session", max_size=64 << 20, open_timeout=WAIT_S)
            self._line = self._end.enter_context(line)
            self._n = 0
            self._ask("session.new", capabilities={"alwaysMatch": {"acceptInsecureCerts": True}})
            self._page = self._ask("browsingContext.getTree")["contexts"][0]["context"]
        except BaseException:
            self.close()
            raise

    def go(self, url: str) -> None:
        self._ask("browsingContext.navigate", context=self._page, url=url, wait="complete")

    def run(self, body: str, given: Any = None) -> Any:
        code = f"(async (a) => JSON.stringify(await (async () => {{ {body} }})()) ?? 'null')({json.dumps(given)})"
        got = self._ask(
            "script.evaluate", expression=code, target={"context": self._page}, awaitPromise=True, userActivation=True
        )
        if got["type"] != "success":
            raise ScriptFailed(got["exceptionDetails"]["text"])
        return json.loads(got["result"]["value"])

    def choose(self, selector: str, file: Path) -> None:
        found = self._ask("browsingContext.locateNodes", context=self._page, locator={"type": "css", "value": selector})
        element = {"sharedId": found["nodes"][0]["sharedId"]}
        self._ask("input.setFiles", context=self._page, element=element, files=[str(file)])

    def kill(self) -> None:
        """As when the battery is dead."""
        self._end.close()  # first: a line that breaks under its own thread would be told as a leak
        self._process.end(at_once=True)

    def close(self) -> None:
        self._end.close()
        self._process.end()

    def _ask(self, method: str, **params: Any) -> Any:
        self._n += 1
        self._line.send(json.dumps({"id": self._n, "method": method, "params": params}))
        while True:
            said = json.loads(self._line.recv(WAIT_S))
            if said.get("id") != self._n:
                continue  # an event
            if said["type"] == "error":
                raise ScriptFailed(f"{method}: {said['error']}: {said['message']}")
            return said["result"]
