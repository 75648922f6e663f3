# ruff: noqa: E501 - a feature is on one line
"""Random functions that read whatever Python can read, called again and again while it changes.

A `World` is the source of a program: variables, a function ``f`` of two numbers, and changes between the calls. It runs
twice, with the plain function and with the compiled one; losses and gradients must be the same to the last bit, or the
compiled one must be an error of stepgrad's that says why. ``python -m tests.engine.program.strangers --worlds 10000``.
"""

import argparse
import collections
import contextlib
import dis
import functools
import itertools
import linecache
import operator
import random
import re
import sys
import tempfile
import warnings
from dataclasses import dataclass, field
from typing import Any

import nn
from engine import TABLE, DomainError, StepgradError, Value, compiled, unregister
from engine.program.recordings import Recording, Recordings

PRELUDE = """
import collections, contextlib, copy, dataclasses, enum, functools, itertools, math, operator, os, random, sys, types
import engine, nn
from engine import DomainError, Value, compiled, exp, log, maximum, relu, sqrt, tanh, where
"""


@dataclass
class Feature:
    """Something that a function can do.

    Attributes:
        setup: statements around the function; ``§`` stands for a number of its own, ``#`` for a random number.
        body: statements of the function, which continue from a Value ``t``.
        changes: statements that run between calls; each is one or more lines.
    """

    setup: str
    body: str
    changes: list[str] = field(default_factory=list)
    is_argument: bool = False  # whether the function is given ``a§``


