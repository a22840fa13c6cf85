"""A small study for the tests of toys, in this process and as the program of another one."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

import jaxminuit as jm

ROOT = Path(__file__).parents[2]
EVENTS, TOYS, CHUNK = 100, 96, 24
TRUTH = {"mu": 1.0, "sigma": 2.0}
KEY = 7


def generate(key):
    """A sample of a Gaussian."""
    return TRUTH["mu"] + TRUTH["sigma"] * jax.random.normal(key, (EVENTS,))


def nll(p, x):
    """Its negative log-likelihood, smallest at the sample's mean and standard deviation."""
    z = (x - p["mu"]) / p["sigma"]
    return jnp.sum(0.5 * z * z + jnp.log(p["sigma"]))


FCN = jm.FCN(nll, data=np.zeros(EVENTS), errordef=0.5)
START = jm.Parameters({"mu": 1.5, "sigma": 2.5}, limits={"sigma": (0.01, None)})


def study(store=None, **changes):
    """The study of the tests, with some arguments changed."""
    return jm.toys(
        **{
            "generate": generate,
            "fcn": FCN,
            "start": START,
            "n": TOYS,
            "key": KEY,
            "truth": TRUTH,
            "minos": ["mu"],
            "chunk": CHUNK,
            "store": store,
            **changes,
        }
    )


def same(a, b):
    """Whether two studies have the same numbers, bit for bit."""
    fields = ("index", "key", "values", "errors", "fval", "edm", "status", "rung", "nfcn", "matrix_status")
    fields += ("minos_lower", "minos_upper", "minos_lower_status", "minos_upper_status")
    return all(np.array_equal(getattr(a, f), getattr(b, f), equal_nan=True) for f in fields)


# ---- in another process ---------------------------------------------------------------------------------------------


def child(store, moment="none", process="", address=""):
    """Start the study in another process, which may kill itself at a moment."""
    cache = jax.config.jax_compilation_cache_dir or tempfile.mkdtemp()
    env = {**os.environ, "PYTHONPATH": str(ROOT), "JAX_COMPILATION_CACHE_DIR": cache}
    env |= {"JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0.2", "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1"}
    command = [sys.executable, "-m", "tests.batch.toy_models", str(store), moment, process, address]
    return subprocess.Popen(command, env=env, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def ended(processes):
    """Return codes of children, and what they printed."""
    texts = [process.communicate(timeout=300)[0] for process in processes]
    return [process.returncode for process in processes], "\n".join(texts)


def die(*_):
    """kill -9."""
    os.kill(os.getpid(), signal.SIGKILL)


def die_at(moment):
    """Change what the store calls so that the process dies at a moment of its second chunk (or at the beginning)."""
    fsync, replace = os.fsync, os.replace

    def half_written(handle):
        if "chunk-000001" in os.readlink(f"/proc/self/fd/{handle}"):
            os.ftruncate(handle, os.fstat(handle).st_size // 2)
            die()
        fsync(handle)

    def before_rename(old, new):
        if "chunk-000001" in str(new):
            die()
        replace(old, new)

    if moment == "write":
        os.fsync = half_written
    elif moment == "rename":
        os.replace = before_rename
    elif moment == "manifest":
        os.link = die


def main(store, moment, process, address):
    """The program of a child."""
    die_at(moment)
    if address:
        jax.distributed.initialize(address, num_processes=2, process_id=int(process[0]))
    share = tuple(map(int, process.split("/"))) if process and not address else None
    mid_fit = moment == "fit"
    study(store, process=share, progress=(lambda done, total: die()) if mid_fit else False)


if __name__ == "__main__":
    main(*sys.argv[1:])
