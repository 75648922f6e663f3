"""Saving and loading: exact numbers, trainings that go on as if nothing had been, and files that are refused."""

import json
import math
import os
import random
import re
import struct

import pytest

import engine
import nn
from engine import Value

DATA = nn.data.moons(12, seed=1)


def network():
    return nn.Sequential(
        nn.Layer(2, 4, "tanh", "hidden", init="xavier_normal"),
        nn.Dropout(0.25),
        nn.MLP(4, [3, 1], activation="relu", output_activation="sigmoid"),
        nn.Neuron(1, "softplus"),
        name="all",
    )


def train(model, optimiser, steps):
    losses = []
    for _ in range(steps):
        i = nn.shuffled(len(DATA))[0]
        loss = nn.mean_squared_error(model(DATA.inputs[i]), DATA.targets[i])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.data)
    return losses


class Own(nn.Module):
    def __init__(self):
        super().__init__()
        self.factor = Value(2.0)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state.json"


@pytest.mark.parametrize(
    "make",
    [
        network,
        lambda: nn.Neuron(3, "tanh", name="single"),
        lambda: nn.Layer(2, 3, name=""),
        lambda: nn.MLP(2, [1], activation="tanh"),
        lambda: nn.MLP(2, [3, 4, 2], activation="gelu", output_activation="tanh"),
        lambda: nn.Dropout(0.1, "gap"),
        lambda: nn.Sequential(nn.Sequential(nn.Dropout(1))),
    ],
)
def test_a_model_is_made_again(make, path):
    nn.manual_seed(5)
    model = make()
    nn.save(model, path)
    before = nn.random_state()
    twin = nn.load(str(path))
    assert nn.random_state() == before
    assert repr(twin) == repr(model)
    assert twin.state_dict() == model.state_dict()
    assert [(name, module.name) for name, module in twin.modules()] == [
        (name, module.name) for name, module in model.modules()
    ]
    x = [0.1, -0.2, 0.3][: 3 if "3 inputs" in repr(model)[:20] else 2]
    one, other = model.eval()(x), twin.eval()(x)
    assert str(one) == str(other)


def test_each_part_comes_back_in_its_mode(path):
    model = nn.Sequential(nn.Dropout(0.5), nn.Sequential(nn.Dropout(0.5)), nn.MLP(2, [1]))
    model[1].eval()
    nn.save(model, path)
    assert [part.training for part in nn.load(path).steps] == [True, False, True]
    nn.save(model.eval(), path)
    twin = nn.load(path)
    assert not any(module.training for _, module in twin.modules())
    assert twin([1.0, 2.0]).data == model([1.0, 2.0]).data


def test_a_file_without_modes_is_in_training_mode(path):
    nn.save(nn.Dropout(0.5), path)
    assert "training" not in path.read_text()
    assert nn.load(path).training


def test_every_float_is_read_back_exactly(path):
    rng = random.Random(0)
    numbers = [0.1, -0.0, 5e-324, 1.7976931348623157e308, 2.0**53 + 2.0, 1e22, -1e-7]
    numbers += [x for x in (struct.unpack("d", rng.randbytes(8))[0] for _ in range(500)) if math.isfinite(x)]
    nn.save(nn.Neuron(len(numbers), weights=numbers, bias=1 / 3), path)
    read = [w.data for w in nn.load(path).weights]
    assert [x.hex() for x in read] == [x.hex() for x in numbers]


OPTIMISERS = [
    lambda p: nn.SGD(p, lr=0.05, momentum=0.9, nesterov=True),
    lambda p: nn.RMSprop(p, centered=True, momentum=0.5),
    lambda p: nn.Adagrad(p, lr=0.1, lr_decay=0.01),
    lambda p: nn.Adam(p, lr=0.02, betas=[0.8, 0.95], amsgrad=True),
    lambda p: nn.AdamW(p, lr=0.02),
]