FEATURES = {
    # --- what is read ---
    "float": Feature("k§ = #", "t = t * k§", ["k§ = #", "k§ += 0.5"]),
    "int": Feature("n§ = 2", "t = t ** n§", ["n§ = 3", "n§ = 1"]),
    "text": Feature("mode§ = 'a'", "t = t * 2 if mode§ == 'a' else t + 1", ["mode§ = 'b'", "mode§ = 'a'"]),
    "dict": Feature("d§ = {'k': #}", "t = t * d§['k']", ["d§['k'] = #", "d§ = {'k': #}", "d§.update(k=#)"]),
    "dict, get": Feature("d§ = {}", "t = t + d§.get('k', 1.0)", ["d§['k'] = #", "d§.pop('k', 0)", "d§.clear()"]),
    "dict, iterated": Feature(
        "d§ = {'a': #, 'b': 2.0}", "for k§, u§ in d§.items(): t = t * u§ + len(k§)",
        ["d§['cc'] = #", "d§['a'] = #", "d§ = dict(reversed(list(d§.items())))", "d§['b'] = d§.pop('b')"],
    ),
    "list": Feature("l§ = [#, #]", "for u§ in l§: t = t + u§", ["l§.append(#)", "l§[0] = #", "l§ = [#]", "l§.reverse()"]),
    "list, nested": Feature(
        "l§ = [{'a': [#, (1.0, [#])]}]", "t = t * l§[0]['a'][1][1][0]",
        ["l§[0]['a'][1][1][0] = #", "l§[0]['a'][1] = (1.0, [#])", "l§[0] = {'a': [1.0, (2.0, [#])]}"],
    ),
    "set": Feature("s§ = {1.5, 2.5}", "t = t * sum(sorted(s§))", ["s§.add(#)", "s§.discard(1.5)", "s§ = {#}"]),
    "deque": Feature("q§ = collections.deque([#, #])", "t = t + q§[0]", ["q§.rotate(1)", "q§.appendleft(#)"]),
    "counter": Feature("c§ = collections.Counter(a=2)", "t = t * c§['a']", ["c§['a'] += 1", "c§.update('ab')"]),
    "defaultdict": Feature("d§ = collections.defaultdict(lambda: #)", "t = t * d§['a']", ["d§['a'] = #", "d§.clear()"]),
    "ordered": Feature(
        "d§ = collections.OrderedDict(a=#, b=#)", "t = t * next(iter(d§.values()))",
        ["d§.move_to_end('a')", "d§['a'] = #", "d§.move_to_end('b')"],
    ),
    "chain of maps": Feature("d§ = {'k': #}\ncm§ = collections.ChainMap({}, d§)", "t = t + cm§['k']", ["d§['k'] = #", "cm§['k'] = #"]),
    "proxy": Feature("d§ = {'k': #}\np§ = types.MappingProxyType(d§)", "t = t + p§['k']", ["d§['k'] = #"]),
    "view": Feature("d§ = {'k': #}\nv§ = d§.values()", "t = t + sum(v§)", ["d§['k'] = #", "d§['j'] = #"]),
    "namedtuple": Feature("N§ = collections.namedtuple('N', 'a b')\nn§ = N§(#, [#])", "t = t * n§.a + n§.b[0]", ["n§ = n§._replace(a=#)", "n§.b[0] = #"]),
    "attribute": Feature("class C§: pass\no§ = C§(); o§.k = #; o§.j = 1", "t = t * o§.k", ["o§.k = #", "o§.j += 1", "o§ = C§(); o§.k = #", "o§.__dict__ = {'k': #}"]),
    "class attribute": Feature("class C§: k = #\nclass D§(C§): pass\no§ = D§()", "t = t * o§.k", ["C§.k = #", "D§.k = #", "o§.k = #"]),
    "property": Feature("class C§:\n    k = #\n    @property\n    def p(self): return self.k * 2.0\no§ = C§()", "t = t * o§.p", ["o§.k = #", "C§.k = #", "C§.p = #"]),
    "slots": Feature("class C§:\n    __slots__ = ('k',)\no§ = C§(); o§.k = #", "t = t * o§.k", ["o§.k = #"]),
    "dataclass": Feature("@dataclasses.dataclass\nclass C§:\n    k: float = #\n    w: object = None\no§ = C§()", "t = t * o§.k if o§.w is None else t * o§.w", ["o§.k = #", "o§ = C§(#)", "o§.w = Value(#); PARAMS.append(o§.w)"]),
    "frozen dataclass": Feature("@dataclasses.dataclass(frozen=True)\nclass C§:\n    k: float = #\no§ = C§()", "t = t * o§.k", ["o§ = dataclasses.replace(o§, k=#)", "object.__setattr__(o§, 'k', #)"]),
    "getattr": Feature("class C§: pass\no§ = C§(); o§.ka = #; o§.kb = #\nname§ = 'a'", "t = t * getattr(o§, 'k' + name§)", ["name§ = 'b'", "o§.ka = #", "setattr(o§, 'k' + name§, #)"]),
    "getattr, missing": Feature("class C§: pass\no§ = C§()", "t = t * getattr(o§, 'scale', 2.0)", ["o§.scale = #", "vars(o§).clear()", "C§.scale = #"]),
    "vars": Feature("class C§: pass\no§ = C§(); o§.ka = #", "t = t * sum(vars(o§).values())", ["o§.kb = #", "o§.ka = #"]),
    "__getattr__": Feature("class C§:\n    def __init__(self): self.d = {'k': #}\n    def __getattr__(self, name):\n        if name == 'd': raise AttributeError\n        return self.d[name]\no§ = C§()", "t = t * o§.k", ["o§.d['k'] = #", "o§.d = {'k': #}"]),
    "__getitem__": Feature("class C§:\n    def __init__(self): self.k = #\n    def __getitem__(self, i): return self.k + i\n    def __len__(self): return 3\n    def __iter__(self): return iter([self.k])\no§ = C§()", "t = t * o§[1] + len(o§) + sum(o§)", ["o§.k = #"]),
    "operators": Feature("class C§:\n    def __init__(self): self.k = #\n    def __rmul__(self, v): return v * self.k\no§ = C§()", "t = t * o§", ["o§.k = #"]),
    "callable object": Feature("class C§:\n    def __init__(self): self.k = #; self.w = Value(#); PARAMS.append(self.w)\n    def __call__(self, v): return v * self.k + self.w\no§ = C§()", "t = o§(t)", ["o§.k = #", "o§.w = Value(#); PARAMS.append(o§.w)", "o§ = C§()"]),
    "inheritance": Feature("class B§:\n    k = #\n    def g(self, v): return v * self.k\nclass C§(B§):\n    j = #\n    def g(self, v): return super().g(v) + self.j\no§ = C§()", "t = o§.g(t)", ["B§.k = #", "C§.j = #", "o§.k = #", "B§.g = lambda self, v: v + #", "del C§.j; C§.j = #"]),
    "descriptor": Feature("class D§:\n    def __init__(self): self.k = #\n    def __get__(self, o, kind=None): return self.k\nclass C§:\n    a = D§()\no§ = C§()", "t = t * o§.a", ["C§.__dict__['a'].k = #"]),
    "cached property": Feature("class C§:\n    k = #\n    @functools.cached_property\n    def p(self): return self.k * 2.0\no§ = C§()", "t = t * o§.p", ["o§.k = #", "o§.__dict__.pop('p', 0)"]),
    "static method": Feature("K§ = #\nclass C§:\n    @staticmethod\n    def g(v): return v * K§\n    @classmethod\n    def h(cls, v): return cls.g(v) + 1", "t = C§.h(C§.g(t))", ["K§ = #", "C§.g = staticmethod(lambda v: v + #)"]),
    "enum": Feature("class E§(enum.Enum):\n    A = 1.5\n    B = 2.5\ne§ = E§.A", "t = t * e§.value + (1 if e§ is E§.A else 2)", ["e§ = E§.B", "e§ = E§.A"]),
    "namespace": Feature("o§ = types.SimpleNamespace(k=#, n=types.SimpleNamespace(j=#))", "t = t * o§.k + o§.n.j", ["o§.k = #", "o§.n.j = #", "o§.n = types.SimpleNamespace(j=#)"]),
    "module": Feature("m§ = types.ModuleType('m§'); m§.k = #; sys.modules['m§'] = m§", "t = t * m§.k", ["m§.k = #"]),
    "import inside": Feature("m§ = types.ModuleType('m§'); m§.k = #; sys.modules['m§'] = m§", "import m§ as mm§\nt = t * mm§.k", ["m§.k = #"]),
    "from import inside": Feature("m§ = types.ModuleType('m§'); m§.k = #; sys.modules['m§'] = m§", "from m§ import k as k§\nt = t * k§", ["m§.k = #"]),
    "environment": Feature("os.environ['K§'] = '2.5'", "t = t * float(os.environ['K§'])", ["os.environ['K§'] = '1.25'", "os.environ['K§'] = '3'"]),
    # --- functions ---
    "helper": Feature("k§ = #\ndef g§(v): return v * k§", "t = g§(t)", ["k§ = #", "g§ = lambda v: v + #"]),
    "helper of a helper": Feature("o§ = [#]\ndef h§(v): return v + o§[0]\ndef g§(v): return h§(v) * 2.0", "t = g§(t)", ["o§[0] = #", "h§ = lambda v: v * #"]),
    "closure": Feature("def make§(k):\n    def g(v): return v * k\n    def put(u):\n        nonlocal k\n        k = u\n    return g, put\ng§, put§ = make§(#)", "t = g§(t)", ["put§(#)", "g§, put§ = make§(#)"]),
    "default": Feature("def g§(v, k=#): return v * k", "t = g§(t)", ["g§.__defaults__ = (#,)"]),
    "keyword default": Feature("def g§(v, *, k=#): return v * k", "t = g§(t)", ["g§.__kwdefaults__['k'] = #", "g§.__kwdefaults__ = {'k': #}"]),
    "default list": Feature("L§ = [#]\ndef g§(v, k=L§): return v * k[0]", "t = g§(t)", ["L§[0] = #"]),
    "function attribute": Feature("def g§(v): return v * g§.k\ng§.k = #", "t = g§(t)", ["g§.k = #"]),
    "code": Feature("def g§(v): return v * 2.0", "t = g§(t)", ["g§.__code__ = (lambda v: v + 1.5).__code__"]),
    "partial": Feature("d§ = {'k': #}\ng§ = functools.partial(lambda v, k, d: v * k + d['k'], k=#, d=d§)", "t = g§(t)", ["d§['k'] = #", "g§ = functools.partial(lambda v, k: v * k, k=#)"]),
    "list of functions": Feature("fs§ = [tanh, lambda v: v * 2.0]", "for g§ in fs§: t = g§(t)", ["fs§[0] = relu", "fs§.append(lambda v: v + 1.0)", "fs§.pop()"]),
    "decorator": Feature("k§ = [#]\ndef deco§(g):\n    @functools.wraps(g)\n    def inner(v): return g(v) * k§[0]\n    return inner\n@deco§\ndef g§(v): return v + 1.0", "t = g§(t)", ["k§[0] = #"]),
    "bound method": Feature("class C§:\n    def __init__(self): self.k = #\n    def g(self, v): return v * self.k\no§ = C§(); g§ = o§.g", "t = g§(t)", ["o§.k = #", "C§.g = lambda self, v: v + self.k"]),
    "single dispatch": Feature("k§ = [#]\n@functools.singledispatch\ndef g§(v): return v * k§[0]\ng§.register(int)(lambda v: v)", "t = g§(t)", ["k§[0] = #"]),
    "lambda in a dict": Feature("d§ = {'g': lambda v: v * 2.0}", "t = d§['g'](t)", ["d§['g'] = lambda v: v * #"]),
    "recursion": Feature("n§ = 2; k§ = #\ndef g§(v, n): return v if n <= 0 else g§(v * k§, n - 1)", "t = g§(t, n§)", ["n§ = 3", "k§ = #"]),
    "map, filter, reduce": Feature("l§ = [#, #]", "t = t + functools.reduce(operator.add, map(lambda u: u * 2, filter(None, l§)), 0.0)", ["l§[1] = #", "l§.append(#)"]),
    "match": Feature("@dataclasses.dataclass\nclass C§:\n    k: float = #\no§ = C§(); p§ = ['a', 2.0]", "match o§:\n    case C§(k=u§): t = t * u§\nmatch p§:\n    case ['a', u§]: t = t + u§\n    case _: t = t * 3.0", ["o§.k = #", "p§[0] = 'b'", "p§[1] = #"]),
    "context manager": Feature("k§ = [#]\n@contextlib.contextmanager\ndef cm§(): yield k§[0]", "with cm§() as u§: t = t * u§", ["k§[0] = #"]),
    "comprehension": Feature("l§ = [#, #]; k§ = #", "t = t + sum([u * k§ for u in l§]) + sum(u for u in l§ if u > k§)", ["l§[0] = #", "k§ = #"]),
    "itemgetter": Feature("d§ = {'k': #}\ng§ = operator.itemgetter('k')", "t = t + g§(d§)", ["d§['k'] = #"]),
    "attrgetter": Feature("class C§: pass\no§ = C§(); o§.k = #\ng§ = operator.attrgetter('k')", "t = t + g§(o§)", ["o§.k = #"]),
    "asdict": Feature("@dataclasses.dataclass\nclass C§:\n    k: float = #\no§ = C§()", "t = t * sum(dataclasses.asdict(o§).values())", ["o§.k = #"]),
    "copy of settings": Feature("class C§: pass\no§ = C§(); o§.k = [#]", "t = t * copy.deepcopy(o§).k[0]", ["o§.k[0] = #"]),
    # --- parameters ---
    "parameter": Feature("w§ = Value(#); PARAMS.append(w§)", "t = t * w§", ["w§.data = #", "w§ = Value(#); PARAMS.append(w§)"]),
    "parameters in a list": Feature("ws§ = [Value(#), Value(#)]; PARAMS += ws§", "for u§ in ws§: t = t + u§ * x", ["ws§.append(Value(#)); PARAMS.append(ws§[-1])", "ws§[0] = Value(#); PARAMS.append(ws§[0])", "ws§[0].data = #", "ws§.reverse()"]),
    "parameter not used": Feature("ws§ = [Value(#), Value(#)]; PARAMS += ws§; i§ = 0", "t = t * ws§[i§]", ["i§ = 1", "i§ = 0"]),
    "parameter made at the first call": Feature("class C§: pass\no§ = C§()", "if not hasattr(o§, 'w'): o§.w = Value(1.5); PARAMS.append(o§.w)\nt = t * o§.w", ["o§.w.data = #" , "del o§.w"]),
    "computed before": Feature("w§ = Value(#); PARAMS.append(w§); z§ = w§ * 2.0", "t = t * z§ if z§ < 2.0 else t + z§", ["w§.data = #", "z§ = w§ * #", "z§.data = #"]),
    "computed without recording": Feature("w§ = Value(#); PARAMS.append(w§)\nwith engine.no_grad(): z§ = w§ * 2.0", "t = t * z§", ["z§.data = #", "w§.data = #"]),
    "branch by a parameter": Feature("w§ = Value(0.5); PARAMS.append(w§)", "t = t * 2.0 if w§ > 0.7 else t * w§", ["w§.data = 1.0", "w§.data = 0.25"]),
    "label": Feature("w§ = Value(#, 'a'); PARAMS.append(w§)", "t = t * w§ if w§.label == 'a' else t + w§", ["w§.label = 'b'", "w§.label = 'a'"]),
    "identity": Feature("w§ = Value(#); v§ = Value(#); u§ = w§; PARAMS += [w§, v§]", "t = t * w§ if u§ is w§ else t + v§", ["u§ = v§", "u§ = w§"]),
    "equality of parameters": Feature("w§ = Value(2.0); v§ = Value(2.0); PARAMS += [w§, v§]", "t = t * w§ if w§ == v§ else t + v§", ["v§ = w§"]),
    "parameters as keys": Feature("w§ = Value(#); PARAMS.append(w§); d§ = {w§: #}", "t = t * d§[w§] * w§", ["d§[w§] = #"]),
    "subclass of Value": Feature("class P§(Value): pass\nw§ = P§(#); w§.k = #; PARAMS.append(w§)", "t = t * w§ + w§.k", ["w§.k = #", "w§.data = #"]),
    # --- networks ---
    "network": Feature("m§ = nn.MLP(2, [2, 1], activation='tanh'); PARAMS += m§.parameters()", "t = t + m§([x, y])", ["m§.layers[0].neurons[0].weights[0].data = #", "m§.layers[0].neurons[0].weights[0] = Value(#); PARAMS.append(m§.layers[0].neurons[0].weights[0])", "m§ = nn.MLP(2, [1]); PARAMS += m§.parameters()", "m§.layers[0].neurons[0].function = relu", "m§.layers.pop(0) if len(m§.layers) == 9 else None"]),
    "dropout": Feature("m§ = nn.Sequential(nn.Layer(2, 3, 'tanh', name='a'), nn.Dropout(0.5), nn.Layer(3, 1, name='b')); PARAMS += m§.parameters()", "t = t + m§([x, y])", ["m§.eval()", "m§.train()", "m§.steps[1].p = 0.25", "m§.steps[1].p = 0.0"]),
    "module of one's own": Feature("class M§(nn.Module):\n    def __init__(self):\n        super().__init__('m'); self.w = Value(#); self.scale = #\n        PARAMS.append(self.w)\n    def forward(self, v): return v * self.w * self.scale if self.training else v * self.w\nm§ = M§()", "t = m§(t)", ["m§.scale = #", "m§.eval()", "m§.train()", "m§.w = Value(#); PARAMS.append(m§.w)"]),
    "penalty": Feature("m§ = nn.MLP(2, [1]); PARAMS += m§.parameters(); k§ = #", "t = t + k§ * sum(p * p for p in m§.parameters())", ["k§ = #", "m§.extra = Value(#); PARAMS.append(m§.extra)"]),
    # --- what changes by itself ---
    "count": Feature("n§ = [0]", "n§[0] += 1\nt = t * n§[0]", ["n§[0] = 0"]),
    "count of an object": Feature("class C§: n = 0\no§ = C§()", "o§.n += 1\nt = t * o§.n", ["o§.n = 0"]),
    "count of a function": Feature("def g§(v):\n    g§.n += 1\n    return v * g§.n\ng§.n = 0", "t = g§(t)", []),
    "default that grows": Feature("def g§(v, seen=[]):\n    seen.append(1.0)\n    return v * len(seen)", "t = g§(t)", []),
    "memo": Feature("memo§ = {}; w§ = Value(#); PARAMS.append(w§)", "if 'a' not in memo§: memo§['a'] = w§ * 2.0\nt = t + memo§['a']", ["w§.data = #", "memo§.clear()"]),
    "memo of floats": Feature("memo§ = {}; k§ = #", "if 'a' not in memo§: memo§['a'] = k§ * 2.0\nt = t + memo§['a']", ["k§ = #", "memo§.clear()"]),
    "lru_cache": Feature("k§ = [#]\n@functools.lru_cache\ndef g§(n): return k§[0] * n", "t = t * g§(2) + g§(3)", ["k§[0] = #", "g§.cache_clear()"]),
    "lru_cache of Values": Feature("w§ = Value(#); PARAMS.append(w§)\n@functools.lru_cache\ndef g§(n): return w§ * n", "t = t + g§(2)", ["w§.data = #", "g§.cache_clear()"]),
    "list that grows": Feature("seen§ = []", "seen§.append(t * 2.0)\nt = t + len(seen§)", ["seen§.clear()"]),
    "last input": Feature("last§ = [1.0]", "t = t + last§[0]\nlast§[0] = x", []),
    "last Value": Feature("last§ = [1.0]", "u§ = t\nt = t + last§[0]\nlast§[0] = u§", ["last§[0] = 0.0"]),
    "random": Feature("", "t = t * random.random()", ["random.seed(5)"]),
    "random, own": Feature("r§ = random.Random(3)", "t = t * r§.uniform(1.0, 2.0)", ["r§ = random.Random(4)"]),
    "random, sometimes": Feature("k§ = False", "t = t * random.gauss(0.0, 1.0) if k§ else t", ["k§ = True", "k§ = False"]),
    "random choice": Feature("", "t = t * random.choice([1.0, 2.0, 3.0])", []),
    "nn.rand": Feature("", "t = t * nn.rand()", ["nn.manual_seed(4)"]),
    "nn generator": Feature("r§ = nn.Generator(3)", "t = t * r§.randn()", []),
    "iterator": Feature("it§ = itertools.count(1)", "t = t * next(it§)", []),
    "cycle": Feature("it§ = itertools.cycle([1.0, 2.0, 3.0])", "t = t * next(it§)", []),
    "generator": Feature("g§ = (float(i) for i in range(1, 1000))", "t = t * next(g§)", []),
    "generator function": Feature("k§ = [#, #]\ndef g§():\n    for u in k§: yield u * 2.0", "for u§ in g§(): t = t + u§", ["k§[0] = #", "k§.append(#)"]),
    "file": Feature("path§ = TEMPORARY + '/§.txt'\nwith open(path§, 'w') as file§: file§.write('2.5')", "with open(path§) as file§: t = t * float(file§.read())", ["with open(path§, 'w') as file§: file§.write('1.5')"]),
    "globals()": Feature("k§ = #", "t = t * (globals().get('k§') or 2.0)", ["k§ = #"]),
    "eval": Feature("text§ = 'u * 2.0'", "t = eval(text§, {'u': t})", ["text§ = 'u + 1.0'"]),
    "string": Feature("s§ = '2.5'", "t = t * float(s§)", ["s§ = '1.5'"]),
    # --- branches and what a traced Value may not be asked ---
    "if": Feature("", "t = t * 2.0 if x < y else t + y", []),
    "equal": Feature("", "t = t * 7.0 if x == y else t + x", []),
    "not equal": Feature("", "t = t * 7.0 if x != 1.0 else t + x", []),
    "in": Feature("l§ = [1.0, 2.0]", "t = t * 7.0 if x in l§ else t + x", ["l§.append(0.5)"]),
    "index": Feature("l§ = [0.5, 1.0, 2.0]", "t = t * (l§.index(x) + 1) if x in l§ else t", ["l§.reverse()"]),
    "sorted": Feature("", "t = t + sorted([x, y, 1.0])[0] * 2.0", []),
    "max": Feature("", "t = t * max(x, y, key=lambda u: u * u)", []),
    "while": Feature("", "u§ = x * x\nwhile u§ > 0.3: u§ = u§ * 0.5\nt = t + u§", []),
    "assert": Feature("", "assert x < 1e9\nt = t + 1.0", []),
    "raise": Feature("k§ = 2.5", "if x > k§: raise ValueError('too large')", ["k§ = 0.5", "k§ = 2.5"]),
    "early return": Feature("k§ = 1.5", "if x > k§: return t * 3.0", ["k§ = 0.25", "k§ = 1.5"]),
    "try": Feature("", "try: t = t + log(x)\nexcept DomainError: t = t * 2.0", []),
    "try, arithmetic": Feature("", "try: t = t + (t - t + y) / x\nexcept ArithmeticError: t = t * 2.0", []),
    "try, finally": Feature("", "try:\n    u§ = sqrt(x)\nexcept ValueError:\n    u§ = x\nfinally:\n    t = t + u§", []),
    "isinstance": Feature("", "t = t * 2.0 if isinstance(x, float) else t * 3.0\nt = t + 1.0 if isinstance(x, Value) else t - 1.0", []),
    "Value of an input": Feature("", "t = t + Value(x) * 2.0", []),
    "data": Feature("w§ = Value(#); PARAMS.append(w§)", "t = t * w§.data", ["w§.data = #"]),
    "grad of a parameter": Feature("w§ = Value(#); PARAMS.append(w§)", "t = t * w§ if w§.grad is None else t + w§", []),
    "float()": Feature("", "t = t * float(x)", []),
    "int()": Feature("", "t = t * int(x + 3.0)", []),
    "round()": Feature("", "t = t * round(x, 1)", []),
    "floor": Feature("", "t = t + x // 1.0", []),
    "math": Feature("", "t = t * math.exp(x)", []),
    "math of a constant": Feature("k§ = #", "t = t * math.exp(k§)", ["k§ = #"]),
    "text of an input": Feature("", "t = t * len(f'{x}')", []),
    "repr of a parameter": Feature("w§ = Value(#); PARAMS.append(w§)", "t = t * len(repr(w§))", ["w§.data = 123.456"]),
    "key": Feature("d§ = {0.5: 3.0}", "t = t * d§.get(x, 2.0)", []),
    "jvp": Feature("w§ = Value(#); PARAMS.append(w§)", "t = t * engine.jvp(w§ * w§ * x, {w§: 1.0})", ["w§.data = #"]),
    "grad": Feature("w§ = Value(#); PARAMS.append(w§)", "t = t + engine.grad(w§ * w§ * w§ * x, w§)", ["w§.data = #"]),
    "grad of relu": Feature("w§ = Value(#); PARAMS.append(w§)", "t = t + engine.grad(relu(w§) * w§ * x, w§)", ["w§.data = #", "w§.data = -#"]),
    "jacobian": Feature("w§ = Value(#); PARAMS.append(w§)", "t = t * engine.jacobian([w§ * x], [w§])[0][0]", []),
    "compiled inside": Feature("w§ = Value(#); PARAMS.append(w§)\ng§ = compiled(lambda v: w§ * v)", "t = t * g§(x)", ["w§.data = #"]),
    "program inside": Feature("w§ = Value(#); PARAMS.append(w§)\ng§ = engine.Program(w§ * 2.0, [], [w§])", "t = t * g§().loss", ["w§.data = #"]),
    "copy": Feature("w§ = Value(#); PARAMS.append(w§)", "t = t * copy.copy(w§)", ["w§.data = #"]),
    "deepcopy": Feature("m§ = nn.Neuron(1, weights=[#], bias=#); PARAMS += m§.parameters()", "t = t + copy.deepcopy(m§)([x])", ["m§.weights[0].data = #"]),
    "copy of an input": Feature("", "t = t * copy.deepcopy([x])[0]", []),
    "zero_grad": Feature("w§ = Value(#); PARAMS.append(w§)", "w§.grad = 0.0\nt = t * w§", []),
    "no_grad": Feature("w§ = Value(#); PARAMS.append(w§)", "with engine.no_grad(): u§ = w§ * x\nt = t * u§", ["w§.data = #"]),
    "thread": Feature("w§ = Value(#); PARAMS.append(w§)\nimport threading", "out§ = []\nth§ = threading.Thread(target=lambda: out§.append(w§ * x)); th§.start(); th§.join()\nt = t + out§[0]", ["w§.data = #"]),
    "operation of one's own": Feature("K§ = [#]", "t = t + maximum(t, x) * exp(-x) + where(x, t, y)", []),
    "scope": Feature("", "with engine.scope('part'): t = t * x + 1.0", []),
    "print": Feature("", "print('t', end='', file=sys.stderr) if False else None\nt = t + 1.0", []),
    "logging": Feature("import logging\nlogger§ = logging.getLogger('strangers')", "logger§.debug('computed')\nt = t + 1.0", []),
    "weak reference": Feature("import weakref\nclass C§: pass\no§ = C§(); o§.k = #; r§ = weakref.ref(o§)", "t = t * r§().k", ["o§.k = #"]),
    "sys": Feature("sys.strangers = #", "t = t * sys.strangers", ["sys.strangers = #"]),
    "time": Feature("import time", "t = t * (1.0 if time.perf_counter() > 0.0 else 2.0)", []),
    "class of an input": Feature("", "t = t * 2.0 if type(x) is float else t * 3.0", []),
    "name of a class": Feature("", "t = t * {'float': 2.0}.get(type(x).__name__, 3.0)", []),
    "nonlocal count": Feature("n§ = 0\ndef g§(v):\n    DECLARE n§\n    n§ += 1\n    return v * n§", "t = g§(t)", []),
    "own iterator": Feature("class C§:\n    def __init__(self): self.i = 0\n    def __iter__(self): return self\n    def __next__(self):\n        self.i += 1\n        return float(self.i)\no§ = C§()", "t = t * next(o§)", ["o§.i = 0"]),
    "container methods": Feature("class C§(dict):\n    k = #\n    def __missing__(self, key): return self.k\n    def __contains__(self, key): return self.k > 1.0\n    def __bool__(self): return self.k > 2.0\no§ = C§()", "t = t * o§['a'] + ('b' in o§) + (2.0 if o§ else 1.0)", ["o§.k = #", "o§['a'] = #", "C§.k = #"]),
    "own equality": Feature("class C§:\n    k = #\n    def __eq__(self, other): return self.k > 1.0\n    __hash__ = None\no§ = C§(); p§ = C§()", "t = t * 2.0 if o§ == p§ else t + 1.0", ["o§.k = #", "C§.k = #"]),
    "metaclass": Feature("class M§(type):\n    k = #\n    def __len__(cls): return 3 if cls.k > 1.0 else 2\nclass C§(metaclass=M§): pass", "t = t * C§.k + len(C§)", ["M§.k = #", "C§.k = #"]),
    "other class": Feature("class C§:\n    def g(self, v): return v * 2.0\nclass D§:\n    def g(self, v): return v + 1.0\no§ = C§()", "t = o§.g(t)", ["o§.__class__ = D§", "o§.__class__ = C§"]),
    "built-in variable": Feature("import builtins\nbuiltins.strange§ = #", "t = t * strange§", ["builtins.strange§ = #"]),
    "shadowed built-in function": Feature("", "t = t * abs(-2.0)", ["globals_of_f()['abs'] = lambda v: v * v", "globals_of_f().pop('abs')"]),
    "format": Feature("class C§: pass\no§ = C§(); o§.k = #", "t = t * float('{0.k}'.format(o§))", ["o§.k = #"]),
    "getattr of a class": Feature("class C§: ka = #; kb = #\nname§ = 'a'", "t = t * getattr(C§, 'k' + name§)", ["C§.ka = #", "name§ = 'b'"]),
    "getattr of a module": Feature("m§ = types.ModuleType('m§'); m§.ka = #; m§.kb = #\nname§ = 'a'", "t = t * getattr(m§, 'k' + name§)", ["m§.ka = #", "name§ = 'b'"]),
    "getattr of a module, missing": Feature("m§ = types.ModuleType('m§')", "t = t * getattr(m§, 'k', 2.0)", ["m§.k = #", "vars(m§).pop('k', 0)"]),
    "hasattr": Feature("class C§: pass\no§ = C§()", "t = t * 2.0 if hasattr(o§, 'k') else t + 1.0", ["o§.k = 1", "del o§.k", "C§.k = 1", "o§.j = 1"]),
    "try, attribute": Feature("class C§: pass\no§ = C§()", "try: t = t * o§.k\nexcept AttributeError: t = t + 1.0", ["o§.k = #", "del o§.k", "C§.k = #"]),
    "try, name": Feature("", "try: t = t * undefined§\nexcept NameError: t = t + 1.0", ["globals_of_f()['undefined§'] = #", "del globals_of_f()['undefined§']"]),
    "list of one's own": Feature("class L§(list):\n    k = #\n    def __iter__(self): return iter([u * self.k for u in list.__iter__(self)])\nl§ = L§([#, #])", "for u§ in l§: t = t + u§", ["l§.k = #", "l§[0] = #", "l§.append(#)"]),
    "module that is imported later": Feature("", "import sys\nm§ = sys.modules.get('later§')\nt = t * m§.k if m§ else t", ["m§ = types.ModuleType('later§'); m§.k = #; sys.modules['later§'] = m§", "sys.modules.pop('later§', None)"]),
    "training for all": Feature("class M§(nn.Module):\n    def forward(self, v): return v * 2.0 if self.training else v + 1.0\nm§ = M§()", "t = m§(t)", ["nn.Module.training = False", "nn.Module.training = True", "m§.training = False"]),
    "activation that is replaced": Feature("m§ = nn.Layer(2, 2, 'tanh'); PARAMS += m§.parameters()", "t = t + sum(m§([x, y]))", ["m§.neurons[1].function = None", "m§.neurons.pop() if len(m§.neurons) > 1 else None", "m§.neurons[0].function = lambda v: v * #"]),
    "context variable": Feature("import contextvars\nc§ = contextvars.ContextVar('c§', default=#)", "t = t * c§.get()", ["c§.set(#)"]),
    "local of a thread": Feature("import threading\nl§ = threading.local(); l§.k = #", "t = t * l§.k", ["l§.k = #"]),
    "append": Feature("l§ = []; put§ = l§.append", "put§(1.0)\nt = t * len(l§)", ["l§.clear()"]),
    "lambda of a loop": Feature("ks§ = [#, #]\ngs§ = [lambda v, k=k: v * k for k in ks§]", "for g§ in gs§: t = g§(t)", ["gs§.reverse()", "gs§[0] = lambda v: v", "gs§[0].__defaults__ = (#,)"]),
    "function made inside": Feature("k§ = [#]", "def g§(v): return v * k§[0]\nt = g§(t)", ["k§[0] = #"]),
    "class made inside": Feature("k§ = [#]", "class C§:\n    j = k§[0]\n    def g(self, v): return v * self.j + k§[0]\nt = C§().g(t)", ["k§[0] = #"]),
    "own operation": Feature("k§ = #\nown§ = engine.register('own' + str(len(engine.TABLE)), lambda u: u * k§, lambda u, out: (k§ + 0.0 * u,))", "t = t + own§(t)", ["k§ = #", "k§ = #"]),
    "own operation, a list": Feature("k§ = [#]\nown§ = engine.register('own' + str(len(engine.TABLE)), lambda u: u * k§[0], lambda u, out: (k§[0] + 0.0 * u,))", "t = t + own§(t)", ["k§[0] = #"]),
    "stored parameters": Feature("m§ = nn.Neuron(1, weights=[#], bias=#); PARAMS += m§.parameters()", "t = t + m§([x])", ["m§.load_state_dict({'w0': #, 'b': #})", "m§.bias = Value(#); PARAMS.append(m§.bias)"]),
    "dot": Feature("ws§ = [Value(#), Value(#), 2.0]; PARAMS += ws§[:2]; k§ = [#]", "t = t + engine.dot(ws§, [x, y * t, k§[0]], start=y)\nt = t * engine.dot([x, y], [y, x]) + engine.dot([t, t, t], ws§)", ["ws§[0].data = #", "ws§[2] = #", "k§[0] = #"]),
    "dot and a count": Feature("ws§ = [Value(#), Value(#)]; PARAMS += ws§; n§ = [0]", "n§[0] += 1\nt = engine.dot([t, t], ws§, t) + engine.dot(ws§, ws§) * n§[0]", ["ws§[0].data = #"]),
    "several results": Feature("", "u§, v§ = divmod(7, 2)\nt = t * u§ + v§", []),
    "walrus": Feature("k§ = #", "t = t * (u§ if (u§ := k§) > 1.0 else 3.0)", ["k§ = #"]),
    "sum of Values": Feature("ws§ = {'a': Value(#), 'b': Value(#)}; PARAMS += ws§.values()", "t = t + sum(ws§.values()) * x", ["ws§['a'] = Value(#); PARAMS.append(ws§['a'])", "ws§['c'] = Value(#); PARAMS.append(ws§['c'])", "ws§['b'].data = #"]),
    "negative zero": Feature("k§ = 0.0", "t = t + math.copysign(2.0, k§)", ["k§ = -0.0", "k§ = 0.0"]),
    "bool for int": Feature("k§ = 1", "t = t * 2.0 if k§ is True else t + k§", ["k§ = True", "k§ = 1.0", "k§ = 1"]),
    # --- arguments ---
    "argument: list": Feature("a§ = [#, #]", "for u§ in a§: t = t * u§ if u§ > 1.0 else t + u§", ["a§[0] = #", "a§.append(#)", "a§ = [#]"], True),
    "argument: dict": Feature("a§ = {'k': #, 'n': 2, 's': 'text'}", "t = t * a§['k'] + a§['n'] + len(a§['s'])", ["a§['k'] = #", "a§['n'] = 3", "a§['s'] = 'tex'", "a§['m'] = #"], True),
    "argument: nested": Feature("a§ = ({'l': [#, [#]]}, #)", "t = t * a§[0]['l'][1][0] + a§[1]", ["a§[0]['l'][1][0] = #", "a§ = ({'l': [#, [#]]}, #)"], True),
    "argument: number": Feature("a§ = 2", "t = t * a§", ["a§ = 3", "a§ = 2.5", "a§ = True", "a§ = 2"], True),
    "argument: set": Feature("a§ = {1.5, 2}", "t = t * sum(sorted(a§))", ["a§.add(#)", "a§ = {#}", "a§ = frozenset({1.5})"], True),
    "argument: text": Feature("a§ = 'ab'", "t = t * len(a§) + (1.0 if a§ == 'ab' else 2.0)", ["a§ = 'abc'", "a§ = 'ba'"], True),
    "argument: object": Feature("class C§: pass\na§ = C§(); a§.k = #", "t = t * a§.k", ["a§.k = #", "a§ = C§(); a§.k = #"], True),
    "argument: data class": Feature("@dataclasses.dataclass\nclass C§:\n    k: float = #\n    l: list = dataclasses.field(default_factory=lambda: [#])\na§ = C§()", "t = t * a§.k + a§.l[0]", ["a§.k = #", "a§.l[0] = #", "a§ = C§(#)"], True),
    "argument: named tuple": Feature("N§ = collections.namedtuple('N', 'k l')\na§ = N§(#, [#])", "t = t * a§.k + a§.l[0]", ["a§ = a§._replace(k=#)", "a§.l[0] = #"], True),
    "argument: network": Feature("a§ = nn.MLP(2, [2, 1]); PARAMS += a§.parameters()", "t = t + a§([x, y])", ["a§.layers[0].neurons[0].bias.data = #", "a§.layers[0].neurons[0].bias = Value(#); PARAMS.append(a§.layers[0].neurons[0].bias)", "a§ = nn.MLP(2, [1]); PARAMS += a§.parameters()"], True),
    "argument: Value": Feature("a§ = Value(#); PARAMS.append(a§)", "t = t * a§ if a§ > 1.0 else t + a§", ["a§.data = #", "a§ = Value(#); PARAMS.append(a§)"], True),
    "argument: Values": Feature("a§ = [Value(#), Value(#)]; PARAMS += a§", "t = t * a§[0] + a§[-1]", ["a§[0].data = #", "a§.append(Value(#)); PARAMS.append(a§[-1])", "a§.reverse()"], True),
    "argument: function": Feature("k§ = [#]\na§ = lambda v: v * k§[0]", "t = a§(t)", ["k§[0] = #", "a§ = tanh", "a§ = lambda v: v + #"], True),
    "argument: generator": Feature("n§ = [2]\nclass G§:\n    def __iter__(self): return (float(i) for i in range(n§[0]))\na§ = G§()", "t = t + sum(a§)", ["n§[0] = 3"], True),
    "argument: changed": Feature("a§ = [1.0, 2.0, 3.0, 1.0, 2.0, 3.0]", "t = t + a§.pop()", ["a§ = [1.0, 2.0]"], True),
    "argument: kept": Feature("a§ = [1.0, 2.0]; kept§ = [0.0]", "t = t + kept§[0] + a§[0]\nkept§[0] = a§[0]", ["a§[0] = #"], True),
}  # fmt: skip
WITH_NUMPY = {
    "array": Feature("import numpy as np\na§ = np.array([#, #])", "for u§ in a§: t = t * u§", ["a§[0] = #", "a§ *= 2.0", "a§ = np.array([#])", "a§.resize(3, refcheck=False)"]),
    "array of Values": Feature("import numpy as np\na§ = np.array([Value(#), Value(#)], dtype=object); PARAMS += list(a§)", "t = t + a§.sum() * x", ["a§[0] = Value(#); PARAMS.append(a§[0])", "a§[1].data = #"]),
    "random of NumPy's": Feature("import numpy as np\nnp.random.seed(1)", "t = t * float(np.random.rand())", ["np.random.seed(2)"]),
    "generator of NumPy's": Feature("import numpy as np\nr§ = np.random.default_rng(3)", "t = t * float(r§.random())", []),
    "mean of NumPy's": Feature("import numpy as np\na§ = np.array([#, #])", "t = t * float(np.mean(a§)) + float(np.dot(a§, a§))", ["a§[1] = #"]),
    "argument: array": Feature("import numpy as np\na§ = np.array([#, #])", "for u§ in 2 * a§: t = t * u§ if u§ > 1.5 else t + u§", ["a§[0] = #", "a§ = np.array([#])", "a§ = [#, #]"], True),
    "argument: numbers of NumPy's": Feature("import numpy as np\na§ = np.float64(#)", "t = t * a§", ["a§ = np.int64(3)", "a§ = np.float64(#)"], True),
}  # fmt: skip
with contextlib.suppress(ImportError):
    import numpy as np

    FEATURES |= WITH_NUMPY if np else {}


