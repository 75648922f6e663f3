"""The command costs."""


def test_costs_counts_paths_and_edges(run):
    status, out, _ = run("costs", "p = a*b; p*p", "a=2", "b=3")
    assert status == 0
    assert "one path at a time              4 paths   8 multiplications" in out
