"""The config that a run leaves beside its data, which repeats the run from there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from isaacsim_agent_ext.config.load import LoadedConfig, dump_config

ASSET_KEYS = frozenset(
    {
        "base_stage_asset_path",
        "prop_asset_paths",
        "asset_path",
        "motion_library_path",
        "behavior_tree",
        "path",
        "config_file_path",
        "event_script",
    }
)
"""Keys whose paths may be relative to the config's folder."""


def repeating_config(loaded: LoadedConfig) -> bytes:
    """Return the config with its seed and every default, to be read from another folder.

    What lies beside the config is named by its whole path, because the copy lies elsewhere; all other paths stay.
    """
    folder = loaded.path.absolute().parent if loaded.path else None
    resolved = loaded.resolved if folder is None else _anchored(loaded.resolved, folder)
    return dump_config(resolved).encode()


def _anchored(node: Any, folder: Path, *, is_asset: bool = False) -> Any:
    if isinstance(node, dict):
        return {key: _anchored(value, folder, is_asset=key in ASSET_KEYS) for key, value in node.items()}
    if isinstance(node, list):
        return [_anchored(item, folder, is_asset=is_asset) for item in node]
    if is_asset and isinstance(node, str) and "://" not in node and (folder / node).exists():
        return str(folder / node)
    return node