@pytest.mark.parametrize("make", OPTIMISERS)
def test_a_training_goes_on_exactly_where_it_stood(make, path):
    nn.manual_seed(9)
    model = network()
    optimiser = make(model.parameters())
    train(model, optimiser, 10)
    nn.randn(3)  # leaves one number of a pair behind
    nn.save_checkpoint(path, model, optimiser, {"epoch": 10, "history": [0.5, 0.25], "names": ["a", None, True]})
    expected = train(model, optimiser, 10), model.state_dict(), optimiser.state_dict(), nn.random_state()

    nn.manual_seed(1234)
    other = network()
    its = make(other.parameters())
    its.lr = 99.0
    notes = nn.load_checkpoint(path, other, its)
    assert notes == {"epoch": 10, "history": [0.5, 0.25], "names": ["a", None, True]}
    assert (train(other, its, 10), other.state_dict(), its.state_dict(), nn.random_state()) == expected


def test_a_model_is_also_read_from_a_checkpoint(path):
    model = network()
    nn.save_checkpoint(path, model, nn.SGD(model.parameters()))
    assert nn.load(path).state_dict() == model.state_dict()
    other = network()
    nn.load_into(other, path)
    assert other.state_dict() == model.state_dict()
    assert nn.load_checkpoint(path, other, nn.SGD(other.parameters())) == {}


def test_a_model_is_not_a_checkpoint(path):
    model = nn.Neuron(1)
    nn.save(model, path)
    with pytest.raises(nn.StateError, match=r"state.json: this is a model, not a checkpoint; read it with nn\.load"):
        nn.load_checkpoint(path, model, nn.SGD(model.parameters()))


def changed_layer():
    layer = nn.Layer(2, 2, "tanh")
    layer.neurons[1] = nn.Neuron(2, "relu", "neuron 1")
    return layer


def shared_part():
    layer = nn.Layer(1, 1)
    return nn.Sequential(layer, layer)


class Layer(nn.Layer):
    """A class of one's own with a name of nn's."""


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (Own, "Own is a module of your own"),
        (lambda: nn.Sequential(nn.Dropout(), nn.Sequential(Own())), r"parts\[1\]: parts\[0\]: Own is a module of your"),
        (lambda: Layer(1, 1), "Layer is a module of your own"),
        (lambda: nn.Neuron(1, lambda z: z), "unknown activation '<lambda>'"),
        (lambda: nn.Neuron(1, engine.leaky_relu.bind(slope=0.2)), "this Neuron was changed, shares parts, or has f"),
        (changed_layer, "this Layer was changed"),
        (shared_part, "this Sequential was changed, shares parts"),
    ],
)
def test_a_model_that_cannot_be_made_again_is_loaded_into_one_of_its_kind(make, why, path):
    model = make()
    nn.save(model, path)
    with pytest.raises(nn.StateError, match=f"state.json: this model cannot be rebuilt .*{why}.*load_into"):
        nn.load(path)
    other = make()
    nn.load_into(other, path)
    assert other.state_dict() == model.state_dict()


def test_a_custom_activation_is_rebuilt_where_it_is_registered(path):
    engine.register("cube", lambda x: x * x * x, lambda x, out: (3.0 * x * x,))
    try:
        model = nn.Neuron(1, "cube")
        nn.save(model, path)
        assert nn.load(path)([2.0]).data == model([2.0]).data
    finally:
        engine.unregister("cube")
    with pytest.raises(nn.StateError, match="state.json: model: unknown activation 'cube'"):
        nn.load(path)


