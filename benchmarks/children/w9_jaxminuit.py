"""The first fit of a user's script: import, one fit of two parameters to `events` numbers, and the same again."""
# ruff: noqa: E402, I001

import time

began = time.perf_counter()

import jaxminuit as jm

imported = time.perf_counter()

import json
import sys

import jax

from benchmarks.gauss import our_problem, sample

fcn, start = our_problem(sample(int(sys.argv[1])))
seconds = []
for _ in range(2):
    t = time.perf_counter()
    minimum = jax.block_until_ready(jm.migrad(fcn, start))
    seconds.append(time.perf_counter() - t)
figures = {"import_s": imported - began, "first_s": seconds[0], "second_s": seconds[1], "valid": bool(minimum.valid)}
print(json.dumps(figures))
