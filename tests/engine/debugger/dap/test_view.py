"""What an editor shows: trees that open, groups of many rows, parameters by module, and what is not there."""

import pytest

import nn
from engine import Value, record_source
from engine.debugger.dap.protocol import ProtocolError
from engine.debugger.dap.variables import Item, grouped

from .client import Client, Refused

NETWORK = """import nn

nn.manual_seed(1)
model = nn.MLP(2, [3, 1])
loss = (model([0.5, -1.0]) - 1.0) ** 2
"""


@pytest.fixture
def client():
    return Client()


@pytest.fixture
def network(client, tmp_path):
    path = tmp_path / "network.py"
    path.write_text(NETWORK)
    client.start(program=str(path), value="loss", cwd=str(tmp_path))
    return client


def test_parameters_are_a_tree_of_modules(network):
    network.say("goto end")
    tree = network.scope("Parameters")
    assert {name: each["value"] for name, each in tree.items()} == {"layer1": "9 parameters", "layer2": "4 parameters"}
    layer = network.open(tree["layer1"]["variablesReference"])
    neuron = network.open(layer["neuron0"]["variablesReference"])
    assert layer["neuron0"]["value"] == "3 parameters"
    assert set(neuron) == {"w0", "w1", "b"}
    nn.manual_seed(1)
    model = nn.MLP(2, [3, 1])
    ((model([0.5, -1.0]) - 1.0) ** 2).backward()
    w = next(p for p in model.parameters() if p.label.endswith("w0"))
    found = network.open(neuron["w0"]["variablesReference"])
    assert float(found["data"]["value"]) == pytest.approx(w.data, rel=1e-5)
    assert float(found["grad"]["value"]) == pytest.approx(w.grad, rel=1e-5)
    assert found["used by"]["value"] == "1"
    assert set(network.open(found["used by"]["variablesReference"])) != set()
    line = next(each for each in network.open(tree["layer2"]["variablesReference"]))
    assert line == "neuron0"


def test_names_that_are_also_prefixes_are_kept_apart(client):
    client.ask("initialize", adapterID="x")
    variables = {"w": Value(1.0, "w"), "v": Value(2.0, "w.a"), "u": Value(3.0, "w.a.b"), "t": Value(4.0, "w.a")}
    client.adapter.load = lambda text, numbers: type(
        "Target", (), {"root": sum(variables.values()) + 0.0, "variables": {}, "parameters": list(variables.values())}
    )()
    client.ask("launch", expression="x")
    client.configured()

    def numbers(reference):
        for row in client.open(reference).values():
            if "parameter" in row["value"]:
                yield from numbers(row["variablesReference"])
            else:
                yield row["value"]

    scopes = {each["name"]: each["variablesReference"] for each in client.ask("scopes", frameId=1)["scopes"]}
    assert len(list(numbers(scopes["Parameters"]))) == 4


def test_many_rows_are_in_groups(client):
    lines = [f"x{i + 1} = x{i} + a" for i in range(10_200)]
    client.start(expression="\n".join(["x0 = a*b", *lines[:4000]]), numbers={"a": 1, "b": 2})
    client.say("goto end")
    groups = client.scope("Values")
    assert len(groups) == 41
    first = next(iter(groups.values()))
    assert first["value"] == "100 numbers"
    rows = client.open(first["variablesReference"])
    assert list(rows)[:3] == ["a", "b", "x0"]
    part = client.ask("variables", variablesReference=first["variablesReference"], start=1, count=2)["variables"]
    assert [each["name"] for each in part] == ["b", "x0"]
    top = grouped(range(25_000), lambda i: Item(str(i), ""), str)
    assert [each.name for each in top] == ["0 … 9999", "10000 … 19999", "20000 … 24999"]
    assert len(top[0].children()) == 100


def test_this_step_and_the_last_one(client):
    client.start(expression="d = a*b; tanh(d)", numbers={"a": 2, "b": 3})
    assert client.values("Last step") == {"step": "none: this is the beginning"}
    assert client.values("This step") == {"step 0": "a = 2"}
    client.say("goto 3")
    assert client.values("This step") == {"step 3": "v3 = tanh(d)", "computed as": "tanh(6)", "d": "6"}
    assert client.values("Last step")["result"] == "6"
    client.say("goto 4")
    assert client.values("This step") == {
        "step 4": "v3.grad = 1", "seed": "1", "sum so far": "0", "sum after it": "1", "v3": "0.999988",
    }  # fmt: skip
    client.say("goto end")
    assert client.values("This step") == {"step": "none: all steps are taken"}
    assert client.values("Last step")["contribution"] == "4.91531e-05"


def test_what_cannot_be_set(client):
    client.start(expression="d = a*2; d*d", numbers={"a": 2})
    client.say("goto end")
    scopes = {each["name"]: each["variablesReference"] for each in client.ask("scopes", frameId=1)["scopes"]}
    values = client.open(scopes["Values"])
    inside = client.open(values["d"]["variablesReference"])
    assert inside["input 2"]["presentationHint"] == {"attributes": ["readOnly"]}
    for reference, name, says in [
        (scopes["Values"], "zz", "there is no variable zz here"),
        (scopes["Gradients"], "a", "a cannot be set; only the numbers of leaves can"),
        (values["d"]["variablesReference"], "input 2", "input 2 cannot be set"),
        (values["d"]["variablesReference"], "computed as", "computed as cannot be set"),
        (values["d"]["variablesReference"], "data", "only leaves can be set, and d is computed from a and 2"),
    ]:
        with pytest.raises(Refused, match=says):
            client.ask("setVariable", variablesReference=reference, name=name, value="1")
    info = client.ask("dataBreakpointInfo", name="input a", variablesReference=values["d"]["variablesReference"])
    assert info["dataId"] == "a.grad"
    client.ask("setVariable", variablesReference=values["d"]["variablesReference"], name="input a", value="3")
    assert client.values("Values")["d"] == "6"


