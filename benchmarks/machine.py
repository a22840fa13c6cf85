"""What the figures were measured on and with."""

import importlib.metadata
import os
import platform
import resource
import subprocess
import sys
from pathlib import Path

import jax

import jaxminuit

PACKAGES = ("jax", "jaxlib", "numpy", "equinox", "iminuit", "numba", "optimistix", "scipy")
ROOT = Path(__file__).parents[1]


def machine() -> dict:
    """Processor, cores that this process may use, memory, load of the last minute, and the device of JAX."""
    device = jax.devices()[0]
    return {
        "cpu": _cpu_model(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "load": round(os.getloadavg()[0], 1),
        "system": f"{platform.system()} {platform.machine()}",
        "device": "CPU" if device.platform == "cpu" else device.device_kind,
    }


def versions() -> dict:
    """Versions of Python, jaxminuit and the packages that matter; those not installed are left out."""
    found = {"python": platform.python_version(), "jaxminuit": jaxminuit.__version__}
    for package in PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def commit() -> str:
    """The commit of the working tree, with "+" if files differ from it; "unknown" outside a repository."""
    try:
        head = _git("rev-parse", "--short=12", "HEAD")
        return head + ("+" if _git("status", "--porcelain", "--untracked-files=no") else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def peak_memory_mib() -> float:
    """Largest resident memory that this process ever had.

    Linux hands ru_maxrss on from the parent to a child process, so its own high-water mark is read there.
    """
    if sys.platform.startswith("linux"):
        status = Path("/proc/self/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 2**10
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def device_peak_mib() -> float | None:
    """Largest memory in use on the accelerator; None on a CPU."""
    statistics = jax.devices()[0].memory_stats() or {}
    peak = statistics.get("peak_bytes_in_use")
    return None if peak is None else peak / 2**20


def _git(*arguments):
    command = ["git", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def _cpu_model():
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "unknown"
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown")