@pytest.mark.parametrize(
    ("model", "notes", "says"),
    [
        (nn.Neuron(1, weights=[math.nan]), {}, "parameters: w0: nan is not a finite number"),
        (nn.Neuron(1, bias=-math.inf), {}, "parameters: b: -inf is not a finite number"),
        (nn.Neuron(1), {"loss": [0.1, math.inf]}, r"notes: loss: \[1\]: inf is not a finite number"),
        (nn.Neuron(1), {"when": {3: "x"}}, "notes: when: this must be a text, not 3"),
        (
            nn.Neuron(1),
            {"what": {1, 2}},
            r"notes: what: \{1, 2\} cannot be saved; only numbers, texts, lists",
        ),
        (nn.Neuron(1), {"count": 2**65}, "notes: count: this whole number is too large"),
    ],
)
def test_what_cannot_be_kept_is_refused_and_the_file_stays(model, notes, says, path):
    path.write_text("before")
    with pytest.raises(nn.StateError, match=f"^{re.escape(os.fspath(path))}: {says}"):
        nn.save_checkpoint(path, model, nn.SGD(model.parameters()), notes)
    assert path.read_text() == "before"
    assert list(path.parent.iterdir()) == [path]


def test_notes_that_contain_themselves_are_refused(path):
    notes = {"self": []}
    notes["self"].append(notes)
    model = nn.Neuron(1)
    with pytest.raises(nn.StateError, match="state.json: this is nested too deeply"):
        nn.save_checkpoint(path, model, nn.SGD(model.parameters()), notes)


def test_swapped_arguments_are_named(path):
    model = nn.MLP(1, [1])
    optimiser = nn.SGD(model.parameters())
    nn.save(model, path)
    for call, says in (
        (lambda: nn.save(path, model), "nn.save takes a model and then a path, not .* as the model"),
        (lambda: nn.load(model), "the path of a file must be a text or a Path, not MLP MLP"),
        (lambda: nn.load_into(path, model), "nn.load_into takes a model and then a path, not .* as the model"),
        (
            lambda: nn.save_checkpoint(model, path, optimiser),
            "takes a path, a model and an optimiser, not .* as the model",
        ),
        (lambda: nn.save_checkpoint(path, model, model), "not MLP .* as the optimiser"),
        (lambda: nn.load_checkpoint(model, path, optimiser), "nn.load_checkpoint takes a path, .* as the model"),
    ):
        with pytest.raises(TypeError, match=says):
            call()


def test_a_folder_that_is_not_there_is_named(path):
    with pytest.raises(FileNotFoundError, match="does not exist; create it first"):
        nn.save(nn.Neuron(1), path / "below" / "state.json")
    with pytest.raises(FileNotFoundError):
        nn.load(path)


# --- files that are damaged, edited or hostile ------------------------------------------------------------


class Training:
    """A model, its optimiser and a checkpoint of another state of both."""

    def __init__(self, path):
        nn.manual_seed(3)
        self.path = path
        self.model = network()
        self.optimiser = nn.Adam(self.model.parameters())
        train(self.model, self.optimiser, 2)
        nn.save_checkpoint(path, self.model, self.optimiser, {"epoch": 2})
        train(self.model, self.optimiser, 2)
        self.text = path.read_text()

    def edited(self, change):
        content = json.loads(self.text)
        change(content)
        self.path.write_text(json.dumps(content))

    def state(self):
        return self.model.state_dict(), self.optimiser.state_dict(), nn.random_state()

    def refuses(self, says):
        before = self.state()
        with pytest.raises(nn.StateError, match=says) as caught:
            nn.load_checkpoint(self.path, self.model, self.optimiser)
        assert str(caught.value).startswith(f"{self.path}: ")
        assert self.state() == before


@pytest.fixture
def training(path):
    return Training(path)


