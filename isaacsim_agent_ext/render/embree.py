"""Ray queries by Embree 4 on x86-64: the library inside the ``embreex`` wheel, called through ctypes.

Kernels call Embree through the addresses in `Embree`; see ``kernels/packets.py``. Only Linux wheels are looked
into, anywhere else the renderer falls back to Warp's own ray queries.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import numpy as np

from isaacsim_agent_ext.errors import DependencyError

_DYNAMIC_ROBUST = 1 | 4  # RTC_SCENE_FLAG_DYNAMIC | RTC_SCENE_FLAG_ROBUST
_LOW, _MEDIUM, _REFIT = 0, 1, 3  # RTC_BUILD_QUALITY_*
_FLOAT3, _UINT3 = 0x9003, 0x5003  # RTC_FORMAT_*
_INDEX, _VERTEX = 0, 1  # RTC_BUFFER_TYPE_*
_NATIVE_WIDTHS = ((16, 34), (8, 33), (4, 32))  # packet width, RTC_DEVICE_PROPERTY_NATIVE_RAY*_SUPPORTED

_pointer, _uint, _size = ctypes.c_void_p, ctypes.c_uint, ctypes.c_size_t
_SIGNATURES: dict[str, tuple[type | None, list[type]]] = {
    "rtcNewDevice": (_pointer, [ctypes.c_char_p]),
    "rtcReleaseDevice": (None, [_pointer]),
    "rtcGetDeviceError": (ctypes.c_int, [_pointer]),
    "rtcGetDeviceProperty": (ctypes.c_ssize_t, [_pointer, ctypes.c_int]),
    "rtcNewScene": (_pointer, [_pointer]),
    "rtcReleaseScene": (None, [_pointer]),
    "rtcSetSceneFlags": (None, [_pointer, ctypes.c_int]),
    "rtcSetSceneBuildQuality": (None, [_pointer, ctypes.c_int]),
    "rtcCommitScene": (None, [_pointer]),
    "rtcNewGeometry": (_pointer, [_pointer, ctypes.c_int]),
    "rtcReleaseGeometry": (None, [_pointer]),
    "rtcSetSharedGeometryBuffer": (
        None,
        [_pointer, ctypes.c_int, _uint, ctypes.c_int, _pointer, _size, _size, _size],
    ),
    "rtcSetGeometryBuildQuality": (None, [_pointer, ctypes.c_int]),
    "rtcUpdateGeometryBuffer": (None, [_pointer, ctypes.c_int, _uint]),
    "rtcCommitGeometry": (None, [_pointer]),
    "rtcAttachGeometryByID": (None, [_pointer, _pointer, _uint]),
    "rtcIntersect1": (None, [_pointer, _pointer, _pointer]),
}


class _RayHit(ctypes.Structure):
    """RTCRayHit of Embree 4."""

    _fields_ = (
        *[(name, ctypes.c_float) for name in ("ox", "oy", "oz", "tnear", "dx", "dy", "dz", "time", "tfar")],
        *[(name, ctypes.c_uint) for name in ("mask", "id", "flags")],
        *[(name, ctypes.c_float) for name in ("nx", "ny", "nz", "u", "v")],
        *[(name, ctypes.c_uint) for name in ("prim", "geom", "inst", "inst_prim")],
        ("padding", ctypes.c_uint * 3),
    )


@contextmanager
def _seeing_one_core() -> Iterator[None]:
    """Let what starts in the block believe that there is one core.

    TBB counts the cores once, when it is first used. With more than one it keeps a thread beside ours that finds
    nothing to do and yields without end, which costs a core as much as drawing does.
    """
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


class EmbreeScene:
    """Triangles that Embree can be asked about; vertices are shared, not copied.

    Attributes:
        handle: Address of the RTCScene.
        width: Packet width native to this processor: 4, 8 or 16.
        intersect: Address of ``rtcIntersect<width>``.
        occluded: Address of ``rtcOccluded<width>``.
    """

    def __init__(self) -> None:
        self._library = _load()
        # One thread: parallel builds order equal hits by chance, and images must not depend on chance.
        with _seeing_one_core():
            self._device = self._library.rtcNewDevice(b"threads=1,start_threads=0,set_affinity=0")
        self.handle: int = self._library.rtcNewScene(self._device)
        # With any higher quality a single moving geometry makes Embree rebuild the whole scene.
        self._library.rtcSetSceneFlags(self.handle, _DYNAMIC_ROBUST)
        self._library.rtcSetSceneBuildQuality(self.handle, _LOW)
        self._moving: list[int] = []
        self._buffers: list[np.ndarray] = []
        self.width = next(
            (width for width, key in _NATIVE_WIDTHS if self._library.rtcGetDeviceProperty(self._device, key)), 4
        )
        self.intersect = _address(self._library, f"rtcIntersect{self.width}")
        self.occluded = _address(self._library, f"rtcOccluded{self.width}")

    def add_mesh(self, geometry_id: int, points: np.ndarray, triangles: np.ndarray, *, moving: bool) -> None:
        """Add triangles.

        Args:
            geometry_id: Number that hits report.
            points: ``(vertices, 3)`` float32 [m], shared: at least 4 bytes after its end must be readable.
            triangles: ``(triangles, 3)`` int32 into ``points``.
            moving: Whether `refit` is to follow the points.
        """
        indices = np.ascontiguousarray(triangles, dtype=np.uint32)
        library = self._library
        geometry = library.rtcNewGeometry(self._device, 0)
        library.rtcSetSharedGeometryBuffer(geometry, _VERTEX, 0, _FLOAT3, points.ctypes.data, 0, 12, len(points))
        library.rtcSetSharedGeometryBuffer(geometry, _INDEX, 0, _UINT3, indices.ctypes.data, 0, 12, len(indices))
        library.rtcSetGeometryBuildQuality(geometry, _REFIT if moving else _MEDIUM)
        library.rtcCommitGeometry(geometry)
        library.rtcAttachGeometryByID(self.handle, geometry, geometry_id)
        library.rtcReleaseGeometry(geometry)  # the scene holds it now
        self._buffers += [points, indices]
        if moving:
            self._moving.append(geometry)
        self._check("add triangles")

    def commit(self) -> None:
        """Build the hierarchy of everything added."""
        self._library.rtcCommitScene(self.handle)
        self._check("build its hierarchy")

    def refit(self) -> None:
        """Follow the points of moving geometry."""
        for geometry in self._moving:
            self._library.rtcUpdateGeometryBuffer(geometry, _VERTEX, 0)
            self._library.rtcCommitGeometry(geometry)
        self.commit()

    def hit(self, origin: tuple[float, float, float], direction: tuple[float, float, float]) -> tuple[float, int, int]:
        """Trace one ray; return its distance, geometry and triangle (inf, -1, -1 for a miss)."""
        ray = _RayHit(*origin, 0.0, *direction, 0.0, float("inf"), 0xFFFFFFFF)
        ray.geom = ray.prim = ray.inst = 0xFFFFFFFF
        # Embree wants rays on 16-byte boundaries; ctypes promises only 4.
        room = ctypes.create_string_buffer(ctypes.sizeof(ray) + 16)
        address = (ctypes.addressof(room) + 15) & ~15
        ctypes.memmove(address, ctypes.addressof(ray), ctypes.sizeof(ray))
        self._library.rtcIntersect1(self.handle, address, None)
        found = _RayHit.from_address(address)
        if found.geom == 0xFFFFFFFF:
            return float("inf"), -1, -1
        return float(found.tfar), int(found.geom), int(found.prim)

    def close(self) -> None:
        """Give back Embree's memory."""
        if self.handle:
            self._library.rtcReleaseScene(self.handle)
            self._library.rtcReleaseDevice(self._device)
            self.handle = 0
            self._moving.clear()
            self._buffers.clear()

    def _check(self, doing: str) -> None:
        code = self._library.rtcGetDeviceError(self._device)
        if code:
            raise RuntimeError(f"Embree could not {doing}: RTCError {code}")


