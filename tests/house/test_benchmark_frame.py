"""The frame of the benchmarks: order of runs, ratios, records, tables; the peers' models equal ours."""

import json
import math

import jax.numpy as jnp
import numpy as np
import pytest

from benchmarks import __main__ as command
from benchmarks import gauss, mixture
from benchmarks.frame import Case, Entry, cases_of, compare, load, paired, record, save, stopwatch
from benchmarks.fresh import run_child
from benchmarks.peers import distance, iminuit_fit
from benchmarks.table import BEGIN, END, HEADLINES, PROGRAMS, seconds, summary, table, write_into


def example(quick=False):
    ours = Entry("ours", [1.0, 2.0, 3.0])
    peer = Entry("peer", [2.0, 6.0, 12.0])
    case = Case("1e3 events", [ours, peer, Entry("other", skipped="not installed")], {"calls": 7})
    return record("W0", "example", [case], "float64", quick)


def test_candidates_take_turns():
    order = []
    timings = paired({"a": lambda: order.append("a"), "b": lambda: order.append("b")}, repeats=3, warm_up=2)
    assert "".join(order) == "ab" * 5
    assert all(len(t.seconds) == 3 and min(t.seconds) >= 0 for t in timings.values())


def test_stopwatch_counts_wall_time():
    assert 0.0 < stopwatch(lambda: sum(range(100_000))) < 5.0


def test_ratio_is_the_median_of_pairs():
    """(2, 6, 12) against (1, 2, 3): pairs give 2, 3, 4."""
    case = cases_of(example())[0]
    assert case.entries[0].median == 2.0
    assert case.ratio("peer") == 3.0
    assert case.ratio("other") is None


def test_a_missing_peer_is_skipped_by_name():
    case = compare("row", {"ours": lambda: None, "peer": "peer is not installed"}, repeats=2)
    assert len(case.entries[0].seconds) == 2
    assert case.entries[1].skipped == "peer is not installed"
    assert iminuit_fit("numba is not installed", (0.0,), ("a",), ((None, None),), 1.0) == "numba is not installed"


def test_a_record_survives_the_disk(tmp_path):
    result = example()
    path = save(result, tmp_path)
    assert load(tmp_path) == [result]
    assert cases_of(json.loads(path.read_text()))[0] == cases_of(result)[0]
    assert {"cpu", "cores", "memory_gib", "device"} <= set(result["machine"])
    assert {"python", "jax", "numpy", "jaxminuit"} <= set(result["versions"])
    assert math.isfinite(result["machine"]["memory_gib"])


def test_table_has_times_ratios_and_what_was_skipped(tmp_path):
    text = table(example())
    assert "| 1e3 events | 2 s | 6 s | 3 | - | - | 7 |" in text
    assert "other: not installed" in text
    assert "QUICK" not in text
    assert "QUICK" in table(example(quick=True))
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    write_into(readme, text)
    assert readme.read_text() == f"before\n{BEGIN}\n{text}\n{END}\nafter\n"
    readme.write_text("nothing")
    with pytest.raises(ValueError, match="no place"):
        write_into(readme, text)


def test_the_summary_names_the_quickest_peer():
    label = HEADLINES["W2"][0]
    entries = [Entry("ours", [1.0]), Entry("slow", [8.0]), Entry("quick", [4.0]), Entry("vmap", [0.1])]
    cases = [Case(label, entries, {}), Case("another", entries, {})]
    text = summary([record("W2", "toys", cases, "float64", False)])
    assert f"| W2: toys | {label} | 1 s | quick | 4 s | 4 |" in text
    assert "another" not in text


def test_the_summary_counts_what_is_right_and_wrong():
    figures = {"# fits": 54, "4 digits": 50, "valid and wrong": 3}
    cases = [Case(f"NIST: {PROGRAMS[0]}", [Entry("all", [1.0])], figures)]
    assert f"| {PROGRAMS[0]} | 50 of 54, 3 wrong |" in summary([record("W7", "robust", cases, "float64", False)])


@pytest.mark.parametrize(("value", "text"), [(0.00123, "1.23 ms"), (2.5, "2.5 s"), (4.2e-5, "42 us"), (None, "-")])
def test_seconds_are_readable(value, text):
    assert seconds(value) == text


def test_a_child_process_reports():
    figures = run_child("w9_iminuit", 100)
    assert figures["valid"]
    assert 0.0 < figures["import_s"] < figures["process_s"]
    with pytest.raises(RuntimeError, match="w9_iminuit nonsense failed"):
        run_child("w9_iminuit", "nonsense")


@pytest.mark.parametrize("model", [mixture, gauss])
def test_the_peers_minimise_the_same_function(model):
    """NumPy and JAX sum in different orders: 1e-11."""
    x = model.sample(1000)
    p = np.array(model.START) * 1.1 + 0.01
    np.testing.assert_allclose(model.numpy_nll(x)(*p), float(model.nll(jnp.asarray(p), x)), rtol=1e-11)
    fcn, start = model.our_problem(x)
    np.testing.assert_allclose(float(fcn.evaluate(start.values)), model.numpy_nll(x)(*model.START), rtol=1e-11)


def test_numba_peers_minimise_the_same_function():
    """fastmath may reorder and approximate: 1e-9."""
    pytest.importorskip("numba")
    x, p = mixture.sample(1000), np.array(mixture.START) * 1.1
    for parallel in (False, True):
        np.testing.assert_allclose(mixture.numba_nll(x, parallel)(*p), mixture.numpy_nll(x)(*p), rtol=1e-9)
    y = gauss.sample(1000)
    np.testing.assert_allclose(gauss.numba_nll(y)(0.1, 1.3), gauss.numpy_nll(y)(0.1, 1.3), rtol=1e-9)


def test_sample_of_the_mixture_is_as_stated():
    x = mixture.sample(10_001)
    assert x.size == 10_001
    assert x.min() >= 0.0
    assert x.max() <= 1.0
    np.testing.assert_array_equal(x, mixture.sample(10_001))


def test_iminuit_candidate_fits():
    x = gauss.sample(500)
    m = iminuit_fit(gauss.numpy_nll(x), gauss.START, gauss.NAMES, gauss.LIMITS, 0.5)()
    assert m.valid
    np.testing.assert_allclose(m.values, [x.mean(), x.std()], atol=0.02 * np.max(m.errors))
    assert distance(m, m) == 0.0


def test_command_line(capsys):
    assert command.main(["list"]) == 0
    assert "w3" in capsys.readouterr().out
    assert command.main(["run", "w77"]) == 2
    assert "w77" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(command.BENCHMARKS))
def test_quick_run(name, tmp_path, capsys):
    assert command.main(["run", name, "--quick", "--output", str(tmp_path)]) == 0
    (result,) = load(tmp_path)
    assert result["quick"]
    assert all(case.figures.get("valid", True) for case in cases_of(result))
    assert result["title"] in capsys.readouterr().out
