"""Drive the widgets in JupyterLab and in marimo themselves: ``python -m tests.engine.page.notebooks``.

It is run by hand, since both are large: ``pip install jupyterlab marimo anywidget playwright`` first. In each, a number
is changed on the page, and the cell that follows must see it; in JupyterLab, Python sets numbers, too, ``%%steps``
shows a page, and a quiz tells its score. Pictures of both are written to the folder that is given.
"""

import argparse
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
MAKE = "from engine import Value\na, b = Value(2.0), Value(-3.0)\nloss = (a * b + a).tanh() * a"
EXPECTED = 1.5 * math.tanh(-3.0)  # the loss at a = 1.5
CELLS = [
    f"import engine, engine.teach\n{MAKE}\nwidget = engine.steps_widget(loss)\nwidget",
    "print('RESULT', widget.numbers, widget.value)",
    "widget.numbers = {'b': 0.25}\nwidget.step = 3",
    "%load_ext engine",
    "%%steps --update 0.1\nc = a * b\nc + a",
    "quiz = engine.teach.quiz_widget(level=1, topics=['gradient'], count=3)\nquiz",
    "print('SCORE', quiz.score)",
]
MARIMO = f"""
import marimo
app = marimo.App()

@app.cell
def _():
    import marimo as mo
    import engine
    {MAKE.replace(chr(10), chr(10) + "    ")}
    widget = mo.ui.anywidget(engine.steps_widget(loss, names=dict(a=a, b=b, loss=loss)))
    widget
    return mo, widget

@app.cell
def _(mo, widget):
    mo.md(f"RESULT {{widget.value and widget.widget.numbers}} {{widget.widget.value}}")
    return
"""


@contextmanager
def served(*command: str) -> Iterator[None]:
    """Run a server while the block runs."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    server = subprocess.Popen([sys.executable, "-m", *command], env=environment, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)  # fmt: skip
    try:
        yield
    finally:
        server.terminate()
        server.wait()


def open_page(browser: Any, address: str) -> Any:
    """Open a page of a server that may still be starting."""
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    for _ in range(60):
        try:
            page.goto(address)
            return page
        except Exception:
            time.sleep(1.0)
    raise TimeoutError(address)


def frame_of(page: Any, title: str) -> Any:
    """Return the frame of a widget by the title of its page."""
    for _ in range(60):
        for frame in page.frames:
            if "srcdoc" in frame.url and title in frame.evaluate("document.title"):
                return frame
        page.wait_for_timeout(500)
    raise TimeoutError(title)


def change(frame: Any) -> None:
    """Set the first leaf to 1.5 on the page."""
    frame.locator('#graph g[data-name="v0"]').first.click()
    frame.locator("#edit-number").fill("1.5")
    frame.locator("#edit-number").press("Enter")
    frame.page.wait_for_timeout(1500)


def in_jupyterlab(browser: Any, folder: Path) -> Any:
    """Drive JupyterLab, and return its page."""
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = {"cells": [{**cell, "source": text, "id": f"c{i}"} for i, text in enumerate(CELLS)], "nbformat": 4,
                "nbformat_minor": 5, "metadata": {"kernelspec": kernel}}  # fmt: skip
    (folder / "t.ipynb").write_text(json.dumps(notebook))
    page = open_page(browser, "http://127.0.0.1:8899/lab/tree/t.ipynb?reset")
    cells = page.locator(".jp-Notebook .jp-CodeCell")
    cells.first.wait_for(timeout=60_000)
    page.wait_for_timeout(6000)

    def run(number: int) -> str:
        cells.nth(number).locator(".cm-content").click()
        page.keyboard.press("Shift+Enter")
        page.wait_for_timeout(2500)
        return " ".join(cells.nth(number).locator(".jp-OutputArea-output").all_inner_texts())

    run(0)
    frame = frame_of(page, "loss")
    change(frame)
    assert run(1).strip() == f"RESULT {{'a': 1.5}} {EXPECTED}"
    run(2)
    assert frame.locator("#edit-said").inner_text().startswith("1 number set. loss was -1.99866, now ")
    assert frame.locator("#position").inner_text().startswith("step 3")
    run(3)
    run(4)
    assert page.locator("iframe[sandbox]").count() == 2
    run(5)
    quiz = frame_of(page, "Quiz")
    quiz.locator("#typed").fill("12345")
    quiz.locator("#check").click()
    page.wait_for_timeout(1000)
    assert run(6).strip() == "SCORE score: 0 of 1 right"
    return page


def in_marimo(browser: Any) -> Any:
    """Drive marimo, and return its page."""
    page = open_page(browser, "http://127.0.0.1:8898")
    result = page.get_by_text("RESULT").first
    result.wait_for(timeout=60_000)
    change(frame_of(page, "loss"))
    assert result.inner_text() == f"RESULT {{'a': 1.5}} {EXPECTED}"
    return page


def main() -> None:
    """Drive both, and write pictures."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description="Drive the widgets in JupyterLab and in marimo.")
    parser.add_argument("folder", type=Path, help="where the pictures go")
    pictures = parser.parse_args().folder
    pictures.mkdir(parents=True, exist_ok=True)
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    with sync_playwright() as drive, tempfile.TemporaryDirectory() as name:
        folder, browser = Path(name), drive.chromium.launch(executable_path=program, args=["--no-sandbox"])
        with served("jupyter", "lab", "--no-browser", "--allow-root", "--port", "8899", "--ServerApp.token=",
                    f"--ServerApp.root_dir={folder}", "--ServerApp.disable_check_xsrf=True"):  # fmt: skip
            in_jupyterlab(browser, folder).screenshot(path=pictures / "jupyterlab.png")
        print("JupyterLab: the page and Python set numbers, %%steps, quiz")
        (folder / "app.py").write_text(MARIMO)
        with served("marimo", "run", str(folder / "app.py"), "--headless", "--no-token", "--port", "8898"):
            in_marimo(browser).screenshot(path=pictures / "marimo.png")
        print("marimo: a change on the page runs the cell that follows")


if __name__ == "__main__":
    main()
