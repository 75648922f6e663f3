"""The adapter, asked as editors ask: every request, in both directions of time."""

import pytest

from .client import Client, Refused

PROGRAM = """from engine import Value, tanh

a = Value(2.0)
b = Value(-3.0)
d = a * b
loss = tanh(
    d + a
)
print("the loss is", loss.data)
"""


@pytest.fixture
def client():
    return Client()


@pytest.fixture
def product(client):
    """Steps: a 0, b 1, d = a*b 2, v3 = d+a 3, seed 4, d 5, a 6, a 7, b 8."""
    client.start(expression="d = a*b; d + a", numbers={"a": 2, "b": -3.0})
    return client


@pytest.fixture
def train(tmp_path):
    path = tmp_path / "train.py"
    path.write_text(PROGRAM)
    return path


def test_the_program_of_the_graph_is_the_source(product):
    assert product.text == [
        "# forward pass: each number, and how it is computed",
        "a = 2",
        "b = -3",
        "d = a * b",
        "v3 = d + a",
        "",
        "# the seed: the gradient of the result itself",
        "v3.grad = 1",
        "",
        "# backward pass: the chain rule, once for each operand",
        "d.grad += 1 * v3.grad",
        "a.grad += 1 * v3.grad",
        "a.grad += b * d.grad",
        "b.grad += a * d.grad",
        "",
        "# the end",
    ]


def test_steps_go_through_every_line_and_back(product):
    forward = [product.here]
    for _ in range(9):
        assert product.move("next")["reason"] == "step"
        forward.append(product.here)
    assert forward == [line for line in product.text if line and not line.startswith("# f")
                       and not line.startswith("# b") and not line.startswith("# the s")]  # fmt: skip
    back = [product.here]
    for _ in range(9):
        product.move("stepBack")
        back.append(product.here)
    assert back == forward[::-1]
    assert product.move("stepBack")["reason"] == "step"
    assert product.here == "a = 2"
    product.move("continue")
    assert product.here == "# the end"
    product.move("continue")
    assert "this is the end" in product.events[0]["body"]["output"]
    product.move("reverseContinue")
    assert product.here == "a = 2"


def test_moves_by_node_and_by_the_users_line(client, train):
    client.start(program=str(train), stepBy="node")
    lines = [client.frames[1]["line"]]
    while client.here != "# the end":
        client.move("next", granularity="line")
        lines.append(client.frames[1]["line"])
    assert lines[:-1] == [3, 4, 5, 7, 6, 6, 6, 7, 5]
    back = []
    while client.here != "a = 2  # train.py:3":
        client.move("stepBack", granularity="line")
        back.append(client.frames[1]["line"])
    assert back == lines[-2::-1]
    seen = []
    while client.here != "# the end":
        client.move("next")
        seen.append(client.here.split("  #")[0])
    assert seen == [
        "b = -3", "d = a * b", "v3 = d + a", "loss = tanh(v3)", "loss.grad = 1",
        "v3.grad += (1 - loss ** 2) * loss.grad", "d.grad += 1 * v3.grad", "a.grad += b * d.grad", "# the end",
    ]  # fmt: skip
    client.move("stepBack")
    assert client.here == "a.grad += b * d.grad"
    client.move("stepIn")
    assert client.here == "b.grad += a * d.grad"


def test_the_users_statement_is_the_calling_frame(client, train):
    client.start(program=f"{train}:loss")
    while not client.here.startswith("a.grad += b"):
        client.move("next")
    program, statement = client.frames
    assert program["source"]["name"] == "backpropagation.py"
    assert (statement["name"], statement["line"], statement["source"]["path"]) == ("<module>", 5, str(train))
    assert client.values("Made here", 2) == {"d": client.values("Made here", 2)["d"]}
    assert client.values("Variables", 2)["a"].startswith("2, grad ")
    outputs = [each["body"] for each in client.received if each.get("event") == "output"]
    assert {"category": "stdout", "output": "the loss is -0.999329299739067\n"} in outputs


def test_scopes(product):
    while product.here != "a.grad += b * d.grad":
        product.move("next")
    step = product.values("This step")
    assert step["local gradient"] == "∂d/∂a = -3"
    assert step["upstream gradient"] == "d.grad = 1"
    assert (step["contribution"], step["sum so far"], step["sum after it"]) == ("-3", "1", "-2")
    assert product.values("Values") == {"a": "2", "b": "-3", "d": "-6", "v3": "-4"}
    assert product.values("Gradients") == {"v3": "1", "d": "1", "b": "0", "a": "1"}
    assert product.values("Parameters") == {"a": "2, grad 1", "b": "-3, grad 0"}
    node = product.open(product.scope("Values")["d"]["variablesReference"])
    assert node["computed as"]["value"] == "d = a * b = 2 * (-3)"
    assert node["input a"]["value"] == "2, grad 1; local gradient -3"


