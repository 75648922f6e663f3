"""What the tests of programs share."""

import pytest

import engine


@pytest.fixture
def register():
    """Register operations that are gone after the test."""
    names = []

    def registered(name, value, rule=None, **details):
        names.append(name)
        rule = rule or (lambda x, out: (2.0 * x,))
        return engine.register(name, value, rule, **details)

    yield registered
    for name in names:
        if name in engine.TABLE:
            engine.unregister(name)
