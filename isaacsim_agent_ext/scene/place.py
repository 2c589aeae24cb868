"""Where a prim stands, for whoever goes there."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True, eq=False, slots=True)
class Place:
    """A prim at rest, as behaviors see it.

    Attributes:
        position: ``(3,)`` the prim's origin in the world [m].
        yaw: Heading of its +X axis [rad].
        size: ``(3,)`` extent along the world's axes of the prim and all below it [m]; zero without geometry.
        seat: ``(3,)`` the middle of the surface one can sit on [m], or None when there is none.
        front: Heading of somebody who sits there [rad]; None when any side will do, as on a stool.
        curve: ``(n, 3)`` the points of a curve prim in their order [m], or None.
    """

    position: np.ndarray
    yaw: float = 0.0
    size: np.ndarray = field(default_factory=lambda: np.zeros(3))
    seat: np.ndarray | None = None
    front: float | None = None
    curve: np.ndarray | None = None
