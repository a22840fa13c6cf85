"""The public names of the package: what users type changes only on purpose."""

import os
import subprocess
import sys
import types
from pathlib import Path

import jaxminuit

SNAPSHOT = Path(__file__).with_name("public_names.txt")


def test_public_names_are_those_recorded():
    """Another name? Put it into tests/house/public_names.txt and the CHANGELOG, in the same commit."""
    recorded = SNAPSHOT.read_text().split()
    assert sorted(jaxminuit.__all__) == sorted(recorded)
    assert len(set(recorded)) == len(recorded)


def test_every_public_name_exists_and_is_documented():
    for name in jaxminuit.__all__:
        assert getattr(jaxminuit, name).__doc__, f"jaxminuit.{name} has no docstring"


def test_nothing_else_looks_public():
    """dir() shows the public names, the rooms, and dunders; nothing that happened to be imported."""
    for name in set(dir(jaxminuit)) - set(jaxminuit.__all__):
        thing = getattr(jaxminuit, name)
        is_room = isinstance(thing, types.ModuleType) and thing.__name__.startswith("jaxminuit.")
        assert name.startswith("_") or is_room or name in ("switch_on_64_bit", "cache_from_environment"), (
            f"jaxminuit.{name} looks public"
        )


def test_importing_the_package_does_not_import_optional_ones():
    """matplotlib, scipy, iminuit stay out until a function needs them: checked in a fresh interpreter."""
    code = "import sys, jaxminuit; print(sorted({'matplotlib', 'iminuit', 'pyhf', 'IPython'} & set(sys.modules)))"
    assert _run(code) == "[]"


def test_importing_the_package_switches_to_64_bit_unless_told_not_to():
    code = "import jax, jaxminuit; print(jax.config.jax_enable_x64)"
    assert _run(code) == "True"
    assert _run(code, JAXMINUIT_ENABLE_X64="0") == "False"


def _run(code, **environment):
    env = {**os.environ, "PYTHONPATH": str(Path(jaxminuit.__file__).parents[1]), **environment}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    return done.stdout.strip()
