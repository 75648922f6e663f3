"""What is installed, the Makefile that installs it, and the account of tests that were left out."""

import os
import re
import shutil
import subprocess
import sys
import tarfile
from email import message_from_string
from hashlib import sha256
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Install stepgrad by pip, without the network, into a folder."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "--disable-pip-version-check", "--target", folder, "."], cwd=ROOT, check=True)
    return folder


def files(folder):
    """Return the relative names of all files below a folder, without what Python compiles."""
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file() and p.suffix != ".pyc"}


TOP = "stepgrad", "pydevd_plugins"


@pytest.mark.slow
def test_installing_brings_the_packages_whole_and_nothing_else(site):
    top = ROOT / "engine" / "top"
    folders = {"engine": ROOT / "engine", "nn": ROOT / "nn", **{name: top / name for name in TOP}}
    expected = {f"{package}/{name}" for package, folder in folders.items() for name in files(folder)}
    expected = {name for name in expected if not name.startswith("engine/top/")}
    assert {"engine/py.typed", "nn/py.typed", "stepgrad/py.typed", "stepgrad/micrograd/nn.pyi"} <= expected
    assert {name for name in files(site) if ".dist-info/" not in name} == expected | {"bin/stepgrad"}
    (about,) = site.glob("stepgrad-*.dist-info")
    assert "licenses/LICENSE" in files(about)


@pytest.mark.slow
def test_what_is_published_is_the_same_to_the_last_byte_wherever_it_is_built(tmp_path):
    digests = []
    for name in ("one", "another"):
        folder = tmp_path / name
        shutil.copytree(
            ROOT, folder, ignore=shutil.ignore_patterns(".git", ".[a-fh-z]*", "__pycache__", "out", "node_modules")
        )
        if name == "another":
            for path in folder.rglob("*"):
                os.utime(path, (1e9, 1e9))
        environment = {**os.environ, "SOURCE_DATE_EPOCH": "1700000000"}
        command = [sys.executable, "-m", "hatchling", "build", "-d", "dist"]
        subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
        digests.append({each.name: sha256(each.read_bytes()).hexdigest() for each in (folder / "dist").iterdir()})
    assert digests[0] == digests[1]
    assert sorted(name.rpartition(".")[2] for name in digests[0]) == ["gz", "whl"]
    (source,) = (tmp_path / "one" / "dist").glob("*.gz")
    with tarfile.open(source) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"Makefile", "pyproject.toml", "tests/conftest.py", "demos/backprop.py", ".github/CHANGELOG.md"} <= names


@pytest.mark.slow
def test_the_installed_command_runs_anywhere(site, tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(site)}
    command = [sys.executable, site / "bin" / "stepgrad", "--version"]
    run = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    (about,) = site.glob("stepgrad-*.dist-info")
    assert run.stdout == f"stepgrad {about.name.removeprefix('stepgrad-').removesuffix('.dist-info')}\n"


@pytest.mark.slow
def test_what_is_installed_has_its_own_name_and_micrograds(site, tmp_path):
    (tmp_path / "engine.py").write_text("raise SystemExit('this is the user\\'s')")
    (tmp_path / "program.py").write_text(
        "import stepgrad as sg, stepgrad.engine.program, stepgrad.nn, sys, engine, nn\n"
        "from stepgrad.micrograd.engine import Value\n"
        "from stepgrad.micrograd.nn import MLP\n"
        "assert stepgrad.engine is engine and stepgrad.nn is nn and sg.Value is engine.Value\n"
        "assert sys.modules['stepgrad.engine.program'] is engine.program\n"
        "print(Value(2) * 3, len(MLP(2, [3, 1]).parameters()), engine.__file__)"
    )
    command = [sys.executable, "-I", "-c", "import runpy, sys; sys.path[:0] = ['.', *sys.argv[1:]]; import program"]
    run = subprocess.run([*command, site], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert run.stdout == f"Value(data=6, grad=0) 13 {site / 'engine' / '__init__.py'}\n"


@pytest.mark.slow
def test_what_is_installed_describes_itself_as_pypi_shows_it(site):
    (about,) = site.glob("stepgrad-*.dist-info/METADATA")
    metadata = message_from_string(about.read_text(encoding="utf-8"))
    assert metadata["Author"] == "The stepgrad authors"
    labels = [label for label, _, _ in (url.partition(", ") for url in metadata.get_all("Project-URL"))]
    assert {"Homepage", "Documentation", "Changelog", "Issues"} <= set(labels)
    classifiers = metadata.get_all("Classifier")
    assert [c[-4:] for c in classifiers if "Python :: 3." in c] == ["3.11", "3.12", "3.13", "3.14"]
    assert sum(c.startswith("Operating System") for c in classifiers) == 3


@pytest.mark.slow
def test_links_and_pictures_of_the_readme_are_absolute_on_pypi(site):
    (about,) = site.glob("stepgrad-*.dist-info/METADATA")
    page = message_from_string(about.read_text(encoding="utf-8")).get_payload()
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)]+)\)", page)
    assert len(links) == len(re.findall(r"\]\(([^)]+)\)", readme))
    assert [link for link in links if not link.startswith("https://")] == []
    for picture in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", readme):
        assert f"](https://raw.githubusercontent.com/stepgrad/stepgrad/main/{picture})" in page


