"""The prims of an OpenUSD stage, as the prim picker wants them."""

from __future__ import annotations

from typing import Any

from isaacsim_agent_ext.ui.host import Prim


class StagePrims:
    """A `isaacsim_agent_ext.ui.host.PrimTree` of a stage.

    Args:
        stage: A ``Usd.Stage``.
    """

    def __init__(self, stage: Any):
        self._stage = stage

    def children(self, path: str) -> tuple[Prim, ...]:
        """Return the prims directly below ``path``; none when it is gone."""
        prim = self._stage.GetPrimAtPath(path)
        if not prim:
            return ()
        return tuple(
            Prim(str(child.GetPath()), str(child.GetTypeName()), bool(child.GetChildren()))
            for child in prim.GetChildren()
        )
