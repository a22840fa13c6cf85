"""Makes contours.png, the picture of the README: joint regions of two parameters, cut by a limit, and a profile."""

from pathlib import Path

import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np

import jaxminuit as jm


def banana(p):
    """A curved valley with a nuisance parameter."""
    return (1 - p["x"]) ** 2 + 5 * (p["y"] - p["x"] ** 2) ** 2 + (p["z"] - jnp.sin(p["x"])) ** 2


fcn = jm.FCN(banana)
minimum = jm.minimize_all(fcn, jm.Parameters({"x": -1.0, "y": 2.0, "z": 0.0}, limits={"y": (0.5, None)}))
errors = jm.minos(fcn, minimum)
levels = [0.68, 0.95, 0.99]
contours = jm.mncontour(fcn, minimum, "x", "y", size=300, cl=levels, closed=True)
profile = jm.mnprofile(fcn, minimum, "x", size=80, bound=2.6)

figure, (left, right) = plt.subplots(1, 2, figsize=(8.4, 3.0), width_ratios=(3, 2), layout="constrained")
for points, level, blue in zip(np.asarray(contours.points), levels, ("#0b559f", "#5ba3cf", "#b0d2e7"), strict=True):
    left.plot(*points.T, color=blue, label=f"{100 * level:.0f} %")
left.plot(*minimum.values[:2], "+", color="black")
left.axhline(0.5, color="gray", linestyle=":", label="limit of y")
left.set(xlabel="x", ylabel="y", title="mncontour")
left.legend(frameon=False)
x, f = np.asarray(profile.x), np.asarray(profile.fval)
right.plot(x, f - float(minimum.fval), color="#0b559f", label="profile")
right.plot(
    x, ((x - float(minimum.values[0])) / float(minimum.errors[0])) ** 2, color="gray", linestyle="--", label="parabola"
)
low, high = (float(minimum.values[0] + side[0]) for side in (errors.lower, errors.upper))
right.axvspan(low, high, color="#0b559f", alpha=0.15, linewidth=0, label="Minos")
right.legend(frameon=False, loc="upper center")
right.set(xlabel="x", ylabel="FCN - minimum", ylim=(0, 7), title="mnprofile and Minos")
figure.savefig(Path(__file__).with_suffix(".png"), dpi=110)
