"""record_source with nn: each node names the user's own line, wherever nn made it."""

import pytest

import nn
from engine import record_source, topological_order

LOSSES = [
    nn.mean_squared_error, nn.half_squared_error, nn.mean_absolute_error, nn.huber,
    nn.binary_cross_entropy_with_logits, nn.hinge,
]  # fmt: skip


def sources(root):
    """Return the sources of all results below a node."""
    return {node.source for node in topological_order(root) if node.is_result}


@pytest.mark.parametrize("model", [nn.MLP(2, [3, 1], "tanh"), nn.Sequential(nn.Layer(2, 2), nn.Neuron(2, "relu"))])
def test_the_nodes_of_a_model_name_the_line_that_calls_it(model):
    with record_source():
        out = model([0.5, 1.0])
    (source,) = sources(out)
    assert (source.file, source.text) == (__file__, "out = model([0.5, 1.0])")
    assert source.function == "test_the_nodes_of_a_model_name_the_line_that_calls_it"


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.__name__)
def test_the_nodes_of_a_loss_name_the_line_that_calls_it(loss):
    outputs = [nn.Neuron(1, weights=[0.5], bias=0.25)([x]) for x in (1.0, -2.0)]
    with record_source():
        result = loss(outputs, [1.0, 1.0])
    made = sources(result) - {None}  # the outputs were made before
    assert {(source.file, source.text) for source in made} == {(__file__, "result = loss(outputs, [1.0, 1.0])")}


def test_parameters_name_the_line_that_makes_the_model():
    with record_source():
        model = nn.MLP(2, [2, 1])
    assert {p.source.text for p in model.parameters()} == {"model = nn.MLP(2, [2, 1])"}


def test_the_nodes_of_a_training_name_the_line_that_calls_fit():
    seen = []

    def activation(z):
        seen.append(z)  # a sum that nn computed
        return z.tanh()

    model = nn.MLP(2, [2, 1], activation)
    with record_source():
        nn.fit(model, nn.data.xor(), epochs=1, backend="eager")
    found = {z.source for z in seen if z.source}
    assert {(source.file, source.text) for source in found} == {
        (__file__, 'nn.fit(model, nn.data.xor(), epochs=1, backend="eager")')
    }


def test_a_function_of_the_user_inside_nn_names_its_own_line():
    model = nn.Neuron(1, lambda z: z * 2.0)
    with record_source():
        out = model([1.0])
    assert "lambda z: z * 2.0" in out.source.text
    assert out.inputs[0].source.text == "out = model([1.0])"
