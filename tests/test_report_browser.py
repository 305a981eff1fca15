"""The page that the command makes, opened in headless Chromium and clicked through as a person would."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None or sys.platform == "win32", reason="needs Chromium and pipes of POSIX"),
]

FILES = {
    "letter.txt": "第一行\n浠栦滑鎶婃棫浠撳簱鏀规垚浜嗕竴闂村皬灏忕殑涔﹀簵\n",
    "notice.txt": "社區圖書館發(fā)出通知，關(guān)於閱覽室的開放時間，現(xiàn)在調(diào)整為上午九點。\n",
    "lost <i>&amp;.txt": "锟斤拷锟斤拷锟斤拷\n",
    "clean.txt": "没有损坏\n",
}


class Browser:
    """A browser spoken to over its debugging pipe: one message a NUL."""

    def __init__(self, profile: Path) -> None:
        to_browser, self._write = os.pipe()
        self._read, from_browser = os.pipe()
        flags = (
            "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking "
            f"--disable-component-update --disable-sync --remote-debugging-pipe --user-data-dir={profile}"
        )
        self._process = subprocess.Popen(
            ["bash", "-c", f'exec "$0" {flags} 3<&{to_browser} 4>&{from_browser}', str(CHROMIUM)],
            pass_fds=(to_browser, from_browser),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_browser)
        os.close(from_browser)
        self._buffer = b""
        self._number = 0
        self._session: str | None = None
        self.events: list[dict[str, Any]] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session is not None:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                result: dict[str, Any] = answer["result"]
                return result
            self.events.append(answer)

    def wait_for(self, method: str) -> None:
        while not any(event.get("method") == method for event in self.events):
            self.events.append(self._next())

    def value(self, script: str) -> Any:
        result = self.call("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def point_at(self, selector: str, *, click: bool = False, modifiers: int = 0) -> None:
        """Move the mouse onto the first such element, and click on it."""
        box = self.value(
            f"(() => {{ const e = document.querySelector({selector!r}); e.scrollIntoView({{block: 'center'}});"
            "const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; })()"
        )
        where = {"x": box[0], "y": box[1], "modifiers": modifiers}
        self.call("Input.dispatchMouseEvent", type="mouseMoved", **where)
        if click:
            for kind in ("mousePressed", "mouseReleased"):
                self.call("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **where)

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=30)
        os.close(self._write)
        os.close(self._read)

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            data = os.read(self._read, 1 << 20)
            assert data, "the browser went away"
            self._buffer += data
        message, self._buffer = self._buffer.split(b"\0", 1)
        answer: dict[str, Any] = json.loads(message)
        return answer


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    root = tmp_path_factory.mktemp("report")
    for name, content in FILES.items():
        (root / name).write_text(content, encoding="utf-8")
    (root / "legacy.txt").write_bytes("旧仓库".encode("gbk"))
    page = tmp_path_factory.mktemp("page") / "report.html"
    with page.open("wb") as out:
        command = [sys.executable, "-m", "mojibake_fix", "--check", "--format", "html", "."]
        assert subprocess.run(command, cwd=root, stdout=out, check=False, timeout=120).returncode == 2
    opened = Browser(tmp_path_factory.mktemp("profile"))
    opened.call("Emulation.setDeviceMetricsOverride", width=1280, height=900, deviceScaleFactor=1, mobile=False)
    opened.call("Page.navigate", url=page.as_uri())
    opened.wait_for("Page.loadEventFired")
    yield opened
    opened.close()


ROWS = "[...document.querySelectorAll('article')].filter(e => e.offsetParent !== null).length"
ENTRIES = "[...document.querySelectorAll('nav li')].filter(e => e.offsetParent !== null).map(e => e.innerText.trim())"


def test_the_page_lists_files_counts_faults_and_asks_nobody(browser: Browser) -> None:
    names = [entry.split("\n")[0] for entry in browser.value(ENTRIES)]
    assert names == ["legacy.txt", "letter.txt", "lost <i>&amp;.txt", "notice.txt"]
    assert browser.value(ROWS) == 3
    buttons = browser.value("[...document.querySelectorAll('button')].map(e => e.innerText)")
    assert sorted(int(text[-1]) for text in buttons) == [1, 1, 4]
    asked = [e["params"]["request"]["url"] for e in browser.events if e.get("method") == "Network.requestWillBeSent"]
    assert [url for url in asked if not url.startswith("file:")] == []


def test_before_and_after_stand_side_by_side(browser: Browser) -> None:
    sides = "[...document.querySelectorAll('#f1 .text')].map(e => [e.innerText, e.getBoundingClientRect().x])"
    (before, left), (after, right) = browser.value(sides)
    assert (before, after) == (FILES["letter.txt"].split("\n")[1], "他们把旧仓库改成了一间小小的书店")
    assert left < right


def test_the_bytes_of_a_character_are_under_the_pointer(browser: Browser) -> None:
    assert browser.value("document.querySelector('#tip').hidden")
    browser.point_at("#f1 .after i:nth-child(1)")
    tip = browser.value("document.querySelector('#tip').innerText")
    assert tip.splitlines()[:2] == [
        "他  E4 BB 96 (utf-8)",
        "Read in the wrong encoding: utf-8 read as gbk",
    ]
    browser.point_at("h1")
    assert browser.value("document.querySelector('#tip').hidden")


def test_a_fault_is_filtered_out_and_in(browser: Browser) -> None:
    browser.point_at("button[data-fault=gloss]", click=True)
    assert browser.value(ROWS) == 2
    assert "notice.txt" not in "".join(browser.value(ENTRIES))
    browser.point_at("button[data-fault=gloss]", click=True)
    assert browser.value(ROWS) == 3


def test_one_fault_is_shown_alone(browser: Browser) -> None:
    browser.point_at("button[data-fault=gloss]", click=True, modifiers=1)
    assert browser.value(ROWS) == 1
    for fault in ("misread", "beyond-repair"):
        browser.point_at(f"button[data-fault={fault}]", click=True)
    assert browser.value(ROWS) == 3


def test_repairs_are_filtered_by_how_sure_they_are(browser: Browser) -> None:
    choose = "sure.value = '{}'; sure.dispatchEvent(new Event('change'))"
    browser.value(choose.format("0.9"))
    assert browser.value(ROWS) == 0
    # The file that failed is named all the same.
    assert [entry.split("\n")[0] for entry in browser.value(ENTRIES)] == ["legacy.txt"]
    browser.value(choose.format("1"))
    assert browser.value(ROWS) == 3


def test_an_entry_leads_to_its_file(browser: Browser) -> None:
    browser.point_at("nav li:nth-child(4) a", click=True)
    assert browser.value("location.hash") == "#f3"


def test_nothing_went_wrong_in_the_script(browser: Browser) -> None:
    wrong = [e for e in browser.events if e.get("method") in ("Runtime.exceptionThrown", "Log.entryAdded")]
    assert wrong == []
