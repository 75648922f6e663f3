"""Capsules: graphs over every operation come back to the last bit, and files that are not capsules are refused."""

import json
import math
import os
import random

import pytest

import engine
from engine import (
    TABLE,
    CapsuleError,
    Value,
    explain,
    load_graph,
    no_grad,
    record_source,
    save_graph,
    scope,
    show_steps,
    topological_order,
    tree,
    walk,
)
from engine import names as names_of
from engine.capsule import MAX_NODES, VERSION, read_capsule
from engine.doctor.why import why_nan
from engine.name import Names
from engine.recording.context import compact

LABELS = ["\x1b[31m", "</script>", 'a"b\\', "\ud800", "\u202e", "a\nb", "λ", "{}", "\x00", "x" * 300]
SEEDS = int(os.environ.get("STEPGRAD_CAPSULES", "60"))


def random_graph(seed):
    """Return a graph of operations of the whole table, with scopes, sources, hostile labels, and odd numbers."""
    draw = random.Random(seed)
    plain = [draw.uniform(-2.0, 2.0), 0.0, -0.0, 1e-308, 5e-324, 1e300, math.inf, math.nan]
    nodes = [Value(draw.choice(plain), draw.choice(["", "", "a", *LABELS])) for _ in range(draw.randint(1, 6))]
    entries = list(TABLE.values())
    for _ in range(draw.randint(1, 40)):
        entry = draw.choice(entries)
        entry = entry.bind(**{name: draw.choice([0.5, 2.0, 3.0]) for name in entry.parameters})
        with scope(draw.choice(["layer 1", "layer\x1b 2", "λ"])), record_source():
            if draw.random() < 0.5:
                sample = draw.choice(entry.samples)
                operands = [Value(x) if draw.random() < 0.5 else x for x in sample]
                operands[0] = Value(sample[0])
            else:
                operands = [
                    draw.choice(nodes)
                    for _ in range(draw.choice([2, 3, 4]) if entry is TABLE["maximum"] else entry.arity)
                ]
            try:
                nodes.append(entry(*operands))
            except engine.DomainError:
                continue
            if draw.random() < 0.2:
                nodes.append(nodes[-1] + draw.choice(nodes))
            if draw.random() < 0.2:
                nodes[-1].label = draw.choice(["", "b", *LABELS])
    root = draw.choice(nodes[-5:])
    for part in nodes:
        root = root + part if draw.random() < 0.2 else root
    if draw.random() < 0.7:
        refused(lambda root: root.backward(), root)
        if draw.random() < 0.3:
            for leaf in engine.leaves(root):
                leaf.data = draw.choice([leaf.data, 7.0, math.nan])
    return root


def account(root):
    """Return all that a capsule keeps of a graph, as text."""
    order = topological_order(root)
    place = {node: i for i, node in enumerate(order)}
    rows = []
    for node in order:
        numbers = [
            node.data,
            node.grad,
            *node.local_grads,
            *node.op.parameters.items(),
            getattr(node.grad, "reason", 0),
        ]
        about = node.op.symbol, node.op.arity, [place[x] for x in node.inputs], node.label, node.scope
        source = node.source and (os.path.basename(node.source.file), *node.source[1:])
        rows.append((*about, source, [(type(x).__name__, repr(x)) for x in numbers]))
    return repr(rows), list(map(Names(order)._texts.__getitem__, order))


@pytest.mark.parametrize("block", range(3))
def test_random_graphs_come_back_bit_for_bit(block, tmp_path):
    used = set()
    for seed in range(block * SEEDS, (block + 1) * SEEDS):
        root = random_graph(seed)
        used |= {node.op.name for node in topological_order(root)}
        path = save_graph(root, tmp_path / "graph.json", {})
        json.loads(path.read_text(), parse_constant=pytest.fail)  # valid JSON
        back = load_graph(path)
        assert account(back) == account(root), seed
        assert save_graph(back, tmp_path / "again.json", {}).read_bytes() == path.read_bytes()
        assert tree(back, names={}).lines == tree(root, names={}).lines
        steps = [refused(lambda root: list(map(str, walk(root, names={}))), each) for each in (root, back)]
        assert steps[0] == steps[1]
        for leaf in topological_order(back):
            assert type(leaf.data) is float or leaf.data is engine.slope.FLAT
    assert len(used) > 50


def refused(function, root):
    try:
        return function(root)
    except engine.StepgradError as error:
        return str(error)


