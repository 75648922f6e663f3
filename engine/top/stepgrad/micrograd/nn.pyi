from nn.micrograd import MLP as MLP
from nn.micrograd import Layer as Layer
from nn.micrograd import Module as Module
from nn.micrograd import Neuron as Neuron