@cache
def is_available() -> bool:
    """Whether Embree is here and answers one known ray as it should."""
    try:
        scene = EmbreeScene()
    except DependencyError:
        return False
    points = np.zeros((4, 3), dtype=np.float32)  # one vertex more, for the readable bytes after the end
    points[:3] = [[0, 0, 2], [4, 0, 2], [0, 4, 2]]
    scene.add_mesh(7, points[:3], np.array([[0, 1, 2]]), moving=False)
    scene.commit()
    right = scene.hit((1.0, 1.0, 0.0), (0.0, 0.0, 1.0)) == (2.0, 7, 0)
    missed = scene.hit((5.0, 1.0, 0.0), (0.0, 0.0, 1.0)) == (float("inf"), -1, -1)
    scene.close()
    return right and missed


@cache
def _load() -> ctypes.CDLL:
    """Load the library of the wheel and declare what is called of it."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        raise DependencyError(f"Embree is used on x86-64 Linux only; this is {platform.machine()} {sys.platform}")
    spec = importlib.util.find_spec("embreex")
    if spec is None or spec.origin is None:
        raise DependencyError("The package 'embreex' is not installed: pip install embreex")
    folder = Path(spec.origin).parent.parent / "embreex.libs"
    paths = [next(iter(sorted(folder.glob(pattern))), None) for pattern in ("libtbb*", "libembree4*")]
    if paths[0] is None or paths[1] is None:
        raise DependencyError(f"The 'embreex' wheel holds no Embree 4: looked for libembree4* and libtbb* in {folder}")
    try:
        ctypes.CDLL(str(paths[0]), mode=ctypes.RTLD_GLOBAL)
        library = ctypes.CDLL(str(paths[1]))
        for name, (result, arguments) in _SIGNATURES.items():
            function = getattr(library, name)
            function.restype, function.argtypes = result, arguments
    except (OSError, AttributeError) as error:
        raise DependencyError(f"The Embree in {folder} cannot be used: {error}") from error
    return library


def _address(library: ctypes.CDLL, name: str) -> int:
    return ctypes.cast(getattr(library, name), ctypes.c_void_p).value or 0
