"""The same fits by finite differences, and on several devices."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import jaxminuit as jm
from tests.batch.cases import START, TOYS, assert_same, many, one

THREE_DEVICES = """
import jax, numpy as np, jaxminuit as jm
from tests.batch.cases import START, TOYS, many
assert len(jax.devices()) == 3
found = []
for devices in ("all", jax.devices()[1:]):
    fits = jm.fit_many(many(TOYS[:13]), START, strategy=0, lanes=4, devices=devices, iterate=0)
    found.append([fits.status.tolist(), fits.nfcn.tolist(), fits.values.tolist()])
print(repr(found))
"""


@pytest.mark.parametrize("lanes", [pytest.param(4, marks=pytest.mark.slow), "auto"])
def test_finite_differences(lanes):
    found = jm.fit_many(many(TOYS[:8]), START, gradient="finite", lanes=lanes)
    assert_same(found, [jm.migrad(one(i), START, gradient="finite") for i in range(8)])


@pytest.mark.slow
def test_finite_differences_with_minos():
    found = jm.fit_many(many(TOYS[:4]), START, gradient="finite", minos=["mu"])
    for i in range(4):
        single = jm.minos(one(i), jm.migrad(one(i), START, gradient="finite"), ["mu"], gradient="finite")
        np.testing.assert_array_equal(found.minos_errors.status[i], single.status)
        np.testing.assert_array_equal(found.minos_errors.nfcn[i], single.nfcn)
        np.testing.assert_allclose(found.minos_errors.upper[i], single.upper, rtol=1e-3)


def test_two_and_three_devices_give_the_same_as_one():
    """In a process of its own, since JAX must know the number of devices before it starts; 13 fits are no multiple."""
    root = Path(jm.__file__).parents[1]
    env = {
        **os.environ, "PYTHONPATH": str(root), "XLA_FLAGS": "--xla_force_host_platform_device_count=3",
        "JAX_PLATFORMS": "cpu",
    }  # fmt: skip
    done = subprocess.run([sys.executable, "-c", THREE_DEVICES], env=env, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    fits = jm.fit_many(many(TOYS[:13]), START, strategy=0, lanes=4, iterate=0)
    for status, nfcn, values in eval(done.stdout):
        np.testing.assert_array_equal(fits.status, status)
        np.testing.assert_array_equal(fits.nfcn, nfcn)
        np.testing.assert_allclose(fits.values, values, rtol=1e-9)
