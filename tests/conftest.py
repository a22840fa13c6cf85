"""A persistent compilation cache for the whole suite, and memory handed back between test modules."""

import gc
import os
import sys
from pathlib import Path

import jax
import pytest

CACHE = Path(__file__).parent.parent / ".cache" / "jax"
MEMORY_LIMIT = 3 * 2**30


def pytest_configure():
    """Compiled programs are kept under .cache/jax, unless JAX_COMPILATION_CACHE_DIR says where else."""
    jax.config.update("jax_compilation_cache_dir", os.environ.get("JAX_COMPILATION_CACHE_DIR", str(CACHE)))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.2)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)


@pytest.fixture(scope="module", autouse=True)
def _memory():
    """After a module, drop compiled programs if the process holds more than 3 GiB."""
    yield
    if _resident_bytes() > MEMORY_LIMIT:
        jax.clear_caches()
        gc.collect()


def _resident_bytes() -> int:
    """Memory that this process holds now; 0 where the system does not say."""
    if not sys.platform.startswith("linux"):
        return 0
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