# Stands in for Python: notes what it is called with, and makes an environment with itself as its interpreter.
PYTHON = """#!/bin/sh
echo "$*" >>"{log}"
case "$*" in
  *"version_info < (3, 11)"*) {fit} ;;
  *"os.getcwd()"*) echo "$PWD {name}" ;;
  "-m venv "*) {venv} && mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
  "-m pip install"*virtualenv) exit 1 ;;
esac
"""


class Clone:
    """A folder with the Makefile, where every Python notes what it is called with."""

    def __init__(self, folder):
        self.folder = folder
        self.bin = folder.parent / "bin"
        self.log = folder.parent / "log"
        folder.mkdir()
        self.bin.mkdir()
        for name in ("Makefile", "pyproject.toml"):
            shutil.copy(ROOT / name, folder)

    def python(self, name, fit="true", venv="true"):
        path = self.bin / name
        path.write_text(PYTHON.format(log=self.log, name=name, fit=fit, venv=venv))
        path.chmod(0o755)
        return path

    def make(self, *arguments):
        """Run make with nothing but the basics in its environment; return what the Pythons did, and its run."""
        self.log.write_text("")
        environment = {"PATH": f"{self.bin}:{os.defpath}", "HOME": str(self.folder)}
        run = subprocess.run(["make", *arguments], cwd=self.folder, env=environment, capture_output=True, text=True)
        kinds = {
            "-m venv": "venv",
            "--editable": "install",
            "--requirement": "tools",
            "-m pytest --numprocesses": "test",
            "-m alone": "alone",
            "demos/": "demo",
        }
        calls = self.log.read_text().splitlines()
        return [done for call in calls for sign, done in kinds.items() if sign in call], run


@pytest.fixture
def clone(tmp_path):
    clone = Clone(tmp_path / """it's a "clone" & more""")
    clone.python("python3")
    return clone


