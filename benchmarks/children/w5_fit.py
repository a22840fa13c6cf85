"""The first test statistics of a new process, and the same again: toys of two bins, their generation included."""

import json
import os
import sys
import time

cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
devices = 1 << (cores.bit_length() - 1)
os.environ["XLA_FLAGS"] = os.environ.get("XLA_FLAGS", f"--xla_force_host_platform_device_count={devices}")

import jax  # noqa: E402
import numpy as np  # noqa: E402

from benchmarks.w5_histfactory import statistics  # noqa: E402

number = int(sys.argv[1])
seconds = []
for seed in range(4):
    began = time.perf_counter()
    found = statistics(number, seed)
    seconds.append(time.perf_counter() - began)
figures = {
    "devices": len(jax.devices()),
    "first_s": seconds[0],
    "warm_s": float(np.median(seconds[1:])),
    "valid": float(np.mean(found.valid)),
}
print(json.dumps(figures))
