"""How often JAX traces a function."""

from collections.abc import Callable


class Traced:
    """A function that counts its Python calls; under jit that is the number of times it was traced."""

    def __init__(self, function: Callable):
        self.function = function
        self.count = 0

    def __call__(self, *args, **kwargs):
        self.count += 1
        return self.function(*args, **kwargs)

    def since(self, action: Callable) -> int:
        """How many more calls `action()` makes."""
        before = self.count
        action()
        return self.count - before