@pytest.mark.needs_make
class TestMake:
    def test_sets_up_once(self, clone):
        assert clone.make("demo")[0] == ["venv", "install", "demo"]
        assert clone.make("demo")[0] == ["demo"]
        assert clone.make("test")[0] == ["tools", "test", "alone"]
        assert clone.make("test", "demo")[0] == ["test", "alone", "demo"]
        assert clone.make("quick")[0] == ["test"]

    def test_arguments_reach_pytest(self, clone):
        clone.make("test", "ARGS=tests/nn -k 'moons or xor'")
        parallel, alone = clone.log.read_text().splitlines()[-2:]
        assert parallel.endswith("-m not alone tests/nn -k moons or xor")
        assert alone.endswith("-m pytest -m alone tests/nn -k moons or xor")

    def test_tests_none_of_which_measures_seconds_pass(self, clone):
        python = clone.python("python3")
        for status, passes in (("5", True), ("1", False)):
            python.write_text(PYTHON.format(log=clone.log, name="python3", fit="true", venv="true"))
            with python.open("a") as file:
                file.write(f'case "$*" in *"-m alone"*) exit {status} ;; esac\n')
            shutil.rmtree(clone.folder / ".venv", ignore_errors=True)
            assert (clone.make("test")[1].returncode == 0) is passes

    def test_lessons_are_opened_and_made_with_what_that_needs(self, clone):
        assert clone.make("lessons")[0] == ["venv", "install", "tools", "demo"]
        assert clone.make("learn")[0] == ["tools", "demo"]
        assert clone.make("learn")[0] == ["demo"]
        assert "-m jupyter lab demos/lessons" in clone.log.read_text()

    def test_installs_once_in_parallel(self, clone):
        done, run = clone.make("-j", "demo", "test")
        assert run.returncode == 0, run.stderr
        assert sorted(done) == ["alone", "demo", "install", "test", "tools", "venv"]

    def test_installs_again_when_pyproject_changed(self, clone):
        clone.make("test")
        for age, name in enumerate((".test", ".installed", ".made")):
            os.utime(clone.folder / ".venv" / name, (1e9 - age, 1e9 - age))
        os.utime(clone.folder / "pyproject.toml", (1e9 - 10, 1e9 - 10))
        assert clone.make("test")[0] == ["test", "alone"]
        os.utime(clone.folder / "pyproject.toml")
        assert clone.make("test")[0] == ["install", "tools", "test", "alone"]

    def test_python_is_chosen_by_name_and_kept(self, clone):
        other = clone.python("python3.99")
        clone.make("demo")
        assert clone.make("demo", f"PYTHON={other}")[0] == ["venv", "install", "demo"]
        assert clone.make("demo", f"PYTHON={other}")[0] == ["demo"]
        assert clone.make("demo")[0] == ["demo"]
        assert "python3.99" in (clone.folder / ".venv" / ".made").read_text()

    def test_a_moved_clone_is_set_up_anew(self, clone):
        clone.make("demo")
        clone.folder = clone.folder.rename(clone.folder.with_name("moved"))
        assert clone.make("demo")[0] == ["venv", "install", "demo"]

    def test_an_environment_without_its_interpreter_is_made_anew(self, clone):
        clone.make("demo")
        (clone.folder / ".venv" / "bin" / "python").unlink()
        assert clone.make("demo")[0] == ["venv", "install", "demo"]

    def test_an_old_python3_is_passed_over(self, clone):
        clone.python("python3", fit="exit 1")
        clone.python("python3.12")
        assert clone.make("demo", "PYTHON=python3 python3.12")[0] == ["venv", "install", "demo"]

    def test_says_what_an_old_python_needs(self, clone):
        old = clone.python("python3.9", fit="exit 1")
        done, run = clone.make("demo", f"PYTHON={old}")
        assert (done, run.returncode) == ([], 2)
        assert f"stepgrad needs Python 3.11 or later, and none was found among: {old}" in run.stderr
        assert "make demo PYTHON=" in run.stderr

    def test_says_what_a_python_without_venv_needs(self, clone):
        clone.python("python3", venv="echo 'No module named ensurepip' >&2; false")
        done, run = clone.make("demo", "PYTHON=python3")
        assert run.returncode == 2
        assert "demo" not in done
        assert "No module named ensurepip" in run.stderr
        assert "apt install python3-venv" in run.stderr
        assert not (clone.folder / ".venv").exists()


NEEDY = """
import pytest

@pytest.mark.needs_dot
def test_drawing(): pass

@pytest.mark.needs_dot
def test_drawing_again(): pass

def test_arithmetic(): assert 1 + 1 == 2
"""


@pytest.mark.slow
@pytest.mark.parametrize("options", [(), ("--numprocesses=2",)])
@pytest.mark.parametrize(("strict", "status"), [("0", 0), ("1", 1)])
def test_what_was_left_out_is_listed_with_the_remedy(tmp_path, strict, status, options):
    shutil.copy(ROOT / "tests" / "conftest.py", tmp_path)
    (tmp_path / "test_needy.py").write_text(NEEDY)
    (tmp_path / "test_needy_module.py").write_text("import pytest\npytest.importorskip('absent_module')")
    environment = {**os.environ, "PATH": str(tmp_path), "STEPGRAD_STRICT": strict}
    command = [sys.executable, "-m", "pytest", "--strict-markers", "--rootdir", tmp_path, tmp_path, *options]
    run = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert run.returncode == status, run.stdout + run.stderr
    assert "2 tests: needs Graphviz's program dot: apt install graphviz, or brew install graphviz" in run.stdout
    assert ("this counts as a failure" in run.stdout) == bool(status)
    assert "1 test: could not import 'absent_module'" in run.stdout
    assert "1 passed, 3 skipped" in run.stdout or options


@pytest.mark.slow
def test_what_takes_seconds_to_start_is_slow(tmp_path):
    shutil.copy(ROOT / "tests" / "conftest.py", tmp_path)
    marked = [
        f"@pytest.mark.{mark}\ndef test_{mark}(): pass\n"
        for mark in ("needs_browser", "slow", "needs_matplotlib", "alone")
    ]
    (tmp_path / "test_marked.py").write_text("import pytest\n" + "".join(marked))
    command = [sys.executable, "-m", "pytest", "-q", "--collect-only", "--rootdir", tmp_path, tmp_path]
    run = subprocess.run([*command, "-m", "not slow and not alone"], cwd=tmp_path, capture_output=True, text=True)
    assert run.stdout.splitlines()[0].endswith("::test_needs_matplotlib"), run.stdout
    assert "1/4 tests collected" in run.stdout
