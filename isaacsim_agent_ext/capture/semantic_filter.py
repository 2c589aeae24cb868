"""Replicator's semantic filter: which labelled prims count, and which of their labels are kept.

::

    predicate := clause ( ";" clause  |  "," clause )*        a prim passes when any clause holds
    clause    := type ":" any                                 type is a label type, or "*" for every type
    any       := all ( ("|" | ",") all )*
    all       := term ( "&" term )*
    term      := "!" term | label                             "*" in a label stands for any characters

``class:character|robot;id:*`` passes people and robots, and everything that has an ``id``. A comma begins a new
clause when a type and a colon follow it. A clause looks at the labels of its own type together, so
``class:box & !damaged`` holds for a prim labelled ``box`` unless it is also labelled ``damaged``; a prim without any
label of the type never passes, not even ``class:!box``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NoReturn

from isaacsim_agent_ext.errors import ConfigError, Problem

_TOKEN = re.compile(r"\s*(?:(?P<sign>[;:,|&!])|(?P<word>[^;:,|&!\s](?:[^;:,|&!]*[^;:,|&!\s])?))")


@dataclass(frozen=True, slots=True)
class Literal:
    """Whether a label is there, or with `negated` whether it is not."""

    pattern: re.Pattern[str]
    negated: bool

    def holds(self, labels: tuple[str, ...]) -> bool:
        """Return whether the labels of one type satisfy it."""
        return self.negated != any(self.pattern.fullmatch(label) for label in labels)


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause: any of the alternatives, each of which wants all its literals."""

    label_type: str
    alternatives: tuple[tuple[Literal, ...], ...]

    def holds(self, labels: tuple[str, ...]) -> bool:
        """Return whether the labels of one type satisfy it."""
        return any(all(literal.holds(labels) for literal in literals) for literals in self.alternatives)


@dataclass(frozen=True, slots=True)
class SemanticFilter:
    """A parsed predicate."""

    clauses: tuple[Clause, ...]

    def select(self, labels: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        """Return the labels of one prim that count, by type in alphabetical order; empty when it does not pass.

        Kept are all labels of every type for which a clause holds.
        """
        return {
            label_type: labels[label_type]
            for label_type in sorted(labels)
            if labels[label_type]
            and any(c.label_type in ("*", label_type) and c.holds(labels[label_type]) for c in self.clauses)
        }


@lru_cache(maxsize=64)
def parse_filter(predicate: str) -> SemanticFilter:
    """Parse a predicate.

    Raises:
        ConfigError: It does not follow the grammar; the message points at the place.
    """
    return _Parser(predicate).parse()


class _Parser:
    """Recursive descent over (token, position) pairs; the end of the text is the empty token."""

    def __init__(self, predicate: str):
        self._text = predicate
        self._tokens = [(m.group().strip(), m.start() + len(m.group()) - len(m.group().lstrip()))
                        for m in _TOKEN.finditer(predicate)]  # fmt: skip
        self._tokens.append(("", len(predicate)))
        self._at = 0

    def parse(self) -> SemanticFilter:
        clauses = [self._clause()]
        while self._peek() in (";", ","):
            self._next()
            if self._peek():  # a separator at the very end is harmless
                clauses.append(self._clause())
        if self._peek():
            self._fail("`;`, `|`, `&` or the end")
        return SemanticFilter(tuple(clauses))

    def _clause(self) -> Clause:
        label_type = self._word("a label type such as `class`")
        if self._peek() != ":":
            self._fail(f"`:` after the label type `{label_type}`")
        self._next()
        alternatives = [self._all()]
        while self._peek() == "|" or (self._peek() == "," and not self._clause_follows()):
            self._next()
            alternatives.append(self._all())
        return Clause(label_type, tuple(alternatives))

    def _clause_follows(self) -> bool:
        after = self._tokens[self._at + 1 : self._at + 3]
        return len(after) == 2 and after[1][0] == ":"

    def _all(self) -> tuple[Literal, ...]:
        literals = [self._term()]
        while self._peek() == "&":
            self._next()
            literals.append(self._term())
        return tuple(literals)

    def _term(self) -> Literal:
        negated = False
        while self._peek() == "!":
            self._next()
            negated = not negated
        label = self._word("a label, or `*` for any")
        return Literal(re.compile(".*".join(re.escape(part) for part in label.split("*")), re.DOTALL), negated)

    def _word(self, expected: str) -> str:
        if not self._peek() or self._peek() in ";:,|&!":
            self._fail(expected)
        return self._next()

    def _peek(self) -> str:
        return self._tokens[self._at][0]

    def _next(self) -> str:
        token = self._tokens[self._at][0]
        self._at += 1
        return token

    def _fail(self, expected: str) -> NoReturn:
        found, position = self._tokens[self._at]
        what = f"found `{found}`" if found else "found the end"
        message = f"`{self._text}` is not a semantic filter: at character {position + 1} {what}, expected {expected}"
        raise ConfigError(
            [Problem("semantic_filter_predicate", f"{message}; for example `class:character|robot;id:*`")]
        )
