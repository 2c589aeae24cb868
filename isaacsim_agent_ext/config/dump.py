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


class _Dumper(yaml.SafeDumper):
    """Short lists on one line, no anchors, and quotes around every text that could be read as something else."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text and text == text.strip(" ") else None
    if not isinstance(resolve(text), str):
        style = "'"
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _list(dumper: _Dumper, items: Sequence[Any]) -> yaml.SequenceNode:
    in_one_line = not any(isinstance(item, dict) for item in items)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=in_one_line)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(list, _list)
