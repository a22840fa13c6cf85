"""Minuit's accuracy of a number follows the dtype, and the package switches JAX to 64 bit unless told otherwise."""

import os
import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxminuit.core.precision import precision, switch_on_64_bit


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_precision_of_a_dtype(dtype):
    """eps = 4 machine epsilons, eps2 = 2 sqrt(eps); both are exact powers of two for float64."""
    p = precision(dtype)
    assert p.eps.dtype == p.eps2.dtype == dtype
    assert float(p.eps) == 4 * float(np.finfo(dtype).eps)
    assert float(p.eps2) == pytest.approx(4 * np.sqrt(float(np.finfo(dtype).eps)), rel=1e-7)


def test_figures_of_double_precision():
    assert float(precision(jnp.float64).eps) == 8.881784197001252e-16
    assert float(precision(jnp.float64).eps2) == 5.960464477539063e-08


def test_accuracy_given_by_the_user():
    p = precision(jnp.float64, 1e-6)
    assert float(p.eps) == 1e-6
    assert float(p.eps2) == pytest.approx(2e-3, rel=1e-15)
    traced = jax.jit(lambda eps: precision(jnp.float32, eps).eps2)(4e-4)
    assert traced.dtype == jnp.float32
    assert float(traced) == pytest.approx(4e-2, rel=1e-6)


@pytest.mark.parametrize(("setting", "bits"), [("0", 32), (None, 64)])
def test_switch_to_64_bit(setting, bits):
    """In a fresh interpreter: only the environment keeps JAX in 32 bit."""
    environment = {k: v for k, v in os.environ.items() if k not in ("JAXMINUIT_ENABLE_X64", "JAX_ENABLE_X64")}
    if setting is not None:
        environment["JAXMINUIT_ENABLE_X64"] = setting
    program = "import jaxminuit, jax.numpy as jnp; print(jnp.zeros(1).dtype, jaxminuit.Parameters(1.0).values.dtype)"
    found = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert found.stdout.split() == [f"float{bits}", f"float{bits}"]


@pytest.mark.parametrize(
    ("setting", "expected"), [("off", False), (" False ", False), ("no", False), ("1", True), ("", True)]
)
def test_words_that_keep_32_bit(monkeypatch, setting, expected):
    monkeypatch.setenv("JAXMINUIT_ENABLE_X64", setting)
    asked = []
    monkeypatch.setattr(jax.config, "update", lambda *setting: asked.append(setting))
    switch_on_64_bit()
    assert asked == [("jax_enable_x64", True)] * expected
