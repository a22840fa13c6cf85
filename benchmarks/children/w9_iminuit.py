"""The same script with iminuit and NumPy."""
# ruff: noqa: E402, I001

import time

began = time.perf_counter()

import iminuit

imported = time.perf_counter()

import json
import sys

import numpy as np

x = np.random.default_rng(9).normal(0.3, 1.2, int(sys.argv[1]))


def nll(mu, sigma):
    return np.sum(0.5 * ((x - mu) / sigma) ** 2 + np.log(sigma)) + 0.5 * np.log(2.0 * np.pi) * x.size


seconds = []
for _ in range(2):
    t = time.perf_counter()
    m = iminuit.Minuit(nll, 0.0, 1.0)
    m.errordef = 0.5
    m.limits["sigma"] = (0.01, None)
    m.migrad()
    seconds.append(time.perf_counter() - t)
figures = {"import_s": imported - began, "first_s": seconds[0], "second_s": seconds[1], "valid": bool(m.valid)}
print(json.dumps(figures))
