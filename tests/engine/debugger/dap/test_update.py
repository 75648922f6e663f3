"""The update as an editor sees it."""

import pytest

from tests.engine.debugger.dap.client import Client, Refused

PROGRAM = """from engine import Value
import nn

w = Value(1.0, "w")
optimiser = nn.SGD([w], lr=0.1, momentum=0.5)
for _ in range(2):
    loss = (w * 2.0 - 1.0) ** 2
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
"""


def test_lines_of_the_update_stand_behind_the_chain_rule():
    client = Client()
    client.start(expression="w*x", numbers={"w": 1, "x": 2.0}, update=0.5, start="update")
    assert client.here == "w = w - 0.5 * w.grad"
    assert client.text[-5:] == [
        "# the update: the next number of each parameter",
        "w = w - 0.5 * w.grad",
        "x = x - 0.5 * x.grad",
        "",
        "# the end",
    ]
    assert client.frames[0]["name"] == "update: w = w - 0.5 * w.grad"
    client.move("next")
    assert client.values("Last step") | {"w": ""} == {
        "step 6": "w = w - 0.5 * w.grad", "number": "1", "gradient": "2", "next number": "0", "w": "",
        "rule": "p = p - lr * g",
    }  # fmt: skip
    assert client.values("Values")["w"] == "0"
    client.move("next")
    assert client.here == "# the end"
    for _ in range(2):
        client.move("stepBack")
    client.move("restartFrame", frameId=1)
    assert client.here == "w = w - 0.5 * w.grad"
    client.move("stepBack")
    client.move("restartFrame", frameId=1)
    assert client.here == "w.grad += x * v2.grad"


def test_the_programs_optimiser_updates_its_parameters(tmp_path):
    path = tmp_path / "train.py"
    path.write_text(PROGRAM)
    client = Client()
    client.start(program=str(path), update="optimiser", start="update", now=True)
    assert client.here == "w = w - 0.1 * w.direction"
    rows = client.scope("This step")
    assert {name: row["value"] for name, row in rows.items() if name in ("direction", "gradient")} == {
        "gradient": "-1.44", "direction": "2.8 -> -0.04",
    }  # fmt: skip
    account = client.open(rows["rule"]["variablesReference"])
    assert {name: row["value"] for name, row in account.items()} == {
        "with": "p = 0.32, g = -1.44, direction = 2.8, lr = 0.1, momentum = 0.5",
        "direction": "momentum * direction + g = -0.04",
        "p": "p - lr * direction = 0.324",
    }
    client.move("next")
    client.ask("setExpression", expression="w", value="1")
    assert client.values("Last step")["next number"] == "0.46"


@pytest.mark.parametrize(
    ("wish", "says"),
    [(True, "must be a learning rate or the name"), ([1], "must be a learning rate or the name"),
     ("adam", "the program has no optimiser named 'adam'"), ("nan", "must be a finite number")],
)  # fmt: skip
def test_other_wishes_are_refused(wish, says):
    client = Client()
    with pytest.raises(Refused, match=says):
        client.start(expression="a*b", numbers={"a": 1, "b": 2}, update=wish)
