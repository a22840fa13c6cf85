"""How much care is taken: the numbers behind SET STRategy 0, 1, 2 (Minuit manual, chapter 4)."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Strategy:
    """Numbers that a strategy level stands for. All static: another strategy is another program.

    Parameters
    ----------
    level
        0 (fewest calls), 1 (default) or 2 (most care).
    gradient_ncycles, gradient_step_tolerance, gradient_tolerance
        Cycles of a finite-difference gradient and the relative changes of step and gradient at which it stops.
    hessian_ncycles, hessian_step_tolerance, hessian_g2_tolerance
        The same for the diagonal of a finite-difference Hessian.
    hessian_gradient_ncycles
        Cycles with which Hesse refines the gradient.
    storage_level
        Kept for the interface of Minuit2, where it says how many states are stored; has no effect.
    """

    level: int
    gradient_ncycles: int
    gradient_step_tolerance: float
    gradient_tolerance: float
    hessian_ncycles: int
    hessian_step_tolerance: float
    hessian_g2_tolerance: float
    hessian_gradient_ncycles: int
    storage_level: int = field(default=1, compare=False)

    @property
    def lower(self) -> "Strategy":
        """The next lower level, which Minos and contours use for their inner fits."""
        return STRATEGIES[max(0, self.level - 1)]


STRATEGIES = (
    Strategy(0, 2, 0.5, 0.1, 3, 0.5, 0.1, 1),
    Strategy(1, 3, 0.3, 0.05, 5, 0.3, 0.05, 2),
    Strategy(2, 5, 0.1, 0.02, 7, 0.1, 0.02, 6),
)


def as_strategy(strategy) -> Strategy:
    """A Strategy from a level 0, 1, 2, a Strategy itself or what holds one as `settings`; ValueError for others."""
    strategy = getattr(strategy, "settings", strategy)
    if isinstance(strategy, Strategy):
        return strategy
    try:
        level = int(strategy)
    except (TypeError, ValueError):
        level = -1
    if level not in (0, 1, 2) or level != strategy:
        raise ValueError(f"strategy must be 0, 1 or 2, not {strategy!r}")
    return STRATEGIES[level]
