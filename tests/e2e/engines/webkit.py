"""WebKitGTK by WebDriver over HTTP (https://www.w3.org/TR/webdriver2/), on a screen of its own that nobody sees."""

from __future__ import annotations

import http.client
import json
import socket
import time
from pathlib import Path
from typing import Any

from tests.e2e.engines.engine import STEP_S, WAIT_S, Process, ScriptFailed

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the specification's name of a reference


class WebKit:
    """One WebKitGTK browser. Its profile is in memory: that is how it runs under automation."""

    name = "WebKitGTK"

    def __init__(self, driver: str, screen: str, folder: Path) -> None:
        for name in ("config", "cache", "data", "run"):
            (folder / name).mkdir(parents=True, exist_ok=True, mode=0o700)
        # In a language "C" its Intl knows no names of languages, and what writes dates throws.
        env = {
            "LANG": "en_US.UTF-8", "HOME": str(folder), "XDG_CONFIG_HOME": str(folder / "config"),
            "XDG_CACHE_HOME": str(folder / "cache"), "XDG_DATA_HOME": str(folder / "data"),
            "XDG_RUNTIME_DIR": str(folder / "run"), "GDK_BACKEND": "x11", "NO_AT_BRIDGE": "1",
            "WEBKIT_DISABLE_COMPOSITING_MODE": "1",
        }  # fmt: skip
        self._ended: list[Process] = []
        self._session = ""
        try:
            number = _display(screen, self._ended)
            self._port = _free_port()
            self._ended.append(Process([driver, "-p", str(self._port)], {**env, "DISPLAY": f":{number}"}))
            self._begin()
        except BaseException:
            self.close()
            raise

    def _begin(self) -> None:
        browser = {"webkitgtk:browserOptions": {"binary": _mini_browser(), "args": ["--automation"]}}
        wanted = {"capabilities": {"alwaysMatch": {**browser, "acceptInsecureCerts": True}}}
        end = time.monotonic() + WAIT_S
        while True:
            try:
                got = self._ask("POST", "/session", wanted)
                break
            except ConnectionRefusedError:
                assert time.monotonic() < end, "the driver did not start"
                time.sleep(STEP_S)
        self._session = f"/session/{got['sessionId']}"
        limits = {"script": int(WAIT_S * 1000), "pageLoad": int(WAIT_S * 1000)}
        self._ask("POST", f"{self._session}/timeouts", limits)

    def go(self, url: str) -> None:
        self._ask("POST", f"{self._session}/url", {"url": url})

    def run(self, body: str, given: Any = None) -> Any:
        code = (
            "const [a, done] = arguments; (async () => {" + body + "})().then((got) => done(JSON.stringify({ got })), "
            "(error) => done(JSON.stringify({ thrown: `${error}\\n${error?.stack ?? ''}` })))"
        )
        raw = self._ask("POST", f"{self._session}/execute/async", {"script": code, "args": [given]})
        said = json.loads(raw)
        if "thrown" in said:
            raise ScriptFailed(said["thrown"])
        return said.get("got")

    def choose(self, selector: str, file: Path) -> None:
        found = self._ask("POST", f"{self._session}/element", {"using": "css selector", "value": selector})
        self._ask("POST", f"{self._session}/element/{found[ELEMENT]}/value", {"text": str(file)})

    def close(self) -> None:
        if self._session:
            try:
                self._ask("DELETE", self._session)
            except (OSError, http.client.HTTPException, ScriptFailed):
                pass  # what is left of it ends with its processes
        for one in reversed(self._ended):
            one.end()

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        line = http.client.HTTPConnection("127.0.0.1", self._port, timeout=2 * WAIT_S)
        try:
            raw = None if body is None else json.dumps(body)
            line.request(method, path, raw, {"Content-Type": "application/json"})
            value = json.loads(line.getresponse().read())["value"]
        finally:
            line.close()
        if isinstance(value, dict) and "error" in value:
            raise ScriptFailed(f"{path}: {value['error']}: {value.get('message', '')}")
        return value


def _display(screen: str, started: list[Process]) -> str:
    """A screen of its own: the server picks a free number and says which."""
    one = Process(["sh", "-c", f"exec {screen} -displayfd 1 -screen 0 1280x1024x24 -nolisten tcp 2>&1"], {})
    started.append(one)
    return one.wait_for(r"(?m)^(\d+)$")


def _mini_browser() -> str:
    for place in (*Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser"), *Path("/usr/libexec").glob("webkit2gtk-4.*/MiniBrowser")):  # fmt: skip
        return str(place)
    raise AssertionError("expected WebKit's MiniBrowser beside its driver")


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
