"""Warnings of the Minuit front end, all of them RuntimeWarning or UserWarning."""


class IMinuitWarning(RuntimeWarning):
    """Something was done differently from what the call says, or the result needs care."""


class OptionalDependencyWarning(IMinuitWarning):
    """A feature fell back because an optional package is missing."""


class HesseFailedWarning(IMinuitWarning):
    """The second derivatives could not be calculated."""


class ErrordefAlreadySetWarning(IMinuitWarning):
    """The error definition of a function that brings its own was overridden."""


class PerformanceWarning(UserWarning):
    """The result is right but could be had much faster."""