class World:
    """The source of a program with a function ``f`` and changes between its calls."""

    def __init__(self, rng: random.Random, names: list[str]) -> None:
        self.names = names
        setup, body, changes = ["PARAMS = []", "w = Value(1.5, 'w'); PARAMS.append(w)"], [], []
        for number, name in enumerate(names):
            feature = FEATURES[name]
            setup += _filled(rng, feature.setup, number).split("\n")
            body += _filled(rng, feature.body, number).split("\n")
            changes += [_filled(rng, change, number) for change in feature.changes]
        given = [f"a{number}" for number, name in enumerate(names) if FEATURES[name].is_argument]
        more = "".join(f", {name}" for name in given)
        head = f"def f(x, y{more}):" if given else rng.choice(("def f(x, y):", "def f(x, y=1.0, *more, **named):"))
        start = rng.choice(("t = w * x + y", "t = w * x + y", "t = w * x", "t = w + 0.0 * x"))
        lines = [head, f"    {start}", *(f"    {line}" for line in body)]
        lines.append(rng.choice(("    return t", "    return t", "    return t * 0.5 + w, t, x")))
        is_inside = rng.random() < 0.5
        variables = ", ".join(sorted(_assigned("\n".join(setup).replace("DECLARE", "global"))))
        lines.append(f"def arguments(): return [{', '.join(given)}]")
        scope = "nonlocal" if is_inside else "global"
        setup = [line.replace("DECLARE", scope) for line in setup]
        for number, change in enumerate(changes):
            lines += [f"def change{number}():", f"    {scope} {variables}", *(f"    {x}" for x in change.split("\n"))]
        every = ", ".join(f"change{number}" for number in range(len(changes)))
        lines = [*setup, *lines]
        if is_inside:
            lines = ["def world():", *(f"    {line}" for line in lines), f"    return f, [{every}], PARAMS, arguments"]
            lines.append("f, changes, PARAMS, arguments = world()")
        else:
            lines.append(f"changes = [{every}]")
        self.source = PRELUDE + "\n".join(lines) + "\n"
        pool = (0.5, 1.0, 2.0, 3.0, 0.25, -1.0, rng.gauss(0.0, 1.5))
        self.calls: list[tuple[int | None, list[tuple[float, float]]]] = []
        # The samples of a call; what a compiled function inside adds to gradients is no part of their mean.
        count = 1 if given or "compiled inside" in names else rng.choice((1, 1, 1, 1, 3))
        for _ in range(rng.randint(3, 9)):
            change = rng.randrange(len(changes)) if changes and self.calls and rng.random() < 0.5 else None
            self.calls.append((change, [(rng.choice(pool), rng.choice(pool)) for _ in range(count)]))

    def run(self, backend: str | None = None) -> list[Any]:
        """Return the outcome of each call: of the plain function, or compiled for a backend."""
        name = "<stranger>"
        linecache.cache[name] = len(self.source), None, self.source.splitlines(keepends=True), name
        scope: dict[str, Any] = {"__name__": "strangers"}
        scope |= {"globals_of_f": lambda: scope, "TEMPORARY": tempfile.gettempdir()}
        random.seed(1)
        nn.manual_seed(1)
        table, modules = dict(TABLE), dict(sys.modules)
        exec(compile(self.source, name, "exec"), scope)
        function, parameters = scope["f"], scope["PARAMS"]
        has_batches = len(self.calls[0][1]) > 1
        loss = compiled(function, backend=backend, batch="mean" if has_batches else None) if backend else None
        outcomes: list[Any] = []
        for change, samples in self.calls:
            if change is not None:
                with contextlib.suppress(Exception):  # such as deleting twice
                    scope["changes"][change]()
            for p in parameters:
                p.grad = None
            try:
                more = scope["arguments"]()
                if loss is None:
                    outcomes.append(_mean([_plainly(function, (*sample, *more), parameters) for sample in samples]))
                else:
                    given = [*map(list, zip(*samples, strict=True))] if has_batches else samples[0]
                    found = loss(*given, *more)
                    outcomes.append([found, *(p.grad for p in parameters)])
            except Exception as error:
                outcomes.append(error)
                break
        for each in TABLE.keys() - table.keys():
            unregister(each)
        for each in sys.modules.keys() - modules.keys():
            del sys.modules[each]
        nn.Module.training = True
        return outcomes


