"""Scenes of boxes with a renderer in closed form: each pixel's ray is cut with each box exactly."""

from __future__ import annotations

import numpy as np

from isaacsim_agent_ext.actors.state import ActorSpec, ActorState
from isaacsim_agent_ext.render.gbuffer import AmodalExtents, GBuffer
from isaacsim_agent_ext.scene.snapshot import Instance, Material, Mesh, SceneFrame, SceneSnapshot, Semantics
from isaacsim_agent_ext.sensors.camera import CameraView

CORNERS = np.array([[x, y, z] for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (-0.5, 0.5)], np.float32)


FACES = ((0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3))
TRIANGLES = np.array([[a, b, c] for a, b, c, _ in FACES] + [[a, c, d] for a, _, c, d in FACES], np.int32)


def unit_cube():
    """A cube of edge 1 around the origin."""
    normals = (CORNERS / np.linalg.norm(CORNERS, axis=1, keepdims=True)).astype(np.float32)
    return Mesh(CORNERS, normals, np.zeros((8, 2), np.float32), TRIANGLES, np.zeros(12, np.int32))


def placed(center, size=(1.0, 1.0, 1.0), yaw=0.0):
    """Local-to-world of a unit cube scaled to a size, turned about Z and moved."""
    c, s = np.cos(yaw), np.sin(yaw)
    rotation = np.array([[c, s, 0, 0], [-s, c, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]], np.float64)
    transform = np.diag([*size, 1.0]) @ rotation
    transform[3, :3] = center
    return transform


def box(path, center, size=(1.0, 1.0, 1.0), *, labels=None, yaw=0.0, moving=False, semantics=None):
    """An instance of the unit cube, labelled on its own prim."""
    transform = placed(center, size, yaw)
    if semantics is None:
        frame = placed(center, yaw=yaw)
        semantics = (Semantics(path, labels, frame),) if labels else ()
    return Instance(path, 0, transform, semantics, moving=moving)


def scene(*instances):
    return SceneSnapshot(meshes=(unit_cube(),), instances=tuple(instances), materials=(Material(),))


def look_along_x(position=(0.0, 0.0, 0.0), *, resolution=(64, 48), focal_length=20.955, path="/World/Cameras/cam"):
    """A camera that looks along +X with +Z up: world -Y is to its right."""
    transform = np.array([[0, -1, 0, 0], [0, 0, 1, 0], [-1, 0, 0, 0], [*position, 1]], np.float64)
    return CameraView(prim_path=path, transform=transform, resolution=resolution, focal_length=focal_length)


class BoxRenderer:
    """Renders boxes; stands at a scene frame like the real one."""

    def __init__(self, snapshot):
        self.snapshot = snapshot
        self.transforms = [instance.transform for instance in snapshot.instances]
        self.calls = []

    def update(self, frame: SceneFrame):
        for index, transform in frame.transforms.items():
            self.transforms[index] = transform

    def render(self, camera, *, shaded=True, previous=None):
        self.calls.append(("render", shaded))
        hits = np.stack([np.full((camera.resolution[1], camera.resolution[0]), np.inf), *self._depths(camera)])
        instance = hits.argmin(axis=0).astype(np.int32) - 1
        plane = hits.min(axis=0)
        directions = self._directions(camera)
        distance = plane * np.linalg.norm(directions, axis=-1)
        normals = np.where((instance >= 0)[..., None], -camera.transform[2, :3] * -1.0, 0.0).astype(np.float32)
        rgb = None
        if shaded:
            rgb = np.full((*instance.shape, 4), 255, np.uint8)
            shades = np.array([[60, 64, 72], [176, 132, 84], [92, 124, 168], [150, 88, 84], [110, 140, 96]], np.uint8)
            rgb[..., :3] = shades[(instance + 1) % len(shades)]
        return GBuffer(
            instance,
            distance.astype(np.float32),
            plane.astype(np.float32),
            normals,
            np.zeros((*instance.shape, 2), np.float32),
            rgb,
        )

    def amodal_extents(self, camera, entity_of_instance, entity_count):
        self.calls.append(("amodal", entity_count))
        covered = np.zeros((entity_count, camera.resolution[1], camera.resolution[0]), bool)
        for index, depth in enumerate(self._depths(camera)):
            if entity_of_instance[index] >= 0:
                covered[entity_of_instance[index]] |= np.isfinite(depth)
        boxes = np.tile(np.array([0, 0, -1, -1], np.int32), (entity_count, 1))
        for entity, mask in enumerate(covered):
            rows, columns = np.nonzero(mask)
            if len(rows):
                boxes[entity] = columns.min(), rows.min(), columns.max(), rows.max()
        return AmodalExtents(covered.sum(axis=(1, 2)), boxes)

    def instance_points(self, index):
        transform = self.transforms[index]
        return (CORNERS @ transform[:3, :3] + transform[3, :3]).astype(np.float32)

    def _directions(self, camera):
        """World directions with unit depth along the optical axis, one per pixel centre."""
        width, height = camera.resolution
        columns, rows = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
        step = camera.horizontal_aperture / camera.focal_length / width
        local = np.stack([(columns - width / 2) * step, (height / 2 - rows) * step, -np.ones_like(rows)], axis=-1)
        return local @ camera.transform[:3, :3]

    def _depths(self, camera):
        """Depth along the optical axis to each box, inf where it is missed."""
        directions = self._directions(camera)
        for transform in self.transforms:
            inverse = np.linalg.inv(transform)
            origin = camera.transform[3, :3] @ inverse[:3, :3] + inverse[3, :3]
            local = directions @ inverse[:3, :3]
            with np.errstate(divide="ignore", invalid="ignore"):
                t0, t1 = (-0.5 - origin) / local, (0.5 - origin) / local
            near = np.nanmax(np.minimum(t0, t1), axis=-1)
            far = np.nanmin(np.maximum(t0, t1), axis=-1)
            yield np.where((near <= far) & (near > 0), near, np.inf)


def actor(path, position, *, yaw=0.0, velocity=(0.0, 0.0, 0.0), task="Idle", agent_prim_path=None, group="workers"):
    spec = ActorSpec(
        name=path.rpartition("/")[2],
        group=group,
        prim_path=path,
        agent_prim_path=agent_prim_path or f"{path}/SkelRoot",
        agent_type="IRACharacterAPI",
        asset_url="Isaac/People/Characters/F_Business_02/F_Business_02.usd",
        position=np.array(position, np.float64),
        yaw=yaw,
    )
    return ActorState(
        spec=spec, position=np.array(position, np.float64), yaw=yaw, velocity=np.array(velocity, np.float64), task=task
    )
