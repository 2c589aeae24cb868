"""omni.kit.commands, the navigation schema, and the small isaacsim.core helpers that write USD."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kit_double.guard import emulate

if TYPE_CHECKING:
    from kit_double.kit import Kit


class Commands:
    """Every command executed.

    Attributes:
        log: Name and arguments of each.
    """

    def __init__(self, kit: Kit):
        self._kit = kit
        self.log: list[tuple[str, dict[str, Any]]] = []


@emulate("omni.kit.commands.execute")
def execute(kit: Kit, name: str, **kwargs: Any) -> tuple[bool, Any]:
    listed = kit.contract.modules["omni.kit.commands"]
    symbol = listed.get(name) or listed.get(f"{name}Command")
    if symbol is None or symbol.kind != "command":
        raise kit.guard.refusal("omni.kit.commands", name)
    if kit.profile not in symbol.profiles:
        kit.log.append(("error", f"Can't execute command: {name!r}, it wasn't registered or ambiguous."))
        return False, None
    kit.guard.check(symbol, (), kwargs)
    kit.commands.log.append((symbol.name.rpartition(".")[2], kwargs))
    return True, _COMMANDS[symbol.name.rpartition(".")[2]](kit, **kwargs)


def _create_navmesh_volume(kit: Kit, *, parent_prim_path: Any, position: Any = None, **options: Any) -> Any:
    from pxr import Gf, Sdf, UsdGeom

    stage = kit.stages.stage
    parent = Sdf.Path(str(parent_prim_path))
    path, number = parent.AppendChild("NavMeshVolume"), 0
    while stage.GetPrimAtPath(path):
        number += 1
        path = parent.AppendChild(f"NavMeshVolume_{number:02d}")
    prim = stage.DefinePrim(path, "NavMeshVolume")
    prim.CreateAttribute("omni:navmesh:volume:type", Sdf.ValueTypeNames.Token).Set(
        "Exclude" if options.get("volume_type") else "Include"
    )
    unit = 1.0 / UsdGeom.GetStageMetersPerUnit(stage)
    shape = UsdGeom.Xformable(prim)
    shape.AddTranslateOp().Set(Gf.Vec3d(position) if position is not None else Gf.Vec3d(0))
    shape.AddScaleOp().Set(Gf.Vec3f(10 * unit, 10 * unit, 10 * unit))  # about 10 m, wherever the floor ends
    return path


def _apply_navmesh_api(kit: Kit, *, prim_path: Any, api: Any) -> None:
    kit.stages.stage.GetPrimAtPath(str(prim_path)).AddAppliedSchema(api.__name__)


def _add_arc(kind: str) -> Any:
    def add(kit: Kit, *, path_to: Any, asset_path: Any, prim_path: Any = None, **options: Any) -> Any:
        prim = kit.stages.stage.DefinePrim(str(path_to), "Xform")
        arguments = (str(asset_path), str(prim_path)) if prim_path else (str(asset_path),)
        arcs = getattr(prim, kind)()
        getattr(arcs, f"Add{kind[3:-1]}")(*arguments)
        return prim

    return add


def _delete_prims(kit: Kit, *, paths: Any) -> None:
    for path in paths:
        kit.stages.stage.RemovePrim(str(path))


def _apply_behavior_agent(kit: Kit, *, skelroot_prim_paths: Any, **options: Any) -> None:
    kit.characters.agents_wanted.update(str(path) for path in skelroot_prim_paths)


def _apply_animation_graph(kit: Kit, *, paths: Any, animation_graph_path: Any) -> None:
    kit.characters.graphs.update(str(path) for path in paths)


def _remove_animation_graph(kit: Kit, *, paths: Any) -> None:
    kit.characters.graphs.difference_update(str(path) for path in paths)


def _apply_scripting(kit: Kit, *, paths: Any) -> None:
    from pxr import Sdf

    for path in paths:
        prim = kit.stages.stage.GetPrimAtPath(str(path))
        prim.CreateAttribute("omni:scripting:scripts", Sdf.ValueTypeNames.AssetArray)


_COMMANDS = {
    "CreateNavMeshVolumeCommand": _create_navmesh_volume,
    "ApplyNavMeshAPICommand": _apply_navmesh_api,
    "ApplyAnimationGraphAPICommand": _apply_animation_graph,
    "RemoveAnimationGraphAPICommand": _remove_animation_graph,
    "ApplyScriptingAPICommand": _apply_scripting,
    "ApplyBehaviorAgentAPICommand": _apply_behavior_agent,
    "CreatePayloadCommand": _add_arc("GetPayloads"),
    "CreateReferenceCommand": _add_arc("GetReferences"),
    "DeletePrimsCommand": _delete_prims,
}


@emulate("NavSchema.NavMeshVolume")
class NavMeshVolume:
    pass


@emulate("NavSchema.NavMeshExcludeAPI")
class NavMeshExcludeAPI:
    pass


def _label(kit: Kit, prim: Any, labels: Any, taxonomy: str) -> None:
    from pxr import UsdSemantics

    if isinstance(prim, str):
        prim = kit.stages.stage.GetPrimAtPath(prim)
    UsdSemantics.LabelsAPI.Apply(prim, taxonomy).CreateLabelsAttr([labels] if isinstance(labels, str) else list(labels))


@emulate("isaacsim.core.utils.semantics.add_labels")
def add_labels(kit: Kit, prim: Any, labels: Any, instance_name: str = "class", overwrite: bool = True) -> None:
    _label(kit, prim, labels, instance_name)


@emulate("isaacsim.core.experimental.utils.semantics.add_labels")
def add_labels_by_taxonomy(kit: Kit, prim: Any, *, labels: Any, taxonomy: str = "class") -> None:
    _label(kit, prim, labels, taxonomy)


@emulate("isaacsim.core.experimental.prims.XformPrim")
class XformPrim:
    _kit: Kit

    def __init__(self, paths: Any, **options: Any):
        self._paths = [paths] if isinstance(paths, str) else list(paths)

    def set_world_poses(self, positions: Any = None, orientations: Any = None, *, indices: Any = None) -> None:
        from pxr import Gf, UsdGeom

        for index, path in enumerate(self._paths):
            prim = self._kit.stages.stage.GetPrimAtPath(path)
            world = UsdGeom.Xformable(prim.GetParent()).ComputeLocalToWorldTransform(0) if prim.GetParent() else None
            common = UsdGeom.XformCommonAPI(prim)
            if positions is not None:
                point = Gf.Vec3d(*map(float, positions[index]))
                common.SetTranslate(world.GetInverse().Transform(point) if world else point)
            if orientations is not None:
                w, x, y, z = map(float, orientations[index])
                turn = Gf.Rotation(Gf.Quatd(w, x, y, z)).Decompose(Gf.Vec3d.ZAxis(), Gf.Vec3d.YAxis(), Gf.Vec3d.XAxis())
                common.SetRotate(Gf.Vec3f(turn[2], turn[1], turn[0]), UsdGeom.XformCommonAPI.RotationOrderXYZ)
