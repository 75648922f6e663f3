"""Hold the speed to what the project promises, as ratios against other libraries in the same run."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.alone
ROOT = Path(__file__).parents[2]
EAGER = "stepgrad, eager"


def python(*arguments):
    """Run Python in a process of its own, where no test has left anything; return the JSON that it printed."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    run = subprocess.run([sys.executable, *arguments], cwd=ROOT, env=clean, capture_output=True, text=True, check=True)
    return json.loads(run.stdout)


def test_eager_steps_are_faster_than_those_of_other_values_in_python():
    peers = f"--peer={EAGER}", "--peer=micrograd", "--peer=Value as in microgpt"
    measured = python("-m", "tests.benchmarks", "--quick", "--json", *peers, "--workload=W1", "--workload=W2")
    small, moons = measured["ratios"]["W1 2-2-3-1"], measured["ratios"]["W2 moons"]
    assert small["micrograd"] >= 2.0
    assert moons["micrograd"] >= 10.0  # 13 to 21, depending on the processor
    assert small["Value as in microgpt"] >= 1.0
    assert moons["Value as in microgpt"] >= 1.0


@pytest.mark.parametrize("make", ["chain", "fan"])
def test_a_node_of_a_large_graph_takes_about_as_long_as_one_of_a_small_graph(make):
    times = python(
        "-c",
        f"""if True:
        import json
        from tests.benchmarks import measure, peers, workloads
        effort = measure.Effort(rounds=1, seconds=0.1, least=1, sizes=(10_000, 300_000))
        eager = {{peers.OURS: peers.PEERS[peers.OURS]}}
        print(json.dumps(measure.seconds_per_node(workloads.{make}, eager, effort, {{}})[peers.OURS]))
        """,
    )
    assert times["300000"] <= 4.0 * times["10000"]


def test_importing_takes_30_ms(tmp_path):
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    kept["PYTHONPYCACHEPREFIX"] = str(tmp_path)

    def seconds(code):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=kept, check=True)
        return time.perf_counter() - start

    seconds("import engine")
    rounds = [(seconds("pass"), seconds("import engine")) for _ in range(15)]
    # The quickest of each: whatever else the machine does can only add.
    bare, with_engine = map(min, zip(*rounds, strict=True))
    assert with_engine - bare <= 0.030, f"import engine takes {(with_engine - bare) * 1000:.0f} ms"
