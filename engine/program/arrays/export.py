"""Programs for JAX, PyTorch and NumPy: as a file that runs on its own, or as a function."""

from __future__ import annotations

import linecache
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from itertools import count
from typing import Any

from ...errors import StepgradError
from ...value import Value
from ..plan import Plan
from .source import Source

NAMES = {"jax": "JAX", "torch": "PyTorch", "numpy": "NumPy"}
BEGIN = {
    "jax": '    jax.config.update("jax_enable_x64", True)  # as in Python: 64 bits\n',
    "torch": "    torch.set_default_dtype(torch.float64)  # as in Python: 64 bits\n",
    "numpy": "",
}
# What the gradients with respect to one argument are, at x and p.
GRADIENTS = {
    "jax": "value, gradients = jax.value_and_grad(loss, {place})(np.array(inputs), np.array(parameters))",
    "torch": "inputs, parameters = (torch.tensor(x, requires_grad=True) for x in (inputs, parameters))\n"
    "    value = loss(inputs, parameters)\n"
    "    gradients = torch.autograd.grad(value, [(inputs, parameters)[{place}]], allow_unused=True)[0]\n"
    "    gradients = torch.zeros_like((inputs, parameters)[{place}]) if gradients is None else gradients\n"
    "    value = value.detach()",
    "numpy": "value, *every = backpropagate(inputs, parameters)\n    gradients = every[{place}]",
}
_numbers = count(1)


def array_source(plan: Plan, language: str, head: str, leaves: Sequence[Sequence[Value]], labels: Sequence[str]) -> str:
    """Return a plan as Python for a library of arrays; run as a program, it prints loss and gradients.

    Args:
        plan: what to compute, without backward pass.
        language: ``"jax"``, ``"torch"`` or ``"numpy"``.
        head: the sentence that it begins with.
        leaves: the inputs and the parameters, whose numbers of now are printed with.
        labels: the names of the leaves of the gradients, to print.

    Raises:
        OperationError: an operation cannot be translated.
    """
    inputs, parameters = ([leaf.data for leaf in kind] for kind in leaves)
    computed = GRADIENTS[language].format(place=1 if parameters else 0)
    main = f"""\
if __name__ == "__main__":
{BEGIN[language]}    inputs = {inputs!r}
    parameters = {parameters!r}
    {computed}
    print("loss =", float(value))
    for name, gradient in zip({list(labels)!r}, gradients):
        print("d loss / d", name, "=", float(gradient))"""
    return Source(plan).text(language, head, main.replace("[nan", "[np.nan").replace(" nan", " np.nan"))


def array_function(plan: Plan, language: str, name: str = "loss") -> Callable[[Any, Any], Any]:
    """Return a plan as a function of a library of arrays.

    Raises:
        StepgradError: the library is not installed.
        OperationError: an operation cannot be translated.
    """
    require(language, f"to_{language}")
    text = Source(plan).text(language, f"A program for {NAMES[language]}.")
    file = f"<program {next(_numbers)} for {NAMES[language]}>"
    linecache.cache[file] = len(text), None, text.splitlines(keepends=True), file  # for tracebacks and debuggers
    namespace: dict[str, Any] = {"__name__": file}
    exec(compile(text, file, "exec"), namespace)
    return namespace[name]  # type: ignore[no-any-return]


def require(language: str, what: str) -> None:
    """Require a library.

    Raises:
        StepgradError: it is not installed; the message says how to install it.
    """
    if find_spec(language) is None:
        raise StepgradError(f"{what} needs {NAMES[language]}: pip install {language}")
