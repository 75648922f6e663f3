"""Optimisers: how gradients change parameters, with PyTorch's definitions and defaults.

The definitions are those of https://docs.pytorch.org/docs/stable/optim.html. An optimiser's rule is written for one
parameter, in operators and functions of the engine's table; so `nn.training` reads it as a program, too.
"""

import math
from collections.abc import Iterable, Mapping, MutableSequence, Sequence
from itertools import repeat
from numbers import Real
from typing import Any

from engine import Value, maximum, sqrt
from engine.support.interrupts import assign_all
from engine.support.text import counted, listed

from .errors import SettingError, StateError

State = dict[str, float]


class Optimiser:
    """Base class of optimisers, which update parameters by their gradients.

    A subclass defines `updated`, and passes its hyper-parameters on to this constructor.

    Args:
        parameters: the Values to update.
        settings: the hyper-parameters, each of which becomes an attribute.

    Attributes:
        states: for each parameter the numbers to remember from step to step, by name.

    Raises:
        SettingError: there are no parameters, one is given twice or is computed from others, or a setting is out of
            its range.
        TypeError: a parameter is not a Value.
    """

    lr: float

    def __init__(self, parameters: Iterable[Value], **settings: Any) -> None:
        kind = type(self).__name__
        if not isinstance(parameters, Iterable):
            raise TypeError(f"{kind} takes a list of Values such as model.parameters(), not {parameters!r}")
        self.parameters = list(parameters)
        if not self.parameters:
            raise SettingError(f"{kind} needs at least one parameter; pass for instance model.parameters()")
        for parameter in self.parameters:
            if not isinstance(parameter, Value):
                raise TypeError(f"{kind} updates Values, not {type(parameter).__name__} {parameter!r}")
            if not parameter.is_leaf:
                raise SettingError(f"{kind} can only update leaves; {parameter!r} is computed from others")
        if len(set(self.parameters)) < len(self.parameters):
            raise SettingError(f"{kind} must get each parameter once; one is given twice")
        for name, setting in settings.items():
            self._check(name, setting)
        self._settings = list(settings)
        self.__dict__.update({name: tuple(s) if isinstance(s, list) else s for name, s in settings.items()})
        self.states: MutableSequence[State] = [{} for _ in self.parameters]

    def _check(self, name: str, setting: Any) -> None:
        if name == "betas":
            fits = isinstance(setting, Sequence) and len(setting) == 2 and all(_is_below(1.0, x) for x in setting)
            span = "two numbers from 0 to below 1"
        elif name in ("nesterov", "centered", "amsgrad"):
            fits, span = isinstance(setting, bool), "True or False"
        elif name == "alpha":
            fits, span = _is_below(1.0, setting), "from 0 to below 1"
        else:
            fits, span = _is_below(math.inf, setting), "a finite number that is not negative"
        if not fits:
            raise SettingError(f"{type(self).__name__}: {name} must be {span}, not {setting!r}")

    def zero_grad(self) -> None:
        """Set the gradients of the parameters to 0."""
        assign_all((self.parameters, "grad", repeat(0.0)))

    def step(self) -> None:
        """Update every parameter that has a gradient; after an error or an interruption, all are updated or none.

        Raises:
            SettingError: the update divides by 0, because ``eps`` is 0.
        """
        moved, numbers, states = list[Value](), list[float](), list(self.states)
        for index, parameter in enumerate(self.parameters):
            if parameter.grad is not None:
                try:
                    number, states[index] = self.updated(parameter.data, parameter.grad, dict(states[index]))
                except ZeroDivisionError:
                    raise SettingError(f"{self!r} divides by 0 at {parameter!r}; set eps, such as 1e-8") from None
                moved.append(parameter)
                numbers.append(number if number.__class__ is float else Value(number).data)
        assign_all((moved, "data", numbers), ([self], "states", [states]))

    def updated(self, p: Any, g: Any, state: State) -> tuple[Any, State]:
        """Return the next number and state of a parameter p with the gradient g; the first state is empty."""
        raise NotImplementedError(f"{type(self).__name__} must define updated(self, p, g, state)")

    def state_dict(self) -> dict[str, Any]:
        """Return the kind, the settings and the state of every parameter, for `load_state_dict`."""
        settings = {name: getattr(self, name) for name in self._settings}
        return {"optimiser": type(self).__name__, "settings": settings, "states": [dict(s) for s in self.states]}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue from a state that `state_dict` returned.

        Raises:
            StateError: it is of another kind of optimiser or another count of parameters, or a value is out of range
                or not a number; nothing has changed then.
        """
        try:
            kind, settings = state["optimiser"], dict(state["settings"])
            states = [{str(name): Value(number).data for name, number in s.items()} for s in state["states"]]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise StateError(f"the state must be one that an optimiser's state_dict() returned: {error}") from None
        if kind != type(self).__name__ or sorted(settings) != sorted(self._settings):
            ours, theirs = (listed(sorted(names), most=9) for names in (self._settings, settings))
            raise StateError(f"the state must be of {type(self).__name__} with {ours}, not of {kind} with {theirs}")
        if len(states) != len(self.parameters):
            wanted = counted(len(self.parameters), "parameter")
            raise StateError(f"the state must have {wanted}, as the optimiser has, not {len(states)}")
        try:
            like = type(self)(self.parameters, **settings)
        except SettingError as error:
            raise StateError(f"the state has an invalid setting: {error}") from None
        self.__dict__.update({name: getattr(like, name) for name in settings})
        self.states = states

    def __repr__(self) -> str:
        settings = ", ".join(f"{name}={getattr(self, name)!r}" for name in self._settings)
        return f"{type(self).__name__}({len(self.parameters)} parameters, {settings})"


def _is_below(limit: float, number: object) -> bool:
    return isinstance(number, Real) and not isinstance(number, bool) and 0.0 <= float(number) < limit


Optimizer = Optimiser  # as PyTorch spells it


class SGD(Optimiser):
    """Stochastic gradient descent, ``p = p - lr * g``, optionally with momentum.

    Args:
        parameters, lr: the Values to update, and the learning rate.
        momentum: the share of the last direction that is kept.
        dampening: the share of the gradient that does not enter the direction.
        weight_decay: how strongly parameters are pulled towards 0 (an L2 penalty).
        nesterov: whether to look ahead along the direction, after Y. Nesterov (1983).

    >>> w = Value(1.0)
    >>> w.grad = 2.0
    >>> SGD([w], lr=0.1).step()
    >>> w.data
    0.8
    """

    momentum: float
    dampening: float
    weight_decay: float
    nesterov: bool

    def __init__(
        self, parameters: Iterable[Value], lr: float = 1e-3, momentum: float = 0.0, dampening: float = 0.0,
        weight_decay: float = 0.0, nesterov: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(
            parameters, lr=lr, momentum=momentum, dampening=dampening, weight_decay=weight_decay, nesterov=nesterov
        )
        if nesterov and (momentum <= 0.0 or dampening != 0.0):
            raise SettingError("SGD: nesterov needs a momentum above 0 and no dampening")

    def updated(self, p: Any, g: Any, state: State) -> tuple[Any, State]:
        """Return the next number and state of a parameter."""
        if self.weight_decay:
            g = g + self.weight_decay * p
        if self.momentum:
            last = state.get("direction")
            direction = g if last is None else self.momentum * last + (1.0 - self.dampening) * g
            state = {"direction": direction}
            g = g + self.momentum * direction if self.nesterov else direction
        return p - self.lr * g, state


class RMSprop(Optimiser):
    """RMSprop: steps divided by a running root mean square of the gradient, after T. Tieleman and G. Hinton (2012).

    Args:
        parameters, lr: the Values to update, and the learning rate.
        alpha: the share of the running mean that is kept.
        eps: added to the root, to avoid division by 0.
        weight_decay: how strongly parameters are pulled towards 0 (an L2 penalty).
        momentum: the share of the last direction that is kept.
        centered: whether to use the variance instead of the mean square.
    """

    alpha: float
    eps: float
    weight_decay: float
    momentum: float
    centered: bool

    def __init__(
        self, parameters: Iterable[Value], lr: float = 1e-2, alpha: float = 0.99, eps: float = 1e-8,
        weight_decay: float = 0.0, momentum: float = 0.0, centered: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(
            parameters, lr=lr, alpha=alpha, eps=eps, weight_decay=weight_decay, momentum=momentum, centered=centered
        )

    def updated(self, p: Any, g: Any, state: State) -> tuple[Any, State]:
        """Return the next number and state of a parameter."""
        if self.weight_decay:
            g = g + self.weight_decay * p
        square = self.alpha * state.get("square", 0.0) + (1.0 - self.alpha) * g * g
        now, spread = {"square": square}, square
        if self.centered:
            mean = state.get("mean", 0.0)
            now["mean"] = mean = mean + (1.0 - self.alpha) * (g - mean)
            spread = maximum(square - mean * mean, 0.0)  # rounding may leave it below 0
        move = g / (sqrt(spread) + self.eps)
        if self.momentum:
            now["direction"] = move = self.momentum * state.get("direction", 0.0) + move
        return p - self.lr * move, now


class Adagrad(Optimiser):
    """Adagrad: steps divided by the root of the sum of all squared gradients.

    See J. Duchi, E. Hazan and Y. Singer, https://jmlr.org/papers/v12/duchi11a.html.

    Args:
        parameters, lr: the Values to update, and the learning rate.
        lr_decay: how quickly the learning rate falls with the count of steps.
        weight_decay: how strongly parameters are pulled towards 0 (an L2 penalty).
        initial_accumulator_value: the sum before the first step.
        eps: added to the root, to avoid division by 0.
    """

    lr_decay: float
    weight_decay: float
    initial_accumulator_value: float
    eps: float

    def __init__(
        self, parameters: Iterable[Value], lr: float = 1e-2, lr_decay: float = 0.0, weight_decay: float = 0.0,
        initial_accumulator_value: float = 0.0, eps: float = 1e-10,
    ) -> None:  # fmt: skip
        super().__init__(
            parameters, lr=lr, lr_decay=lr_decay, weight_decay=weight_decay,
            initial_accumulator_value=initial_accumulator_value, eps=eps,
        )  # fmt: skip

    def updated(self, p: Any, g: Any, state: State) -> tuple[Any, State]:
        """Return the next number and state of a parameter."""
        steps = state.get("steps", 0.0)
        if self.weight_decay:
            g = g + self.weight_decay * p
        total = state.get("sum", self.initial_accumulator_value) + g * g
        rate = self.lr / (1.0 + steps * self.lr_decay)
        return p - rate * g / (sqrt(total) + self.eps), {"steps": steps + 1.0, "sum": total}


class Adam(Optimiser):
    """Adam: steps along a running mean of the gradient, divided by the root of a running mean of its square.

    See D. P. Kingma and J. Ba, https://arxiv.org/abs/1412.6980.

    Args:
        parameters, lr: the Values to update, and the learning rate.
        betas: the shares of the two running means that are kept.
        eps: added to the root, to avoid division by 0.
        weight_decay: how strongly parameters are pulled towards 0 (an L2 penalty).
        amsgrad: whether to use the largest mean square so far, https://openreview.net/forum?id=ryQu7f-RZ.
    """

    betas: tuple[float, float]
    eps: float
    weight_decay: float
    amsgrad: bool

    def __init__(
        self, parameters: Iterable[Value], lr: float = 1e-3, betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8, weight_decay: float = 0.0, amsgrad: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(parameters, lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, amsgrad=amsgrad)

    def updated(self, p: Any, g: Any, state: State) -> tuple[Any, State]:
        """Return the next number and state of a parameter."""
        return self._moved(p, g + self.weight_decay * p if self.weight_decay else g, state)

    def _moved(self, p: Any, g: Any, state: State) -> tuple[Any, State]:
        beta1, beta2 = self.betas
        steps = state.get("steps", 0.0) + 1.0
        mean, square = state.get("mean", 0.0), state.get("square", 0.0)
        mean = mean + (1.0 - beta1) * (g - mean)
        square = beta2 * square + (1.0 - beta2) * g * g
        now = {"steps": steps, "mean": mean, "square": square}
        if self.amsgrad:
            now["largest"] = square = maximum(state.get("largest", 0.0), square)
        root = sqrt(square) / (1.0 - beta2**steps) ** 0.5 + self.eps
        return p - self.lr / (1.0 - beta1**steps) * (mean / root), now


class AdamW(Adam):
    """AdamW: `Adam`, with a weight decay that is not part of the gradient.

    See I. Loshchilov and F. Hutter, https://arxiv.org/abs/1711.05101. The arguments are those of `Adam`.
    """

    def __init__(
        self, parameters: Iterable[Value], lr: float = 1e-3, betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8, weight_decay: float = 1e-2, amsgrad: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(parameters, lr, betas, eps, weight_decay, amsgrad)

    def updated(self, p: Any, g: Any, state: State) -> tuple[Any, State]:
        """Return the next number and state of a parameter."""
        return self._moved(p * (1.0 - self.lr * self.weight_decay), g, state)
