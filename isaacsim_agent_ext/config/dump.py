"""Writing a section as YAML that reads back as the same values, here and by readers of YAML 1.1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from isaacsim_agent_ext.config.scalars import resolve
from isaacsim_agent_ext.config.schema import ROOT_KEY


def dump_config(section: Mapping[str, Any]) -> str:
    """Return the YAML text of a config file.

    Args:
        section: What stands under the root key, such as `LoadedConfig.resolved`.
    """
    return yaml.dump(
        {ROOT_KEY: section}, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110, default_flow_style=False
    )


_OTHER_LINE_BREAKS = frozenset("\x85\u2028\u2029")


def dump_block(data: Any, newline: str = "\n") -> str:
    """Return YAML text of a map or list without its last line ending, lists indented below their keys."""
    text: str = yaml.dump(
        data, Dumper=_IndentingDumper, sort_keys=False, allow_unicode=True, width=110, default_flow_style=False
    )
    return text.removesuffix("\n").replace("\n", newline)


def dump_inline(value: Any, *, quotes: str | None = None) -> str:
    """Return a value as YAML on one line, fit to stand anywhere.

    Args:
        value: The value.
        quotes: ``"'"`` or ``'"'`` around a text that would not need any.
    """
    options: dict[str, Any] = {"sort_keys": False, "allow_unicode": True, "width": float("inf")}
    if quotes is not None:
        text: str = yaml.dump([value], Dumper=yaml.SafeDumper, default_style=quotes, default_flow_style=True, **options)
    else:
        text = yaml.dump([value], Dumper=_FlowDumper, default_flow_style=True, **options)
    return text.strip()[1:-1]


class _Dumper(yaml.SafeDumper):
    """Short lists on one line, no anchors, and quotes around every text that could be read as something else."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


class _FlowDumper(_Dumper):
    """The same with everything on one line."""


class _IndentingDumper(_Dumper):
    """The same with the items of a list two columns to the right of its key."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text and text == text.strip(" ") else None
    if not _OTHER_LINE_BREAKS.isdisjoint(text):
        style = '"'  # in all other styles they come back as spaces
    elif not isinstance(resolve(text), str):
        style = "'"
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _list(dumper: _Dumper, items: Sequence[Any]) -> yaml.SequenceNode:
    in_one_line = not any(isinstance(item, dict) for item in items)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=in_one_line)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(list, _list)
_FlowDumper.add_representer(
    list, lambda dumper, items: dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=True)
)
