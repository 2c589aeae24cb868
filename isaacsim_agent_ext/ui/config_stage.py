"""The stage that a config names, opened to pick prims from where no app has it open."""

from __future__ import annotations

import asyncio
from pathlib import Path

from isaacsim_agent_ext.assets.resolver import AssetResolver
from isaacsim_agent_ext.ui.host import PrimTree
from isaacsim_agent_ext.ui.stage_prims import StagePrims
from isaacsim_agent_ext.ui.viewmodel.document import Document


class ConfigStage:
    """Opens the environment of a config, without actors, and keeps it as long as the config names the same.

    Args:
        document: The config.
        asset_root: The Isaac Sim assets root, or None for the environment's.
    """

    def __init__(self, document: Document, asset_root: str | None = None):
        self._document = document
        self._asset_root = asset_root
        self._kept: tuple[tuple[str, ...], StagePrims] | None = None

    async def prims(self) -> PrimTree | None:
        """Return the prims, or None while the config names no stage.

        Raises:
            AssetError: A file is missing or broken.
        """
        environment = self._document.section.get("environment")
        named = environment if isinstance(environment, dict) else {}
        base, props = named.get("base_stage_asset_path"), named.get("prop_asset_paths") or []
        if not isinstance(base, str) or not base or not isinstance(props, list):
            return None
        paths = (base, *(prop for prop in props if isinstance(prop, str)))
        if self._kept is None or self._kept[0] != paths:
            folder = self._document.path.parent if self._document.path else None
            self._kept = paths, await asyncio.to_thread(_open, paths, folder, self._asset_root)
        return self._kept[1]


def _open(paths: tuple[str, ...], folder: Path | None, asset_root: str | None) -> StagePrims:
    from isaacsim_agent_ext.scene.compose import open_stage

    resolver = AssetResolver(asset_root, config_dir=folder)
    base, *props = [resolver.resolve(path).local_path for path in paths]
    return StagePrims(open_stage(base, props).stage)
