"""The results of Laggard as pandas frames: `load("results").runs`."""

from laggard_results.errors import ResultsError
from laggard_results.runs import Runs, load

__all__ = ["ResultsError", "Runs", "load"]
