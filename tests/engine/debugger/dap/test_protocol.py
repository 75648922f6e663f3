"""Messages that are not right get errors of the protocol: malformed, oversized, out of order."""

import io
import json
import os
import random

import pytest

from engine.cli.target import load
from engine.debugger.dap import launch
from engine.debugger.dap.adapter import Adapter
from engine.debugger.dap.protocol import MAX_BODY, Arguments, ProtocolError, read_message, write_message
from engine.debugger.dap.request import REQUESTS

from .client import Client, check

COUNT = int(os.environ.get("STEPGRAD_FUZZ", "600"))
NAMES = [
    "source", "path", "sourceReference", "line", "endLine", "breakpoints", "lines", "name", "value", "expression",
    "context", "frameId", "variablesReference", "threadId", "targetId", "granularity", "filters", "filterOptions",
    "text", "column", "start", "count", "levels", "startFrame", "numbers", "program", "cwd", "stepBy", "noDebug",
    "stopOnEntry", "finite", "condition", "hitCondition", "logMessage", "dataId", "filterId", "linesStartAt1",
    "supportsInvalidatedEvent", "now", "columnsStartAt1", "update",
]  # fmt: skip
THINGS = [
    None, True, False, 0, 1, 2, 3, 5, 9, -1, 10**30, 1.5, -1e308, "", "a", "d", "v3", "a.grad", "tanh", "mul", "1",
    "-2", "a = 2", "next", "back 3", "set a=3", "why a", "tree", "step by node", "delete all", "|grad| > 1", "a +",
    "\0", "\ud800", "x" * 5000, "% 2", ">= 2", "not-finite", "kink", "backpropagation.py", "/nowhere",
    "{a.grad} {", "(" * 300, "update", 0.1, "/nowhere.json", "w = w - 1",
    [], {}, [1], [None], [{}], ["a"], {"line": 2}, [{"line": 2}], [{"line": 2, "condition": "a >"}], [{"name": "mul"}],
    [{"dataId": "a.grad"}], {"sourceReference": 1}, {"path": "/x.py"}, {"name": "backpropagation.py"},
    [{"filterId": "kink"}], [{"line": 11, "logMessage": "{a}"}], [[[]]], {"a": 2},
]  # fmt: skip
COMMANDS = [*sorted(REQUESTS), "", "nonsense", "__init__", "runInTerminal"]


def framed(body):
    return b"Content-Length: %d\r\n\r\n" % len(body) + body


def read_all(data):
    """Return the messages of some bytes, and how many of them were not right."""
    stream, found, wrong = io.BytesIO(data), [], 0
    while True:
        try:
            message = read_message(stream)
        except ProtocolError:
            wrong += 1
            continue
        if message is None:
            return found, wrong
        found.append(message)


def test_a_message_comes_back_as_it_was_written():
    stream = io.BytesIO()
    for message in ({"a": "größe \ud800 \n"}, {}):
        write_message(stream, message)
    assert read_all(stream.getvalue()) == ([{"a": "größe \ud800 \n"}, {}], 0)


@pytest.mark.parametrize(
    ("data", "wrong"),
    [
        (b"\r\n\r\n", 0),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", 1),
        (b"Content-Length: -5\r\n\r\n", 1),
        (b"Content-Length: x\r\n\r\n", 1),
        (framed(b"{"), 1),
        (framed(b"[]"), 1),
        (framed(b"3"), 1),
        (framed(b"\xff\xfe"), 1),
        (framed(b'{"a": NaN}'), 1),
        (framed(b"[" * 100_000), 1),
        (framed(b"9" * 5000), 1),
        (framed(b" " * (MAX_BODY + 1)), 1),
        (b"content-LENGTH:2\r\nContent-Type: json\r\n\r\n{}", 0),
    ],
)
def test_what_is_not_a_message_is_refused_and_the_next_one_is_read(data, wrong):
    found, refused = read_all(data + framed(b'{"next": 1}'))
    assert (found[-1], refused) == ({"next": 1}, wrong)


def test_a_message_that_is_cut_off_is_the_end():
    for data in (b"Content-Length: 999999999999999999999999\r\n\r\n", b"Content-Length: 9\r\n\r\n{}", b"Content"):
        assert read_all(data + b"{}")[0] == []


def test_arguments_are_checked():
    arguments = Arguments({"line": True, "name": "a", "source": {"path": 1}, "breakpoints": [1]})
    for call, says in [
        (lambda: arguments.get("line", int), "line must be a whole number, not True"),
        (lambda: arguments.get("column", int), "the argument column is missing; it must be a whole number"),
        (lambda: arguments.inside("name"), "name must be an object"),
        (lambda: arguments.objects("breakpoints"), "arguments must be an object, not 1"),
        (lambda: Arguments([]), "arguments must be an object"),
    ]:
        with pytest.raises(ProtocolError, match=says):
            call()
    assert arguments.inside("nothing").get("path", str, "none") == "none"


