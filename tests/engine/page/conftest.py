"""Pages in a real browser."""

import shutil

import pytest

from engine import write_page

BROWSERS = "chromium", "chromium-browser", "google-chrome"


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api")
    program = next(filter(None, map(shutil.which, BROWSERS)))
    with playwright.sync_playwright() as drive:
        found = drive.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture
def opened(browser, tmp_path):
    """Open a page on a Value; at the end no error may have been met and nothing asked for but the page itself."""
    troubles, asked, contexts = [], [], []

    def open_page(root, *, html=None, width=1280, height=800, touch=False, dark=False, still=False, at="", **options):
        path = tmp_path / "page.html"
        if html is None:
            write_page(root, path, **options)
        else:
            path.write_text(html, encoding="utf-8")
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce" if still else "no-preference",
            has_touch=touch,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: troubles.append(said.text))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("dialog", lambda dialog: troubles.append(dialog.message))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(path.as_uri() + at)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert troubles == []
    assert [url for url in asked if not url.startswith(("file:", "data:", "about:"))] == []
    assert len([url for url in asked if url.startswith("file:")]) == len(contexts)
