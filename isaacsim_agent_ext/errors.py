"""Every error this package raises on purpose, and the exit code a command line ends with for each.

::

    AgentError                  1   (base; never raised itself)
    ├── ConfigError             2   the config, or a command-line value, is wrong: lists every problem
    ├── AssetError              3   an asset is missing, too large, unreachable or broken
    ├── SceneError              4   the stage cannot be composed or used
    │   └── NavMeshError        4   no walkable floor, unknown area, unreachable point
    ├── PlacementError          5   actors or cameras cannot be placed
    ├── DependencyError         6   a package, a system library or a device that is needed is not there
    ├── OutputError             7   the dataset cannot be written (disk full, no permission)
    ├── WorkerError             8   a process that records died
    ├── PluginError             9   the code of a plug-in cannot be loaded, or failed
    └── RunCancelled          130   stopped by the user at a frame boundary; what was written is whole

An error's text says what went wrong, where, what was found, what was expected and what to do about it, so a
command prints ``str(error)`` and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class AgentError(Exception):
    """Base of all errors raised on purpose; its text is written for the user."""

    exit_code = 1


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a config.

    Attributes:
        key_path: Dotted path of the key, list positions as numbers (``character.groups.workers.num``).
        message: What was found, what is allowed, and the nearest valid name.
        file: The file it stands in, or None for a config that was built in memory.
        line: Line counted from 1, or 0 when unknown.
        column: Column counted from 1, or 0 when unknown.
        severity: ``"error"`` or ``"warning"``.
    """

    key_path: str
    message: str
    file: str | None = None
    line: int = 0
    column: int = 0
    severity: str = "error"

    def __str__(self) -> str:
        where = f"{self.file or '<config>'}:{self.line}:{self.column}" if self.line else (self.file or "<config>")
        return f"{where}: {self.key_path}: {self.message}" if self.key_path else f"{where}: {self.message}"


class ConfigError(AgentError, ValueError):
    """The config is wrong; `problems` holds everything that is, in the order of the file."""

    exit_code = 2

    def __init__(self, problems: Sequence[Problem]):
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type[ConfigError], tuple[tuple[Problem, ...]]]:
        """Travel between processes with the problems, not with their text."""
        return type(self), (self.problems,)


class AssetError(AgentError, FileNotFoundError):
    """An asset is missing, too large, unreachable or broken."""

    exit_code = 3

    def __str__(self) -> str:  # FileNotFoundError would print errno fields
        return str(self.args[0]) if self.args else ""


class SceneError(AgentError, RuntimeError):
    """The stage cannot be composed or used."""

    exit_code = 4


class NavMeshError(SceneError):
    """There is no walkable floor, no such area, or no way to a point."""


class PlacementError(AgentError, RuntimeError):
    """Actors or cameras cannot be placed as the config asks."""

    exit_code = 5


class DependencyError(AgentError, ImportError):
    """A package, a system library or a device that the job needs is not there."""

    exit_code = 6


class OutputError(AgentError, OSError):
    """The dataset cannot be written."""

    exit_code = 7

    def __str__(self) -> str:  # OSError would print errno fields
        return str(self.args[0]) if self.args else ""


class WorkerError(AgentError, RuntimeError):
    """A process that records died."""

    exit_code = 8


class PluginError(AgentError, RuntimeError):
    """The code of a plug-in cannot be loaded, or failed."""

    exit_code = 9


class RunCancelled(AgentError):  # noqa: N818 - a cancellation is no error
    """The user stopped the run; everything written so far is whole."""

    exit_code = 130
