"""The update behind the backward pass: numbers of the optimiser's own step, formulas that give them, and errors."""

import math
import random

import pytest

import engine
import nn
from engine import GraphError, UndefinedDerivativeError, UsageError, Value, explain, parse, tree, walk
from engine.events import event_at
from engine.steps.update import Update
from tests.engine.steps.test_walk import random_graph, same_bits, state

KINDS = {
    "SGD": {"momentum": 0.9, "dampening": 0.3, "weight_decay": 0.1, "nesterov": True},
    "RMSprop": {"alpha": 0.8, "weight_decay": 0.2, "momentum": 0.7, "centered": True, "eps": 1e-3},
    "Adagrad": {"lr_decay": 0.3, "weight_decay": 0.1, "initial_accumulator_value": 0.5},
    "Adam": {"betas": (0.7, 0.95), "weight_decay": 0.1, "amsgrad": True, "eps": 1e-4},
    "AdamW": {"betas": (0.5, 0.9), "weight_decay": 0.3, "amsgrad": True},
}


def updates_of(steps):
    found = steps[steps.update_index :]
    assert all(isinstance(step, Update) for step in found)
    return found


def random_optimiser(draw, parameters):
    kind = draw.choice(list(KINDS))
    settings = {name: x for name, x in KINDS[kind].items() if draw.random() < 0.5}
    if settings.get("nesterov"):
        settings = {"momentum": 0.9, "nesterov": True}
    return getattr(nn, kind)(parameters, lr=draw.choice([0.0, 0.1, 1.0, 3e-4]), **settings)


@pytest.mark.parametrize("block", range(10))
def test_the_numbers_are_those_of_the_optimisers_own_steps_bit_for_bit(block):
    for seed in range(30 * block, 30 * block + 30):
        draw, root = random.Random(seed), random_graph(seed)
        parameters = [leaf for leaf in engine.leaves(root) if draw.random() < 0.8] or engine.leaves(root)
        optimiser = random_optimiser(draw, parameters)
        for _ in range(3):
            before, remembered = state(root), optimiser.state_dict()
            steps = walk(root, names={}, update=optimiser)
            assert same_bits((state(root), optimiser.state_dict()), (before, remembered))
            found = updates_of(steps)
            assert [step.node for step in found] == [leaf for leaf in steps.order if leaf in parameters]
            root.backward()
            optimiser.step()
            states = dict(zip(parameters, optimiser.states, strict=True))
            for step in found:
                p = step.node
                assert same_bits((step.after, step.state_after), (p.data, states[p]))
                assert same_bits(steps.at(len(steps)).data(p), p.data)
                assert same_bits(steps.at(steps.update_index).data(p), step.before)
                check_formulas(step)
            for leaf, (data, *_) in zip(engine.topological_order(root), before, strict=True):
                leaf.data = data


def check_formulas(step):
    """Compute the formulas as a reader would: one after the other, with the numbers of their names."""
    known = {"p": step.before, "g": step.gradient, **step.rule.settings, **step.state}
    for line in step.formulas:
        name, _, formula = line.partition(" = ")
        known[name] = eval(formula, {"sqrt": math.sqrt, "maximum": max}, known)
    after = {**step.state_after, "p": step.after}
    assert {name: known[name] for name in after} == pytest.approx(after, rel=1e-5, abs=1e-12)


def test_the_rule_is_written_with_the_names_of_its_settings():
    w = Value(1.0, "w")
    adam = nn.Adam([w], lr=0.1)
    w.grad = 0.5
    adam.step()
    (step,) = updates_of(walk(w * 2.0, update=adam))
    assert step.formulas == (
        "steps = steps + 1",
        "mean = mean + (1 - beta1) * (g - mean)",
        "square = beta2 * square + (1 - beta2) * g * g",
        "p = p - lr / (1 - beta1 ** steps) * (mean / (sqrt(square) / (1 - beta2 ** steps) ** 0.5 + eps))",
    )
    assert step.lines[0].startswith("with p = 0.9, g = 2.5, steps = 1, mean = 0.05, ")
    assert step.lines[1] == "steps = steps + 1 = 2"
    assert step.rule.statement("w", "w.grad").startswith("w - 0.1 / (1 - 0.9 ** w.steps) * (w.mean / ")
    assert str(step).startswith("update    w: 0.9 -> ")
    adagrad = nn.Adagrad([w], lr_decay=0.5)
    adagrad.step()
    (step,) = updates_of(walk(w * 2.0, update=adagrad))
    assert step.formulas[-2:] == (  # the count grows behind its use
        "p = p - lr / (1 + steps * lr_decay) * g / (sqrt(sum) + eps)",
        "steps = steps + 1",
    )


