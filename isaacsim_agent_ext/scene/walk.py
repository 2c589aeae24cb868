"""One walk over a stage: which prims are drawn, where, with which labels; prototypes once, however often they occur.

What is hidden (invisible, guides, proxies, cameras, unloaded or inactive prims) is pruned on the way down, and what
is inherited (transform, labels, purpose, NavMesh area) is carried down, because asking USD about each prim is what
costs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

import numpy as np
from pxr import Gf, Usd, UsdGeom

from isaacsim_agent_ext.scene.diagnostics import prim_name, skipping_broken
from isaacsim_agent_ext.scene.labels import labels_among
from isaacsim_agent_ext.scene.lights import LIGHT_KINDS, UNSUPPORTED_LIGHTS
from isaacsim_agent_ext.scene.metrics import AT_REST
from isaacsim_agent_ext.steps import Steps

GPRIMS = ("Cube", "Sphere", "Cylinder", "Cylinder_1", "Capsule", "Capsule_1", "Cone", "Plane")
_NOT_DRAWN = ("BasicCurves", "BasisCurves", "HermiteCurves", "NurbsCurves", "NurbsPatch", "Points", "TetMesh", "Volume",
              "ParticleField_3DGaussianSplat")  # fmt: skip
_PRUNED = ("Material", "Shader", "NodeGraph", "GeomSubset", "SkelAnimation", "BlendShape", "Camera")
_DRAWN_PURPOSES = ("default", "render")

_PREDICATE = Usd.TraverseInstanceProxies(Usd.PrimDefaultPredicate)
_PROTOTYPES = Usd.TraverseInstanceProxies(Usd.PrimIsActive & Usd.PrimIsLoaded & ~Usd.PrimIsAbstract)
"""Prototypes of a PointInstancer may be mere overs."""


@dataclass(frozen=True, eq=False, slots=True)
class LabelledPrim:
    """A prim with labels; path and matrix are relative to its `Tree`."""

    path: str
    labels: dict[str, tuple[str, ...]]
    matrix: Gf.Matrix4d


@dataclass(frozen=True, eq=False, slots=True)
class Context:
    """What a prim inherits from above it, within its `Tree`."""

    matrix: Gf.Matrix4d
    labels: tuple[LabelledPrim, ...] = ()
    purpose: str = "default"
    navigation: bool = True
    area: str = ""
    moving: bool = False
    display: tuple[Usd.Attribute | None, Usd.Attribute | None] = (None, None)


@dataclass(frozen=True, eq=False, slots=True)
class Shape:
    """A prim with geometry.

    Attributes:
        prim: A Mesh or an implicit shape, in the prototype when it is instanced.
        path: Relative to the tree's root.
        context: What it inherits and says itself.
        names: Its authored properties.
        subsets: Its GeomSubset children.
    """

    prim: Usd.Prim
    path: str
    context: Context
    names: frozenset[str]
    subsets: tuple[Usd.Prim, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Copies:
    """Places where another tree is repeated.

    Attributes:
        tree: What is repeated.
        host: The instance prim, or the prototype: where inherited material bindings are looked up.
        paths: One path per copy, relative to the surrounding tree.
        matrices: ``(copies, 4, 4)`` float64, relative to the surrounding tree.
        context: What all copies inherit.
    """

    tree: Tree
    host: Usd.Prim
    paths: tuple[str, ...]
    matrices: np.ndarray
    context: Context


@dataclass(eq=False, slots=True)
class Tree:
    """The drawn content below one prim."""

    shapes: list[Shape] = field(default_factory=list)
    lights: list[tuple[Usd.Prim, str, Gf.Matrix4d]] = field(default_factory=list)
    copies: list[Copies] = field(default_factory=list)
    skinned: bool = False


class StageWalker:
    """Walks a stage and gathers its trees.

    Attributes:
        trees: Every distinct tree, prototypes included.
        skel_roots: SkelRoot prims that are drawn, in order.
    """

    def __init__(self, moving: Iterable[str], warn: Callable[[str], None]):
        """Args are the prim paths whose content moves from frame to frame, and what hears of odd prims."""
        self.trees: list[Tree] = []
        self.skel_roots: list[Usd.Prim] = []
        self._moving = frozenset(moving)
        self._warn = warn
        self._by_prototype: dict[str, Tree | None] = {}

    def walk(self, stage: Usd.Stage) -> Steps[Tree]:
        """Return the whole stage as a tree, prim by prim."""
        tree = Tree()
        start = Context(matrix=Gf.Matrix4d(1.0))
        todo = [(child, start) for child in stage.GetPseudoRoot().GetChildren()]
        yield from self._descend(tree, todo, "", _PREDICATE)
        self.trees.append(tree)
        return tree

    def _descend(
        self, tree: Tree, todo: list[tuple[Usd.Prim, Context]], root: str, predicate: Usd._PrimFlagsPredicate
    ) -> Steps[None]:
        """Walk depth first in authored order; ``root`` is the path that relative ones start from."""
        todo.reverse()
        while todo:
            prim, context = todo.pop()
            yield None
            with skipping_broken(prim, self._warn):
                below = yield from self._visit(tree, prim, root, context)
                if below is not None:
                    todo.extend([(child, below) for child in reversed(prim.GetFilteredChildren(predicate))])

    def _visit(self, tree: Tree, prim: Usd.Prim, root: str, context: Context) -> Steps[Context | None]:
        """Add a prim's own content; return what holds for its children, or None when they are not to be walked."""
        type_name = prim.GetTypeName()
        if type_name in _PRUNED:
            return None
        names = prim.GetAuthoredPropertyNames()
        path = prim.GetPath().pathString[len(root) :]
        below = self._context(prim, names, context, path)
        if below is None or (prim.IsInstance() and (yield from self._add_instance(tree, prim, path, below))):
            return None
        if type_name == "PointInstancer":
            yield from self._add_point_instances(tree, prim, path, below)
            return None
        if type_name:
            self._add_content(tree, prim, path, below, names)
        return below

    def _context(self, prim: Usd.Prim, names: list[str], above: Context, path: str) -> Context | None:
        """Return what holds at and below a prim, or None when nothing of it is drawn."""
        changes: dict[str, object] = {}
        color, opacity = above.display
        for name in names:
            if name == "xformOpOrder":
                local = UsdGeom.Xformable(prim)
                if local:
                    matrix = local.GetLocalTransformation(AT_REST)
                    changes["matrix"] = matrix if local.GetResetXformStack() else matrix * above.matrix
            elif name == "visibility":
                if prim.GetAttribute(name).Get(AT_REST) == "invisible":
                    return None
            elif name == "purpose":
                changes["purpose"] = str(prim.GetAttribute(name).Get(AT_REST))
            elif name == "physics:collisionEnabled":
                if prim.GetAttribute(name).Get(AT_REST) is False:
                    changes["navigation"] = False
            elif name == "navmesh:area":
                changes["area"] = str(prim.GetAttribute(name).Get(AT_REST) or "")
            elif name == "primvars:displayColor":
                color = prim.GetAttribute(name)
                changes["display"] = (color, opacity)
            elif name == "primvars:displayOpacity":
                opacity = prim.GetAttribute(name)
                changes["display"] = (color, opacity)
            elif name.startswith("semantic") and "labels" not in changes:
                labels = labels_among(prim, names)
                matrix = changes.get("matrix", above.matrix)
                changes["labels"] = (LabelledPrim(path, labels, matrix), *above.labels) if labels else above.labels
        if path in self._moving and not prim.IsInPrototype():
            changes["moving"], changes["navigation"] = True, False
        if "NavMeshExcludeAPI" in applied_schemas(prim):
            changes["navigation"] = False
        return replace(above, **changes) if changes else above  # type: ignore[arg-type]

    def _add_content(self, tree: Tree, prim: Usd.Prim, path: str, context: Context, names: list[str]) -> None:
        type_name = str(prim.GetTypeName())
        if type_name == "Mesh" or type_name in GPRIMS:
            if context.purpose in _DRAWN_PURPOSES:
                subsets = tuple(child for child in prim.GetChildren() if child.GetTypeName() == "GeomSubset")
                tree.shapes.append(Shape(prim, path, context, frozenset(names), subsets))
        elif type_name in LIGHT_KINDS:
            tree.lights.append((prim, path, context.matrix))
        elif type_name == "SkelRoot":
            tree.skinned = True
            self.skel_roots.append(prim)
        elif type_name in _NOT_DRAWN or type_name in UNSUPPORTED_LIGHTS:
            self._warn(f"{prim_name(prim)}: prims of type {type_name} are not drawn")

    def _add_instance(self, tree: Tree, prim: Usd.Prim, path: str, context: Context) -> Steps[bool]:
        """Add a native instance; False when it has to be walked prim by prim because it holds skinned people."""
        prototype = prim.GetPrototype()
        known = yield from self._tree(prototype, prototype.GetChildren(), _PREDICATE)
        if known is None or known.skinned:
            return False
        tree.copies.append(
            Copies(
                tree=known,
                host=prim,
                paths=(path,),
                matrices=np.array([context.matrix], dtype=np.float64),
                context=context,
            )
        )
        return True

    def _add_point_instances(self, tree: Tree, prim: Usd.Prim, path: str, context: Context) -> Steps[None]:
        instancer = UsdGeom.PointInstancer(prim)
        targets = instancer.GetPrototypesRel().GetForwardedTargets()
        indices = np.array(instancer.GetProtoIndicesAttr().Get(AT_REST) or (), dtype=np.int64)
        local = instancer.ComputeInstanceTransformsAtTime(
            AT_REST, AT_REST, UsdGeom.PointInstancer.ExcludeProtoXform, UsdGeom.PointInstancer.IgnoreMask
        )
        if not len(indices):
            return
        if len(local) != len(indices) or indices.min() < 0 or indices.max() >= len(targets):
            self._warn(
                f"{prim_name(prim)}: left out, its {len(indices)} protoIndices do not match its {len(local)} "
                f"transforms and {len(targets)} prototypes"
            )
            return
        mask = np.array(instancer.ComputeMaskAtTime(AT_REST) or [True] * len(indices), dtype=bool)
        ids = instancer.GetIdsAttr().Get(AT_REST)
        numbers = np.array(ids if ids is not None and len(ids) == len(indices) else range(len(indices)))
        placed = np.array(local, dtype=np.float64) @ np.array(context.matrix)
        for index, target in enumerate(targets):
            chosen = np.flatnonzero((indices == index) & mask)
            prototype = prim.GetStage().GetPrimAtPath(target)
            if not len(chosen):
                continue
            if not prototype:
                self._warn(f"{prim_name(prim)}: its prototype {target} does not exist")
                continue
            known = yield from self._tree(prototype, [prototype], _PROTOTYPES)
            if known is None:
                self._warn(f"{prim_name(prim)}: its prototype {target} contains the instancer itself")
                continue
            if known.skinned:
                self._warn(f"{prim_name(prim)}: skinned prototypes of a PointInstancer stay in their bind pose")
            tree.copies.append(
                Copies(
                    tree=known,
                    host=prototype,
                    paths=tuple(f"{path}/{prototype.GetName()}_{number}" for number in numbers[chosen]),
                    matrices=placed[chosen],
                    context=context,
                )
            )

    def _tree(
        self, prototype: Usd.Prim, start: list[Usd.Prim], predicate: Usd._PrimFlagsPredicate
    ) -> Steps[Tree | None]:
        """Return the tree of a prototype, or None while it is being walked: it would contain itself."""
        root = prototype.GetPath().pathString
        if root in self._by_prototype:
            return self._by_prototype[root]
        self._by_prototype[root] = None
        tree = Tree()
        todo = [(prim, Context(matrix=Gf.Matrix4d(1.0))) for prim in start]
        roots = len(self.skel_roots)
        yield from self._descend(tree, todo, root, predicate)
        del self.skel_roots[roots:]  # those in prototypes are read where they are used
        tree.skinned = tree.skinned or any(copies.tree.skinned for copies in tree.copies)
        self._by_prototype[root] = tree
        self.trees.append(tree)
        return tree


def applied_schemas(prim: Usd.Prim) -> list[str]:
    """Return a prim's applied API schemas, also those that are not registered in this process."""
    listed = prim.GetMetadata("apiSchemas")
    return list(listed.GetAddedOrExplicitItems()) if listed else []
