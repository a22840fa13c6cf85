"""Compiled programs as bytes, and the machine that they are for."""

import hashlib
import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any

import equinox as eqx
import jax
import jaxlib
from jax.experimental import serialize_executable

from jaxminuit.core.version import __version__


def packed(program: jax.stages.Compiled) -> bytes:
    """The machine code of a program from a list of arrays to a list of arrays."""
    return serialize_executable.serialize(program)[0]


def unpacked(content: bytes, inputs: int, outputs: int) -> Callable[..., list[jax.Array]]:
    """The program of so many arguments and results, ready to be called on the first device."""
    know_linear_algebra()
    accepts = jax.tree_util.tree_structure(((0,) * inputs, {}))
    returns = jax.tree_util.tree_structure([0] * outputs)
    return serialize_executable.deserialize_and_load(content, accepts, returns, execution_devices=jax.devices()[:1])


def know_linear_algebra() -> None:
    """Let JAX look up LAPACK, as it does when it lowers a decomposition: programs from elsewhere call it blindly."""
    if jax.default_backend() == "cpu":
        jax.jit(jax.lax.linalg.cholesky).lower(jax.ShapeDtypeStruct((1, 1), jax.numpy.float32))


def versions() -> dict[str, Any]:
    """What the results of a program depend on."""
    return {"jaxminuit": __version__, "equinox": eqx.__version__, "64-bit numbers": jax.config.jax_enable_x64}


def machine() -> dict[str, Any]:
    """What machine code depends on."""
    device = jax.devices()[0]
    return {
        "jax": jax.__version__,
        "jaxlib": jaxlib.__version__,
        "platform": device.platform,
        "device": device.device_kind if device.platform != "cpu" else _processor(),
        "runtime": device.client.platform_version,
    }


def _processor() -> str:
    """The kind of CPU with a hash of all that it can do, where the system says what that is."""
    kind = f"{platform.system()} {platform.machine()}"
    listed = Path("/proc/cpuinfo")
    if not listed.is_file():
        return f"{kind} {platform.processor()}".strip()
    able = [line for line in listed.read_text().splitlines() if line.lower().startswith(("flags", "features"))]
    features = " ".join(sorted(set(able[0].partition(":")[2].split()))) if able else ""
    return f"{kind} {hashlib.sha256(features.encode()).hexdigest()[:12]}"