def test_a_truncated_file_is_refused_wherever_it_ends(training):
    for end in range(0, len(training.text.rstrip()), 97):
        training.path.write_text(training.text[:end])
        training.refuses(r"state.json: line \d+, column \d+: .*; the file is damaged or cut short")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda c: c.update(format="other"), "not a saved state: this file was not written by nn.save"),
        (lambda c: c.update(version=2), "the version of a saved state must be 1, not 2"),
        (lambda c: c.update(version="1"), "must be 1, not '1'"),
        (lambda c: c.update(version=True), "version: this must be a whole number, not True"),
        (lambda c: c.pop("notes"), "missing: notes"),
        (lambda c: c.update(extra=1), "unknown: extra"),
        (lambda c: c.update(notes=[]), r"notes: this must be a mapping by names, not \[\]"),
        (lambda c: c.update(model=3), "model: this must be a mapping by names or a text, not 3"),
        (
            lambda c: c["parameters"].pop("0.neuron 0.b"),
            r"parameters: the state does not fit .*missing: 0\.neuron 0\.b",
        ),
        (lambda c: c["parameters"].update(more=1.0), "parameters: .*unknown: more"),
        (lambda c: c["parameters"].update({"0.neuron 0.b": "1"}), r"0\.neuron 0\.b: this must be a number, not '1'"),
        (lambda c: c["parameters"].update({"0.neuron 0.b": True}), r"0\.neuron 0\.b: this must be a number, not True"),
        (lambda c: c["parameters"].update({"0.neuron 0.b": None}), r"0\.neuron 0\.b: this must be a number, not None"),
        (
            lambda c: c["parameters"].update({"0.neuron 0.b": math.nan}),
            r"0\.neuron 0\.b: nan is not a finite",
        ),
        (
            lambda c: c["parameters"].update({"0.neuron 0.b": 10**400}),
            r"0\.neuron 0\.b: this whole number is too large",
        ),
        (lambda c: c["optimiser"].update(optimiser="SGD"), "optimiser: the state must be of Adam with .*, not of SGD"),
        (
            lambda c: c["optimiser"].update(states=[]),
            "optimiser: the state must have 33 parameters, .*, not 0",
        ),
        (
            lambda c: c["optimiser"].update(states="text"),
            "optimiser: .* one that an optimiser's state_dict",
        ),
        (
            lambda c: c["optimiser"].update(settings=3),
            "optimiser: .* one that an optimiser's state_dict",
        ),
        (
            lambda c: c["optimiser"]["settings"].update(lr=-1.0),
            "optimiser: the state has an invalid setting: Adam: lr must be",
        ),
        (lambda c: c["optimiser"]["settings"].update(betas=[{}, []]), "optimiser: .*betas must be two numbers"),
        (
            lambda c: c["optimiser"]["states"][3].update(mean=[]),
            "optimiser: .* one that an optimiser's state_dict",
        ),
        (
            lambda c: c["optimiser"]["states"][3].update(mean=math.inf),
            r"optimiser: states: \[3\]: mean: inf is not a",
        ),
        (lambda c: c["random"].pop("words"), "random: not a state of a random generator"),
        (lambda c: c["random"]["words"].pop(), "random: not a state of a random generator"),
        (lambda c: c["random"]["words"].append(0.5), "random: not a state of a random generator"),
        (lambda c: c["random"].update(kept="x"), "random: not a state of a random generator"),
        (lambda c: c["notes"].update(x=[{"y": math.nan}]), r"notes: x: \[0\]: y: nan is not a finite number"),
    ],
)
def test_an_edited_checkpoint_is_refused_with_its_place(training, change, says):
    training.edited(change)
    training.refuses(says)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "line 1, column 1: Expecting value"),
        ("3", "not a saved state: this file was not written by nn.save"),
        ("[]", "not a saved state: this file was not written by nn.save"),
        ('{"format": "stepgrad"}', "must be 1, not None"),
        ('{"format": "stepgrad", "version": 1}', "missing: model and parameters"),
        ('{"format": "stepgrad", "format": "stepgrad"}', "the name 'format' occurs twice"),
        ("[" * 100_000, "this is nested too deeply for a saved state"),
        ("[" * 100_000 + "]" * 100_000, "this is nested too deeply for a saved state"),
        ('{"a":' * 100_000, "this is nested too deeply for a saved state"),
        ('{"version": ' + "1" * 10_000 + "}", "Exceeds the limit"),
        (b"\x80\x04\x95".decode("latin-1").encode("latin-1"), "not JSON: 'utf-8' codec can't decode"),
    ],
)
def test_what_is_not_a_saved_state_is_refused(training, text, says):
    training.path.write_bytes(text if isinstance(text, bytes) else text.encode())
    training.refuses(says)
    with pytest.raises(nn.StateError, match=says):
        nn.load(training.path)
    with pytest.raises(nn.StateError, match=says):
        nn.load_into(training.model, training.path)


