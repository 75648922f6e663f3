"""Callbacks for random trainings: each changes something, or looks at something."""

from dataclasses import replace

import nn
from engine import Value, tanh
from nn.training import Callback

from . import models, optimisers


def halve_scale(run, box, loss):
    box.scale = getattr(box, "scale", 1.0) * 0.5


def change_list(run, box, loss):
    if hasattr(box, "items"):
        box.items[1] *= 0.9


def change_table(run, box, loss):
    if hasattr(box, "table"):
        box.table["shift"] += 0.1


def replace_list(run, box, loss):
    if hasattr(box, "items"):
        box.items = [1.0, 0.7]


def change_class(run, box, loss):
    models.Box.factor = 0.8


def change_global(run, box, loss):
    models.SETTINGS.scale, models.SETTINGS.shift = 0.5, 0.1


def change_configuration(run, box, loss):
    if hasattr(box, "configuration"):
        box.configuration = replace(box.configuration, gain=0.5 * box.configuration.gain)


def change_names(run, box, loss):
    if hasattr(box, "configuration"):
        box.configuration = replace(box.configuration, names=("relu", "tanh"))


def change_array(run, box, loss):
    if hasattr(box, "scales"):
        box.scales[1] *= 0.5


def replace_method(run, box, loss):
    if hasattr(box, "activate"):
        box.activate = models.cube


def replace_helper(run, box, loss):
    models.HELPERS["squash"] = models.cube


def replace_function(run, box, loss):
    models.squash = models.cube


def change_loss(run, box, loss):
    loss.factor *= 2.0


def replace_parameter(run, box, loss):
    for _, part in run.model.modules() if isinstance(run.model, nn.Module) else []:
        if isinstance(part, nn.Neuron):
            part.weights[0] = Value(0.25, "new")
            return


def replace_activation(run, box, loss):
    for _, part in run.model.modules() if isinstance(run.model, nn.Module) else []:
        if isinstance(part, nn.Neuron):
            part.function = None if part.function is tanh else tanh
            return


def change_dropout(run, box, loss):
    if hasattr(box, "p"):
        box.p = 0.0 if box.p else 0.2


def change_mode(run, box, loss):
    if isinstance(run.model, nn.Module):
        run.model.train(not run.model.training)


def change_decay(run, box, loss):
    run.optimiser.weight_decay = 0.3


def change_rate(run, box, loss):
    run.optimiser.lr = 0.02


def halve_rate(run, box, loss):
    run.optimiser.lr *= 0.5


def change_momentum(run, box, loss):
    if hasattr(run.optimiser, "momentum"):
        run.optimiser.momentum = 0.5


def change_betas(run, box, loss):
    if hasattr(run.optimiser, "betas"):
        run.optimiser.betas = (0.5, 0.9)


def change_eps(run, box, loss):
    run.optimiser.eps = 0.1


def change_rule(run, box, loss):
    optimisers.Looking.table[0] = 0.25


def forget_states(run, box, loss):
    run.optimiser.states = [{} for _ in run.optimiser.parameters]


def forget_one_state(run, box, loss):
    run.optimiser.states[0] = {}


def edit_states(run, box, loss):
    for state in run.optimiser.states:
        for name in state:
            if isinstance(state[name], float):
                state[name] = 0.5 * state[name] if name != "steps" else state[name]


def reload_states(run, box, loss):
    if not hasattr(box, "saved"):
        box.saved = run.optimiser.state_dict()
    else:
        run.optimiser.load_state_dict(box.saved)


def freeze(run, box, loss):
    if len(run.optimiser.parameters) > 1:
        del run.optimiser.parameters[0], run.optimiser.states[0]


def freeze_anew(run, box, loss):
    if len(run.optimiser.parameters) > 1:
        run.optimiser.parameters = run.optimiser.parameters[1:]
        run.optimiser.states = run.optimiser.states[1:]


def replace_optimiser(run, box, loss):
    run.optimiser = nn.SGD(run.optimiser.parameters, lr=0.03, momentum=0.5)


def replace_optimiser_by_own(run, box, loss):
    run.optimiser = optimisers.OWN[0](run.optimiser.parameters, lr=0.03)


def change_data(run, box, loss):
    run.samples.inputs[0][0] = 0.75


def replace_data(run, box, loss):
    run.samples.inputs[0] = [-0.25, 0.5]


def swap_targets(run, box, loss):
    targets = run.samples.targets
    targets[0], targets[-1] = targets[-1], targets[0]


def change_parameters(run, box, loss):
    for p in run.optimiser.parameters:
        p.data *= 0.9


def load_parameters(run, box, loss):
    if isinstance(run.model, nn.Module):
        run.model.load_state_dict({name: 0.9 * x for name, x in run.model.state_dict().items()})


def look_at_gradients(run, box, loss):
    loss.seen.append([p.grad for p in run.optimiser.parameters])


def look_at_parameters(run, box, loss):
    loss.seen.append([p.data for p in run.optimiser.parameters])


def look_at_states(run, box, loss):
    loss.seen.append([sorted(state.items()) for state in run.optimiser.states])


def look_at_rate(run, box, loss):
    loss.seen.append([run.optimiser.lr, run.epoch, *run.history.losses[-1:], *run.history.rates[-1:]])


def look_at_outputs(run, box, loss):
    loss.seen.append(run.outputs([[0.1, 0.2], [-0.3, 0.9]]))


def scale_rate_by_gradient(run, box, loss):
    total = sum((p.grad or 0.0) ** 2 for p in run.optimiser.parameters)
    run.optimiser.lr = 0.05 / (1.0 + total)


def stop(run, box, loss):
    run.stop("it is enough")


def set_gradients(run, box, loss):
    for p in run.optimiser.parameters:
        p.grad = 1.0


def draw(run, box, loss):
    loss.seen.append([nn.rand()])


CALLBACKS = [
    thing for thing in list(globals().values())
    if callable(thing) and getattr(thing, "__module__", "") == __name__
]  # fmt: skip


class AfterSteps(Callback):
    """A callback that does something after some steps."""

    def __init__(self, function, when):
        self.function, self.when, self.count = function, when, 0

    def after_step(self, run):
        self.count += 1
        if self.count in self.when:
            self.function(run)


def some_callback(rng, box, loss, epochs):
    """Return the name of a callback, and the callback, which acts after some epochs or steps."""
    act = rng.choice(CALLBACKS)
    when = {1, *(rng.randrange(1, epochs + 1) for _ in range(2))} if rng.random() < 0.5 else set(range(1, epochs + 1))
    if rng.random() < 0.25:
        return f"{act.__name__} after steps", AfterSteps(lambda run: act(run, box, loss), {3, 4, 6})
    return act.__name__, lambda run: act(run, box, loss) if run.epoch in when else None
