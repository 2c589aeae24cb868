# ruff: noqa: N802 - commands have class names
from typing import Any

from kit_contract.marks import command, entry

@entry("CreateNavMeshVolumeCommand")
def execute(name: str, /, **kwargs: Any) -> Any: ...
@command
def CreateNavMeshVolumeCommand(
    *,
    parent_prim_path: Any,
    volume_type: int = 0,
    usd_context_name: str = "",
    layer: Any = None,
    position: Any = None,
) -> Any: ...
@command
def ApplyNavMeshAPICommand(*, prim_path: Any, api: Any) -> Any: ...
@command
def ApplyAnimationGraphAPICommand(*, paths: Any, animation_graph_path: Any) -> Any: ...
@command
@entry("ApplyAnimationGraphAPICommand")
def RemoveAnimationGraphAPICommand(*, paths: Any) -> Any: ...
@command
def ApplyScriptingAPICommand(*, paths: Any) -> Any: ...
@command
def ApplyBehaviorAgentAPICommand(
    *, skelroot_prim_paths: Any, motion_library_prim_path: Any, motion_library_skeleton_rig: str = "Human"
) -> Any: ...
@command
def CreatePayloadCommand(
    *,
    usd_context: Any,
    path_to: Any,
    asset_path: Any,
    prim_path: Any = None,
    instanceable: bool = False,
    select_prim: bool = False,
) -> Any: ...
@command
def CreateReferenceCommand(*, usd_context: Any, path_to: Any, asset_path: Any, instanceable: bool = False) -> Any: ...
@command
def DeletePrimsCommand(*, paths: Any) -> Any: ...
