"""Chromium without a window, asked over its debugging pipe: what a reader of a page would see."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
OPTIONS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync"
    " --disable-background-networking --disable-component-update --disable-dev-shm-usage"
    " --hide-scrollbars --remote-debugging-pipe"
).split()
TIMEOUT = 300  # seconds, for a browser that answers no more


def find() -> str | None:
    """Return the browser that the environment names in CHROMIUM, or one on PATH, or None."""
    named = os.environ.get("CHROMIUM")
    return named or next((path for name in NAMES if (path := shutil.which(name))), None)


class Page:
    """An open page. `console` and `requests` are what it wrote and asked for since it opened."""

    def __init__(self, to_browser: int, from_browser: int) -> None:
        self._to, self._from = to_browser, from_browser
        self._buffer = b""
        self._number = 0
        self._events: list[dict[str, Any]] = []
        self.session: str | None = None
        targets = self.call("Target.getTargets")["targetInfos"]
        target = next(target for target in targets if target["type"] == "page")
        attached = self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        self.session = attached["sessionId"]
        for domain in ("Page", "Network", "Log", "Runtime", "Accessibility"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method of the DevTools protocol; return its result."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self.session is not None:
            message["sessionId"] = self.session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._receive()
            if answer.get("id") == self._number:
                assert "error" not in answer, f"{method}: {answer['error']}"
                result: dict[str, Any] = answer["result"]
                return result
            self._events.append(answer)

    def open(self, place: Path | str, width: int, *, dark: bool = False, height: int = 800) -> None:
        """Load a file, or an address, at a width, in CSS pixels, with a colour scheme."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        self._events.clear()
        address = place if isinstance(place, str) else place.absolute().as_uri()
        self.call("Page.navigate", url=address)
        self._wait("Page.loadEventFired")

    def evaluate(self, expression: str) -> Any:
        """Return the value of an expression of JavaScript. Ours runs though the page's may not."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait_for(self, expression: str, seconds: float = 120) -> None:
        """Wait until an expression of JavaScript is true."""
        wanted = (
            f"new Promise((done, fail) => {{ const end = Date.now() + {1000 * seconds};"
            f"(function look() {{ if ({expression}) done();"
            " else if (Date.now() > end) fail(new Error('not in time'));"
            " else setTimeout(look, 20); })(); })"
        )
        answer = self.call("Runtime.evaluate", expression=wanted, awaitPromise=True)
        assert "exceptionDetails" not in answer, f"{expression}: {answer['exceptionDetails']}"

    def click(self, selector: str) -> None:
        """Press the mouse where an element is."""
        x, y = self.middle(selector)
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            self.mouse(kind, x, y)

    def middle(self, selector: str) -> tuple[float, float]:
        """Return where the middle of an element is."""
        box = self.evaluate(
            f"(() => {{ const box = document.querySelector({json.dumps(selector)})"
            ".getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; })()"
        )
        return box[0], box[1]

    def mouse(self, kind: str, x: float, y: float) -> None:
        """Let the mouse move, press or release."""
        buttons = {"button": "left", "clickCount": 1} if kind != "mouseMoved" else {}
        self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, **buttons)

    def type(self, text: str) -> None:
        """Type a text where the focus is."""
        self.call("Input.insertText", text=text)

    def press(self, key: str, code: int, modifiers: int = 0) -> None:
        """Press a key: its name, its number in Windows, and 1 for Alt, 2 for Ctrl."""
        for kind in ("keyDown", "keyUp"):
            self.call(
                "Input.dispatchKeyEvent",
                type=kind,
                key=key,
                code=key,
                windowsVirtualKeyCode=code,
                modifiers=modifiers,
            )

    def screenshot(self, path: Path) -> None:
        """Write the whole page as a PNG."""
        shot = self.call("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))

    def pdf(self, path: Path) -> None:
        """Write the page as it is printed."""
        printed = self.call("Page.printToPDF", preferCSSPageSize=True, printBackground=False)
        path.write_bytes(base64.b64decode(printed["data"]))

    @property
    def console(self) -> list[str]:
        """What the browser complained of: errors of scripts, and what the page's policy refused."""
        self.evaluate("0")  # all that came before has been received then
        kinds = ("Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled")
        return [json.dumps(e["params"]) for e in self._events if e["method"] in kinds]

    @property
    def requests(self) -> list[str]:
        """The addresses that were asked for, `data:` aside and what the page's policy refused."""
        self.evaluate("0")
        sent = {}
        for event in self._events:
            about = event["params"]
            if event["method"] == "Network.requestWillBeSent":
                sent[about["requestId"]] = about["request"]["url"]
            elif event["method"] == "Network.loadingFailed" and about.get("blockedReason"):
                sent.pop(about["requestId"], None)
        return [url for url in sent.values() if not url.startswith("data:")]

    def _wait(self, method: str) -> None:
        while not any(event["method"] == method for event in self._events):
            self._events.append(self._receive())

    def _receive(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            part = os.read(self._from, 1 << 20)
            assert part, "the browser ended"
            self._buffer += part
        message, _, self._buffer = self._buffer.partition(b"\0")
        answer: dict[str, Any] = json.loads(message)
        return answer


@contextmanager
def browser(executable: str, profile: Path) -> Iterator[Page]:
    """Start the browser with an empty profile; end it with the block."""
    read_by_it, to_browser = os.pipe()
    from_browser, written_by_it = os.pipe()
    command = [executable, *OPTIONS, f"--user-data-dir={profile}", "about:blank"]
    # The protocol speaks on the descriptors 3 and 4: the shell puts ours there.
    shell = f'exec "$0" "$@" 3<&{read_by_it} 4>&{written_by_it}'
    process = subprocess.Popen(
        ["timeout", str(TIMEOUT), "bash", "-c", shell, *command],
        pass_fds=(read_by_it, written_by_it),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(read_by_it)
    os.close(written_by_it)
    try:
        yield Page(to_browser, from_browser)
    finally:
        os.close(to_browser)  # then it ends by itself
        os.close(from_browser)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
