"""The adapter as a process of its own: over its standard streams, and at a port."""

import contextlib
import io
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from engine.cli.app import main
from engine.cli.target import load
from engine.debugger.dap import server
from engine.debugger.dap.protocol import read_message, write_message

ROOT = Path(__file__).parents[4]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}
COMMAND = [sys.executable, "-m", "engine", "dap"]
EXPRESSION = {"expression": "d = a*b; d + a", "numbers": {"a": 2, "b": -3}}


class Wire:
    """The editor's end of two streams."""

    def __init__(self, reader, writer):
        self.reader, self.writer, self.number, self.events = reader, writer, 0, []

    def send(self, command, **arguments):
        self.number += 1
        message = {"seq": self.number, "type": "request", "command": command, "arguments": arguments}
        write_message(self.writer, message)

    def ask(self, command, **arguments):
        self.send(command, **arguments)
        while message := read_message(self.reader):
            if message["type"] == "response":
                return message
            self.events.append(message)
        return None

    def wait(self, event):
        while True:
            for each in self.events:
                if each["event"] == event:
                    self.events.remove(each)
                    return each.get("body", {})
            message = read_message(self.reader)
            assert message is not None
            self.events.append(message)

    def start(self, **launch):
        assert self.ask("initialize", adapterID="x")["success"]
        assert self.ask("launch", **launch)["success"]
        assert self.ask("configurationDone")["success"]
        return self.wait("stopped")