def layers(content):
    return content["model"]["parts"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            lambda c: layers(c)[0].update(activation="tanhh"),
            r"model: parts\[0\]: unknown activation 'tanhh'; did yo",
        ),
        (lambda c: layers(c)[0].update(activation=None), r"parts\[0\]: activation: this must be a text, not None"),
        (lambda c: layers(c)[0].update(module="System"), r"parts\[0\]: module: unknown module of nn 'System'"),
        (lambda c: layers(c)[0].update(module=["Layer"]), r"parts\[0\]: module: unknown module of nn \['Layer'\]"),
        (lambda c: layers(c)[0].pop("module"), r"parts\[0\]: module: unknown module of nn None"),
        (lambda c: layers(c)[0].pop("inputs"), r"parts\[0\]: missing: inputs"),
        (lambda c: layers(c)[0].update(init="normal"), r"parts\[0\]: unknown: init"),
        (lambda c: layers(c)[0].update(inputs="2"), r"parts\[0\]: inputs: this must be a whole number, not '2'"),
        (lambda c: layers(c)[0].update(inputs=0), r"parts\[0\]: the number of inputs or neurons must be .*, not 0"),
        (
            lambda c: layers(c)[0].update(outputs=10**9),
            "model: it has 3000000021 parameters, but the file has numbers for 33",
        ),
        (lambda c: layers(c)[0].update(outputs=5), "model: it has 36 parameters, but the file has numbers for 33"),
        (lambda c: layers(c)[1].update(training=0), r"parts\[1\]: training: this must be true or false, not 0"),
        (lambda c: layers(c)[1].update(p=2), r"parts\[1\]: the probability of Dropout must be"),
        (lambda c: layers(c)[1].update(p="0.5"), r"parts\[1\]: p: this must be a number, not '0\.5'"),
        (
            lambda c: layers(c)[2].update(sizes=[3, "1"]),
            r"parts\[2\]: the number of inputs or neurons must be .*, not '1'",
        ),
        (
            lambda c: layers(c)[2].update(sizes=[3, -1]),
            r"parts\[2\]: the number of inputs .*, not -1",
        ),
        (lambda c: layers(c)[2].update(sizes={}), r"parts\[2\]: sizes: this must be a list, not \{\}"),
        (lambda c: layers(c)[2].update(output_activation="add"), r"parts\[2\]: unknown activation 'add'"),
        (lambda c: layers(c).clear(), "model: it has 0 parameters"),
        (
            lambda c: layers(c).append({"module": "Sequential", "parts": [], "name": ""}),
            r"parts\[4\]: Sequential needs mo",
        ),
        (lambda c: layers(c).append("Layer"), r"parts\[4\]: this must be a mapping by names, not 'Layer'"),
        (lambda c: c["model"].update(name=3), "model: name: this must be a text, not 3"),
        (lambda c: c.update(model="\x1b[2J"), r"cannot be rebuilt from its file \('\\x1b\[2J'\)"),
        (lambda c: c["parameters"].update(other=c["parameters"].pop("0.neuron 0.b")), "parameters: .*unknown: other"),
    ],
)
def test_an_edited_model_is_refused_with_its_place(training, change, says):
    training.edited(change)
    before = nn.random_state()
    with pytest.raises(nn.StateError, match=says) as caught:
        nn.load(training.path)
    assert str(caught.value).startswith(f"{training.path}: ")
    assert nn.random_state() == before


