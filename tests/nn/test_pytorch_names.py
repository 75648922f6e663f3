"""PyTorch's names mean what they mean there, or say what to write instead."""

import pytest

import nn
from engine import UsageError, Value
from nn.pytorch_names import INSTEAD


def test_a_network_in_pytorchs_words():
    nn.manual_seed(0)
    model = nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 1), nn.Sigmoid())
    nn.manual_seed(0)
    same = nn.Sequential(nn.Layer(2, 4, "relu"), nn.Layer(4, 1, "sigmoid"))
    assert model([1.0, -2.0]).data == same([1.0, -2.0]).data
    optimiser = nn.SGD(model.parameters(), lr=0.1)
    assert isinstance(optimiser, nn.Optimizer)
    assert nn.Optimizer is nn.Optimiser
    loss = nn.BCELoss()(model([1.0, -2.0]), 1.0)
    loss.backward(retain_graph=True)
    optimiser.step()
    assert loss.item() == loss.data


@pytest.mark.parametrize(
    ("kind", "settings", "name", "parameters"),
    [
        (nn.LeakyReLU, (0.2,), "leaky_relu", {"slope": 0.2}), (nn.ELU, (0.5,), "elu", {"alpha": 0.5}),
        (nn.Tanh, (), "tanh", {}), (nn.SiLU, (), "silu", {}), (nn.GELU, (), "gelu", {}),
        (nn.Softplus, (), "softplus", {}),
        (nn.SELU, (), "selu", {}), (nn.Mish, (), "mish", {}), (nn.Softsign, (), "softsign", {}),
        (nn.Hardtanh, (), "hardtanh", {}),
    ],
)  # fmt: skip
def test_activations(kind, settings, name, parameters):
    module, x = kind(*settings), Value(-0.7)
    assert module([x])[0].data == module(x).data == getattr(x, name)(**parameters).data
    assert name in repr(module)


def test_losses():
    outputs, targets = [Value(0.5), Value(3.0)], [1.0, 0.0]
    for given, ours in {
        nn.MSELoss(): nn.mean_squared_error, nn.L1Loss(): nn.mean_absolute_error, nn.HuberLoss(): nn.huber,
        nn.BCEWithLogitsLoss(): nn.binary_cross_entropy_with_logits, nn.mse_loss: nn.mean_squared_error,
        nn.l1_loss: nn.mean_absolute_error, nn.smooth_l1_loss: nn.huber,
    }.items():  # fmt: skip
        assert given(outputs, targets).data == ours(outputs, targets).data
    assert nn.HuberLoss(delta=2.0)(outputs, targets).data == nn.huber_loss(outputs, targets, 2.0).data
    assert nn.CrossEntropyLoss()(outputs, 1).data == nn.cross_entropy(outputs, 1).data


@pytest.mark.parametrize("name", INSTEAD)
def test_what_nn_has_not(name):
    with pytest.raises(AttributeError, match=f"no attribute '{name}': "):
        getattr(nn, name)


def test_names_that_are_nearly_right():
    with pytest.raises(AttributeError, match="Adamw.*did you mean.*AdamW"):
        _ = nn.Adamw
    with pytest.raises(nn.SettingError, match="bias=False"):
        nn.Linear(2, 3, bias=False)


def test_a_values_words():
    x = Value(2.0)
    y = x * 3.0
    assert (x.requires_grad, y.requires_grad, y.inputs[1].requires_grad) == (True, True, False)
    assert y.detach().is_leaf
    with pytest.raises(UsageError, match=r"engine.grad\(loss, inputs\)"):
        y.backward(create_graph=True)
    for name in ("register_hook", "numpy", "clone", "grad_fn", "shape", "sum"):
        assert not hasattr(x, name)
        assert name not in dir(x)
        with pytest.raises(AttributeError, match=f"no attribute '{name}': "):
            getattr(x, name)
