from engine import *
from engine import __version__ as __version__

from . import engine as engine
from . import micrograd as micrograd
from . import nn as nn
