"""micrograd's Value on this engine: what `stepgrad.micrograd.engine` offers.

A program written for https://github.com/karpathy/micrograd, or for one of its many children, changes one word, the
module that it imports Value from. This Value records what micrograd records, node for node, in Python's own arithmetic:
``a - b`` is ``a + b * -1``, ``a / b`` is ``a * b**-1``, and ints stay ints. Beside that it is a Value of the engine,
which every room draws, walks, explains, debugs and compiles.

Two things differ from `engine.Value`, as they do in micrograd: ``backward`` calls ``_backward`` of each node, which may
be replaced, and the gradients of all nodes accumulate, also those between the leaves and the root.

>>> a, b = Value(2), Value(-3.0)
>>> c = (a * b).relu() + a**2
>>> c.backward()
>>> a, c._op, c._prev[1]._op
(Value(data=2, grad=4.0), '+', '**2')
"""

from .value import Value as Value
