"""How fast annotators are computed, encoded and written, without rendering.

::

    python benchmarks/bench_writers.py [--resolution 1280x720] [--repeat 20] [--folder /tmp] [--json]

The picture is made up: a hall of 400 labelled things with smooth surfaces and a little noise, which is about what a
rendered warehouse costs to compress. Times are CPU time of one core per view; megabytes are what lands on disk.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from isaacsim_agent_ext.actors.state import ActorSpec, ActorState
from isaacsim_agent_ext.capture.capture import Capture
from isaacsim_agent_ext.capture.extents import visible_extents
from isaacsim_agent_ext.capture.frame import AnnotatorRequest
from isaacsim_agent_ext.config.model import WriterConfig
from isaacsim_agent_ext.render.gbuffer import AmodalExtents, GBuffer
from isaacsim_agent_ext.scene.snapshot import Instance, Mesh, SceneFrame, SceneSnapshot, Semantics
from isaacsim_agent_ext.sensors.camera import CameraView
from isaacsim_agent_ext.storage.local import LocalSink
from isaacsim_agent_ext.writers import images
from isaacsim_agent_ext.writers.pictures import colorize_depth, colorize_normals
from isaacsim_agent_ext.writers.registry import create_writer

THINGS, PEOPLE, VERTICES = 400, 20, 3000
FILTER = "class:*"
SETS = {
    "rgb": ("rgb",),
    "boxes": ("object_info_bounding_box_2d_tight", "object_info_bounding_box_2d_loose", "object_info_bounding_box_3d"),
    "labels": ("semantic_segmentation", "instance_segmentation", "instance_id_segmentation"),
    "depth": ("distance_to_camera", "distance_to_image_plane"),
    "normals": ("normals",),
}
SETS["quick start"] = (*(switch for switches in SETS.values() for switch in switches), "occlusion", "camera_params")
VIDEO = "video rgb"


class CannedRenderer:
    """Answers every question about the made-up picture at once."""

    def __init__(self, width: int, height: int):
        rng = np.random.default_rng(1)
        instance = np.zeros((height, width), np.int32)
        for index in range(1, THINGS):
            x, y = int(rng.integers(0, width)), int(rng.integers(0, height))
            w, h = int(rng.integers(4, width // 6)), int(rng.integers(4, height // 5))
            instance[y : y + h, x : x + w] = index
        rows = np.linspace(0.0, 1.0, height, dtype=np.float32)[:, None]
        distance = (3.0 + 20.0 * (1.0 - rows) + 0.05 * instance).astype(np.float32)
        shade = 60 + 120 * rows + 40 * np.sin(instance * 0.7) + rng.normal(0, 2.0, (height, width))
        rgb = np.full((height, width, 4), 255, np.uint8)
        rgb[..., :3] = np.clip(shade[..., None] * np.array([1.0, 0.95, 0.85]), 0, 255)
        angle = instance * 0.37
        normals = np.stack([np.cos(angle), np.sin(angle), np.zeros_like(angle)], axis=-1).astype(np.float32)
        self.gbuffer = GBuffer(
            instance, distance, distance * np.float32(0.9), normals, np.zeros((height, width, 2), np.float32), rgb
        )
        self._visible = visible_extents(instance, THINGS)
        self._points = rng.uniform(0, 1, (VERTICES, 3)).astype(np.float32)

    def render(self, camera: CameraView, *, shaded: bool = True, previous: CameraView | None = None) -> GBuffer:
        """Return the made-up picture."""
        return self.gbuffer

    def amodal_extents(self, camera: CameraView, entity_of_instance: np.ndarray, entity_count: int) -> AmodalExtents:
        """Return what is visible, as if nothing were hidden."""
        grouped = self._visible.grouped(entity_of_instance, entity_count)
        return AmodalExtents(grouped.pixels, grouped.boxes)

    def instance_points(self, index: int) -> np.ndarray:
        """Return the same points for every instance."""
        return self._points


def hall() -> SceneSnapshot:
    mesh = Mesh(*(np.zeros((1, 3), np.float32),) * 2, np.zeros((1, 2)), np.zeros((1, 3), int), np.zeros(1, int))
    instances = [
        Instance(
            f"/World/thing_{index:04d}/mesh",
            0,
            np.eye(4),
            (
                Semantics(
                    f"/World/thing_{index:04d}", {"class": ("character" if index < PEOPLE else f"kind_{index % 12}",)}
                ),
            ),
            moving=index < PEOPLE,
        )
        for index in range(THINGS)
    ]
    return SceneSnapshot((mesh,), tuple(instances), ())


def people() -> list[ActorState]:
    states = []
    for index in range(PEOPLE):
        path = f"/World/thing_{index:04d}"
        spec = ActorSpec(
            name=f"workers_{index}",
            group="workers",
            prim_path=path,
            agent_prim_path=f"{path}/SkelRoot",
            agent_type="IRACharacterAPI",
            asset_url="person.usd",
            position=np.zeros(3),
            yaw=0.0,
        )
        states.append(ActorState(spec=spec, position=np.zeros(3), yaw=0.3, velocity=np.array([1.0, 0.2, 0.0])))
    return states


def cpu_ms(work: Callable[[], object], repeat: int) -> float:
    work()
    begin = time.process_time()
    for _ in range(repeat):
        work()
    return (time.process_time() - begin) / repeat * 1000.0


def bench_encoders(gbuffer: GBuffer, repeat: int) -> list[dict]:
    rgb = gbuffer.rgb
    assert rgb is not None
    ids = gbuffer.instance.astype(np.uint32)
    normals = np.concatenate([gbuffer.normals, np.ones((*ids.shape, 1), np.float32)], axis=-1)
    encoders: dict[str, Callable[[], bytes]] = {
        "png rgba": lambda: images.encode_png(rgb),
        "jpeg": lambda: images.encode_jpeg(rgb),
        "png ids": lambda: images.encode_ids(ids),
        "png depth": lambda: images.encode_png(colorize_depth(gbuffer.distance_to_camera)),
        "png normals": lambda: images.encode_png(colorize_normals(normals)),
    }
    rows = []
    for name, encode in encoders.items():
        rows.append(row(name, cpu_ms(encode, repeat), len(encode())))
    try:
        from isaacsim_agent_ext.writers.h264 import SegmentEncoder
    except ImportError:
        return rows
    encoder = SegmentEncoder(rgb.shape[1], rgb.shape[0], 30)
    milliseconds = cpu_ms(lambda: encoder.encode(rgb), repeat)
    return [*rows, row("h264", milliseconds, len(encoder.close()) / (repeat + 1))]


def bench_annotators(snapshot: SceneSnapshot, renderer: CannedRenderer, camera: CameraView, repeat: int) -> list[dict]:
    names = (
        "bounding_box_2d_tight",
        "bounding_box_3d",
        "semantic_segmentation",
        "instance_segmentation",
        "instance_id_segmentation",
        "normals",
        "motion_vectors",
        "pointcloud",
    )
    rows = []
    for chosen in (*((name,) for name in names), names[:6]):
        requests = [AnnotatorRequest(name=name, colorize=True, semantic_filter=FILTER) for name in chosen]
        capture = Capture(snapshot, renderer, {"w": requests})
        milliseconds = cpu_ms(lambda capture=capture: capture.view(0, 0.0, camera, SceneFrame()), repeat)  # type: ignore[misc]
        rows.append(row(chosen[0] if len(chosen) == 1 else "quick start", milliseconds))
    return rows


def bench_sets(
    snapshot: SceneSnapshot, renderer: CannedRenderer, camera: CameraView, repeat: int, folder: Path
) -> list[dict]:
    rows = []
    for name, switches in {**SETS, VIDEO: ()}.items():
        colorize = {f"colorize_{switch}": True for switch in switches if "segmentation" in switch}
        video = {"video_rendering_annotator_list": ["rgb"]} if name == VIDEO else {}
        parameters = dict.fromkeys(switches, True) | colorize | video | {"semantic_filter_predicate": FILTER}
        target = folder / name.replace(" ", "_")
        writer = create_writer(WriterConfig(key="w", type="IRABasicWriter", parameters=parameters), LocalSink(target))
        view = Capture(snapshot, renderer, {"w": writer.requests}).view(30, 1.0, camera, SceneFrame(), people())["w"]
        writer.begin_chunk(30)
        milliseconds = cpu_ms(lambda writer=writer, view=view: writer.write(view), repeat)  # type: ignore[misc]
        writer.end_chunk()
        size = sum(path.stat().st_size for path in target.rglob("*") if path.is_file())
        rows.append(row(name, milliseconds, size / (repeat + 1 if name == VIDEO else 1)))
    return rows


def row(name: str, milliseconds: float, size: float | None = None) -> dict:
    return {
        "name": name,
        "ms": round(milliseconds, 2),
        "views_per_s": round(1000.0 / max(milliseconds, 1e-6), 1),
        "mb": None if size is None else round(size / 1e6, 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--resolution", default="1280x720", help="WIDTHxHEIGHT in pixels")
    parser.add_argument("--repeat", type=int, default=20, help="views per measurement")
    parser.add_argument("--folder", type=Path, help="where to write; a temporary folder by default")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    width, height = (int(number) for number in options.resolution.split("x"))
    camera = CameraView(prim_path="/World/cam", transform=np.eye(4), resolution=(width, height), focal_length=15.0)
    snapshot, renderer = hall(), CannedRenderer(width, height)
    folder = Path(tempfile.mkdtemp(dir=options.folder))
    try:
        tables = {
            "encoders": bench_encoders(renderer.gbuffer, options.repeat),
            "annotators": bench_annotators(snapshot, renderer, camera, options.repeat),
            "writer": bench_sets(snapshot, renderer, camera, options.repeat, folder),
        }
    finally:
        shutil.rmtree(folder)
    if options.json:
        print(json.dumps({"resolution": [width, height], **tables}, indent=1))
        return
    print(f"{width}x{height}, CPU time of one core per view")
    for title, rows in tables.items():
        print(f"\n{title:28}{'ms':>9}{'views/s':>10}{'MB':>9}")
        for entry in rows:
            size = "" if entry["mb"] is None else f"{entry['mb']:.3f}"
            print(f"{entry['name']:28}{entry['ms']:>9.2f}{entry['views_per_s']:>10.1f}{size:>9}")


if __name__ == "__main__":
    main()
