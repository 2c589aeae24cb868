"""Camera transforms from where a camera stands and what it looks at."""

from __future__ import annotations

import numpy as np


def look_at(position: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return the camera-to-world matrix ``(4, 4)`` of a level camera at a position that looks at a target.

    For row vectors; the camera looks along its -Z, +Y is up and +X to the right, the horizon is level. A camera that
    looks straight up or down has the world's +Y on top of its image.

    Args:
        position: ``(3,)`` [m].
        target: ``(3,)`` [m], away from the position.

    Raises:
        ValueError: Position and target coincide.
    """
    position, target = np.asarray(position, dtype=np.float64), np.asarray(target, dtype=np.float64)
    backward = position - target
    distance = np.linalg.norm(backward)
    if not distance > 1e-9:
        raise ValueError(f"a camera at {position.tolist()} cannot look at itself")
    backward = backward / distance
    vertical = np.hypot(backward[0], backward[1]) < 1e-6
    up = np.array([0.0, 1.0, 0.0]) if vertical else np.array([0.0, 0.0, 1.0])
    right = np.cross(up, backward)
    right /= np.linalg.norm(right)
    transform = np.eye(4)
    transform[:, :3] = right, np.cross(backward, right), backward, position
    return transform


def look_along(headings: np.ndarray, look_down_angles: np.ndarray) -> np.ndarray:
    """Return the rotations ``(n, 3, 3)`` of level cameras; their rows are right, up and backward in the world.

    A camera that looks straight down has its heading on top of its image.

    Args:
        headings: ``(n,)`` direction seen from above, counter-clockwise from +X [rad].
        look_down_angles: ``(n,)`` 0 is level, pi/2 straight down [rad].
    """
    east, north = np.cos(headings), np.sin(headings)
    level, down = np.cos(look_down_angles), np.sin(look_down_angles)
    right = np.stack([north, -east, np.zeros_like(east)], axis=1)
    backward = np.stack([-east * level, -north * level, down], axis=1)
    return np.stack([right, np.cross(backward, right), backward], axis=1)


def look_down_angle(transform: np.ndarray) -> float:
    """Return how far a camera looks down [rad]: 0 is level, pi/2 straight down, negative upwards."""
    return float(np.arcsin(np.clip(transform[2, 2] / np.linalg.norm(transform[2, :3]), -1.0, 1.0)))


def heading(transform: np.ndarray) -> float:
    """Return the direction a camera looks in, seen from above [rad], counter-clockwise from +X, -pi to pi."""
    return float(np.arctan2(-transform[2, 1], -transform[2, 0]))
