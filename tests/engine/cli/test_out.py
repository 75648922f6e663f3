"""What a command writes at its end is checked before it begins."""

import os
import stat

import pytest

PROGRAM = "from pathlib import Path\nfrom engine import Value\nPath('ran').touch()\na = Value(2.0)\nloss = a * a\n"
WRITERS = {"draw": "x.svg", "page": "x.html", "program": "x.py", "explain": "x.txt"}


@pytest.mark.parametrize("command", WRITERS)
@pytest.mark.parametrize("place", ["absent/{}", "file/{}", "folder"])
def test_a_program_is_not_run_if_its_result_cannot_be_written(run, program, folder, command, place):
    (folder / "file").touch()
    name = place.format(WRITERS[command])
    if place == "folder":
        (folder / WRITERS[command]).mkdir()
        name = WRITERS[command]
    status, out, err = run(command, program(PROGRAM), "-o", name)
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert err.startswith(("stepgrad: cannot save ", "stepgrad: a drawing must be", "stepgrad: a page must be"))
    assert not (folder / "ran").exists()


@pytest.mark.parametrize("command", ["draw", "page"])
def test_a_program_is_not_run_for_a_suffix_that_is_not_known(run, program, folder, command):
    status, out, err = run(command, program(PROGRAM), "-o", "x.bmp")
    assert (status, out) == (1, "")
    assert "must be saved as" in err
    assert not (folder / "ran").exists()


@pytest.mark.parametrize("command", ["program", "explain"])
@pytest.mark.parametrize("same", ["program.py", "./program.py", "link"])
def test_the_program_itself_is_not_overwritten(run, program, folder, command, same):
    os.symlink(program(PROGRAM), "link")
    status, out, err = run(command, "program.py", "-o", same)
    assert (status, out, err) == (1, "", "stepgrad: --out must be another file than the target program.py\n")
    assert (folder / "program.py").read_text() == PROGRAM
    assert not (folder / "ran").exists()


def test_a_device_is_written_to(run):
    assert run("explain", "a*a", "a=3", "-o", "/dev/null") == (0, "/dev/null\n", "")
    assert run("program", "a*a", "a=3", "-o", "/dev/null") == (0, "/dev/null\n", "")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--export", "a.md", "--solutions", "./a.md"], "questions and solutions must be two files, not both a.md"),
        (["--export", "a.md", "--solutions", "none/a.md"], "cannot save none/a.md: the folder none does not exist"),
        (["--export", "a.md", "--solutions", "a.doc"], "unsupported file type '.doc' of 'a.doc'; use .html, "),
        (["--solutions", "folder.md"], "cannot save folder.md: this is a folder; add the name of a file"),
    ],
)
def test_no_sheet_is_written_where_not_both_can_be(run, folder, options, says):
    (folder / "folder.md").mkdir()
    status, out, err = run("quiz", "--count", "1", *options)
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert err.startswith(f"stepgrad: {says}")
    assert [each.name for each in folder.iterdir()] == ["folder.md"]


def test_the_lab_checks_its_picture(run, folder):
    (folder / "mine.py").write_text("from pathlib import Path\nPath('ran').touch()\ndef backward(root): pass\n")
    for name in "none/x.svg", "x.bmp":
        assert run("lab", "mine.py:backward", "-o", name)[:2] == (1, "")
    assert not (folder / "ran").exists()
