"""Make the pictures of people's behaviors from the sample that shows them.

Usage: python tools/make_behavior_pictures.py

Plays config/samples/behaviors.yaml and takes a picture of each behavior, from a camera that stands beside whoever does
it, into docs/images/behaviors.jpg.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping

import numpy as np
from make_pictures import save
from PIL import Image, ImageDraw

from isaacsim_agent_ext.actors.state import ActorState
from isaacsim_agent_ext.config.load import load_config
from isaacsim_agent_ext.hosts.playback import Playback
from isaacsim_agent_ext.hosts.standalone.world import build_world
from isaacsim_agent_ext.render.renderer import Renderer
from isaacsim_agent_ext.resources import sample_config_dir
from isaacsim_agent_ext.sensors.camera import CameraView
from isaacsim_agent_ext.sensors.look_at import look_at
from isaacsim_agent_ext.session.progress import SilentReporter
from isaacsim_agent_ext.writers.overlay import font as overlay_font

SIZE = (640, 360)
LAST_FRAME = 660

SHOTS: Mapping[str, tuple[str, float, float, float]] = {
    "sit": ("resting", -0.7, 2.6, 1.6),
    "queue": ("customers", 1.9, 5.0, 1.8),
    "group_walk": ("visitors", 0.6, 4.2, 1.7),
    "follow": ("inspectors", 1.4, 4.6, 1.7),
    "look_around": ("supervisors", 0.4, 2.8, 1.5),
    "sit, in the break room": ("resting", -1.2, 4.2, 2.1),
}
"""For each picture the group, how far to the left of its front the camera is [rad], and its distance and height [m]."""


def main() -> int:
    config = load_config(sample_config_dir() / "behaviors.yaml").config
    world, _ = build_world(config, asset_root=None, config_dir=None, reporter=SilentReporter())
    playback = Playback(world)
    playback.advance_to(LAST_FRAME)
    with Renderer(world.snapshot) as renderer:
        playback.draw(renderer)
        pictures = [picture(renderer, playback, name) for name in SHOTS]
    sheet = Image.new("RGB", (3 * SIZE[0] + 16, 2 * SIZE[1] + 8), "white")
    for number, one in enumerate(pictures):
        sheet.paste(one, (number % 3 * (SIZE[0] + 8), number // 3 * (SIZE[1] + 8)))
    save(sheet, "behaviors", width=1600)
    return 0


def picture(renderer: Renderer, playback: Playback, name: str) -> Image.Image:
    """Return a picture of a behavior with its name on it."""
    group, aside, distance, height = SHOTS[name]
    actors = [state for state in playback.actors if state.spec.group == group]
    shown = subject(actors)
    middle = np.mean([state.position for state in shown], axis=0) + np.array([0.0, 0.0, 0.9])
    angle = shown[0].yaw + aside
    eye = middle + np.array([distance * math.cos(angle), distance * math.sin(angle), height - 0.9])
    view = CameraView(prim_path="/Picture", transform=look_at(eye, middle), resolution=SIZE, focal_length=16.0)
    rgb = renderer.render(view).rgb
    assert rgb is not None
    image = Image.fromarray(rgb).convert("RGB")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 20 + 11 * len(name), 34), fill=(0, 0, 0))
    draw.text((10, 6), name, font=overlay_font(20), fill=(255, 255, 255))
    return image


def subject(actors: list[ActorState]) -> list[ActorState]:
    """Return whom to show: those who sit, if anybody does, else all."""
    return [state for state in actors if state.seating is not None][:1] or actors


if __name__ == "__main__":
    sys.exit(main())
