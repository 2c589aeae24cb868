"""Rotations, forward kinematics and two-bone inverse kinematics over arrays of poses.

Quaternions are ``(..., 4)`` in the order w, x, y, z and rotate column vectors; matrices made from them by
`row_matrices` rotate row vectors (``p @ M``). All functions broadcast over leading axes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

IDENTITY_WXYZ = np.array([1.0, 0.0, 0.0, 0.0])


def multiply(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the rotation that does ``b`` first, then ``a``."""
    aw, ax, ay, az = np.moveaxis(a, -1, 0)
    bw, bx, by, bz = np.moveaxis(b, -1, 0)
    return np.stack(
        [
            aw * bw - ax * bx - ay * by - az * bz,
            aw * bx + ax * bw + ay * bz - az * by,
            aw * by - ax * bz + ay * bw + az * bx,
            aw * bz + ax * by - ay * bx + az * bw,
        ],
        axis=-1,
    )


def conjugate(q: np.ndarray) -> np.ndarray:
    """Return the inverse of unit quaternions."""
    return q * np.array([1.0, -1.0, -1.0, -1.0])


def rotate(q: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Rotate vectors ``(..., 3)``."""
    w, x, y, z = np.moveaxis(q, -1, 0)
    vx, vy, vz = np.moveaxis(v, -1, 0)
    tx, ty, tz = 2.0 * (y * vz - z * vy), 2.0 * (z * vx - x * vz), 2.0 * (x * vy - y * vx)
    return np.stack(
        [vx + w * tx + y * tz - z * ty, vy + w * ty + z * tx - x * tz, vz + w * tz + x * ty - y * tx], axis=-1
    )


def about(axis: Sequence[float] | np.ndarray, angle: np.ndarray | float) -> np.ndarray:
    """Return the rotation about unit axes by angles [rad]."""
    half = 0.5 * np.asarray(angle, dtype=np.float64)[..., None]
    vector = np.sin(half) * np.asarray(axis, dtype=np.float64)
    return np.concatenate([np.broadcast_to(np.cos(half), (*vector.shape[:-1], 1)), vector], axis=-1)


def between(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the smallest rotation that turns directions ``a`` into ``b``; not for opposite ones."""
    a = a / np.linalg.norm(a, axis=-1, keepdims=True)
    b = b / np.linalg.norm(b, axis=-1, keepdims=True)
    w = 1.0 + (a * b).sum(axis=-1, keepdims=True)
    return normalized(np.concatenate([w, np.cross(a, b)], axis=-1))


def normalized(q: np.ndarray) -> np.ndarray:
    """Scale quaternions to unit length."""
    return q / np.linalg.norm(q, axis=-1, keepdims=True)


def row_matrices(q: np.ndarray) -> np.ndarray:
    """Return ``(..., 3, 3)`` rotation matrices for row vectors."""
    w, x, y, z = np.moveaxis(q, -1, 0)
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y + w * z), 2 * (x * z - w * y)],
        [2 * (x * y - w * z), 1 - 2 * (x * x + z * z), 2 * (y * z + w * x)],
        [2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y)],
    ]
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


def quaternions(matrices: np.ndarray) -> np.ndarray:
    """Return the rotations ``(..., 4)`` of row-vector matrices ``(..., 3, 3)`` without scale.

    Source: S. Shepperd, Quaternion from Rotation Matrix, 1978: divides by the largest component.
    """
    m = np.asarray(matrices, dtype=np.float64)
    xx, yy, zz = m[..., 0, 0], m[..., 1, 1], m[..., 2, 2]
    squares = np.stack([1 + xx + yy + zz, 1 + xx - yy - zz, 1 - xx + yy - zz, 1 - xx - yy + zz], axis=-1)
    wx, wy, wz = m[..., 1, 2] - m[..., 2, 1], m[..., 2, 0] - m[..., 0, 2], m[..., 0, 1] - m[..., 1, 0]
    xy, xz, yz = m[..., 0, 1] + m[..., 1, 0], m[..., 0, 2] + m[..., 2, 0], m[..., 1, 2] + m[..., 2, 1]
    candidates = np.stack(
        [
            np.stack([squares[..., 0], wx, wy, wz], axis=-1),
            np.stack([wx, squares[..., 1], xy, xz], axis=-1),
            np.stack([wy, xy, squares[..., 2], yz], axis=-1),
            np.stack([wz, xz, yz, squares[..., 3]], axis=-1),
        ],
        axis=-2,
    )
    best = np.argmax(squares, axis=-1)
    return normalized(np.take_along_axis(candidates, best[..., None, None], axis=-2)[..., 0, :])


class Hierarchy:
    """A tree of joints, worked on one depth at a time instead of joint by joint."""

    def __init__(self, parents: Sequence[int]):
        """Take each joint's parent, -1 for a root; parents come before children."""
        depth = np.zeros(len(parents), dtype=np.int64)
        for joint, parent in enumerate(parents):
            depth[joint] = depth[parent] + 1 if parent >= 0 else 0
        self.parents = np.asarray(parents, dtype=np.int64)
        self.levels = [np.nonzero(depth == level)[0] for level in range(int(depth.max()) + 1)]

    def world_rotations(self, local: np.ndarray) -> np.ndarray:
        """Chain rotations relative to the parents ``(..., joints, 4)`` into rotations relative to the root's frame."""
        world = local.copy()
        for joints in self.levels[1:]:
            world[..., joints, :] = multiply(world[..., self.parents[joints], :], local[..., joints, :])
        return world

    def positions(self, world: np.ndarray, offsets: np.ndarray, root: np.ndarray) -> np.ndarray:
        """Place joints ``(..., joints, 3)`` [m].

        Args:
            world: ``(..., joints, 4)`` rotations relative to the bind pose.
            offsets: ``(..., joints, 3)`` position relative to the parent in the bind pose [m]; unused for roots.
            root: ``(..., 3)`` position of the roots [m].
        """
        placed = np.empty((*world.shape[:-1], 3))
        placed[..., self.levels[0], :] = root[..., None, :]
        for joints in self.levels[1:]:
            above = self.parents[joints]
            placed[..., joints, :] = placed[..., above, :] + rotate(world[..., above, :], offsets[..., joints, :])
        return placed


def bend_limb(
    start: np.ndarray, goal: np.ndarray, upper: np.ndarray, lower: np.ndarray, hint: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Place the middle joint of a two-bone limb so that its end meets a goal.

    Args:
        start: ``(..., 3)`` first joint [m].
        goal: ``(..., 3)`` where the end should be [m]; brought within reach when it is not.
        upper: ``(...)`` length of the first bone [m].
        lower: ``(...)`` length of the second bone [m].
        hint: ``(..., 3)`` direction towards which the middle joint points.

    Returns:
        Positions ``(..., 3)`` of the middle joint and of the end [m].
    """
    line = goal - start
    distance = np.linalg.norm(line, axis=-1)
    reach = np.clip(distance, np.abs(upper - lower) * 1.001 + 1e-6, (upper + lower) * 0.9995)
    axis = line / np.maximum(distance, 1e-9)[..., None]
    along = (upper**2 - lower**2 + reach**2) / (2.0 * reach)
    height = np.sqrt(np.maximum(upper**2 - along**2, 0.0))
    side = hint - (hint * axis).sum(axis=-1, keepdims=True) * axis
    side = side / np.maximum(np.linalg.norm(side, axis=-1, keepdims=True), 1e-9)
    middle = start + along[..., None] * axis + height[..., None] * side
    return middle, start + reach[..., None] * axis
