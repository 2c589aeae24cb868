"""How fast the renderer is: labels and shaded images of a synthetic hall, at three resolutions.

    python benchmarks/bench_render.py [--device cuda:0] [--threads 1] [--cameras 8] [--json] [--pictures FOLDER]

The hall needs no assets: 60 rack bays, 720 boxes and 60 drums (200,000 triangles that never move), 20 people of
8,160 triangles each who walk, textures, one sun and three lamps.

On CUDA every row has three times. "device" is what CUDA events on the kernels' stream say, the images left on the
device; "wall" is one call that waits for the images on the host; "overlap" is the wall time per call when the copy of
one batch runs beside the kernels of the next, as recording does. The kernels of the last row follow, each with its own
time and that of the copies.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from isaacsim_agent_ext.scene.snapshot import (
    Instance,
    Light,
    Material,
    Mesh,
    SceneFrame,
    SceneSnapshot,
    Skeleton,
    Skin,
    Texture,
)
from isaacsim_agent_ext.sensors.camera import CameraView

if TYPE_CHECKING:
    from isaacsim_agent_ext.render.renderer import Renderer

RESOLUTIONS = ((640, 480), (1280, 720), (1920, 1080))
PEOPLE = 20

# name, parent, head, tail, radii: a person facing +Y, of capsules
BONES = (
    ("hips", -1, (0, 0, 0.95), (0, 0, 1.12), 0.15, 0.15),
    ("chest", 0, (0, 0, 1.15), (0, 0, 1.42), 0.16, 0.17),
    ("head", 1, (0, 0, 1.60), (0, 0, 1.68), 0.10, 0.11),
    ("upper_arm_l", 1, (-0.24, 0, 1.42), (-0.26, 0, 1.15), 0.055, 0.05),
    ("lower_arm_l", 3, (-0.26, 0, 1.13), (-0.27, 0.02, 0.88), 0.045, 0.04),
    ("hand_l", 4, (-0.27, 0.02, 0.85), (-0.27, 0.03, 0.78), 0.04, 0.03),
    ("upper_arm_r", 1, (0.24, 0, 1.42), (0.26, 0, 1.15), 0.055, 0.05),
    ("lower_arm_r", 6, (0.26, 0, 1.13), (0.27, 0.02, 0.88), 0.045, 0.04),
    ("hand_r", 7, (0.27, 0.02, 0.85), (0.27, 0.03, 0.78), 0.04, 0.03),
    ("thigh_l", 0, (-0.1, 0, 0.9), (-0.1, 0, 0.52), 0.085, 0.07),
    ("shin_l", 9, (-0.1, 0, 0.5), (-0.1, -0.02, 0.12), 0.06, 0.05),
    ("foot_l", 10, (-0.1, 0, 0.06), (-0.1, 0.16, 0.05), 0.05, 0.04),
    ("thigh_r", 0, (0.1, 0, 0.9), (0.1, 0, 0.52), 0.085, 0.07),
    ("shin_r", 12, (0.1, 0, 0.5), (0.1, -0.02, 0.12), 0.06, 0.05),
    ("foot_r", 13, (0.1, 0, 0.06), (0.1, 0.16, 0.05), 0.05, 0.04),
)


def box(size: tuple[float, float, float], cells: int, material: int, repeat: float = 1.0) -> Mesh:
    """Build a box around the origin, each face of ``cells`` by ``cells`` quads."""
    steps = np.linspace(-0.5, 0.5, cells + 1)
    a, b = (grid.ravel() for grid in np.meshgrid(steps, steps, indexing="ij"))
    i, j = np.meshgrid(np.arange(cells), np.arange(cells), indexing="ij")
    q = (i * (cells + 1) + j).ravel()
    face = np.stack([np.stack([q, q + cells + 1, q + cells + 2], 1), np.stack([q, q + cells + 2, q + 1], 1)], 1)
    points, normals, uvs, triangles = [], [], [], []
    for axis in range(3):
        for side in (-1, 1):
            corner = np.zeros((len(a), 3))
            corner[:, axis], corner[:, (axis + 1) % 3], corner[:, (axis + 2) % 3] = side / 2, a, b * side
            normal = np.zeros_like(corner)
            normal[:, axis] = side
            triangles.append(face.reshape(-1, 3) + sum(len(part) for part in points))
            points.append(corner * size)
            normals.append(normal)
            uvs.append(np.stack([a + 0.5, b + 0.5], 1) * repeat)
    return mesh(
        np.concatenate(points), np.concatenate(normals), np.concatenate(uvs), np.concatenate(triangles), material
    )


def capsule(head: tuple, tail: tuple, radii: tuple[float, float], cells: tuple[int, int], material: int) -> Mesh:
    """Build a rounded cone between two points."""
    around, along = cells
    start, end = np.asarray(head, float), np.asarray(tail, float)
    axis = end - start
    length = float(np.linalg.norm(axis))
    axis /= length
    x = np.cross(axis, [1, 0, 0] if abs(axis[0]) < 0.9 else [0, 1, 0])
    x /= np.linalg.norm(x)
    y = np.cross(axis, x)
    s = np.linspace(0, 1, along + 1)
    low, high = np.clip(s / 0.25, 0, 1) * math.pi / 2, np.clip((s - 0.75) / 0.25, 0, 1) * math.pi / 2
    middle = np.clip((s - 0.25) / 0.5, 0, 1)
    height = middle * length - radii[0] * np.cos(low) + radii[1] * np.sin(high)
    radius = np.where(s < 0.25, radii[0] * np.sin(low), (radii[0] + (radii[1] - radii[0]) * middle) * np.cos(high))
    turn = np.linspace(0, 2 * math.pi, around + 1)
    ring = np.cos(turn)[:, None] * x + np.sin(turn)[:, None] * y
    points = start + height[:, None, None] * axis + np.maximum(radius, 1e-4)[:, None, None] * ring
    uvs = np.stack(np.broadcast_arrays(turn[None] / (2 * math.pi), s[:, None]), -1)
    i, j = np.meshgrid(np.arange(along), np.arange(around), indexing="ij")
    q = (i * (around + 1) + j).ravel()
    w = around + 1
    triangles = np.stack([np.stack([q, q + 1, q + w + 1], 1), np.stack([q, q + w + 1, q + w], 1)], 1).reshape(-1, 3)
    flat = points.reshape(-1, 3)
    normals = np.zeros_like(flat)
    faces = np.cross(flat[triangles[:, 1]] - flat[triangles[:, 0]], flat[triangles[:, 2]] - flat[triangles[:, 0]])
    for corner in range(3):
        np.add.at(normals, triangles[:, corner], faces)
    return mesh(flat, normals, uvs.reshape(-1, 2), triangles, material)


def mesh(points: np.ndarray, normals: np.ndarray, uvs: np.ndarray, triangles: np.ndarray, material: int) -> Mesh:
    normals = normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    return Mesh(
        points=points.astype(np.float32),
        normals=normals.astype(np.float32),
        uvs=uvs.astype(np.float32),
        triangles=triangles.astype(np.int32),
        materials=np.full(len(triangles), material, dtype=np.int32),
    )


def person(material: int, skeleton: int) -> Mesh:
    """Build a person of capsules, 8,160 triangles, each part bound to its bone and a little to its parent."""
    parts = [capsule(head, tail, (r0, r1), (16, 17), material) for _, _, head, tail, r0, r1 in BONES]
    joints, weights, triangles, start = [], [], [], 0
    for bone, (part, (_, parent, head, *_)) in enumerate(zip(parts, BONES, strict=True)):
        blend = 0.5 * (1 - np.clip(np.linalg.norm(part.points - np.asarray(head), axis=1) / 0.12, 0, 1))
        blend = blend if parent >= 0 else np.zeros_like(blend)
        joints.append(np.tile([bone, max(parent, 0), 0, 0], (len(part.points), 1)))
        weights.append(np.stack([1 - blend, blend, 0 * blend, 0 * blend], axis=1))
        triangles.append(part.triangles + start)
        start += len(part.points)
    whole = np.concatenate
    built = mesh(
        whole([part.points for part in parts]),
        whole([part.normals for part in parts]),
        whole([part.uvs for part in parts]),
        whole(triangles),
        material,
    )
    skin = Skin(skeleton, whole(joints).astype(np.int32), whole(weights).astype(np.float32))
    return Mesh(built.points, built.normals, built.uvs, built.triangles, built.materials, skin)


def placed(position: tuple[float, float, float], yaw: float = 0.0) -> np.ndarray:
    """Return a row-vector transform that turns about Z, then moves."""
    transform = np.eye(4)
    transform[:2, :2] = [[math.cos(yaw), math.sin(yaw)], [-math.sin(yaw), math.cos(yaw)]]
    transform[3, :3] = position
    return transform


class Hall:
    """The synthetic hall."""

    def __init__(self, seed: int = 7):
        self._random = np.random.default_rng(seed)
        self._meshes: list[Mesh] = []
        self._materials: list[Material] = []
        self._instances: list[Instance] = []
        self._skeletons: list[Skeleton] = []
        self._walks: list[tuple[float, float, float, float]] = []
        self._build_building()
        self._build_racks()
        self._build_drums()
        self._build_people()
        self.snapshot = SceneSnapshot(
            meshes=tuple(self._meshes),
            instances=tuple(self._instances),
            materials=tuple(self._materials),
            textures=hall_textures(),
            lights=hall_lights(),
            skeletons=tuple(self._skeletons),
        )

    def frame(self, index: int) -> SceneFrame:
        """Return the people's poses in a frame."""
        skinning = {}
        for number, (x, y, yaw, phase) in enumerate(self._walks):
            step = index * 0.045
            place = placed((x - math.sin(yaw) * step, y + math.cos(yaw) * step, 0.0), yaw)
            skinning[number] = (walking_pose(phase + index * 0.45) @ place).astype(np.float32)
        return SceneFrame(skinning=skinning)

    def cameras(self, resolution: tuple[int, int], count: int = 4) -> list[CameraView]:
        """Return cameras; the first, the one that is timed, overlooks everything."""
        places = (
            ((-18.5, -10.8, 4.6), (2.0, 1.0, 0.8)),
            ((-16.5, 0.1, 1.7), (10.0, 0.0, 1.2)),
            ((13.0, 11.0, 5.5), (0.0, -2.0, 0.5)),
            ((16.5, -5.8, 1.9), (-5.0, -5.5, 1.2)),
        )
        return [look_at(*places[index % len(places)], resolution, f"/Camera_{index}") for index in range(count)]

    def _add(self, shape: int, transform: np.ndarray) -> None:
        path = f"/World/prim_{len(self._instances)}"
        self._instances.append(Instance(prim_path=path, mesh=shape, transform=transform))

    def _shape(self, built: Mesh) -> int:
        self._meshes.append(built)
        return len(self._meshes) - 1

    def _material(self, color: tuple, **kwargs: float) -> int:
        self._materials.append(Material(base_color=tuple(float(c) for c in color), **kwargs))
        return len(self._materials) - 1

    def _build_building(self) -> None:
        floor = self._material((0.62, 0.62, 0.64), base_color_texture=0, roughness=0.35)
        wall = self._material((0.8, 0.78, 0.7), base_color_texture=1, roughness=0.8)
        self._add(self._shape(box((40, 24, 0.2), 40, floor, 20.0)), placed((0, 0, -0.1)))
        long_wall = self._shape(box((40, 0.2, 6), 8, wall, 6.0))
        short_wall = self._shape(box((0.2, 24, 6), 8, wall, 6.0))
        for shape, at in ((long_wall, (0, 12.1, 3)), (long_wall, (0, -12.1, 3))):
            self._add(shape, placed(at))
        for at in ((20.1, 0, 3), (-20.1, 0, 3)):
            self._add(short_wall, placed(at))

    def _build_racks(self) -> None:
        post = self._shape(box((0.1, 0.1, 4.2), 2, self._material((0.1, 0.2, 0.7), metallic=0.6, roughness=0.35)))
        deck = self._shape(box((2.6, 0.98, 0.08), 2, self._material((0.9, 0.45, 0.1), metallic=0.3)))
        for row in range(6):
            y = -9.5 + row * 3.8
            for bay in range(10):
                x = -15 + bay * 2.8
                for dx in (-1.3, 1.3):
                    for dy in (-0.45, 0.45):
                        self._add(post, placed((x + dx, y + dy, 2.1)))
                for level in range(4):
                    self._add(deck, placed((x, y, 0.15 + level * 1.25)))
                    for slot in range(3):
                        self._build_box(x - 0.85 + 0.85 * slot, y, 0.19 + level * 1.25)

    def _build_box(self, x: float, y: float, z: float) -> None:
        size = tuple(self._random.uniform((0.45, 0.5, 0.3), (0.8, 0.9, 0.95)))
        tint = self._material(self._random.uniform(0.55, 0.95, 3), base_color_texture=2, roughness=0.8)
        at = (x, y + self._random.uniform(-0.05, 0.05), z + size[2] / 2 + 0.001)
        self._add(self._shape(box(size, 4, tint)), placed(at, self._random.uniform(-0.15, 0.15)))

    def _build_drums(self) -> None:
        paint = self._material((0.15, 0.5, 0.3), roughness=0.3, metallic=0.4)
        drum = self._shape(capsule((0, 0, 0.12), (0, 0, 0.78), (0.3, 0.3), (16, 16), paint))
        for number in range(60):
            x = self._random.uniform(14.2, 19) if number % 2 else self._random.uniform(-19, -17)
            self._add(drum, placed((x, self._random.uniform(-11, 11), 0.2)))

    def _build_people(self) -> None:
        heads = np.array([bone[2] for bone in BONES], dtype=np.float64)
        parents = np.array([bone[1] for bone in BONES], dtype=np.int32)
        bind = np.tile(np.eye(4), (len(BONES), 1, 1))
        bind[:, 3, :3] = heads
        rest = bind.copy()
        rest[1:, 3, :3] -= heads[parents[1:]]
        for number in range(PEOPLE):
            y = -7.6 + 3.8 * (number % 5) + self._random.uniform(-0.6, 0.6)
            walk = (
                self._random.uniform(-17, 15), y, math.pi / 2 * (-1) ** number, self._random.uniform(0, 6.28)
            )  # fmt: skip
            self._walks.append(walk)
            place = placed((*walk[:2], 0.0), walk[2])
            names = tuple(bone[0] for bone in BONES)
            self._skeletons.append(Skeleton(f"/World/person_{number}/skeleton", names, parents, bind, rest, place))
            cloth = self._material(self._random.uniform(0.2, 0.9, 3), base_color_texture=3, roughness=0.7)
            shape = self._shape(person(cloth, number))
            path = f"/World/person_{number}/body"
            self._instances.append(Instance(prim_path=path, mesh=shape, transform=place, moving=True))


