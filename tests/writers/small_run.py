"""A small run of two people and a crate before two cameras, recorded with any writer."""

from __future__ import annotations

from box_scene import BoxRenderer, actor, box, look_along_x, placed, scene

from isaacsim_agent_ext.capture.capture import Capture
from isaacsim_agent_ext.config.model import WriterConfig
from isaacsim_agent_ext.scene.snapshot import SceneFrame, Semantics
from isaacsim_agent_ext.storage.local import LocalSink
from isaacsim_agent_ext.writers.base import CHUNK_FRAMES
from isaacsim_agent_ext.writers.registry import create_writer

FILTER = "class:character|robot;id:*"
RESOLUTION = (96, 54)
PEOPLE = {"/World/Characters/workers/workers_0": (6.0, 0.5), "/World/Characters/workers/workers_1": (7.0, -0.7)}
ALL_SWITCHES = (
    "rgb",
    "camera_params",
    "object_info_bounding_box_2d_tight",
    "object_info_bounding_box_2d_loose",
    "object_info_bounding_box_3d",
    "semantic_segmentation",
    "instance_segmentation",
    "instance_id_segmentation",
    "distance_to_camera",
    "distance_to_image_plane",
    "normals",
    "motion_vectors",
    "occlusion",
    "pointcloud",
)


def config(kind="IRABasicWriter", **parameters):
    return WriterConfig(key=kind, type=kind, parameters={"semantic_filter_predicate": FILTER} | parameters)


def cameras(count=2):
    positions = [(0.0, 0.0, 1.0), (0.5, 1.0, 1.2), (0.0, -1.0, 1.0)]
    return [
        look_along_x(positions[index], resolution=RESOLUTION, path=f"/World/Cameras/hall/hall_{index}")
        for index in range(count)
    ]


def record(folder, writer_config, frames, *, views=None, finish_with=None, seed=7, processes=1):
    """Record frames; with several processes, every one writes each so manyth chunk with a writer of its own."""
    views = cameras() if views is None else views
    paths = [camera.prim_path for camera in views]
    writers = [create_writer(writer_config, LocalSink(folder), cameras=paths, seed=seed) for _ in range(processes)]
    snapshot = _snapshot()
    renderer = BoxRenderer(snapshot)
    recorder = Capture(snapshot, renderer, {"w": writers[0].requests})
    chunks = {}
    for frame in frames:
        chunks.setdefault(frame // CHUNK_FRAMES, []).append(frame)
    for number, (_, chunk) in enumerate(sorted(chunks.items())):
        writer = writers[number % processes]
        writer.begin_chunk(chunk[0])
        for frame in chunk:
            scene_frame, actors = _at(frame)
            renderer.update(scene_frame)
            for camera in views:
                writer.write(recorder.view(frame, frame / 30, camera, scene_frame, actors)["w"])
        writer.end_chunk()
    writers[0].finish(views, list(frames) if finish_with is None else finish_with)


def files(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def contents(folder):
    return {name: (folder / name).read_bytes() for name in files(folder)}


def _snapshot():
    people = [
        box(f"{path}/SkelRoot/mesh", (x, y, 0.9), semantics=(Semantics(path, {"class": ("character",)}),), moving=True)
        for path, (x, y) in PEOPLE.items()
    ]
    crate = box("/World/crate", (8.0, 0.6, 0.5), labels={"class": ("crate",), "id": ("17",)})
    return scene(box("/World/floor", (8, 0, -0.05), (30, 30, 0.1)), *people, crate)


def _at(frame):
    """Walking along +X at 0.9 m/s; the second one stands."""
    where = {
        path: (x + (0.03 * frame if index == 0 else 0.0), y) for index, (path, (x, y)) in enumerate(PEOPLE.items())
    }
    actors = [
        actor(
            path,
            (*where[path], 0.0),
            velocity=(0.9 if index == 0 else 0.0, 0, 0),
            task="MoveTo" if index == 0 else None,
        )
        for index, path in enumerate(PEOPLE)
    ]
    return (
        SceneFrame(
            transforms={1 + index: placed((*at, 0.9), (0.5, 0.5, 1.8)) for index, at in enumerate(where.values())},
            prim_transforms={path: placed((*at, 0.0)) for path, at in where.items()},
        ),
        actors,
    )