def _filled(rng: random.Random, text: str, number: int) -> str:
    while "#" in text:
        text = text.replace("#", rng.choice(("0.5", "1.25", "2.0", "3.5", "1.0")), 1)
    return text.replace("§", str(number))


def _assigned(source: str) -> set[str]:
    """Return the names that a program assigns at its top level."""
    code = compile(source, "<setup>", "exec")
    names = {i.argval for i in dis.get_instructions(code) if i.opname == "STORE_NAME"}
    return names - {"__annotations__"}


def _plainly(function: Any, sample: tuple[Any, ...], parameters: list[Value]) -> list[float | None]:
    """Return the loss of the plain function, and the gradients that it gives."""
    before = [p.grad for p in parameters]
    for p in parameters:
        p.grad = None
    returned = function(*sample)
    loss = returned[0] if isinstance(returned, tuple) else returned
    if isinstance(loss, Value):
        loss.backward()
    found = [p.grad for p in parameters]
    for p, gradient in zip(parameters, before, strict=False):
        p.grad = gradient
    return [loss.data if isinstance(loss, Value) else loss, *found]


def _mean(rows: list[list[float | None]]) -> list[float | None]:
    """Return the means of losses and gradients; None where no sample has a gradient."""
    found: list[float | None] = []
    for column in itertools.zip_longest(*rows):
        numbers = [number for number in column if number is not None]
        found.append(functools.reduce(operator.add, numbers) * (1.0 / len(rows)) if numbers else None)
    return found


