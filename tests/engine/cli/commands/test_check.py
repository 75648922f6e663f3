"""The command check."""

import engine


def test_check_prints_the_table(run):
    status, out, err = run("check", "a*b + leaky_relu(a, 0.2)", "a=-2", "b=3")
    assert (status, err) == (0, "")
    assert [line.split()[:4] for line in out.splitlines()[1:]] == [["a", "-2", "3.2", "3.2"], ["b", "3", "-2", "-2"]]
    assert out.count("ok") == 2


def test_check_takes_some_inputs(run, program):
    program("from engine import Value\nw, b = [Value(1.0), Value(2.0)], Value(3.0)\nroot = w[0] * w[1] + b * b")
    status, out, _ = run("check", "program.py", "--wrt", "w[0], b")
    assert status == 0
    assert [line.split()[0] for line in out.splitlines()[1:]] == ["w[0]", "b"]
    program("from engine import Value\nx = Value(1.0, 'w') * Value(2.0, 'w') + Value(3.0, 'b')")
    assert run("check", "program.py", "--wrt", "w")[1].count("ok") == 2
    assert run("check", "program.py", "--wrt", "v") == (
        1,
        "",
        "stepgrad: the graph has no input named 'v'; it has 'w', 'w_2' and 'b'\n",
    )


def test_check_fails_where_a_rule_is_wrong(run, program):
    program(
        "import engine\n"
        "wrong = engine.register('wrong', lambda x: x * x, lambda x, out: (3.0 * x,))\n"
        "root = wrong(engine.Value(2.0, 'x'))"
    )
    found = []
    for options in [], ["--json"]:
        try:
            found.append(run("check", "program.py", *options))
        finally:
            engine.unregister("wrong")
    (status, out, err), as_json = found
    assert (status, out) == (1, "")
    assert "gradients disagree" in err
    assert "DISAGREES" in err
    assert (as_json[0], as_json[2], '"agrees": false' in as_json[1]) == (1, "", True)


def test_check_leaves_the_scale_of_minutes_to_those_who_ask_for_it(run, monkeypatch):
    monkeypatch.setattr("engine.cli.commands.check.MAX_EVALUATIONS", 200)
    status, _, err = run("check", "a*b + b*c + a", "a=2", "b=3", "c=4")
    assert status == 1
    assert err.startswith("stepgrad: the graph has 7 values and 3 inputs, and checking them all would take minutes")
    assert err.endswith("; choose some with --wrt NAMES\n")
    assert run("check", "a*b + b*c + a", "a=2", "b=3", "c=4", "--wrt", "a")[0] == 0
