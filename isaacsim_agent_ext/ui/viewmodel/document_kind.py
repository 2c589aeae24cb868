"""What tells one kind of document from another: its schema, its rules, and what a new one says."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from isaacsim_agent_ext.config.dump import dump_block
from isaacsim_agent_ext.config.schema import Format, agent_format
from isaacsim_agent_ext.config.validation import Finding
from isaacsim_agent_ext.ui.viewmodel.new_values import initial_value


@dataclass(frozen=True, eq=False)
class DocumentKind:
    """A kind of document that a panel can edit.

    Attributes:
        title: What to call it: ``"Agent config"``.
        format: Its root key and its schema.
        refusal: Returns why a section cannot be judged at all, or None.
        rules: Yields what is wrong with a section beyond what the schema says.
    """

    title: str
    format: Format
    refusal: Callable[[Any], Finding | None] = lambda _: None
    rules: Callable[[dict[str, Any]], Iterable[Finding]] = lambda _: ()

    @property
    def new_text(self) -> str:
        """The text of a new document: only what must be said."""
        return dump_block({self.format.root_key: initial_value(self.format.schema)}) + "\n"


def agent_config() -> DocumentKind:
    """Return the kind of document that `isaacsim_agent_ext.api` loads."""
    from isaacsim_agent_ext.config.rules import check_rules, version_refusal

    return DocumentKind("Agent config", agent_format(), version_refusal, check_rules)
