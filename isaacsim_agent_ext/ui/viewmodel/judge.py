"""What is wrong with a section, by the field that shows it; asked again after every edit."""

from __future__ import annotations

from itertools import islice
from typing import Any

from isaacsim_agent_ext.config.repeated_check import RepeatedCheck
from isaacsim_agent_ext.config.validation import Finding, check
from isaacsim_agent_ext.ui.viewmodel.document_kind import DocumentKind
from isaacsim_agent_ext.ui.viewmodel.form_builder import FieldProblem

_MOST_PROBLEMS = 200


class Judge:
    """Judges sections of one kind of document.

    Args:
        kind: The kind.
    """

    def __init__(self, kind: DocumentKind):
        self._kind = kind
        self._check = RepeatedCheck(kind.format)

    def problems(self, section: dict[str, Any]) -> tuple[FieldProblem, ...]:
        """Return what is wrong with a section, which must not be changed afterwards; the same each once."""
        refusal = self._kind.refusal(section)
        if refusal is not None:
            return (_of_field(refusal),)
        findings = list(islice(check(section, self._kind.format, self._check.violations(section)), _MOST_PROBLEMS))
        findings += islice(self._kind.rules(section), _MOST_PROBLEMS)
        return tuple(dict.fromkeys(map(_of_field, findings)))


def _of_field(finding: Finding) -> FieldProblem:
    path = (*finding.path, finding.missing) if finding.missing else finding.path
    return FieldProblem(path, finding.message, finding.severity)
