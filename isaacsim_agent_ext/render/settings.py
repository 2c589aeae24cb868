"""What may be traded between speed and looks; labels never depend on any of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class RenderSettings:
    """How images are shaded.

    Attributes:
        exposure: Fixed exposure [EV]; 0 suits scenes lit as for Kit, by domes of intensity 1000 and lamps to match.
        max_lights: Lights that may light one image, at most 8; the strongest for its view are taken.
        ambient_occlusion: Whether ambient light is dimmed where surroundings are close.
        ambient_radius: How far those surroundings may be [m].
        antialias: Whether colours are smoothed along geometric edges.
    """

    exposure: float = 0.0
    max_lights: int = 8
    ambient_occlusion: bool = True
    ambient_radius: float = 1.5
    antialias: bool = True

    def __post_init__(self) -> None:
        if not 1 <= self.max_lights <= 8:
            raise ValueError(f"RenderSettings.max_lights is {self.max_lights}; it must be 1 to 8")
        if not self.ambient_radius > 0.0:
            raise ValueError(f"RenderSettings.ambient_radius is {self.ambient_radius} m; it must be positive")