def test_set_variable_asks_what_if(product):
    product.move("continue")
    values = product.scope("Values")
    scopes = product.ask("scopes", frameId=1)["scopes"]
    reference = scopes[2]["variablesReference"]
    assert "presentationHint" not in values["a"]
    assert values["d"]["presentationHint"] == {"attributes": ["readOnly"]}
    body = product.ask("setVariable", variablesReference=reference, name="a", value="1/2")
    assert body["value"] == "0.5, grad -2"
    assert [each["event"] for each in product.events] == ["invalidated"]
    assert product.text[1] == "a = 0.5"
    assert product.values("Gradients")["b"] == "0.5"
    product.ask("setExpression", expression="b", value="4")
    assert product.values("Gradients")["a"] == "5"
    with pytest.raises(Refused, match="only leaves can be set, and d is computed from a and b"):
        product.ask("setExpression", expression="d", value="4")
    with pytest.raises(Refused, match="there are no variables"):
        product.ask("setVariable", variablesReference=reference, name="a", value="1")


def test_watch_expressions_are_conditions_and_never_python(product):
    product.move("continue")

    def watch(text, **more):
        return product.ask("evaluate", expression=text, frameId=1, **more)

    assert watch("a.grad * 2 + d", context="watch")["result"] == "-10"
    assert watch("|contribution| > 1", context="hover")["result"] == "True"
    body = watch("d", context="hover")
    assert body["result"] == "-6, grad 1"
    assert product.open(body["variablesReference"])["grad"]["value"] == "1"
    for evil in ("__import__('os').system('x')", "a.__class__", "open('x')", "(lambda: 1)()"):
        with pytest.raises(Refused):
            watch(evil)


def test_the_console_runs_the_debuggers_commands(product):
    assert product.say("why a").startswith("a.grad is -2 at the end, the sum of 2 contributions:")
    assert product.events == []
    assert "next" in product.say("help")
    product.say("goto 7")
    assert product.events[-1]["event"] == "stopped"
    assert product.here == "a.grad += b * d.grad"
    assert product.say("a").startswith("a = 2   (step 0)")
    assert "0.5" in product.say("set a=0.5")
    assert [each["event"] for each in product.events] == ["invalidated", "stopped"]
    assert product.say("step by node") == "Step Over and Step Back go by node"
    with pytest.raises(Refused, match="unknown command frobnicate"):
        product.say("frobnicate")
    with pytest.raises(Refused, match="must be followed by"):
        product.say("step by mile")
    product.say("quit")
    assert [each["event"] for each in product.events] == ["terminated", "exited"]


def test_completions(product):
    def complete(text):
        return [each["label"] for each in product.ask("completions", text=text, column=len(text) + 1)["targets"]]

    assert "reverse-continue " in complete("re")
    assert complete("why ") == ["a", "b", "d", "v3"]
    assert complete("print a.g") == ["a.grad"]


def test_breakpoints_on_lines_with_conditions_counts_and_messages(product):
    source = product.frames[0]["source"]
    line = product.line("a.grad += 1 * v3.grad")
    wanted = [
        {"line": line},
        {"line": line + 1, "condition": "grad < 0"},
        {"line": 99},
        {"line": 3, "condition": "x >"},
    ]
    found = product.ask("setBreakpoints", source=source, breakpoints=wanted)["breakpoints"]
    assert [each["verified"] for each in found] == [True, True, False, False]
    stop = product.move("continue")
    assert (stop["reason"], stop["hitBreakpointIds"], product.here) == (
        "breakpoint", [found[0]["id"]], "a.grad += 1 * v3.grad",
    )  # fmt: skip
    product.move("continue")
    assert product.here == "a.grad += b * d.grad"  # before the step that makes it negative
    product.move("reverseContinue")
    assert product.here == "a.grad += 1 * v3.grad"
    product.ask("setBreakpoints", source=source, breakpoints=[])
    product.move("reverseContinue")
    assert product.here == "a = 2"
    counted = product.ask("setFunctionBreakpoints", breakpoints=[{"name": "mul", "hitCondition": "% 2"}])
    assert counted["breakpoints"][0]["verified"]
    product.move("continue")
    assert product.here == "a.grad += b * d.grad"
    message = "a has {a.grad}, {nonsense}"
    product.ask("setBreakpoints", source=source, breakpoints=[{"line": product.line("b.grad += a * d.grad"),
                                                               "logMessage": message}])  # fmt: skip
    product.move("continue")
    assert product.events[0]["body"]["output"].startswith("a has -2, {there is no nonsense here")


