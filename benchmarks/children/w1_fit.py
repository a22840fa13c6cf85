"""W1 in a process of its own: number of fits, dtype; on as many CPU devices as there are cores."""

import json
import os
import statistics
import sys
import time

number, dtype = int(sys.argv[1]), sys.argv[2]
os.environ["JAXMINUIT_ENABLE_X64"] = "1" if dtype == "float64" else "0"
cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
devices = 1 << (cores.bit_length() - 1)
os.environ["XLA_FLAGS"] = os.environ.get("XLA_FLAGS", f"--xla_force_host_platform_device_count={devices}")

import jax  # noqa: E402
import numpy as np  # noqa: E402

from benchmarks import w1_pixels as pixels  # noqa: E402
from benchmarks.machine import peak_memory_mib  # noqa: E402
from benchmarks.w1_gpufit import fit  # noqa: E402

fcn, start = pixels.our_problem(*pixels.samples(number, False, dtype), False)


def timed() -> float:
    began = time.perf_counter()
    fit(fcn, start)
    return time.perf_counter() - began


first = timed()
warm = statistics.median(timed() for _ in range(5))
found = fit(fcn, start)
report = {
    "first_s": first,
    "warm_s": warm,
    "devices": len(jax.devices()),
    "dtype": str(found.values.dtype),
    "valid": float(np.mean(found.valid)),
    "peak_mib": peak_memory_mib(),
}
print(json.dumps(report))
