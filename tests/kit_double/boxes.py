"""A tiny renderer for the double: every shape is its bounding box, so that images mean something and cost nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(eq=False)
class Box:
    """One shape.

    Attributes:
        path: Its prim.
        low: Lower corner, in its own frame.
        high: Upper corner.
        world: Local to world, row vectors.
        labels: Taxonomy to labels, from the outermost ancestor to the prim.
        owner: The nearest prim with a label, itself included; empty for none.
        owner_world: That prim's local to world.
    """

    path: str
    low: np.ndarray
    high: np.ndarray
    world: np.ndarray
    labels: Mapping[str, tuple[str, ...]]
    owner: str
    owner_world: np.ndarray

    def corners(self) -> np.ndarray:
        """Return the corners in the world ``(8, 3)``."""
        both = np.stack([self.low, self.high])
        local = np.array([(both[i, 0], both[j, 1], both[k, 2]) for i in (0, 1) for j in (0, 1) for k in (0, 1)])
        return local @ self.world[:3, :3] + self.world[3, :3]


@dataclass(eq=False)
class BoxScene:
    """All visible shapes at one time, in stage units."""

    boxes: list[Box]
    metres_per_unit: float
    skeletons: list[dict[str, Any]] = field(default_factory=list)

    def first_hit(self, origin: np.ndarray, direction: np.ndarray, distance: float) -> tuple[float, str] | None:
        """Return the distance and path of what a ray meets first."""
        best = None
        for box in self.boxes:
            t, _ = _enter(box, origin, direction[None, :])
            if np.isfinite(t[0]) and t[0] <= distance and (best is None or t[0] < best[0]):
                best = (float(t[0]), box.path)
        return best


@dataclass(eq=False)
class View:
    """What a camera sees: images ``(height, width)``, and where every box is.

    Attributes:
        index: Index of the box per pixel, -1 for none.
        depth: Along the optical axis, infinite for none.
        distance: From the camera.
        normal: World normals ``(height, width, 3)``.
        alone: Pixels of each box were it alone ``{index: count}``.
        projected: Pixel bounds of each box, occluded or not ``{index: (x0, y0, x1, y1)}``.
        params: The camera, in the fields of ``camera_params``.
    """

    scene: BoxScene
    index: np.ndarray
    depth: np.ndarray
    distance: np.ndarray
    normal: np.ndarray
    alone: dict[int, np.ndarray]
    projected: dict[int, tuple[int, int, int, int]]
    params: dict[str, Any]


def box_scene(stage: Any, time_code: float) -> BoxScene:
    """Read the visible shapes of a stage."""
    from pxr import Usd, UsdGeom, UsdSemantics, UsdSkel

    time = Usd.TimeCode(time_code)
    transforms = UsdGeom.XformCache(time)
    skeletons = _skeletons(stage, time, transforms)
    boxes: list[Box] = []
    labels: dict[str, tuple[dict[str, tuple[str, ...]], str, np.ndarray]] = {}
    predicate = Usd.TraverseInstanceProxies(Usd.PrimDefaultPredicate)
    walk = iter(Usd.PrimRange.Stage(stage, predicate))
    for prim in walk:
        path = str(prim.GetPath())
        inherited, owner, owner_world = labels.get(path.rpartition("/")[0], ({}, "", np.eye(4)))
        own = {
            taxonomy: tuple(UsdSemantics.LabelsAPI(prim, taxonomy).GetLabelsAttr().Get() or ())
            for taxonomy in UsdSemantics.LabelsAPI.GetDirectTaxonomies(prim)
        }
        if any(own.values()):
            merged = {name: (*inherited.get(name, ()), *own.get(name, ())) for name in {*inherited, *own}}
            inherited, owner, owner_world = merged, path, np.array(transforms.GetLocalToWorldTransform(prim))
        labels[path] = (inherited, owner, owner_world)
        imageable = UsdGeom.Imageable(prim)
        if imageable and (
            imageable.ComputeVisibility(time) == "invisible" or imageable.ComputePurpose() in ("guide", "proxy")
        ):
            walk.PruneChildren()
            continue
        if not prim.IsA(UsdGeom.Gprim):
            continue
        skeleton = UsdSkel.BindingAPI(prim).GetInheritedSkeleton()
        posed = skeletons.get(str(skeleton.GetPath())) if skeleton else None
        if posed is not None:
            margin = 0.12 / UsdGeom.GetStageMetersPerUnit(stage)
            low, high = posed["world"].min(0) - margin, posed["world"].max(0) + margin
            world = np.eye(4)
        else:
            extent = UsdGeom.Boundable.ComputeExtentFromPlugins(UsdGeom.Boundable(prim), time)
            if not extent:
                continue
            low, high = np.array(extent[0], float), np.array(extent[1], float)
            world = np.array(transforms.GetLocalToWorldTransform(prim))
        boxes.append(Box(path, low, high, world, inherited, owner, owner_world))
    return BoxScene(boxes, UsdGeom.GetStageMetersPerUnit(stage), [skeletons[name] for name in sorted(skeletons)])


def _skeletons(stage: Any, time: Any, transforms: Any) -> dict[str, dict[str, Any]]:
    from pxr import Usd, UsdSkel

    cache = UsdSkel.Cache()
    found = {}
    for prim in Usd.PrimRange.Stage(stage, Usd.TraverseInstanceProxies(Usd.PrimDefaultPredicate)):
        if prim.IsA(UsdSkel.Root):
            cache.Populate(UsdSkel.Root(prim), Usd.TraverseInstanceProxies(Usd.PrimDefaultPredicate))
        elif prim.IsA(UsdSkel.Skeleton):
            query = cache.GetSkelQuery(UsdSkel.Skeleton(prim))
            if not query:
                continue
            posed = np.array([np.array(each) for each in query.ComputeJointSkelTransforms(time)])
            if not len(posed):
                continue
            world = np.array(transforms.GetLocalToWorldTransform(prim))
            found[str(prim.GetPath())] = {
                "path": str(prim.GetPath()),
                "joints": [str(name) for name in query.GetJointOrder()],
                "parents": np.array(list(query.GetTopology().GetParentIndices()), np.int32),
                "world": posed[:, 3, :3] @ world[:3, :3] + world[3, :3],
                "local": query.ComputeJointLocalTransforms(time),
                "rest": query.ComputeJointLocalTransforms(time, True),
            }
    return found


def render(scene: BoxScene, camera: Any, time_code: float, size: tuple[int, int]) -> View:
    """Look at a scene through a camera prim."""
    from pxr import Usd, UsdGeom

    width, height = size
    lens = UsdGeom.Camera(camera).GetCamera(Usd.TimeCode(time_code))
    world = np.array(lens.transform)
    focal = lens.focalLength / lens.horizontalAperture * width  # [px], the same along both axes
    x, y = np.meshgrid(np.arange(width) + 0.5 - width / 2, np.arange(height) + 0.5 - height / 2)
    eye_rays = np.stack([x / focal, -y / focal, -np.ones_like(x)], axis=-1)
    rays = eye_rays @ world[:3, :3]
    origin = world[3, :3]
    view = View(
        scene=scene,
        index=np.full((height, width), -1),
        depth=np.full((height, width), np.inf),
        distance=np.full((height, width), np.inf),
        normal=np.zeros((height, width, 3), np.float32),
        alone={},
        projected={},
        params=_params(lens, world, size, scene.metres_per_unit),
    )
    to_camera = np.linalg.inv(world)
    for number, box in enumerate(scene.boxes):
        corners = box.corners() @ to_camera[:3, :3] + to_camera[3, :3]
        ahead = -corners[:, 2]
        if ahead.max() <= 1e-6:
            continue
        x0, y0, x1, y1 = 0, 0, width - 1, height - 1
        if ahead.min() > 1e-6:
            u = corners[:, 0] / ahead * focal + width / 2
            v = -corners[:, 1] / ahead * focal + height / 2
            x0, x1 = max(0, int(np.floor(u.min()))), min(width - 1, int(np.ceil(u.max())) - 1)
            y0, y1 = max(0, int(np.floor(v.min()))), min(height - 1, int(np.ceil(v.max())) - 1)
            if x0 > x1 or y0 > y1:
                continue
        view.projected[number] = (x0, y0, x1, y1)
        part = (slice(y0, y1 + 1), slice(x0, x1 + 1))
        shape = rays[part].shape[:2]
        t, normal = _enter(box, origin, rays[part].reshape(-1, 3))
        t, normal = t.reshape(shape), normal.reshape(*shape, 3)
        mask = np.zeros((height, width), bool)
        mask[part] = np.isfinite(t)
        view.alone[number] = mask
        nearer = t < view.depth[part]
        view.depth[part][nearer] = t[nearer]
        view.index[part][nearer] = number
        view.normal[part][nearer] = normal[nearer]
    view.distance = view.depth * np.linalg.norm(eye_rays, axis=-1)
    return view


def _enter(box: Box, origin: np.ndarray, rays: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return where rays ``(n, 3)`` enter a box, in ray lengths (infinite for none), and the normals there."""
    inverse = np.linalg.pinv(box.world)
    start = origin @ inverse[:3, :3] + inverse[3, :3]
    along = rays @ inverse[:3, :3]
    along = np.where(np.abs(along) < 1e-12, 1e-12, along)
    pad = 1e-6 * max(1.0, float((box.high - box.low).max()))
    first = (box.low - pad - start) / along
    second = (box.high + pad - start) / along
    near, far = np.minimum(first, second), np.maximum(first, second)
    enter, leave = near.max(axis=1), far.min(axis=1)
    hit = (enter <= leave) & (leave > 1e-6)
    inside = enter <= 1e-6  # from within, the far wall is what is seen
    axis = np.where(inside, far.argmin(axis=1), near.argmax(axis=1))
    t = np.where(hit, np.where(inside, leave, enter), np.inf)
    normal = np.eye(3)[axis] * -np.sign(along[np.arange(len(along)), axis])[:, None]
    turned = normal @ inverse[:3, :3].T
    length = np.linalg.norm(turned, axis=1, keepdims=True)
    return t, turned / np.where(length > 0, length, 1.0)


