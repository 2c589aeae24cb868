"""One stage out of a base stage and props, without editing either.

::

    ours (anonymous)         metrics, default prim
    ├── labels               semantic labels
    ├── cameras
    ├── actors               references to the character assets
    ├── placed props         references to props that cannot be sublayers
    ├── prop ...             the files themselves, read only
    └── base                 the file itself, read only

The stage keeps the base's up axis, units and time codes; `ComposedStage.to_world` leads from there to metres, Z-up.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from pxr import Sdf, Tf, Usd, UsdGeom

from isaacsim_agent_ext.errors import AssetError, OutputError
from isaacsim_agent_ext.scene.diagnostics import usd_diagnostics, usd_message
from isaacsim_agent_ext.scene.metrics import AT_REST, gf_matrix, stage_to_world, to_metres_z_up
from isaacsim_agent_ext.scene.snapshot import Texture
from isaacsim_agent_ext.scene.textures import TextureRequest

LayerName = Literal["labels", "cameras", "actors", "props"]

LAYER_NAMES: tuple[LayerName, ...] = ("labels", "cameras", "actors", "props")
"""Our layers, strongest first."""

PROPS_ROOT = "/World/Props"
"""Where props go that cannot be sublayers."""

_PLAIN_TYPES = ("", "Xform", "Scope")


@dataclass(frozen=True, kw_only=True)
class AddedActor:
    """An actor on the stage.

    Attributes:
        prim_path: Its root prim, such as ``/World/Characters/workers/workers_0``.
        agent_prim_path: The prim that carries the agent schema: a character's SkelRoot, else the root.
        skeleton_prim_path: Its Skeleton, or None for an actor without one.
        asset: The asset it references.
    """

    prim_path: str
    agent_prim_path: str
    skeleton_prim_path: str | None
    asset: Path | str


@dataclass(eq=False, kw_only=True)
class ComposedStage:
    """A stage of our own over a base stage and props.

    Attributes:
        stage: The composed stage. Edits go into our layers only, see `editing`.
        base: The base stage's file.
        props: The props' files.
        to_world: ``(4, 4)`` float64 from the stage's coordinates to metres, Z-up (row vectors).
        warnings: What could not be composed as asked: broken references, props of other units.
        actors: The actors added so far.
        textures: Images decoded by the reader, kept so that reading again after adding actors is quick.
    """

    stage: Usd.Stage
    base: Path
    props: tuple[Path, ...]
    to_world: np.ndarray
    warnings: tuple[str, ...]
    layers: dict[LayerName, Sdf.Layer]
    actors: list[AddedActor] = field(default_factory=list)
    textures: dict[TextureRequest, Texture | str] = field(default_factory=dict, repr=False)

    @contextmanager
    def editing(self, layer: LayerName) -> Iterator[Usd.Stage]:
        """Yield the stage with edits going into one of our layers."""
        with Usd.EditContext(self.stage, self.layers[layer]):
            yield self.stage

    def save(self, path: Path) -> None:
        """Write our layers, and nothing else: ``path``, and one file per layer beside it.

        The base and the props are referred to by absolute path.

        Args:
            path: A ``.usda``, ``.usdc`` or ``.usd`` file; its folder is made.

        Raises:
            OutputError: It cannot be written.
        """
        path = Path(path).absolute()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            names: dict[str, str] = {}
            for name, layer in self.layers.items():
                target = path.with_name(f"{path.stem}.{name}{path.suffix}")
                _export(layer, target)
                names[layer.identifier] = f"./{target.name}"
            root = Sdf.Layer.CreateAnonymous(path.suffix)
            root.TransferContent(self.stage.GetRootLayer())
            root.subLayerPaths = [names.get(sublayer, sublayer) for sublayer in root.subLayerPaths]
            _export(root, path)
        except (OSError, Tf.ErrorException) as error:
            raise OutputError(f"cannot write the stage to {path}: {usd_message(error)}") from error


def open_stage(base: Path, props: Sequence[Path] = ()) -> ComposedStage:
    """Compose a stage non-destructively.

    A prop becomes a sublayer, as in Isaac Sim, so that it can also add to or override what the base has. A prop whose
    units or up axis differ, or which defines geometry at a path where the base has some, is referenced below
    `PROPS_ROOT` instead (with a correcting transform), and a warning says so.

    Args:
        base: The base stage.
        props: Further USD files, the first one strongest.

    Raises:
        AssetError: A file is missing or not valid USD; the message is USD's own.
    """
    messages: list[str] = []
    with usd_diagnostics(messages.append):
        base_layer = open_layer(base, "base stage")
        root = Sdf.Layer.CreateAnonymous("stage.usda")
        warnings = _copy_metrics(base_layer, root)
        sublayers, referenced = _sort_props(props, base_layer, root)
        layers: dict[LayerName, Sdf.Layer] = {name: Sdf.Layer.CreateAnonymous(f"{name}.usda") for name in LAYER_NAMES}
        root.subLayerPaths = [layer.identifier for layer in (*layers.values(), *sublayers, base_layer)]
        try:
            stage = Usd.Stage.Open(root, Usd.Stage.LoadAll)
        except Tf.ErrorException as error:
            raise AssetError(f"base stage {base} cannot be composed: {usd_message(error)}") from error
        with Usd.EditContext(stage, layers["props"]):
            for layer, reason in referenced:
                path = _reference_prop(stage, layer)
                warnings.append(f"prop {layer.GetDisplayName()} stands at {path}, it is not sublayered: {reason}")
        broken = [str(error) for error in stage.GetCompositionErrors()]
    # What composition reports is also emitted, in longer words, as a diagnostic.
    other = [message for message in messages if not any(text.rstrip(".") in message for text in broken)]
    return ComposedStage(
        stage=stage,
        base=Path(base),
        props=tuple(Path(prop) for prop in props),
        to_world=stage_to_world(stage),
        warnings=tuple(dict.fromkeys([*warnings, *broken, *other])),
        layers=layers,
    )


def compose_over(stage: Usd.Stage, props: Sequence[Path | str] = ()) -> ComposedStage:
    """Lay our layers and props over a stage that another program has open, without editing what it would save.

    They become sublayers of the stage's session layer: stronger than everything in its files, and gone with the stage.
    Props are treated as in `open_stage`.

    Args:
        stage: The open stage.
        props: Further USD files, or URLs that USD's resolver in this process opens; the first one strongest.

    Raises:
        AssetError: A prop is missing or not valid USD; the message is USD's own.
    """
    messages: list[str] = []
    with usd_diagnostics(messages.append):
        root, session = stage.GetRootLayer(), stage.GetSessionLayer()
        sublayers, referenced = _sort_props(props, root, root)
        layers: dict[LayerName, Sdf.Layer] = {name: Sdf.Layer.CreateAnonymous(f"{name}.usda") for name in LAYER_NAMES}
        ours = [layer.identifier for layer in (*layers.values(), *sublayers)]
        session.subLayerPaths = [*ours, *(path for path in session.subLayerPaths if path not in ours)]
        warnings = []
        with Usd.EditContext(stage, layers["props"]):
            for layer, reason in referenced:
                path = _reference_prop(stage, layer)
                warnings.append(f"prop {layer.GetDisplayName()} stands at {path}, it is not sublayered: {reason}")
    return ComposedStage(
        stage=stage,
        base=Path(root.realPath),
        props=tuple(Path(prop) for prop in props),
        to_world=stage_to_world(stage),
        warnings=tuple(dict.fromkeys([*warnings, *messages])),
        layers=layers,
    )


def define_xform(stage: Usd.Stage, path: str) -> Usd.Prim:
    """Return the prim at a path; it and what is missing above it are defined as Xforms in the current edit target."""
    for prefix in Sdf.Path(path).GetPrefixes():
        prim = stage.GetPrimAtPath(prefix)
        if not prim or not prim.IsDefined():
            UsdGeom.Xform.Define(stage, prefix)
    return stage.GetPrimAtPath(path)


def place(prim: Usd.Prim, local_to_stage: np.ndarray) -> None:
    """Give a prim one transform op that puts it at ``(4, 4)`` in stage coordinates, whatever is above it."""
    parent = np.array(UsdGeom.XformCache(AT_REST).GetParentToWorldTransform(prim))
    xformable = UsdGeom.Xformable(prim)
    xformable.ClearXformOpOrder()
    xformable.AddTransformOp().Set(gf_matrix(local_to_stage @ np.linalg.inv(parent)))


def open_layer(path: Path | str, role: str) -> Sdf.Layer:
    """Return the layer of a USD file.

    Args:
        path: The file, or a URL (a text with ``://`` in it) that USD's resolver in this process opens.
        role: What it is to the user, for messages: "base stage".

    Raises:
        AssetError: It is missing or not valid USD; the message is USD's own.
    """
    identifier = str(path)
    if "://" not in identifier:
        absolute = Path(path).expanduser().absolute()
        if not absolute.is_file():
            raise AssetError(f"{role} {path}: there is no such file")
        identifier = str(absolute)
    try:
        layer = Sdf.Layer.FindOrOpen(identifier)
    except Tf.ErrorException as error:
        raise AssetError(f"{role} {path} is not a valid USD file: {usd_message(error)}") from error
    if layer is None:
        raise AssetError(f"{role} {path} is not a valid USD file: no USD file format reads it")
    return layer


def _copy_metrics(base: Sdf.Layer, root: Sdf.Layer) -> list[str]:
    """Give our root layer the base's units, up axis, time codes and default prim, which USD reads from no sublayer."""
    warnings = []
    if not base.pseudoRoot.HasInfo("upAxis"):
        warnings.append(f"{base.GetDisplayName()} does not say its up axis; USD's default holds: Y")
    if not base.pseudoRoot.HasInfo("metersPerUnit"):
        warnings.append(f"{base.GetDisplayName()} does not say its units; USD's default holds: centimetres")
    up_axis, unit = layer_metrics(base)
    if not (np.isfinite(unit) and unit > 0) or up_axis not in ("Y", "Z"):
        raise AssetError(
            f"{base.realPath}: upAxis {up_axis!r} with metersPerUnit {unit} is no valid combination; expected Y or Z, "
            f"and a positive number"
        )
    root.pseudoRoot.SetInfo("upAxis", up_axis)
    root.pseudoRoot.SetInfo("metersPerUnit", unit)
    for key in ("timeCodesPerSecond", "framesPerSecond", "startTimeCode", "endTimeCode", "defaultPrim"):
        if base.pseudoRoot.HasInfo(key):
            root.pseudoRoot.SetInfo(key, base.pseudoRoot.GetInfo(key))
    return warnings


def layer_metrics(layer: Sdf.Layer, default: tuple[str, float] = ("Y", 0.01)) -> tuple[str, float]:
    """Return a file's up axis and metres per unit; where it says nothing, the default, which is USD's own."""
    info = layer.pseudoRoot
    up_axis = str(info.GetInfo("upAxis")) if info.HasInfo("upAxis") else default[0]
    unit = float(info.GetInfo("metersPerUnit")) if info.HasInfo("metersPerUnit") else default[1]
    return up_axis, unit


def _defined_paths(layer: Sdf.Layer) -> set[Sdf.Path]:
    """Return the paths of all prims that a layer and its sublayers define."""
    paths: set[Sdf.Path] = set()
    seen: set[str] = set()
    todo = [layer]
    while todo:
        current = todo.pop()
        if current.identifier in seen:
            continue
        seen.add(current.identifier)
        paths.update(spec.path for spec in _prim_specs(current) if spec.specifier == Sdf.SpecifierDef)
        for sublayer in current.subLayerPaths:
            opened = Sdf.Layer.FindOrOpenRelativeToLayer(current, sublayer)
            if opened is not None:
                todo.append(opened)
    return paths


def _prim_specs(layer: Sdf.Layer) -> Iterator[Sdf.PrimSpec]:
    todo = list(layer.rootPrims)
    while todo:
        spec = todo.pop()
        yield spec
        todo.extend(spec.nameChildren)


def _sort_props(
    props: Sequence[Path | str], base: Sdf.Layer, root: Sdf.Layer
) -> tuple[list[Sdf.Layer], list[tuple[Sdf.Layer, str]]]:
    """Return the props that can be sublayers over ``base``, and the others each with the reason why not."""
    taken = _defined_paths(base) if props else set()
    sublayers: list[Sdf.Layer] = []
    referenced: list[tuple[Sdf.Layer, str]] = []
    for prop in props:
        layer = open_layer(prop, "prop")
        reason = _why_not_sublayer(layer, root, taken)
        if reason:
            referenced.append((layer, reason))
        else:
            taken |= _defined_paths(layer)
            sublayers.append(layer)
    return sublayers, referenced


def _why_not_sublayer(layer: Sdf.Layer, root: Sdf.Layer, taken: set[Sdf.Path]) -> str | None:
    """Return why a prop cannot be a sublayer, or None when it can."""
    wanted = layer_metrics(root)
    found = layer_metrics(layer, wanted)
    if found[0] != wanted[0] or not np.isclose(found[1], wanted[1], rtol=1e-6):
        return (
            f"it is {found[0]}-up, {found[1]:g} m per unit; the base stage is {wanted[0]}-up, {wanted[1]:g} m per unit"
        )
    for spec in _prim_specs(layer):
        if spec.specifier == Sdf.SpecifierDef and spec.path in taken and _has_content(spec):
            return f"it would change {spec.path}, which is there already"
    return None


def _has_content(spec: Sdf.PrimSpec) -> bool:
    """Whether a definition brings more than a place for its children: sharing that with the base does no harm."""
    return (
        spec.typeName not in _PLAIN_TYPES
        or spec.hasReferences
        or spec.hasPayloads
        or any(name.startswith("xformOp:") for name in spec.properties.keys())  # noqa: SIM118 - a view, no dict
    )


def _reference_prop(stage: Usd.Stage, layer: Sdf.Layer) -> str:
    """Reference a prop below `PROPS_ROOT`, turned and scaled from its own metrics to the stage's."""
    name = Tf.MakeValidIdentifier(Path(layer.realPath).stem)
    path, number = f"{PROPS_ROOT}/{name}", 1
    while stage.GetPrimAtPath(path):
        path, number = f"{PROPS_ROOT}/{name}_{number}", number + 1
    holder = define_xform(stage, path)
    stage_metrics = layer_metrics(stage.GetRootLayer())
    up_axis, unit = layer_metrics(layer, stage_metrics)
    place(holder, to_metres_z_up(unit, up_axis) @ np.linalg.inv(stage_to_world(stage)))
    roots = [layer.defaultPrim] if layer.HasDefaultPrim() else [spec.name for spec in layer.rootPrims]
    for root in roots:
        child = UsdGeom.Xform.Define(stage, f"{path}/{root.rsplit('/', 1)[-1]}").GetPrim()
        child.SetTypeName("")  # the referenced prim says what it is
        child.GetReferences().AddReference(layer.identifier, Sdf.Path("/" + root.lstrip("/")))
    return path


def _export(layer: Sdf.Layer, target: Path) -> None:
    temporary = target.with_name(f".{target.stem}.{os.getpid()}{target.suffix}")
    try:
        if not layer.Export(str(temporary)):
            raise OSError(f"USD could not write {target.name}")
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)