def test_a_repeated_name_among_many_is_found_quickly(path):
    path.write_text("{" + ", ".join(f'"k{i}": 0' for i in range(50_000)) + ', "k49999": 1}')
    with pytest.raises(nn.StateError, match="the name 'k49999' occurs twice"):
        nn.load(path)


def test_a_model_nested_too_deeply_is_refused(training):
    deep = {"module": "Dropout", "p": 0.5, "name": ""}
    for _ in range(400):
        deep = {"module": "Sequential", "parts": [deep], "name": ""}
    content = {**json.loads(training.text), "model": deep, "parameters": {}}
    training.path.write_text(json.dumps(content))
    with pytest.raises(nn.StateError, match="state.json: "):
        nn.load(training.path)


def test_a_broken_network_of_parameters_is_loaded_nowhere(path):
    model = nn.Neuron(2)
    nn.save(nn.Neuron(3), path)
    before = model.state_dict()
    with pytest.raises(nn.StateError, match="state.json: parameters: the state does not fit this Neuron; unknown: w2"):
        nn.load_into(model, path)
    assert model.state_dict() == before


def test_a_file_can_be_read_by_people(path):
    model = nn.Sequential(nn.Layer(1, 1, "tanh", "hidden"))
    model[0].neurons[0].weights[0].data, model[0].neurons[0].bias.data = 0.25, -1.0
    nn.save(model, path)
    assert path.read_text() == (
        '{\n "format": "stepgrad",\n "version": 1,\n "model": {\n  "module": "Sequential",\n  "parts": [\n'
        '   {"module": "Layer", "inputs": 1, "outputs": 1, "activation": "tanh", "name": "hidden"}\n  ],\n'
        '  "name": ""\n },\n "parameters": {\n  "0.neuron 0.w0": 0.25,\n  "0.neuron 0.b": -1.0\n }\n}\n'
    )


def test_what_is_written_is_json_whatever_the_notes_are(path):
    model = nn.Neuron(1)
    notes = {"a": {}, "b": [], "c": [[], {}, [1, (2.5, [None])]], "d": [{"e": 1, "f": [1]}], 'q"\n': "ü\ud800"}
    notes["[{"] = [["]\n ", {"}\n}": "[\n x\n]"}], {"\n {": "\n }"}, ["\n  "]]
    nn.save_checkpoint(path, model, nn.SGD(model.parameters()), notes)
    assert nn.load_checkpoint(path, model, nn.SGD(model.parameters())) == json.loads(json.dumps(notes))


def places(thing, way=()):
    """Return the way to every item of a saved state, but to only a few of the generator's words."""
    items = list(thing.items() if isinstance(thing, dict) else enumerate(thing) if isinstance(thing, list) else [])
    for key, item in items if len(items) < 100 else items[-2:]:
        yield (*way, key)
        yield from places(item, (*way, key))


STRANGE = [None, True, "x", [], {"x": {}}, -1, 0.5, 2**64]


@pytest.mark.slow
def test_whatever_stands_in_a_file_it_is_loaded_or_refused_whole(path):
    model = nn.Sequential(nn.MLP(1, [1], output_activation="tanh"), nn.Dropout(0.5), nn.Layer(1, 1), nn.Neuron(1))
    optimiser = nn.Adam(model.parameters())
    model([1.0]).backward()
    optimiser.step()
    nn.save_checkpoint(path, model, optimiser, {"epoch": 1})
    good = path.read_text()
    refused = 0
    for way in places(json.loads(good)):
        for strange in STRANGE:
            content = json.loads(good)
            within = content
            for key in way[:-1]:
                within = within[key]
            within[way[-1]] = strange
            path.write_text(json.dumps(content))
            before = model.state_dict(), optimiser.state_dict(), nn.random_state()
            try:
                nn.load_checkpoint(path, model, optimiser)
            except nn.StateError:
                refused += 1
                assert (model.state_dict(), optimiser.state_dict(), nn.random_state()) == before
            try:
                nn.load(path)
            except nn.StateError:
                refused += 1
    assert refused > 500