@contextlib.contextmanager
def adapter(*arguments):
    with subprocess.Popen(
        [*COMMAND, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT,
        env=ENVIRONMENT,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def pair():
    """An adapter in a thread of this process."""
    ours, theirs = socket.socketpair()
    ended = []
    streams = theirs.makefile("rb"), theirs.makefile("wb")
    thread = threading.Thread(target=server.serve, args=(*streams, load, ended.append))
    thread.start()
    wire = Wire(ours.makefile("rb"), ours.makefile("wb"))
    wire.thread, wire.ended, wire.socket = thread, ended, ours
    yield wire
    wire.writer.close()
    wire.reader.close()
    ours.close()
    thread.join(10)
    for each in (*streams, theirs):
        with contextlib.suppress(OSError):
            each.close()


def test_a_session_over_streams(pair):
    assert pair.start(**EXPRESSION)["reason"] == "entry"
    pair.writer.write(b"Content-Length: 1\r\n\r\n{")
    pair.writer.flush()
    assert not read_message(pair.reader)["success"]
    pair.number += 1
    assert pair.ask("next", threadId=1)["success"]
    assert pair.ask("disconnect")["success"]
    pair.thread.join(10)
    assert not pair.thread.is_alive()


def test_a_run_can_be_paused(pair):
    lines = [f"x{i + 1} = x{i} + a" for i in range(2000)]
    pair.start(expression="\n".join(["x0 = a*a", *lines, "x2000 * a"]), numbers={"a": 2})
    pair.ask("setFunctionBreakpoints", breakpoints=[{"name": "add", "condition": "a.grad < -1"}])
    pair.ask("continue", threadId=1)
    pair.send("pause", threadId=1)
    assert pair.wait("stopped")["reason"] in ("pause", "step")


def test_an_editor_that_leaves_ends_the_session(pair):
    pair.start(**EXPRESSION)
    pair.socket.shutdown(socket.SHUT_RDWR)
    pair.thread.join(10)
    assert not pair.thread.is_alive()


@pytest.mark.parametrize("leaves", [False, True])
def test_an_endless_program_can_be_left(pair, tmp_path, leaves):
    path = tmp_path / "endless.py"
    path.write_text(f"import os, time\nprint('hello')\nwhile not os.path.exists({str(tmp_path / 'stop')!r}):\n"
                    "    time.sleep(0.01)\nfrom engine import Value\nx = Value(2.0) * 3\n")  # fmt: skip
    pair.ask("initialize", adapterID="x")
    pair.send("launch", program=str(path))
    assert pair.wait("output")["output"] == "hello\n"
    if leaves:
        pair.socket.shutdown(socket.SHUT_WR)
    else:
        assert pair.ask("disconnect")["success"]
    deadline = time.monotonic() + 10
    while not pair.ended and time.monotonic() < deadline:
        time.sleep(0.01)
    assert pair.ended == [0]
    (tmp_path / "stop").touch()


def test_the_users_program_cannot_disturb_the_protocol(tmp_path):
    path = tmp_path / "loud.py"
    path.write_text("import os, sys\nfrom engine import Value\nos.write(1, b'loud\\n')\nprint('said')\n"
                    "print(repr(sys.stdin.read()))\nsys.__stdout__.write('direct\\n')\nsys.__stdout__.flush()\n"
                    "loss = Value(2.0) * 3\n")  # fmt: skip
    with adapter() as process:
        wire = Wire(process.stdout, process.stdin)
        wire.start(program=str(path))
        said = [each["body"]["output"] for each in wire.events if each["event"] == "output"]
        assert wire.ask("disconnect")["success"]
        assert process.wait(20) == 0
        assert process.stderr.read().splitlines() == [b"loud", b"direct"]
    assert said[:1] == ["said\n''\n"] or said[:2] == ["said\n", "''\n"]


def test_two_sessions_at_once_and_one_killed(tmp_path):
    with adapter("--port", "0") as process:
        port = int(process.stderr.readline().decode().split(":")[1].split(";")[0])
        wires = []
        for number in range(2):
            connection = socket.create_connection(("127.0.0.1", port))
            wire = Wire(connection.makefile("rb"), connection.makefile("wb"))
            wire.connection = connection
            assert wire.start(expression="a*a", numbers={"a": number + 2})["reason"] == "entry"
            wires.append(wire)
        for number, wire in enumerate(wires):
            assert wire.ask("evaluate", expression="goto end", context="repl")["success"]
            result = wire.ask("evaluate", expression="a.grad")["body"]["result"]
            assert result == str(2 * (number + 2))
        children = set(children_of(process.pid))
        assert len(children) == 2
        os.kill(children.pop(), signal.SIGKILL)
        left = [wire for wire in wires if not is_cut(wire)]
        assert len(left) == 1
        assert left[0].ask("next", threadId=1)["success"]
        os.kill(process.pid, signal.SIGKILL)
        process.wait(10)
        deadline = time.monotonic() + 10
        while any(map(is_running, children)) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not any(map(is_running, children))
        for wire in wires:
            wire.connection.close()
            wire.reader.close()
            with contextlib.suppress(OSError):
                wire.writer.close()


def is_cut(wire):
    wire.connection.settimeout(2)
    try:
        return wire.ask("threads") is None
    except OSError:
        return True


def children_of(pid):
    tasks = Path(f"/proc/{pid}/task")
    if not tasks.exists():
        pytest.skip("there is no /proc here")
    return [int(each) for task in tasks.iterdir() for each in (task / "children").read_text().split()]


def is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_connection_has_a_process_of_its_own(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    ours, theirs = socket.socketpair()
    thread = threading.Thread(target=server.pass_on, args=(theirs,))
    thread.start()
    wire = Wire(ours.makefile("rb"), ours.makefile("wb"))
    wire.start(**EXPRESSION)
    assert wire.ask("disconnect")["success"]
    thread.join(20)
    assert not thread.is_alive()
    for each in (wire.reader, wire.writer, ours):
        each.close()


def test_an_editor_that_has_left_is_no_trouble(monkeypatch):
    monkeypatch.setattr(server, "COMMAND", [sys.executable, "-c", "print('x' * 10**6)"])
    ours, theirs = socket.socketpair()
    ours.close()
    server.pass_on(theirs)


def test_the_port_must_be_one_and_free(capsys):
    assert main(["dap", "--port", "70000"]) == 1
    assert "--port must be from 0 to 65535, not 70000" in capsys.readouterr().err
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert main(["dap", "--port", str(taken.getsockname()[1])]) == 1
    assert "in use" in capsys.readouterr().err


def test_the_port_is_told_and_served(monkeypatch):
    """In this process, with the first connection as the last."""

    class Ended(Exception):  # noqa: N818
        pass

    served, said = [], []
    monkeypatch.setattr(server, "pass_on", lambda connection: (served.append(connection), connection.close()))
    real = server.threading.Thread
    monkeypatch.setattr(server.threading, "Thread", lambda **options: Immediate(real, **options))

    class Immediate:
        def __init__(self, real, target, args, daemon):
            self.call = lambda: target(*args)

        def start(self):
            self.call()
            raise Ended

    def say(text):
        said.append(text)
        port = int(text.split(":")[1].split(";")[0])
        socket.create_connection(("127.0.0.1", port)).close()

    monkeypatch.setattr("engine.cli.commands.dap.complain", say)
    with pytest.raises(Ended):
        main(["dap", "--port", "0"])
    assert len(served) == 1
    assert said[0].startswith("waiting for editors at 127.0.0.1:")


def test_without_an_editor_it_says_who_talks_to_it(monkeypatch, capsys):
    monkeypatch.setattr(server, "serve", lambda *_: False)
    assert main(["dap"]) == 0
    assert "an editor starts this" in capsys.readouterr().err
    monkeypatch.setattr(server, "serve_streams", lambda _: True)
    assert main(["dap"]) == 0
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("sys.stdin", type("Terminal", (), {"isatty": lambda self: True})())
    assert main(["dap"]) == 0
    assert "an editor starts this" in capsys.readouterr().err


def test_an_editor_that_does_not_read_is_no_trouble():
    class Closed:
        def write(self, data):
            raise OSError

    sent = io.BytesIO()
    for number, command in enumerate(["initialize", "disconnect"]):
        write_message(sent, {"seq": number, "type": "request", "command": command})
    assert server.serve(io.BytesIO(sent.getvalue()), Closed(), load)


def test_a_stream_that_breaks_is_the_end():
    class Broken:
        def readline(self, most):
            raise OSError

    assert not server.serve(Broken(), io.BytesIO(), load)


def test_a_connection_that_breaks_is_no_trouble(monkeypatch):
    monkeypatch.setattr(server, "COMMAND", [sys.executable, "-c", "print('x' * 10**6)"])
    ours, theirs = socket.socketpair()

    def break_off(*_):
        raise BrokenPipeError

    monkeypatch.setattr(server.shutil, "copyfileobj", break_off)
    with ours:
        server.pass_on(theirs)
