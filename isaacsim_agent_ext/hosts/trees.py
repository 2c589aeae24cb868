"""What behavior trees name on the stage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from isaacsim_agent_ext.actors.state import ActorSpec
from isaacsim_agent_ext.actors.trees.ports import ANY
from isaacsim_agent_ext.actors.trees.tree import BehaviorTree, Part
from isaacsim_agent_ext.errors import SceneError
from isaacsim_agent_ext.hosts.targets import seat_of
from isaacsim_agent_ext.scene.compose import ComposedStage
from isaacsim_agent_ext.scene.locate import place_of
from isaacsim_agent_ext.scene.place import Place
from isaacsim_agent_ext.scene.snapshot import SceneSnapshot


def locate_in_trees(
    trees: Iterable[BehaviorTree],
    stage: ComposedStage,
    static: SceneSnapshot,
    specs: Sequence[ActorSpec],
    *,
    known: Mapping[str, Place],
) -> dict[str, Place]:
    """Return where the prims stand that trees name, besides those known already.

    Args:
        trees: The trees.
        stage: The stage.
        static: What stands on it without actors.
        specs: The actors; they move about, and are left out.
        known: Where prims stand that other behaviors name.

    Raises:
        SceneError: A prim does not exist, is no curve to walk along or no seat; says which node names it.
    """
    places = dict(known)
    actors = [spec.prim_path for spec in specs]
    for tree in trees:
        for part, name, path in tree.prim_paths():
            if any(path == actor or path.startswith(actor + "/") for actor in actors):
                continue
            try:
                _locate(part, path, places, stage, static)
            except SceneError as error:
                port = part.kind.port(name)
                if port is None or ANY not in port.kinds:  # else it may be a text that looks like a prim path
                    raise SceneError(f"{tree.name}: {part}, port {name}: {error}") from error
    return places


def _locate(part: Part, path: str, places: dict[str, Place], stage: ComposedStage, static: SceneSnapshot) -> None:
    if part.kind.name == "Sit":
        places[path] = seat_of(stage, static, path)
    elif path not in places:
        places[path] = place_of(stage, path)
    if part.kind.name == "MoveAlong" and places[path].curve is None:
        raise SceneError(f"{path} is no curve (BasisCurves)")
