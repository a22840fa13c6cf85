"""Options of compiled programs."""

import os
import subprocess
import sys


def test_sums_of_products_over_many_axes_do_not_crash():
    """In a process of its own: the reduction of jax-ml/jax issue 40412, which some versions of XLA do not survive."""
    code = (
        "import jax, jax.numpy as jnp; from jaxminuit.core.compiling import quick_jit\n"
        "u = jnp.ones((3, 1, 2, 2, 8, 8, 8), jnp.float32)\n"
        "print(quick_jit(lambda a: jnp.sum(a * a, axis=3), safe=True)(u).sum())\n"
        "print(quick_jit(jnp.sum, safe=True)(jnp.ones(100_000)))"
    )
    env = {**os.environ, "JAX_PLATFORMS": "cpu"}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["6144.0", "100000.0"]