def test_a_learning_rate_or_a_function_updates_each_leaf():
    root = parse("(w*x - 1)**2", w=1.0, x=2.0)
    by_rate, by_function = walk(root, update=0.1), walk(root, update=lambda p, g: p - 0.1 * g)
    for steps, rule in ((by_rate, "p = p - lr * g"), (by_function, "p = p - 0.1 * g")):
        assert [(step.node.label, step.after, step.formulas) for step in updates_of(steps)] == [
            ("w", 0.6, (rule,)), ("x", 1.8, (rule,)),
        ]  # fmt: skip
    (first, _) = updates_of(walk(root, update=lambda p, g: p - 0.1 * g if g > 0 else p))
    assert (first.after, first.formulas, first.lines) == (0.6, (), [])
    assert updates_of(walk(root, update=1))[0].after == -3.0  # a whole number, too


class Momentum:
    """An optimiser of one's own, whose rule cannot be read."""

    def __init__(self, parameters):
        self.weights, self.states = parameters, [{"v": 0.0, "what": "text"} for _ in parameters]
        self.parameters = lambda: parameters

    def step(self):
        for p, own in zip(self.weights, self.states, strict=True):
            own["v"] = 0.9 * own["v"] + p.grad
            p.data -= 0.1 * own["v"]


class Signs(nn.Optimiser):
    """A subclass of nn's class, with a rule in operators."""

    def updated(self, p, g, state):
        a, b = state.get("a", 1.0), state.get("b", 2.0)
        return p - self.lr * engine.sign(g) * a, {"a": b * 1.5, "b": a + 0.5, "g2": g}  # a and b change places


class Other(Signs):
    """Its step is not what its rule says."""

    def step(self):
        self.parameters[0].data = 7.0


def test_optimisers_of_ones_own():
    w, v, x = Value(1.0, "w"), Value(3.0, "v"), Value(2.0, "x")
    loss = (w * x - v) ** 2
    own = Momentum([w, v])
    (first, second) = updates_of(walk(loss, update=own))
    assert (first.after, first.state, first.state_after, first.formulas) == (1.4, {"v": 0.0}, {"v": -4.0}, ())
    assert (second.node, own.states[0]["v"], w.data, w.grad) == (v, 0.0, 1.0, None)
    signs = Signs([v, w], lr=0.5)
    for _ in range(3):
        loss.zero_grad()
        found = updates_of(walk(loss, update=signs))
        loss.backward()
        signs.step()
        assert [step.after for step in found] == [w.data, v.data]
        assert [step.state_after for step in found] == signs.states[::-1]
        w.data, v.data = 1.0, 3.0
    assert found[0].formulas == ("a = b * 1.5", "b = a + 0.5", "g2 = g", "p = p - lr * sign(g) * a")  # all at once
    (step, _) = updates_of(walk(loss, update=Other([w, v], lr=0.5)))
    assert (step.after, step.formulas) == (7.0, ())

    class Nameless:
        __slots__ = ("w",)

        def __init__(self, w):
            self.w = w

        def step(self):
            self.w.data -= self.w.grad

        def updated(self, p, g, state):
            return p - g, state

    assert updates_of(walk(loss, update=Nameless(w)))[0].formulas == ("p = p - g",)
    clash = Signs([w], lr=0.5)
    clash.states = [{"p": 1.0}]
    assert updates_of(walk(loss, update=clash))[0].formulas == ()


