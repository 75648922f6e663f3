"""The table of a module's parts."""

import nn
from engine import Value


def test_the_table_shows_parts_within_parts():
    class Own(nn.Module):
        def __init__(self):
            super().__init__()
            self.factor = Value(2.0)
            self.body = nn.Sequential(nn.MLP(2, [3, 1]), nn.Dropout(0.25))
            self.again = self.body

    assert nn.summary(Own()) == (
        "part         module                             parameters\n"
        "factor                                                   1\n"
        "body         Sequential                                 13\n"
        "  0          MLP                                        13\n"
        "    layer 1  Layer(2 inputs, 3 neurons, relu)            9\n"
        "    layer 2  Layer(3 inputs, 1 neuron, linear)           4\n"
        "  1          Dropout(0.25)                               0\n"
        "again        Sequential                                 13\n"
        "  0          MLP                                        13\n"
        "    layer 1  Layer(2 inputs, 3 neurons, relu)            9\n"
        "    layer 2  Layer(3 inputs, 1 neuron, linear)           4\n"
        "  1          Dropout(0.25)                               0\n"
        "all          Own                                        14"
    )


def test_the_table_of_a_single_layer_or_neuron():
    assert nn.summary(nn.Layer(2, 3)).splitlines()[1:] == ["all   Layer            9"]
    assert nn.summary(nn.Neuron(1)).splitlines()[1:] == [
        "w0                     1",
        "b                      1",
        "all   Neuron           2",
    ]
