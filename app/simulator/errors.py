"""What can keep the simulated Spine from starting or going on: each a plain sentence for whoever started it."""

from __future__ import annotations


class SimulatorError(Exception):
    """The simulated Spine cannot start or go on; the text says why and what to do."""


class PortInUse(SimulatorError):
    """Another program listens on the port asked for."""


class StateUnreadable(SimulatorError):
    """The state file cannot be opened, read or written, or is in use."""


class StateForeign(SimulatorError):
    """The state file is a database of something else, or of a newer simulated Spine."""


class LoadRefused(SimulatorError):
    """A spine.csv was to be loaded into a state that already holds patients."""


class SpineCsvInvalid(SimulatorError):
    """A spine.csv has lines that cannot be used.

    `problems` holds one sentence for each, naming the line, the column and the reason.
    """

    def __init__(self, problems: tuple[str, ...]) -> None:
        self.problems = problems
        super().__init__("Nothing was loaded from the Spine file. " + " ".join(problems))