def some_arguments(chance):
    if chance.random() < 0.05:
        return chance.choice(THINGS)
    names = chance.sample(NAMES, chance.randrange(6))
    return {name: chance.choice(THINGS) for name in names}


def likely(chance, client):
    """Return a request that may well be right, with one thing wrong now and then."""
    command, arguments = chance.choice([
        ("next", {"threadId": 1}), ("stepBack", {"threadId": 1}), ("continue", {"threadId": 1}),
        ("reverseContinue", {"threadId": 1}), ("stackTrace", {"threadId": 1}), ("scopes", {"frameId": 1}),
        ("variables", {"variablesReference": chance.randrange(1, 30)}),
        ("evaluate", {"expression": "a", "context": "repl"}),
        ("evaluate", {"expression": chance.choice(["goto 7", "set a=1", "list", "print", "graph", "help", "info"]),
                      "context": "repl"}),
        ("setVariable", {"variablesReference": chance.randrange(1, 30), "name": "a", "value": "2"}),
        ("setBreakpoints", {"source": {"sourceReference": 1}, "breakpoints": [{"line": chance.randrange(20)}]}),
        ("gotoTargets", {"source": {"sourceReference": 1}, "line": 4}), ("goto", {"threadId": 1, "targetId": 3}),
        ("completions", {"text": "why ", "column": 5}), ("setExpression", {"expression": "a", "value": "3"}),
        ("dataBreakpointInfo", {"name": "a"}), ("restartFrame", {"frameId": 1}), ("exceptionInfo", {"threadId": 1}),
        ("breakpointLocations", {"source": {"sourceReference": 1}, "line": 1, "endLine": 10**9}),
    ])  # fmt: skip
    if chance.random() < 0.3:
        arguments = {**arguments, chance.choice([*arguments, *NAMES]): chance.choice(THINGS)}
    return command, arguments


def test_no_message_is_too_wrong_for_an_answer(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    chance = random.Random(5)
    client = None
    for number in range(COUNT):
        if number % 300 == 0 or client.adapter.is_over:
            client = Client()
            if chance.random() < 0.8:
                numbers, update = {"a": 2, "b": -3.0, "z": 0}, chance.choice([{}, {"update": 0.1}])
                client.start(expression="d = a*b; tanh(d + a) + relu(z)", numbers=numbers, **update)
        command, arguments = chance.choice(COMMANDS), some_arguments(chance)
        if chance.random() < 0.5:
            command, arguments = likely(chance, client)
        if command == "stepgrad/page" and chance.random() < 0.9:  # it takes long
            continue
        message = {"seq": number, "type": "request", "command": command, "arguments": arguments}
        if chance.random() < 0.1:
            message[chance.choice([*message, "extra"])] = chance.choice(THINGS)
        if chance.random() < 0.02:
            message.pop(chance.choice(list(message)))
        begin = len(client.received)
        client.adapter.handle(message)
        answers = [each for each in client.received[begin:] if each["type"] == "response"]
        assert len(answers) == 1, message
        assert "internal error" not in answers[0].get("message", ""), (message, answers[0]["message"])


def test_no_bytes_are_too_wrong_to_read_on():
    chance = random.Random(7)
    for _ in range(COUNT // 4):
        parts = []
        for _ in range(chance.randrange(1, 5)):
            data = bytearray(framed(json.dumps(some_arguments(chance)).encode()))
            for _ in range(chance.randrange(4)):
                place = chance.randrange(len(data))
                data[place : place + chance.randrange(3)] = chance.randbytes(chance.randrange(3))
            parts.append(bytes(data))
        read_all(b"".join(parts))


def test_a_mistake_of_ours_is_an_answer_too(monkeypatch):
    sent = []
    adapter = Adapter(sent.append, load)
    monkeypatch.setitem(REQUESTS, "threads", REQUESTS["threads"]._replace(answer=lambda *_: 1 / 0))
    adapter.is_initialized = True
    adapter.handle({"seq": 1, "type": "request", "command": "threads"})
    check(sent[0])
    assert "ZeroDivisionError" in sent[0]["message"]


def test_output_is_shown_in_whole_lines():
    sent = []
    adapter = Adapter(sent.append, load)
    with launch._Output(adapter, "stdout") as stream:
        assert stream.writable()
        print("one", 2, file=stream)
        print("three", end="", file=stream)
    stream.close()
    assert [each["body"]["output"] for each in sent] == ["one 2\n", "three"]
