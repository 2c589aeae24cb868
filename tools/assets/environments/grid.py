"""`default_environment.usd`: a grid to stand on, a sky and a sun."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from pxr import Gf, UsdLux

from ..authoring import place
from ..geometry.mesh import merge
from ..geometry.shapes import floor_rectangle
from ..textures.image import save
from ..textures.noise import smoothstep, spectral
from .scene import Scene

PATH = "Isaac/Environments/Grid/default_environment.usd"
SKY = "Textures/Sky.jpg"
HALF = 100.0
"""Half the edge of the ground [m]."""


def build(root: Path) -> Path:
    """Write the environment and its sky below ``root``."""
    scene = Scene(root, PATH)
    save(_sky(), scene.target.parent / SKY, quality=90)
    # Ten-metre pieces: a single huge quad wastes the precision of ray casters.
    edges = np.arange(-HALF, HALF, 10.0)
    pieces = [floor_rectangle(x, y, x + 10.0, y + 10.0) for x in edges.tolist() for y in edges.tolist()]
    scene.surface("Environment", "GroundPlane", {"ReferenceGrid": merge(pieces)}, "floor", area="Walkable")
    scene.dome_light(1250.0, (1.0, 1.0, 1.0), f"./{SKY}")
    sun = UsdLux.DistantLight.Define(scene.stage, f"{scene.group('Lights')}/Sun")
    sun.CreateIntensityAttr(2600.0)
    sun.CreateAngleAttr(1.5)
    sun.CreateColorAttr(Gf.Vec3f(1.0, 0.95, 0.88))
    place(sun.GetPrim(), (0.0, 0.0, 10.0), (38.0, 18.0, 0.0))
    scene.navmesh_volume("NavMeshVolume_Ground", "Include", (-25.0, -25.0, -0.5), (25.0, 25.0, 2.5))
    return scene.save()


def _sky(height: int = 512) -> np.ndarray:
    """A latitude-longitude sky: blue zenith, pale horizon, thin clouds, grey ground."""
    rng = np.random.default_rng(4003)
    width = 2 * height
    elevation = (0.5 - (np.arange(height) + 0.5) / height) * np.pi
    up = np.clip(np.sin(elevation), -1, 1)[:, None, None]
    zenith, horizon = np.array((0.46, 0.58, 0.74)), np.array((0.86, 0.89, 0.91))
    sky = horizon + (zenith - horizon) * np.clip(up, 0, 1) ** 0.45
    ground = np.array((0.56, 0.56, 0.55)) + (horizon - (0.56, 0.56, 0.55)) * np.exp(-np.clip(-up, 0, 1) * 26)
    image = np.where(up > 0, sky, ground) * np.ones((1, width, 1))
    noise = spectral(width, rng, slope=1.45, low=2, high=220, stretch=(1.0, 2.4))[:height]
    cover = smoothstep(0.35, 1.9, noise) * smoothstep(0.02, 0.3, np.broadcast_to(up[..., 0], (height, width)))
    return image + (0.97 - image) * (cover * 0.75)[..., None]
