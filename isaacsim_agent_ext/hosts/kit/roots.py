"""Root prims of actors: where an actor is in the world becomes the value of its root's transform."""

from __future__ import annotations

import numpy as np
from pxr import Usd, UsdGeom

from isaacsim_agent_ext.scene.metrics import AT_REST, gf_matrix, stage_to_world


class ActorRoot:
    """The root prim of one actor, which stands as `isaacsim_agent_ext.scene.compose.place` put it."""

    def __init__(self, prim: Usd.Prim, root: np.ndarray):
        """Remember how the prim stands on the actor's place.

        Args:
            prim: The root prim.
            root: ``(4, 4)`` the actor's place that the prim stands at now, from its own frame to the world [m].
        """
        to_world = stage_to_world(prim.GetStage())
        cache = UsdGeom.XformCache(AT_REST)
        self._before = np.array(cache.GetLocalToWorldTransform(prim)) @ to_world @ np.linalg.inv(root)
        self._after = np.linalg.inv(to_world) @ np.linalg.inv(np.array(cache.GetParentToWorldTransform(prim)))
        self._transform = UsdGeom.Xformable(prim).GetOrderedXformOps()[0].GetAttr()

    def move(self, root: np.ndarray) -> None:
        """Write that the actor is at ``(4, 4)`` in the world [m], in the stage's current edit target."""
        self._transform.Set(gf_matrix(self._before @ root @ self._after))