@pytest.mark.parametrize("name", sorted(TABLE))
def test_each_operation_has_a_place(name, tmp_path):
    operation = TABLE[name]
    for sample in operation.samples:
        for again in (operation, operation.bind(**dict.fromkeys(operation.parameters, 1.5))):
            try:
                root = again(*map(Value, sample))
            except engine.DomainError:
                continue
            refused(lambda root: root.backward(), root)
            back = load_graph(save_graph(root, tmp_path / "graph.json", {}))
            assert account(back) == account(root)
            assert back.op is again
            refused(lambda root: root.backward(), back), refused(lambda root: root.backward(), root)
            assert account(back) == account(root)


def test_pages_and_words_are_those_of_the_graph(tmp_path):
    with record_source():
        a, b = Value(2.0), Value(-3.0, "<b>")
        hidden = [engine.tanh(a * b + 0.5), engine.leaky_relu(a - b, slope=0.2)]
        loss = (hidden[0] - hidden[1]) ** 2
    loss.backward()
    engine.label(a=a, hidden=hidden, loss=loss)
    a.data = 5.0
    back = load_graph(save_graph(loss, tmp_path / "graph.json"))
    for show in (
        lambda root: show_steps(root, names={}).html,
        lambda root: engine.draw(root, names={}).dot,
        lambda root: [explain(root, leaf, names={}).markdown for leaf in engine.leaves(root)],
        lambda root: explain(root, names={}).text,
        lambda root: engine.Program(root, names={}).source,
        lambda root: str(engine.formula(root, names={})),
    ):
        assert show(back) == show(loss)


def test_variables_become_labels(tmp_path):
    a, w = Value(2.0), [Value(3.0), Value(4.0, "own")]
    loss = a * w[0] + w[1]
    path = save_graph(loss, tmp_path / "graph.json")
    assert [node.label for node in topological_order(load_graph(path))] == ["a", "w[0]", "own", "", "loss"]
    save_graph(loss, path, names={})
    assert [node.label for node in topological_order(load_graph(path))] == ["", "", "own", "", ""]
    assert (a.label, w[0].label) == ("", "")
    assert names_of({"a": a})[a] == "a"


def test_sources_say_no_more_of_a_path_than_is_needed(tmp_path):
    program = tmp_path / "train.py"
    program.write_text("from engine import *\nwith record_source():\n    loss = Value(2.0) * 3.0\n")
    (tmp_path / "below").mkdir()
    variables = {}
    exec(compile(program.read_text(), str(program), "exec"), variables)
    loss, other = variables["loss"], tmp_path / "below" / "graph.json"
    beside = save_graph(loss, tmp_path / "graph.json")
    assert load_graph(beside).source == (str(program), 3, "loss = Value(2.0) * 3.0", "<module>")
    assert load_graph(save_graph(loss, other)).source == ("train.py", 3, "loss = Value(2.0) * 3.0", "<module>")
    assert str(tmp_path) not in other.read_text() + beside.read_text()
    for wrong in ("/etc/passwd", "../train.py", "C:\\secret\\x.py", "\0", "", "below/../../x"):
        content = json.loads(beside.read_text())
        content["sources"][0]["file"] = wrong
        other.write_text(json.dumps(content))
        assert os.sep not in load_graph(other).source.file


def test_what_is_trained_is_kept(tmp_path):
    w, x = Value(2.0, "w"), Value(3.0, "x")
    path = save_graph(w * x, tmp_path / "graph.json", parameters=[w])
    root, trained = read_capsule(path)
    assert trained == [root.inputs[0]]
    assert read_capsule(save_graph(w * x, path, parameters=[])).parameters == []
    assert read_capsule(save_graph(w * x, path)).parameters is None


def test_a_large_graph_takes_linear_time(tmp_path):
    root = Value(1.0)
    for _ in range(30_000):
        root = root * 0.999 + 1e-3
    with record_source():
        root = root + 1.0
    root.backward()
    back = load_graph(save_graph(root, tmp_path / "graph.json", {}))
    assert account(back)[0] == account(root)[0]


def test_too_many_nodes_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("engine.capsule.MAX_NODES", 4)
    save_graph(Value(1.0) * 2.0, tmp_path / "graph.json")
    root = Value(1.0) * 2.0 * 3.0
    with pytest.raises(CapsuleError, match="must have at most 4 nodes, not 5"):
        save_graph(root, tmp_path / "graph.json")
    monkeypatch.setattr("engine.capsule.MAX_NODES", MAX_NODES)
    save_graph(root, tmp_path / "graph.json")
    monkeypatch.setattr("engine.capsule.MAX_NODES", 4)
    with pytest.raises(CapsuleError, match="must have from 1 to 4 nodes, not 5"):
        load_graph(tmp_path / "graph.json")


