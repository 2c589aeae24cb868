"""What behavior trees name on the stage."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from isaacsim_agent_ext.actors.state import ActorSpec
from isaacsim_agent_ext.actors.trees.ports import ANY
from isaacsim_agent_ext.actors.trees.tree import BehaviorTree
from isaacsim_agent_ext.errors import SceneError
from isaacsim_agent_ext.scene.compose import ComposedStage
from isaacsim_agent_ext.scene.locate import place_of
from isaacsim_agent_ext.scene.place import Place


def locate_in_trees(
    trees: Iterable[BehaviorTree], stage: ComposedStage, specs: Sequence[ActorSpec]
) -> dict[str, Place]:
    """Return where the prims stand that trees name; actors, who move about, are left out.

    Raises:
        SceneError: A prim does not exist, or MoveAlong names one that is no curve; says which node names it.
    """
    places: dict[str, Place] = {}
    actors = [spec.prim_path for spec in specs]
    for tree in trees:
        for part, name, path in tree.prim_paths():
            if any(path == actor or path.startswith(actor + "/") for actor in actors):
                continue
            try:
                places[path] = place_of(stage, path)
            except SceneError as error:
                port = part.kind.port(name)
                if port is not None and ANY in port.kinds:
                    continue  # a text that looks like a prim path
                raise SceneError(f"{tree.name}: {part}, port {name}: {error}") from error
            if part.kind.name == "MoveAlong" and places[path].curve is None:
                raise SceneError(f"{tree.name}: {part}, port {name}: {path} is no curve (BasisCurves)")
    return places
