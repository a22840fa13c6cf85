"""Records that are no commands of the interpreter, and how a run can end."""


class Stop(Exception):
    """The run ends, for a reason that frame.ENDS knows."""

    def __init__(self, reason: str, problem: str = ""):
        super().__init__(problem or reason)
        self.reason, self.problem = reason, problem


def is_title_command(record: str) -> bool:
    """Whether a record says that the next one is a title."""
    return _begins(record, "SET TIT")


def is_parameters(record: str) -> bool:
    """Whether a record says that parameter definitions follow."""
    return _begins(record, "PAR")


def is_input_command(record: str) -> bool:
    """Whether a record names another input."""
    return _begins(record, "SET INP")


def is_covariance(record: str) -> bool:
    """Whether a record says that the elements of an error matrix follow."""
    return _begins(record, "SET COV")


def _begins(record: str, words: str) -> bool:
    return record.lstrip()[: len(words)].upper() == words
