"""The matrix view: formulas, numbers and the engine's gradients agree."""

import re

import pytest

import nn
from engine import tanh
from nn import MLP, SettingError, ShapeError, cross_entropy, explain_layer, manual_seed, mean_absolute_error
from nn.explanation import _matrix

X, Y = [[0.5, 1.0], [1.5, -0.5]], [1.0, 0.0]


def differences(text):
    """Return the differences that an explanation describes, 0 where it describes none."""
    found = re.findall(r"largest difference is (\S+)\.$|(They are equal to the last digit)", text, re.MULTILINE)
    return [float(difference or 0.0) for difference, _ in found]


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid", "leaky_relu", None, tanh])
@pytest.mark.parametrize("output", [None, "tanh"])
@pytest.mark.parametrize("sizes", [[1], [3, 1], [4, 3, 2]])
def test_formulas_and_engine_agree(activation, output, sizes):
    manual_seed(3)
    model = MLP(2, sizes, activation=activation, output_activation=output)
    targets = Y if sizes[-1] == 1 else [[1.0, 0.0], [0.5, -0.5]]
    text = explain_layer(model, X, targets).text
    assert len(differences(text)) == len(sizes)
    assert max(differences(text)) < 1e-15
    assert [int(n) for n in re.findall(r"^Layer (\d+)$", text, re.MULTILINE)] == list(range(len(sizes), 0, -1))


def test_other_losses_are_explained_too():
    manual_seed(1)
    assert max(differences(explain_layer(MLP(2, [3, 1]), X, Y, loss=mean_absolute_error).text)) < 1e-15
    assert max(differences(explain_layer(MLP(2, [4, 3]), X, [2, 0], loss=cross_entropy).text)) < 1e-15


def test_the_numbers_are_those_of_the_parameters():
    manual_seed(0)
    model = MLP(2, [3, 1], activation="tanh")
    text = explain_layer(model, X, Y, layer=1).text
    nn.mean_squared_error([model(x) for x in X], Y).backward()
    for neuron in model.layers[0].neurons:
        row = r"\[ +" + r" +".join(re.escape(f"{weight.grad:.4g}") for weight in neuron.weights) + r" \]"
        assert len(re.findall(row, text)) == 2  # by the formula, and by the engine
        assert len(re.findall(rf"\[ +{re.escape(f'{neuron.bias.grad:.4g}')} \]", text)) == 2


def test_gradients_stay_as_they_were():
    model = MLP(2, [3, 1])
    explain_layer(model, X, Y)
    assert [parameter.grad for parameter in model.parameters()] == [None] * 13


def test_all_of_a_layer():
    manual_seed(0)
    assert explain_layer(MLP(2, [2, 1], activation="tanh"), X, Y, layer=1).text == LAYER


LAYER = """\
Backpropagation through MLP(2 inputs, 2 tanh, 1 linear; 9 parameters)
=====================================================================

Every sample is a column. W and b are weights and biases, with a row for each neuron; L is the loss;
⊙ multiplies entry by entry, and T transposes.

Layer 1
-------

Forward, from A0, the samples:

  Z1 = W1 A0 + b1 = [ -0.005294   0.3793 ] [ 0.5   1.5 ] + [ -0.2723 ] = [  0.1043  -0.4699 ]
                    [    -0.582  -0.5204 ] [   1  -0.5 ]   [  0.1896 ]   [ -0.6218  -0.4232 ]

  A1 = tanh(Z1)   = [   0.104  -0.4382 ]
                    [ -0.5524  -0.3996 ]

Backward, from the layer above:

  Delta1 = (W2^T Delta2) ⊙ tanh'(Z1) = ( [ -0.01401 ] [ -1.374  -0.2806 ] ) ⊙ [ 0.9892   0.808 ] = [ 0.01904  0.003177 ]
                                         [   0.5607 ]                         [ 0.6949  0.8403 ]   [ -0.5353   -0.1322 ]

The gradients of weights and biases. Delta1 A0^T is the sum of an outer product for each sample: its
column of Delta1 times its row of A0^T.

  dL/dW1 = Delta1 A0^T                = [ 0.01904  0.003177 ] [ 0.5     1 ] = [ 0.01429  0.01745 ]
                                        [ -0.5353   -0.1322 ] [ 1.5  -0.5 ]   [  -0.466  -0.4692 ]

  dL/db1 = sum over samples of Delta1 = [ 0.02222 ]
                                        [ -0.6675 ]

The engine, which has no matrices and applies the chain rule number by number, computes:

  dL/dW1 = [ 0.01429  0.01745 ]
           [  -0.466  -0.4692 ]

  dL/db1 = [ 0.02222 ]
           [ -0.6675 ]

The largest difference is 1.1e-16."""


def test_large_numbers_and_large_matrices_are_written_short():
    assert _matrix([[1e-9, 2.0]]).latex == r"\begin{pmatrix} 1 \cdot 10^{-9} & 2 \end{pmatrix}"
    lines = _matrix([[float(10 * i + j) for j in range(20)] for i in range(10)]).text.split("\n")
    assert lines[0] == "[   0    1    2    3  ...   16   17   18   19 ]"
    assert lines[4].split() == ["[", *["..."] * 9, "]"]
    assert lines[-1].split()[1] == "90"
    assert len({len(line) for line in lines}) == 1
    tall = _matrix([[1.0]] * 9)
    assert tall.text.count("\n") == 8
    assert r"\dots" in tall.latex


def test_wrong_arguments_are_named():
    model = MLP(2, [3, 1])
    with pytest.raises(TypeError, match=r"explain_layer takes an MLP, not Layer Layer\("):
        explain_layer(model.layers[0], X, Y)
    for layer in (0, 3, 1.5, "layer 1"):
        with pytest.raises(SettingError, match="layer must be a number from 1 to 2, not "):
            explain_layer(model, X, Y, layer=layer)
    with pytest.raises(ShapeError, match="at least one sample"):
        explain_layer(model, [], [])
    with pytest.raises(ShapeError, match="needs 2 inputs, not 1"):
        explain_layer(model, [[1.0]], [1.0])