def test_breakpoints_that_cannot_be_set(client, tmp_path):
    path = tmp_path / "p.py"
    path.write_text("from engine import Value\n\na = Value(2.0)\nloss = a * a\nprint(1)\n")
    client.start(program=str(path))

    def lines(breakpoints, **source):
        return client.ask("setBreakpoints", source=source, breakpoints=breakpoints)["breakpoints"]

    assert not lines([{"line": 3}], path="\0")[0]["verified"]
    assert not lines([{"line": 3, "hitCondition": "often"}], path=str(path))[0]["verified"]
    one, same = lines([{"line": 2}, {"line": 2}], path=str(path))
    assert one == same == {"id": one["id"], "verified": True, "line": 3}
    assert lines([{"line": 2}], path=str(path))[0]["id"] == one["id"]
    client.say("delete all")
    assert lines([{"line": 2}], path=str(path))[0]["id"] != one["id"]
    assert lines([{"line": 3}], name="backpropagation.py")[0]["verified"]
    assert not client.ask("setDataBreakpoints", breakpoints=[{"dataId": "zz.grad"}])["breakpoints"][0]["verified"]
    found = client.ask("setExceptionBreakpoints", filters=["nonsense", "kink"])["breakpoints"]
    assert [each["verified"] for each in found] == [False, True]
    source = {"path": str(path)}
    places = client.ask("breakpointLocations", source=source, line=1, endLine=9)["breakpoints"]
    assert places == [{"line": 3}, {"line": 4}]
    assert client.ask("gotoTargets", source=source, line=5)["targets"] == []
    assert client.ask("gotoTargets", source={"sourceReference": 1}, line=99)["targets"] == []
    arguments = {"source": source, "breakpoints": [{}]}
    client.adapter.handle({"seq": 1, "type": "request", "command": "setBreakpoints", "arguments": arguments})
    assert client.received[-1]["message"].startswith("the argument line is missing")


def test_a_program_that_is_not_a_file_has_no_source(client):
    client.ask("initialize", adapterID="x")
    space = {}
    with record_source():
        exec(compile("from engine import Value\na = Value(2.0)\nloss = a * a\n", "<cell>", "exec"), space)
    target = type("Target", (), {"root": space["loss"], "variables": space, "parameters": None})()
    client.adapter.load = lambda text, numbers: target
    client.ask("launch", expression="x")
    client.configured()
    assert client.frames[1] == {
        "id": 2, "name": "<module>", "line": 2, "column": 1, "presentationHint": "subtle",
    }  # fmt: skip
    with pytest.raises(ProtocolError, match="launch first"):
        Client().adapter.session  # noqa: B018 - it raises


def test_a_session_of_one_number(client):
    client.start(expression="a", numbers={"a": 3})
    assert client.text == [
        "# forward pass: each number, and how it is computed",
        "a = 3",
        "",
        "# the seed: the gradient of the result itself",
        "a.grad += 1",
        "",
        "# the end",
    ]
    for _ in range(3):
        client.move("next")
    assert client.here == "# the end"
    for _ in range(3):
        client.move("stepBack")
    assert "this is the beginning" in client.events[0]["body"]["output"]
    assert client.move("pause")["reason"] == "pause"
    assert client.ask("loadedSources")["sources"][0]["name"] == "backpropagation.py"
    assert client.ask("threads")["threads"][0]["name"] == "backpropagation"
    client.adapter.interrupt.set()
    client.adapter.session.run(2, lambda: True)
    assert client.here == "a = 3"


def test_a_run_that_is_interrupted_is_paused(client):
    client.ask("initialize", adapterID="x")
    client.ask("launch", expression="a*a", numbers={"a": 3})
    client.configured()
    client.adapter.interrupt.is_set = lambda: client.adapter.session.position == 2
    assert client.move("continue")["reason"] == "pause"
    assert client.here == "v1.grad = 1"
    client.ask("setExpression", expression="a", value="4")
    assert client.events == []  # this editor does not know that numbers can change
    with pytest.raises(Refused, match="the argument name is missing"):
        client.adapter.handle({"seq": 9, "type": "request", "command": "setFunctionBreakpoints",
                               "arguments": {"breakpoints": [{}]}})  # fmt: skip
        raise Refused(client.received[-1]["message"])


def test_the_root_is_used_by_nothing_and_old_gradients_are_shown(client):
    client.ask("initialize", adapterID="x")
    a = Value(2.0, "a")
    loss = a * a
    loss.backward()
    client.adapter.load = lambda *_: type("Target", (), {"root": loss, "variables": {"loss": loss}, "parameters": [a]})
    client.ask("launch", expression="x")
    client.configured()
    assert client.values("Gradients") == {"a": "4"}
    client.say("goto end")
    assert client.values("Gradients") == {"loss": "1", "a": "8"}
    root = client.open(client.scope("Values")["loss"]["variablesReference"])
    assert "used by" not in root
