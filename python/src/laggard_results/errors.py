"""What is told to whoever gave something that is no result."""


class ResultsError(ValueError):
    """One line: the path, what is wrong with it, and what was expected."""
