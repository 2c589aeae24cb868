"""Make the pictures of the documentation from real runs.

Usage: python tools/make_pictures.py [--keep FOLDER]

Runs the quick start and the sample of triggers and writes JPEGs into docs/images: the contact sheet, one view through
every annotator, four moments of the triggers, and a line-up of the stand-in people. With --keep the datasets stay in
FOLDER, and are used again when they are there already.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from isaacsim_agent_ext.cli import main as isaacsim_agent
from isaacsim_agent_ext.render.renderer import Renderer
from isaacsim_agent_ext.resources import asset_pack_root, sample_config_dir
from isaacsim_agent_ext.scene.actors import add_character
from isaacsim_agent_ext.scene.compose import open_stage
from isaacsim_agent_ext.scene.reader import read_snapshot
from isaacsim_agent_ext.sensors.camera import CameraView
from isaacsim_agent_ext.sensors.look_at import look_at
from isaacsim_agent_ext.writers.overlay import font as overlay_font

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
TRIGGER_FRAMES = (0, 60, 130, 200)
TREE_FRAMES = (20, 75, 130)
ANNOTATORS = ("rgb", "semantic_segmentation", "instance_segmentation", "instance_id_segmentation", "normals", "depth")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", type=Path, metavar="FOLDER")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as temporary:
        folder = (options.keep or Path(temporary)) / "quick_start"
        if not (folder / "run.json").is_file():
            config = str(sample_config_dir() / "quick_start.yaml")
            code = isaacsim_agent(["run", config, "--output", str(folder)])
            if code:
                return code
        save(Image.open(folder / "contact_sheet.png"), "quick_start", width=1600)
        save(annotator_sheet(folder), "annotators", width=1600)
        folder = (options.keep or Path(temporary)) / "triggers"
        if not (folder / "run.json").is_file():
            config = str(sample_config_dir() / "triggers.yaml")
            until = f"replicator.writers.IRABasicWriter.end_frame={TRIGGER_FRAMES[-1] + 1}"
            small = "replicator.render_product_resolution=[640,360]"
            code = isaacsim_agent(["run", config, "--output", str(folder), "--set", until, "--set", small])
            if code:
                return code
        save(moments(folder, TRIGGER_FRAMES), "triggers", width=1280)
        save(tree_moments(options.keep or Path(temporary)), "behavior_trees", width=1600)
    save(people_sheet(), "people", width=1600)
    return 0


def save(picture: Image.Image, name: str, *, width: int) -> None:
    """Write a JPEG of at most the given width."""
    IMAGES.mkdir(exist_ok=True)
    picture = picture.convert("RGB")
    if picture.width > width:
        picture = picture.resize((width, round(picture.height * width / picture.width)), Image.Resampling.LANCZOS)
    picture.save(IMAGES / f"{name}.jpg", quality=84, optimize=True)


def annotator_sheet(dataset: Path) -> Image.Image:
    """Return one view through every annotator, captions below."""
    camera = sorted(path for path in dataset.iterdir() if path.is_dir())[0]
    frame = sorted(path.stem.rsplit("_", 1)[1] for path in (camera / "rgb").glob("*.png"))[-1]
    tiles = []
    for name in ANNOTATORS:
        if name == "depth":
            meters = np.load(camera / "distance_to_camera" / f"distance_to_camera_{frame}.npy")
            near = np.clip(1.0 - np.log1p(np.nan_to_num(meters, posinf=60.0)) / np.log1p(60.0), 0, 1)
            tile, caption = Image.fromarray((near * 255).astype(np.uint8)), "distance_to_camera"
        else:
            tile, caption = Image.open(camera / name / f"{name}_{frame}.png"), name
        tiles.append((tile.convert("RGB").resize((640, 360), Image.Resampling.LANCZOS), caption))
    sheet = Image.new("RGB", (3 * 640 + 40, 2 * 400 + 30), "white")
    draw, font = ImageDraw.Draw(sheet), overlay_font(24)
    for index, (tile, caption) in enumerate(tiles):
        x, y = 10 + index % 3 * 650, 10 + index // 3 * 410
        sheet.paste(tile, (x, y))
        draw.text((x, y + 364), caption, fill=(40, 40, 40), font=font)
    return sheet


def moments(dataset: Path, frames: Sequence[int]) -> Image.Image:
    """Return some frames of the first camera, two in a row."""
    camera = sorted(path for path in dataset.iterdir() if path.is_dir())[0]
    pictures = [Image.open(camera / "rgb" / f"rgb_{frame:04d}.png").convert("RGB") for frame in frames]
    width, height = pictures[0].size
    sheet = Image.new("RGB", (2 * width + 8, (len(pictures) + 1) // 2 * (height + 8) - 8), "white")
    for index, picture in enumerate(pictures):
        sheet.paste(picture, (index % 2 * (width + 8), index // 2 * (height + 8)))
    return sheet


def tree_moments(folder: Path) -> Image.Image:
    """Return some frames of the sample of behavior trees in a row, without most of the floor before them."""
    config, pictures = str(sample_config_dir() / "behavior_tree" / "instance_overrides.yaml"), []
    for frame in TREE_FRAMES:  # each in a run of its own: only what is shown is drawn
        output = folder / f"behavior_tree_{frame}"
        writer = "replicator.writers.IRABasicWriter"
        settings = [f"{writer}.start_frame={frame}", f"{writer}.end_frame={frame + 1}"]
        settings.append("replicator.render_product_resolution=[640,360]")
        if not (output / "run.json").is_file():
            isaacsim_agent(["run", config, "--output", str(output), *(f"--set={setting}" for setting in settings)])
        (picture,) = sorted(output.glob("World_Cameras_*/rgb/*.png"))
        pictures.append(Image.open(picture).convert("RGB").crop((20, 20, 640, 270)))
    sheet = Image.new("RGB", (len(pictures) * 628 - 8, 250), "white")
    for index, picture in enumerate(pictures):
        sheet.paste(picture, (index * 628, 0))
    return sheet


def people_sheet() -> Image.Image:
    """Return all stand-in people in a row, standing in the small warehouse."""
    root = asset_pack_root() / "Isaac"
    stage = open_stage(root / "Environments" / "Grid" / "default_environment.usd")
    people = sorted((root / "People" / "Characters").glob("*/*.usd"))
    for index, asset in enumerate(people):
        place = np.array([0.3 * (index % 2), (index - (len(people) - 1) / 2) * 0.78, 0.0])
        add_character(stage, f"/World/Characters/all/all_{index}", asset, position=place, yaw=np.pi)
    snapshot, _ = read_snapshot(stage)
    view = CameraView(
        prim_path="/World/Camera",
        transform=look_at(np.array([-9.0, 0.0, 1.7]), np.array([0.0, 0.0, 0.9])),
        resolution=(1920, 560),
        focal_length=19.0,
    )
    with Renderer(snapshot) as renderer:
        rgb = renderer.render(view).rgb
    assert rgb is not None
    return Image.fromarray(rgb)


if __name__ == "__main__":
    sys.exit(main())
