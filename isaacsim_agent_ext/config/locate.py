"""From findings, which know key paths, to problems, which know places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from isaacsim_agent_ext.config.document import Document, Mark
from isaacsim_agent_ext.config.schema import ROOT_KEY, KeyPath, dotted
from isaacsim_agent_ext.config.validation import Finding
from isaacsim_agent_ext.errors import Problem


@dataclass(frozen=True, slots=True)
class Locator:
    """Finds the place of a key path: in the file, or on the command line.

    Attributes:
        document: The file.
        origins: The argument that a path comes from, for what the command line created or replaced.
        arguments: All arguments in order.
    """

    document: Document
    origins: Mapping[KeyPath, str]
    arguments: Sequence[str]

    def problem(self, finding: Finding) -> Problem:
        """Return the finding with its place in the file, or with the override that it comes from."""
        argument = self._argument(finding.path)
        if argument is not None:
            return Problem(dotted(finding.path), finding.message, argument, severity=finding.severity)
        mark = self._mark((ROOT_KEY, *finding.path), at_key=finding.at_key)
        return Problem(
            dotted(finding.path), finding.message, self.document.name, mark.line, mark.column, finding.severity
        )

    def placed(self, problem: Problem) -> Problem:
        """Return a problem that knows its key path only, with its place; one that knows its file as it is."""
        if problem.file is not None or not problem.key_path:
            return problem
        path = self._parsed(problem.key_path)
        found = self.problem(Finding(path, problem.message, severity=problem.severity))
        return replace(found, key_path=problem.key_path)

    def _parsed(self, dotted_path: str) -> KeyPath:
        """Return a dotted path as keys and positions, as far as the file has it."""
        path: KeyPath = ()
        for part in dotted_path.split("."):
            item: KeyPath = (*path, int(part)) if part.isascii() and part.isdecimal() else ()
            known = item and ((ROOT_KEY, *item) in self.document.value_marks or item in self.origins)
            path = item if known else (*path, part)
        return path

    def order(self, problem: Problem) -> tuple[int, int, int, str]:
        """Return the sorting key: places in the file first, then overrides in their order."""
        index = self.arguments.index(problem.file) if problem.file in self.arguments else -1
        return index, problem.line, problem.column, problem.key_path

    def _argument(self, path: KeyPath) -> str | None:
        for end in range(len(path), 0, -1):
            if path[:end] in self.origins:
                return self.origins[path[:end]]
        return None

    def _mark(self, path: KeyPath, *, at_key: bool) -> Mark:
        for end in range(len(path), 0, -1):
            here = path[:end]
            places = (self.document.key_marks, self.document.value_marks)
            for marks in places if at_key or end < len(path) else reversed(places):
                if here in marks:
                    return marks[here]
        return self.document.value_marks[()]
