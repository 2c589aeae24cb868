"""Baked meshes on disk, found by what went into them."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np

from isaacsim_agent_ext.navigation.geometry import BakeGeometry
from isaacsim_agent_ext.navigation.recast_navmesh import RecastNavMesh
from isaacsim_agent_ext.navigation.settings import NavMeshSettings

_FORMAT = 1  # to be raised whenever the same geometry would bake to something else
_DIGEST_SIZE = 32


def bake_digest(geometry: BakeGeometry, settings: NavMeshSettings, binding: str) -> str:
    """Return the name that all meshes baked from the same geometry, settings and binding share."""
    digest = hashlib.blake2b(digest_size=_DIGEST_SIZE)

    def add(value: object) -> None:
        text = repr(value).encode()
        digest.update(len(text).to_bytes(8, "little") + text)

    def add_array(array: np.ndarray) -> None:
        add((array.dtype.str, array.shape))
        digest.update(np.ascontiguousarray(array).data)

    add((_FORMAT, binding, sorted(asdict(settings).items()), geometry.area_names))
    for array in (geometry.vertices, geometry.triangles, geometry.areas):
        add_array(array)
    for lower, upper in geometry.include:
        add_array(lower)
        add_array(upper)
    for hole in geometry.holes:
        add_array(hole[0])
        add(hole[1:])
    for paint in geometry.paints:
        add_array(paint[0])
        add(paint[1:])
    return digest.hexdigest()


def cached_bake(folder: Path, digest: str, bake: Callable[[], RecastNavMesh]) -> RecastNavMesh:
    """Return the mesh saved under ``digest``, or bake and save it.

    A damaged file is baked anew and replaced. A folder that cannot be written is no reason to fail: the mesh is then
    baked each time.
    """
    path = folder / f"{digest}.navmesh"
    mesh = _load(path)
    if mesh is None:
        mesh = bake()
        _save(path, mesh)
    return mesh


def _load(path: Path) -> RecastNavMesh | None:
    try:
        data = path.read_bytes()
    except OSError:
        return None
    content = data[_DIGEST_SIZE:]
    if hashlib.blake2b(content, digest_size=_DIGEST_SIZE).digest() != data[:_DIGEST_SIZE]:
        return None
    try:
        return RecastNavMesh.from_bytes(content)
    except ValueError:  # whole, but written by another version
        return None


def _save(path: Path, mesh: RecastNavMesh) -> None:
    content = mesh.to_bytes()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError:
        return
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(hashlib.blake2b(content, digest_size=_DIGEST_SIZE).digest() + content)
        os.replace(temporary, path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