def test_own_operations_are_found_by_their_names(tmp_path):
    cube = engine.register("cube", lambda x: x**3, lambda x, out: (3.0 * x * x,))
    root = cube(Value(2.0, "x"))
    path = save_graph(root, tmp_path / "graph.json")
    try:
        assert load_graph(path).op is cube
    finally:
        engine.unregister("cube")
    says = "there is no operation 'cube' in the table; register it first if it is your own"
    with pytest.raises(CapsuleError, match=rf"graph.json: nodes\[1\]: {says}"):
        load_graph(path)
    with pytest.raises(CapsuleError, match=says):
        save_graph(root, path)
    with compact():
        root = engine.dot([Value(1.0)] * 3, [Value(2.0)] * 3)
    with pytest.raises(CapsuleError, match="'dot'"):
        save_graph(root, path)


def test_results_without_operands_and_lone_leaves(tmp_path):
    with no_grad():
        lonely = Value(2.0) * 3.0
    for root in (lonely, Value(3.0, "x"), Value(3.0) + lonely):
        back = load_graph(save_graph(root, tmp_path / "graph.json", {}))
        assert account(back) == account(root)
        assert back.is_result == root.is_result


GRAPH = {
    "format": "stepgrad graph", "version": 1, "stepgrad": "0.1.0",
    "sources": [{"file": "a.py", "line": 1, "text": "c = a * b", "function": "<module>"}],
    "nodes": [
        {"op": "leaf", "data": 2.0, "label": "a"},
        {"op": "leaf", "data": 3, "grad": {"undefined": "no"}},
        {"op": "mul", "inputs": [0, 1], "data": 6.0, "local": [3.0, "nan"], "source": 0, "scope": ["s"]},
        {"op": "power", "parameters": {"exponent": 2}, "inputs": [2], "data": "inf", "local": ["undefined"]},
    ],
}  # fmt: skip


def changed(*path, **new):
    content = json.loads(json.dumps(GRAPH))
    thing = content
    for part in path:
        thing = thing[part]
    for name, x in new.items():
        if x is ...:
            del thing[name]
        else:
            thing[name] = x
    return content


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ([], "not a saved graph: this file was not written by engine.save_graph"),
        (3, "not a saved graph"),
        ({"format": "stepgrad"}, "a model or a checkpoint of nn, which nn.load"),
        (changed(version=2, stepgrad="9.9"), "version 2 of saved .* stepgrad .* reads 1.*newer stepgrad, '9.9'"),
        (changed(version=0), "the version of a saved graph must be 1, not 0"),
        (changed(version="1"), "must be 1, not '1'"),
        (changed(version=True), "version must be a whole number, not True"),
        (changed(version=...), "must be 1, not None"),
        (changed(nodes=...), "missing: nodes"),
        (changed(nodes=[]), "must have from 1 to 1,000,000 nodes, not 0"),
        (changed(nodes={}), "nodes must be a list, not {}"),
        (changed(node=[]), "unknown field 'node'; did you mean 'nodes'"),
        (changed("nodes", 0, lable="x"), r"nodes\[0\]: unknown field 'lable'; did you mean 'label'"),
        (changed("nodes", 0, label=3), r"nodes\[0\]: label must be a text, not 3"),
        (changed("nodes", 0, data=...), r"nodes\[0\]: missing: data"),
        (changed("nodes", 0, data="Infinity"), r"nodes\[0\]: a number must be finite, or .* texts inf,.*not 'Inf"),
        (changed("nodes", 0, data=True), r"nodes\[0\]: data must be a number, not True"),
        (changed("nodes", 0, data=None), r"nodes\[0\]: data must be a number, not None"),
        (changed("nodes", 0, data=10**400), r"nodes\[0\]: a number must be finite"),
        (changed("nodes", 0, data=math.nan), r"nodes\[0\]: a number must be finite.*not nan"),
        (changed("nodes", 0, data="undefined"), r"nodes\[0\]: this must be a number, not 'undefined'"),
        (changed("nodes", 1, grad={"undefined": 3}), r"nodes\[1\]: a number must be finite"),
        (changed("nodes", 1, grad={}), r"nodes\[1\]: a number must be finite"),
        (changed("nodes", 0, op="lef"), r"nodes\[0\]: there is no operation 'lef' in the table.*or did you mean"),
        (changed("nodes", 0, op="__class__"), r"there is no operation '__class__'"),
        (changed("nodes", 0, local=[1.0]), r"nodes\[0\]: local must have a number for each of 0 inputs, not 1"),
        (changed("nodes", 0, parameters={"x": 1.0}), r"nodes\[0\]: a leaf has neither inputs nor parameters"),
        (changed("nodes", 2, op="tanh"), r"nodes\[2\]: tanh takes 1 operand, not 2"),
        (changed("nodes", 2, op="leaf"), r"nodes\[2\]: a leaf has neither"),
        (changed("nodes", 2, inputs=[0, 2]), r"nodes\[2\]: inputs must be places of nodes before this one, not 2"),
        (changed("nodes", 2, inputs=[0, -1]), r"not -1"),
        (changed("nodes", 2, inputs=[0, 1.0]), r"not 1.0"),
        (changed("nodes", 2, inputs=[0, True]), r"not True"),
        (changed("nodes", 2, inputs=[0, [1]]), r"not \[1\]"),
        (changed("nodes", 2, inputs=[0, 0]), r"nodes\[1\]: the root, which is the last .* from each"),
        (changed("nodes", 2, source=1), r"nodes\[2\]: source must be the place of a source, not 1"),
        (changed("nodes", 2, source=-1), r"not -1"),
        (changed("nodes", 2, scope=[""]), r"nodes\[2\]: scope must be a list of names, not \[''\]"),
        (changed("nodes", 2, scope=[3]), r"scope must be a list of names"),
        (changed("nodes", 3, parameters={"exponent": "undefined"}), r"nodes\[3\]: this must be a number"),
        (changed("nodes", 3, parameters={"exp": 1}), r"nodes\[3\]: power has no parameter 'exp'"),
        (changed("nodes", 3, recorded="undefined"), None),
        (changed("nodes", 0, recorded="undefined"), r"nodes\[0\]: this must be a number"),
        (changed("sources", 0, line=0), r"sources\[0\]: line must be from 1, not 0"),
        (changed("sources", 0, line=2**40), r"line must be from 1"),
        (changed("sources", 0, file=...), r"sources\[0\]: missing: file"),
        (changed(sources=["x"]), r"sources\[0\]: this must be an object, not 'x'"),
        (changed(nodes=["x"]), r"nodes\[0\]: this must be an object, not 'x'"),
        (GRAPH, None),
    ],
)  # fmt: skip
def test_files_of_other_content_are_refused(content, says, tmp_path):
    path = tmp_path / "graph.json"
    path.write_text(json.dumps(content))
    if says is None:
        load_graph(path)
        return
    with pytest.raises(CapsuleError, match=says) as caught:
        load_graph(path)
    assert str(caught.value).startswith(f"{path}: ")