def walking_pose(phase: float) -> np.ndarray:
    """Return ``(bones, 4, 4)`` bind-space matrices of a step."""
    swing, cycle = math.sin(phase), math.cos(phase)
    angles = {
        "upper_arm_l": 0.5 * swing, "upper_arm_r": -0.5 * swing, "lower_arm_l": 0.35, "lower_arm_r": 0.35,
        "thigh_l": -0.55 * swing, "thigh_r": 0.55 * swing, "shin_l": -0.5 * max(0.0, cycle),
        "shin_r": -0.5 * max(0.0, -cycle), "chest": 0.05 * math.sin(2 * phase), "head": 0.1 * swing,
    }  # fmt: skip
    pose: list[np.ndarray] = []
    for name, parent, head, *_ in BONES:
        angle = angles.get(name, 0.0)
        away, turn, back = np.eye(4), np.eye(4), np.eye(4)
        away[3, :3], back[3, :3] = -np.asarray(head), head
        turn[1:3, 1:3] = [[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]]
        own = away @ turn @ back
        pose.append(own @ pose[parent] if parent >= 0 else own)
    return np.array(pose)


def hall_textures() -> tuple[Texture, ...]:
    random = np.random.default_rng(3)
    y, x = np.mgrid[0:512, 0:512]

    def image(name: str, color: np.ndarray | float, noise: float) -> Texture:
        shade = np.broadcast_to(color, (512, 512, 3)) + random.normal(0, noise, (512, 512, 1))
        rgba = np.concatenate([np.clip(shade, 0, 255), np.full((512, 512, 1), 255.0)], axis=2)
        return Texture(name, rgba.astype(np.uint8))

    bricks = (y % 64 < 4) | ((x + 64 * ((y // 64) % 2)) % 128 < 4)
    tape = np.abs(y - 256) < 24
    return (
        image("tiles", (190 + 30 * (((x // 128) + (y // 128)) % 2))[..., None], 8),
        image("bricks", (200 - 60 * bricks)[..., None], 6),
        image("cardboard", np.array([200, 160, 110]) + (20 * np.sin(x / 9.0) - 90 * tape)[..., None], 6),
        image("cloth", (220 - 100 * ((y // 32) % 2))[..., None], 6),
    )


def hall_lights() -> tuple[Light, ...]:
    sun = look_at((0.35, -0.45, 0.82), (0, 0, 0), (1, 1), "/sun").transform
    lamps = ((-8.0, -1.9, 5.5), (4.0, 1.9, 5.5), (12.0, -5.0, 5.0))
    return (
        Light(kind="distant", prim_path="/sun", color=(1.0, 0.96, 0.9), intensity=1500.0, transform=sun, size=(0.5, 0)),
        *(
            Light(
                kind="sphere", prim_path=f"/lamp_{number}", color=(1.0, 0.93, 0.82), intensity=130000.0,
                transform=placed(at), size=(0.25, 0.0),
            )
            for number, at in enumerate(lamps)
        ),
        Light(kind="dome", prim_path="/sky", color=(0.85, 0.92, 1.0), intensity=350.0, transform=np.eye(4)),
    )  # fmt: skip


def look_at(eye: tuple, target: tuple, resolution: tuple[int, int], path: str) -> CameraView:
    """Return a camera of 50 degrees vertical field of view that looks at a point."""
    back = np.asarray(eye, float) - np.asarray(target, float)
    back /= np.linalg.norm(back)
    right = np.cross([0, 0, 1.0], back)
    right /= np.linalg.norm(right)
    transform = np.eye(4)
    transform[:3, :3] = right, np.cross(back, right), back
    transform[3, :3] = eye
    aperture = 20.955
    focal = aperture * resolution[1] / resolution[0] / (2 * math.tan(math.radians(25)))
    return CameraView(prim_path=path, transform=transform, resolution=resolution, focal_length=focal)


def measure(work: Callable[[], object], repeats: int) -> dict[str, float]:
    """Return medians of wall and CPU time per call [ms], after one call to warm up."""
    work()
    walls, cpus = [], []
    for _ in range(repeats):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        walls.append((time.perf_counter() - wall) * 1e3)
        cpus.append((time.process_time() - cpu) * 1e3)
    return {"wall_ms": statistics.median(walls), "cpu_ms": statistics.median(cpus)}


def measure_cuda(renderer: Renderer, cameras: list[CameraView], shaded: bool, repeats: int) -> dict[str, float]:
    """Return times per batch [ms]: of the device alone (median), and when copies and kernels overlap (mean)."""
    import warp as wp

    start, end = (wp.Event(renderer.device, enable_timing=True) for _ in range(2))
    took = []
    for _ in range(repeats):
        wp.record_event(start)
        pending = renderer.submit(cameras, shaded=shaded)
        wp.record_event(end)
        pending.result()
        took.append(wp.get_event_elapsed_time(start, end))
    begin = time.perf_counter()
    pending = renderer.submit(cameras, shaded=shaded)
    for _ in range(4 * repeats):
        following = renderer.submit(cameras, shaded=shaded)
        pending.result()
        pending = following
    pending.result()
    overlapped = (time.perf_counter() - begin) / (4 * repeats + 1)
    return {"device_ms": statistics.median(took), "overlap_ms": overlapped * 1e3}


def kernel_times(renderer: Renderer, cameras: list[CameraView], repeats: int) -> dict[str, float]:
    """Return the time that each kernel and each kind of copy takes in a shaded batch [ms]."""
    import warp as wp

    wp.timing_begin(cuda_filter=wp.TIMING_KERNEL | wp.TIMING_MEMCPY)
    for _ in range(repeats):
        renderer.render_batch(cameras)
    wp.synchronize()
    times: dict[str, float] = {}
    for timing in wp.timing_end():
        name = timing.name.replace("forward kernel ", "").rsplit("_cuda", 1)[0]
        times[name] = times.get(name, 0.0) + timing.elapsed / repeats
    return dict(sorted(times.items(), key=lambda item: -item[1]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--device", default="cpu", help="cpu, cuda:0 ... (default: cpu)")
    parser.add_argument("--backend", default="auto", help="auto, embree or warp (default: auto)")
    parser.add_argument("--threads", type=int, default=1, help="threads on the CPU (default: 1)")
    parser.add_argument("--cameras", type=int, default=1, help="cameras per batch (default: 1)")
    parser.add_argument("--repeats", type=int, default=5, help="timed calls per row (default: 5)")
    parser.add_argument("--json", action="store_true", help="print JSON in place of the table")
    parser.add_argument("--pictures", type=Path, help="also write what the cameras see into this folder")
    options = parser.parse_args()

    from isaacsim_agent_ext.render.renderer import Renderer

    hall = Hall()
    begin = time.perf_counter()
    renderer = Renderer(hall.snapshot, device=options.device, threads=options.threads, backend=options.backend)
    renderer.update(hall.frame(0))
    renderer.render_batch(hall.cameras((64, 48)))
    first_image = time.perf_counter() - begin
    walk = iter([hall.frame(index) for index in range(1, 11)])
    rows = [{"what": "update", "resolution": "", **measure(lambda: renderer.update(next(walk)), 9)}]
    cuda = options.device.startswith("cuda")
    for resolution in RESOLUTIONS:
        cameras = hall.cameras(resolution, options.cameras)
        for what, shaded in (("labels", False), ("labels + shaded", True)):
            took = measure(lambda c=cameras, s=shaded: renderer.render_batch(c, shaded=s), options.repeats)
            if cuda:
                took |= measure_cuda(renderer, cameras, shaded, options.repeats)
            pixels = resolution[0] * resolution[1] * len(cameras)
            rows.append(
                {
                    "what": what,
                    "resolution": f"{resolution[0]}x{resolution[1]}",
                    **took,
                    "megapixels": pixels / 1e6,
                }
            )
    if options.pictures:
        write_pictures(renderer, hall, options.pictures)
    report = {
        "device": options.device, "threads": options.threads, "cameras": options.cameras,
        "load": os.getloadavg()[0], "first_image_s": first_image, "rows": rows,
        "kernels_ms": kernel_times(renderer, cameras, options.repeats) if cuda else {},
    }  # fmt: skip
    print(json.dumps(report, indent=1) if options.json else table(report))
    renderer.close()


def table(report: dict) -> str:
    lines = [
        f"{report['device']}, {report['threads']} thread(s), {report['cameras']} camera(s) a batch, "
        f"load {report['load']:.1f}; first image after {report['first_image_s']:.1f} s",
    ]
    kinds = [
        kind for kind in ("device", "wall", "overlap", "cpu") if any(f"{kind}_ms" in row for row in report["rows"])
    ]
    rated = [kind for kind in kinds if kind != "cpu" or kinds == ["wall", "cpu"]]
    lines.append(
        f"{'':16} {'resolution':>10}"
        + "".join(f" {kind + ' ms':>10}" + (f" {'Mpx/s':>7}" if kind in rated else "") for kind in kinds)
    )
    for row in report["rows"]:
        line = f"{row['what']:16} {row['resolution']:>10}"
        for kind in kinds:
            took = row.get(f"{kind}_ms")
            line += f" {took:10.2f}" if took else f" {'':10}"
            if kind in rated:
                line += f" {row['megapixels'] / took * 1e3:7.1f}" if took and "megapixels" in row else f" {'':7}"
        lines.append(line.rstrip())
    lines += [f"  {name:40} {took:8.3f} ms" for name, took in report["kernels_ms"].items()]
    return "\n".join(lines)


def write_pictures(renderer: object, hall: Hall, folder: Path) -> None:
    from PIL import Image

    folder.mkdir(parents=True, exist_ok=True)
    for number, camera in enumerate(hall.cameras((1280, 720))):
        image = renderer.render(camera)  # type: ignore[attr-defined]
        Image.fromarray(image.rgb[..., :3]).save(folder / f"camera_{number}.png")


if __name__ == "__main__":
    main()