def test_breakpoints_in_the_users_file(client, train):
    client.ask("initialize", adapterID="x")
    client.ask("launch", program=str(train))
    found = client.ask("setBreakpoints", source={"path": str(train)}, breakpoints=[{"line": 5}, {"line": 9}])
    assert found["breakpoints"][0] == {"id": 1, "verified": True, "line": 5}
    assert not found["breakpoints"][1]["verified"]
    assert not client.ask("setBreakpoints", source={"path": "/x.py"}, breakpoints=[{"line": 5}])["breakpoints"][0][
        "verified"
    ]
    client.configured()
    client.move("continue")
    assert client.here == "d = a * b  # train.py:5"
    client.move("continue")
    assert client.here == "a.grad += b * d.grad"
    client.move("reverseContinue")
    assert client.here == "d = a * b  # train.py:5"
    targets = client.ask("gotoTargets", source={"path": str(train)}, line=5)["targets"]
    assert [each["label"] for each in targets] == ["step 2: d = a * b", "step 9: a.grad += b * d.grad"]
    client.move("goto", targetId=targets[1]["id"])
    assert client.here == "a.grad += b * d.grad"
    client.move("next")
    client.move("restartFrame", frameId=2)
    assert client.here == "a.grad += b * d.grad"
    client.move("restartFrame", frameId=1)
    assert client.here == "v3.grad += (1 - loss ** 2) * loss.grad"


def test_data_breakpoints(product):
    reference = next(
        each["variablesReference"] for each in product.ask("scopes", frameId=1)["scopes"] if each["name"] == "Values"
    )
    info = product.ask("dataBreakpointInfo", name="a")
    assert info["dataId"] == "a.grad"
    assert product.ask("dataBreakpointInfo", name="local", variablesReference=reference)["dataId"] is None
    product.ask("setDataBreakpoints", breakpoints=[{"dataId": "a.grad", "accessType": "write"}])
    stops = []
    while product.here != "# the end":
        stops.append(product.move("continue")["reason"])
    assert stops == ["data breakpoint", "data breakpoint", "step"]


@pytest.mark.parametrize(
    ("expression", "numbers", "kind", "says"),
    [
        ("y = 1/x; y*1e-300", {"x": 1e-200}, "not-finite", "the local derivative ∂y/∂x = -y / x = -inf"),
        ("x*x - x", {"x": 1e200}, "not-finite", "x * y is inf at x = 1e+200"),
        ("relu(x) + x", {"x": 0}, "kink", "sits on the kink of relu"),
        ("sqrt(x) + y", {"x": 0, "y": 1}, "undefined", "sqrt(x) has no derivative"),
        ("sqrt(x)", {"x": 0}, "undefined", "sqrt(x) has no derivative"),
    ],
)
def test_exceptions(client, expression, numbers, kind, says):
    client.ask("initialize", adapterID="x")
    client.ask("launch", expression=expression, numbers=numbers)
    filters = {"filters": [], "filterOptions": [{"filterId": each} for each in ("not-finite", "kink", "undefined")]}
    assert all(each["verified"] for each in client.ask("setExceptionBreakpoints", **filters)["breakpoints"])
    client.configured()
    stop = client.move("continue")
    assert stop["reason"] == "exception"
    assert says in stop["text"]
    info = client.ask("exceptionInfo", threadId=1)
    assert info["exceptionId"] == kind
    assert says in info["description"]
    client.move("reverseContinue")
    with pytest.raises(Refused, match="not stopped on an exception"):
        client.ask("exceptionInfo", threadId=1)


def test_a_launch_that_fails_says_why(client, tmp_path):
    client.ask("initialize", adapterID="x")
    path = tmp_path / "wrong.py"
    path.write_text("import sys\nprint('hello', file=sys.stderr)\n1/0\n")
    for arguments, says in [
        ({}, "a launch needs either program"),
        ({"program": "x.py", "expression": "a"}, "a launch needs either program"),
        ({"program": str(tmp_path / "none.py")}, "there is no file"),
        ({"program": str(path)}, "ZeroDivisionError"),
        ({"program": "a\0.py"}, "null|file"),
        ({"expression": "a +"}, "syntax error here"),
        ({"expression": "a", "numbers": {"a": "2"}}, "numbers must map names to numbers"),
        ({"expression": "a*a", "numbers": {"a": 1e200}, "finite": True}, "is inf"),
        ({"expression": "1/a*1e-300", "numbers": {"a": 1e-200}, "finite": True}, "local derivative"),
        ({"expression": "a", "numbers": {"a": 2}, "stepBy": "mile"}, "stepBy must be"),
        ({"expression": "a", "numbers": {"a": 2}, "cwd": "/nowhere/at/all"}, "No such file"),
    ]:
        with pytest.raises(Refused, match=says):
            client.ask("launch", **arguments)
    client.ask("launch", expression="a*a", numbers={"a": 2})


