"""Run the examples of the README and of the guide, and write down what they print: `make pages`.

A block of Python is run, all blocks of a page in one namespace, and the block of text right behind it is what it
prints. In a block of the console each line that begins with ``$`` is a command, followed by its output.
"""

import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import chdir, redirect_stdout
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "demos" / "guide").glob("*.md"))]
BLOCK = re.compile(r"^```(python|console)\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", re.DOTALL | re.MULTILINE)


def run(text: str, shell: Callable[[str], str]) -> str:
    """Return a page with the outputs that its examples have now; the shell runs a command and returns its output."""
    namespace: dict[str, Any] = {"__name__": "__main__"}

    def anew(block: re.Match[str]) -> str:
        kind, source, _ = block.groups()
        if kind == "console":
            commands = re.findall(r"^\$ (.*)$", source, re.MULTILINE)
            return "```console\n" + "".join(f"$ {command}\n{shell(command)}" for command in commands) + "```\n"
        printed = io.StringIO()
        with redirect_stdout(printed):
            exec(compile(source, "<page>", "exec"), namespace)
        says = f"\n```text\n{printed.getvalue()}```\n" if printed.getvalue() else ""
        return f"```python\n{source}```\n{says}"

    return BLOCK.sub(anew, text)


def main() -> None:
    """Run all pages and write them anew, in a folder of their own, where they may leave files."""
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        shutil.copytree(ROOT / "demos", "demos")
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        environment = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "COLUMNS": "100"}

        def shell(command: str) -> str:
            line = ["bash", "-c", f"({command}) 2>&1 </dev/null"]
            return subprocess.run(line, env=environment, stdout=subprocess.PIPE, text=True, check=False).stdout

        for page in PAGES:
            page.write_text(run(page.read_text(encoding="utf-8"), shell), encoding="utf-8")
            print(page.relative_to(ROOT))


if __name__ == "__main__":
    main()