def test_what_is_not_an_update_is_refused():
    w, x = Value(1.0, "w"), Value(2.0, "x")
    loss = w * x

    def closed():
        w.data -= 0.1

    class Step:
        def __init__(self, step):
            self.step = step

        def __deepcopy__(self, memo):
            if self.step is None:
                raise ValueError("no copies")
            return self

    class Refuses(Step):
        def step(self):
            """Do nothing."""

        def __init__(self):
            pass

        def __deepcopy__(self, memo):
            raise ValueError("no copies")

    for wrong, error, says in [
        ("SGD", TypeError, "update must be an optimiser.*not str 'SGD'"),
        (True, TypeError, "not bool True"),
        (nn.SGD, TypeError, "not type <class"),
        (math.inf, UsageError, "must be a finite number, not inf"),
        (nn.SGD([Value(1.0)], lr=0.1), GraphError, "changes no leaf of this graph"),
        (Step(closed), UsageError, "changed the original's Values"),
        (Step(lambda: 1 / 0), UsageError, "failed: ZeroDivisionError"),
        (Refuses(), UsageError, "must be one that copy.deepcopy can copy: no copies"),
        (lambda p, g: "text", TypeError, "the update: expected a real number"),
        (nn.Adam([w], eps=0.0, lr=0.1), nn.SettingError, "divides by 0"),
    ]:
        with pytest.raises(error, match=says):
            walk(w * 0.0 if isinstance(wrong, nn.Adam) else loss, update=wrong)
        assert (w.data, w.grad) == (1.0, None)
    root = engine.sqrt(Value(0.0, "z")) + w
    with pytest.raises(UndefinedDerivativeError, match="sqrt"):
        walk(root, update=0.1)


def test_moments_and_notices():
    w, x = Value(1.0, "w"), Value(2.0, "x")
    loss = (w * x - 1) ** 2
    sgd = nn.SGD([w], lr=0.1, momentum=0.9)
    steps = walk(loss, update=sgd)
    last = steps.at(len(steps))
    assert (last.data(w), last.data(x), steps.at(len(steps) - 1).data(w)) == (0.6, 2.0, 1.0)
    assert [steps.updated_in(node) for node in (w, x)] == [steps.update_index, None]
    assert (steps.steps_of(w)[-1], steps.steps_of(x)[-1]) == (steps.update_index, steps.update_index - 1)
    assert list(map(str, last.notices(steps.names))) == ["After the update of w; the results are those before it."]
    assert "0.6" in str(tree(loss, values=last))
    assert engine.draw(loss, values=last).notices == last.notices(steps.names)
    with pytest.raises(GraphError, match="pass the moment after it"):
        tree(loss, values=steps[-1])
    loss.backward()
    sgd.step()
    found = walk(loss, update=sgd).notices
    assert ["is that" in found[0] or "changed since" in found[0], "remembers now" in found[1]] == [True, True]
    assert len(walk(loss, update=0.1).notices) == 1


def test_an_update_that_is_not_finite_is_an_event():
    w = Value(1e308, "w")
    (step,) = updates_of(walk(w * 2.0, update=-1e308))
    assert str(event_at(step)).startswith("the update of w, 1e+308 -> inf, with the gradient 2, is not finite. Lower")
    assert event_at(updates_of(walk(w * 2.0, update=0.1))[0]) is None


def test_explain_tells_the_update():
    w, x = Value(1.0, "w"), Value(2.0, "x")
    loss = (w * x - 1) ** 2
    w.grad = 5.0  # does not count
    text = explain(loss, w, update=nn.SGD([w], lr=0.1)).text
    assert "w changes from 1 to 0.6." in text
    assert "with p = 1, g = 4, lr = 0.1:\n  p = p - lr * g = 0.6" in text
    assert "The update does not change x." in explain(loss, x, update=nn.SGD([w], lr=0.1)).text
    assert "cannot be read as formulas" in explain(loss, w, update=Other([w], lr=0.1)).text
    with pytest.raises(TypeError, match="update can only be given with a derivative"):
        explain(loss, update=0.1)


def test_leaves_without_a_gradient_stay_and_rules_that_fail_are_not_shown():
    from engine.steps.update import Each

    w, x = Value(1.0, "w"), Value(2.0, "x")
    x.grad = 3.0
    Each(lambda p, g: p - g, [w, x]).step()
    assert (w.data, x.data) == (1.0, -1.0)

    class Strange:
        def __init__(self, w):
            self.w = w

        def step(self):
            self.w.data -= 1.0

        def updated(self, p, g, state):
            raise KeyError("nothing")

    assert updates_of(walk(w * 2.0, update=Strange(w)))[0].formulas == ()