def test_without_debugging_the_gradients_are_printed(client):
    client.start(expression="a*b", numbers={"a": 2, "b": 3}, noDebug=True)
    assert [each["event"] for each in client.events] == ["output", "terminated", "exited"]
    assert client.events[0]["body"]["output"].split()[:5] == ["data", "grad", "a", "2", "3"]
    with pytest.raises(Refused, match="the session is over"):
        client.ask("next", threadId=1)
    client.ask("disconnect")
    assert client.events == []


def test_without_a_stop_on_entry_it_runs(client):
    client.ask("initialize", adapterID="x")
    client.ask("launch", expression="tanh(a*b)", numbers={"a": 2, "b": 3}, stopOnEntry=False)
    client.ask("setFunctionBreakpoints", breakpoints=[{"name": "tanh"}, {"name": "sinh"}, {"name": "a"}])
    stop = client.configured()
    assert stop["body"]["reason"] == "function breakpoint"
    assert client.here == "v3 = tanh(v2)"
    client.ask("terminate")
    assert [each["event"] for each in client.events] == ["terminated"]


def test_the_session_can_begin_with_the_backward_pass(client):
    client.start(expression="a*b", numbers={"a": 2, "b": 3}, start="backward")
    assert client.here == "v2.grad = 1"
    client.move("stepOut")
    client.move("stepOut")
    assert client.here == "# the end"
    client.move("stepBack")
    client.move("stepIn")
    assert client.here == "# the end"


def test_requests_at_the_wrong_time(client):
    with pytest.raises(Refused, match="initialize first"):
        client.ask("launch")
    client.ask("initialize", adapterID="x")
    with pytest.raises(Refused, match="before"):
        client.ask("initialize", adapterID="x")
    with pytest.raises(Refused, match="launch first"):
        client.ask("next", threadId=1)
    with pytest.raises(Refused, match="nothing to attach to"):
        client.ask("attach")
    client.ask("launch", expression="a", numbers={"a": 1})
    with pytest.raises(Refused, match="launch was called before"):
        client.ask("launch", expression="a", numbers={"a": 1})
    client.configured()
    with pytest.raises(Refused, match="before"):
        client.ask("configurationDone")
    for command, arguments in [("scopes", {"frameId": 9}), ("scopes", {"frameId": 2}), ("goto", {"targetId": 99}),
                               ("source", {"sourceReference": 7})]:  # fmt: skip
        with pytest.raises(Refused, match="there is no"):
            client.ask(command, **arguments, **({"threadId": 1} if command == "goto" else {}))


def test_lines_may_be_counted_from_0(client):
    client.ask("initialize", adapterID="x", linesStartAt1=False)
    client.ask("launch", expression="a*a", numbers={"a": 1})
    client.configured()
    frame = client.frames[0]
    assert frame["line"] == 1
    found = client.ask("setBreakpoints", source=frame["source"], lines=[2], breakpoints=[{"line": 2}])
    assert found["breakpoints"][0]["line"] == 2
    places = client.ask("breakpointLocations", source=frame["source"], line=0, endLine=9)["breakpoints"]
    assert [each["line"] for each in places] == [1, 2, 5, 8, 9]


@pytest.mark.parametrize(("end", "start", "says"), [
    ("loss.backward()", "forward", True), ("loss.backward()", "backward", True),
    ("", "forward", False), ("loss.backward(); zero_grad(loss)", "forward", False),
])  # fmt: skip
def test_gradients_that_the_pass_adds_to_are_said(tmp_path, end, start, says):
    (tmp_path / "train.py").write_text(f"from engine import Value, zero_grad\nloss = Value(2.0, 'a') * 3\n{end}\n")
    client = Client()
    client.start(program=str(tmp_path / "train.py"), start=start)
    outputs = [each["body"]["output"] for each in client.received if each.get("event") == "output"]
    assert any("adds to it" in each for each in outputs) is says


def test_pictures_of_the_moment(product):
    product.say("goto 7")
    body = product.ask("stepgrad/drawing")
    assert body["svg"].startswith("<svg") or "<svg" in body["svg"]
    assert body["position"] == 7
    assert product.ask("stepgrad/drawing", direction="TB")["svg"] != body["svg"]
    with pytest.raises(Refused, match="direction must be"):
        product.ask("stepgrad/drawing", direction="up")
    assert "<html" in product.ask("stepgrad/page")["html"]
    assert product.ask("stepgrad/position")["end"] == 9