def _params(lens: Any, world: np.ndarray, size: tuple[int, int], metres_per_unit: float) -> dict[str, Any]:
    width, height = size
    near, far = lens.clippingRange.min, lens.clippingRange.max
    fx = 2.0 * lens.focalLength / lens.horizontalAperture
    projection = np.zeros((4, 4))
    projection[0, 0], projection[1, 1] = fx, fx * width / height
    projection[2, 3], projection[3, 2] = -1.0, near  # reversed, to infinity
    return {
        "cameraAperture": np.array([lens.horizontalAperture, lens.horizontalAperture * height / width], np.float32),
        "cameraApertureOffset": np.array([lens.horizontalApertureOffset, lens.verticalApertureOffset], np.float32),
        "cameraFisheyeLensP": np.zeros(0, np.float32),
        "cameraFisheyeLensS": np.zeros(0, np.float32),
        "cameraFisheyeMaxFOV": 0.0,
        "cameraFisheyeNominalHeight": 0,
        "cameraFisheyeNominalWidth": 0,
        "cameraFisheyeOpticalCentre": np.zeros(2, np.float32),
        "cameraFisheyePolynomial": np.zeros(5, np.float32),
        "cameraFocalLength": float(lens.focalLength),
        "cameraFocusDistance": float(lens.focusDistance),
        "cameraFStop": float(lens.fStop),
        "cameraModel": "pinhole",
        "cameraNearFar": np.array([near, far], np.float32),
        "cameraProjection": projection.reshape(16),
        "cameraViewTransform": np.linalg.inv(world).reshape(16),
        "metersPerSceneUnit": metres_per_unit,
        "renderProductResolution": np.array([width, height], np.int32),
    }


def label_text(labels: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return labels as Replicator prints them: one string per taxonomy."""
    return {taxonomy: ",".join(dict.fromkeys(labels[taxonomy])) for taxonomy in sorted(labels)}
