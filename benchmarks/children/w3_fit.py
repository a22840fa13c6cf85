"""One fit of workload W3 in a new process: seconds of the first and of the second fit, and peak memory."""

import json
import sys
import time

import jax
import jax.numpy as jnp

import jaxminuit as jm
from benchmarks.machine import device_peak_mib, peak_memory_mib
from benchmarks.mixture import our_problem, sample

x = jax.block_until_ready(jnp.asarray(sample(int(sys.argv[1]))))
fcn, start = our_problem(x)
before = peak_memory_mib()
seconds = []
for _ in range(2):
    began = time.perf_counter()
    minimum = jax.block_until_ready(jm.migrad(fcn, start))
    seconds.append(time.perf_counter() - began)
figures = {
    "first_s": seconds[0],
    "second_s": seconds[1],
    "valid": bool(minimum.valid),
    "data_mib": x.nbytes / 2**20,
    "peak_before_mib": before,
    "peak_mib": peak_memory_mib(),
    "device_peak_mib": device_peak_mib(),
}
print(json.dumps(figures))
