"""A pinhole camera in the world, and the matrices that follow from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

HORIZONTAL_APERTURE = 20.955
"""USD's default horizontal aperture [mm]."""


@dataclass(frozen=True, eq=False, kw_only=True)
class CameraView:
    """A camera as it stands in one frame; it looks along its -Z with +Y up, pixels are square.

    Attributes:
        prim_path: The camera prim.
        transform: ``(4, 4)`` float64 camera-to-world for row vectors [m], without scale.
        resolution: Width and height [px].
        focal_length: [mm].
        horizontal_aperture: [mm]; the vertical one follows from the resolution.
        clipping_range: Near and far plane [m].
    """

    prim_path: str
    transform: np.ndarray
    resolution: tuple[int, int]
    focal_length: float
    horizontal_aperture: float = HORIZONTAL_APERTURE
    clipping_range: tuple[float, float] = (0.01, 10000.0)

    @property
    def vertical_aperture(self) -> float:
        """Vertical aperture of square pixels [mm]."""
        return self.horizontal_aperture * self.resolution[1] / self.resolution[0]

    @property
    def view(self) -> np.ndarray:
        """``(4, 4)`` float64 world-to-camera: ``camera = [x, y, z, 1] @ view``."""
        return np.linalg.inv(self.transform)

    @property
    def projection(self) -> np.ndarray:
        """``(4, 4)`` float64 camera-to-clip, row vectors, reversed depth with an infinite far plane.

        The form Replicator writes as ``cameraProjection``: ``clip = camera @ projection``, depth 1 at the near
        plane and 0 at infinity.
        """
        near = self.clipping_range[0]
        sx = 2.0 * self.focal_length / self.horizontal_aperture
        sy = 2.0 * self.focal_length / self.vertical_aperture
        return np.array([[sx, 0, 0, 0], [0, sy, 0, 0], [0, 0, 0, -1], [0, 0, near, 0]], dtype=np.float64)

    def project(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Project world points into the image.

        Args:
            points: ``(n, 3)`` world positions [m].

        Returns:
            Pixel coordinates ``(n, 2)`` with the origin at the top left corner of the top left pixel, and depth
            along the optical axis ``(n,)`` [m], not positive for points behind the camera (whose pixel coordinates
            mean nothing).
        """
        width, height = self.resolution
        camera = np.concatenate([points, np.ones((len(points), 1))], axis=1) @ self.view
        depth = -camera[:, 2]
        scale = self.focal_length / self.horizontal_aperture * width / np.where(np.abs(depth) < 1e-9, 1e-9, depth)
        pixels = np.stack([width / 2 + camera[:, 0] * scale, height / 2 - camera[:, 1] * scale], axis=1)
        return pixels, depth
