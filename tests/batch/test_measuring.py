"""The number of lanes from a measurement."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import jaxminuit as jm
from jaxminuit.batch import measuring
from jaxminuit.batch.measuring import quickest


def clock(seconds: dict, calls: list):
    """A clock that takes so many seconds for each fit with so many lanes, and notes what it was asked."""

    def timed(lanes, fits):
        calls.append((lanes, fits))
        return seconds[lanes] * fits

    return timed


def test_the_quickest_number_of_lanes_is_taken_if_it_is_clearly_quicker():
    calls = []
    assert quickest(16, 10_000, 4096, clock({4: 3.0, 16: 2.0, 64: 1.0}, calls)) == 64
    assert set(calls) == {(4, 32), (16, 128), (64, 512)}
    assert quickest(16, 10_000, 4096, clock({4: 1.0, 16: 2.0, 64: 3.0}, calls)) == 4
    assert quickest(16, 10_000, 4096, clock({4: 3.0, 16: 1.0, 64: 0.99}, calls)) == 16


def test_a_measurement_stays_within_the_fits_and_lanes_that_there_are():
    calls = []
    assert quickest(1, 3, 2, clock({1: 2.0, 2: 1.0}, calls)) == 2
    assert max(fits for _, fits in calls) <= 3


@pytest.mark.slow
def test_fits_with_measured_lanes_are_the_same_and_measured_once(monkeypatch):
    found = []

    def noted(automatic, *rest):
        found.append(quickest(automatic, *rest))
        return found[-1]

    monkeypatch.setattr(measuring, "_known", {})
    monkeypatch.setattr(sys.modules["jaxminuit.batch.fit_many"], "quickest", noted)
    y = np.random.default_rng(3).normal(1.0, 0.5, (40, 20))
    fcn = jm.FCN(lambda p, y: ((y - p[0]) ** 2).sum() / 0.25 + (p[0] - 1.0) ** 4, data=y)
    start = jm.Parameters(np.zeros(1), names=("mu",))
    auto = jm.fit_many(fcn, start)
    measured = [jm.fit_many(fcn, start, lanes="measure") for _ in range(2)]
    assert len(found) == 1
    for fits in measured:
        np.testing.assert_array_equal(fits.status, auto.status)
        # the EDM goal is 1e-4 UP: within a hundredth of an error
        np.testing.assert_allclose(fits.values, auto.values, atol=0.01 * float(auto.errors.min()))


ON_TWO_DEVICES = """
import jax, numpy as np
import jaxminuit as jm
y = np.random.default_rng(4).normal(1.0, 0.5, (600, 5))
fcn = jm.ResidualFCN(lambda p, y: y - p[0], data=y)
assert len(jax.devices()) == 2
options = {"method": "fumili", "strategy": 0, "devices": "all", "lanes": "measure"}
fits = jm.fit_many(fcn, jm.Parameters([0.0]), **options)
np.testing.assert_allclose(fits.values[:, 0], y.mean(axis=1), rtol=1e-6)
"""


@pytest.mark.slow
def test_measured_lanes_on_several_devices():
    """Fewer fits than the lanes of all devices hold, and more lanes by default than CPU devices may share."""
    root = Path(__file__).parents[2]
    environment = {
        **os.environ, "PYTHONPATH": str(root), "XLA_FLAGS": "--xla_force_host_platform_device_count=2",
    }  # fmt: skip
    subprocess.run([sys.executable, "-c", ON_TWO_DEVICES], env=environment, check=True)