def test_damaged_files_are_refused_wherever_they_end(tmp_path):
    path = tmp_path / "graph.json"
    whole = save_graph((Value(2.0, "a") * 3.0).tanh(), path).read_bytes()
    for end in range(0, len(whole) - 2, 7):
        path.write_bytes(whole[:end])
        with pytest.raises(CapsuleError, match=r"line \d+, column \d+: .*; the file is damaged or cut short"):
            load_graph(path)
    for content, says in [
        (b"[" * 100_000, "nested too deeply"), (b"\xff", "not JSON"), (b'{"a": 1, "a": 2}', "'a' occurs twice"),
        (b'{"version": ' + b"1" * 10_000 + b"}", "Exceeds the limit"),
    ]:  # fmt: skip
        path.write_bytes(content)
        with pytest.raises(CapsuleError, match=says):
            load_graph(path)
    with pytest.raises(FileNotFoundError):
        load_graph(tmp_path / "absent.json")


def test_changed_bytes_are_refused_or_read(tmp_path):
    path, draw = tmp_path / "graph.json", random.Random(1)
    whole = save_graph(random_graph(5), path).read_bytes()
    for _ in range(int(os.environ.get("STEPGRAD_CAPSULE_BYTES", "300"))):
        content = bytearray(whole)
        for _ in range(draw.randint(1, 3)):
            place = draw.randrange(len(content))
            content[place : place + draw.choice([0, 1, 9])] = draw.choice(
                [b"", b"9", b"-", b'"', b"[", b"}", b"e", b"\x00"]
            )
        path.write_bytes(content)
        try:
            back = load_graph(path)
        except CapsuleError:
            continue
        str(tree(back))
        refused(lambda root: walk(root), back)


def test_a_graph_whose_numbers_were_edited_is_shown_as_computed_anew(tmp_path):
    path = tmp_path / "graph.json"
    path.write_text(save_graph(Value(2.0, "a") * Value(3.0, "b"), path).read_text().replace("6.0", "7.0"))
    assert "lost; it is shown as computed anew" in str(walk(load_graph(path)).notices[0])
    assert VERSION == 1


def test_what_is_not_a_value_is_refused(tmp_path):
    with pytest.raises(TypeError, match="save_graph takes a Value"):
        save_graph(3.0, tmp_path / "graph.json")
    with pytest.raises(OSError, match="does not exist; create it first"):
        save_graph(Value(1.0), tmp_path / "absent" / "graph.json")


def test_doctor_and_walk_read_what_is_not_finite(tmp_path):
    x = Value(1e-200, "x")
    loss = 1 / x * 1e-300
    back = load_graph(save_graph(loss, tmp_path / "graph.json"))
    assert why_nan(back)