def compare(plain: list[Any], found: list[Any]) -> str:
    """Return what is wrong with the outcomes of a compiled function; an empty text if they are right."""
    for place, (expected, given) in enumerate(zip(plain, found, strict=False)):
        if isinstance(given, Exception):
            refused = isinstance(given, StepgradError) and not isinstance(given, DomainError)
            if isinstance(expected, Exception):
                return ""
            return f"refused: {given}" if refused else f"call {place}: raises {type(given).__name__}: {given}"
        if isinstance(expected, Exception):
            return f"call {place}: gives {given} where the function raises {type(expected).__name__}: {expected}"
        if len(expected) != len(given) or not all(map(_is_same, expected, given)):
            return f"call {place}: gives {given} instead of {expected}"
    return ""


def _is_same(expected: float | None, given: float | None) -> bool:
    return repr(expected) == repr(given) or expected == given == 0.0


def main() -> int:
    """Try many worlds; print what is wrong, and how often functions were refused and replayed."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--worlds", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--feature", help="one of these in each world")
    parser.add_argument("--show", action="store_true", help="print what is refused")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    replays = collections.Counter[str]()
    fits = Recordings.find

    def counted_find(self: Any, *arguments: Any) -> Any:
        count = len(self)
        found = fits(self, *arguments)
        is_replay = isinstance(found, Recording) and len(self) == count
        replays["replayed" if is_replay else "recorded" if isinstance(found, Recording) else "run"] += 1
        return found

    Recordings.find = counted_find  # type: ignore[method-assign]
    wrong, refused = 0, collections.Counter[str]()
    for number in range(given.worlds):
        rng = random.Random(f"{given.seed} {number}")
        names = rng.sample(list(FEATURES), rng.randint(1, 4))
        if given.feature:
            names[0] = given.feature
        world = World(rng, names)
        problem = compare(world.run(), world.run("python"))
        if problem.startswith("refused"):
            refused[re.sub(r"at <stranger>.*?: the", "at ...: the", problem)] += 1
        elif problem:
            wrong += 1
            print(f"--- {given.seed} {number} {names}: {problem}\n{world.source[len(PRELUDE) :]}\n{world.calls}")
    print(f"{given.worlds} worlds, {wrong} wrong, {sum(refused.values())} refused; calls: {dict(replays)}")
    if given.show:
        for text, count in refused.most_common():
            print(count, text)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
