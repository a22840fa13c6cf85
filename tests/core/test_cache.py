"""Compiled programs on disk: another process finds them."""

import os
import subprocess
import sys

import pytest

import jaxminuit
from tests.house.floors import ROOT

FIT = """
import sys
from jax import monitoring
heard = []
monitoring.register_event_listener(lambda event, **_: heard.append(event))
import jaxminuit
{before}
m = jaxminuit.Minuit(lambda a, b: (a - 1) ** 2 + (b + a) ** 4, a=0.3, b=0.2).migrad(iterate=1)
print(heard.count("/jax/compilation_cache/cache_hits"), heard.count("/jax/compilation_cache/cache_misses"), m.values[0])
"""


def fitted(before="", **environment):
    """(hits, misses, value) of one fit in a new process, and what it says on stderr."""
    done = subprocess.run(
        [sys.executable, "-c", FIT.format(before=before)],
        env={
            **os.environ,
            "JAX_PLATFORMS": "cpu",
            "PYTHONPATH": str(ROOT),
            "JAX_COMPILATION_CACHE_DIR": "",
            **environment,
        },
        capture_output=True,
        text=True,
        check=True,
    )
    hits, misses, value = done.stdout.split()
    return int(hits), int(misses), float(value), done.stderr


def test_the_environment_and_the_function_switch_on_the_same_cache(tmp_path):
    folder = tmp_path / "programs"
    hits, misses, value, _ = fitted(JAXMINUIT_CACHE=str(folder))
    assert hits == 0
    assert misses > 0
    assert any(folder.iterdir())
    hits, misses, again, _ = fitted(before=f"jaxminuit.enable_cache({str(folder)!r})")
    assert hits > 0
    assert misses == 0
    assert again == value


def test_a_directory_that_cannot_be_used(tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(OSError, match="file"):
        jaxminuit.enable_cache(file / "programs")
    *_, said = fitted(JAXMINUIT_CACHE=str(file / "programs"))
    assert "has no effect" in said
