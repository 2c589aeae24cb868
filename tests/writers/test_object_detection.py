import json

import jsonschema
import numpy as np
import pytest
from box_scene import actor, look_along_x
from small_run import ALL_SWITCHES, PEOPLE, cameras, config, record

from isaacsim_agent_ext.capture.frame import AnnotatorData, CapturedView
from isaacsim_agent_ext.writers.object_detection import metro_agent_data, object_detection_record

POINT = {"type": "array", "items": {"type": "number"}, "minItems": 3, "maxItems": 3}
MATRIX = {
    "type": "array",
    "minItems": 4,
    "maxItems": 4,
    "items": {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 4},
}
CORNERS = {"type": "array", "minItems": 1, "maxItems": 1, "items": {"type": "array", "minItems": 8, "items": POINT}}
RATIO = {"type": "number", "minimum": 0, "maximum": 1}


def closed(properties, optional=()):
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


BOX_2D = closed(
    {name: {"type": "integer"} for name in ("x_min", "y_min", "x_max", "y_max")} | {"occlusionRatio": RATIO}
)
BOX_3D = closed(
    {
        "transform": MATRIX,
        "camera_view_transform": MATRIX,
        "vertex": closed({"translations_3d": CORNERS, "camera_view_translations_3d": CORNERS}),
        "occlusionRatio": RATIO,
    }
)
ANNOTATORS = closed(
    {
        "bounding_box_2d_tight_fast": BOX_2D,
        "bounding_box_2d_loose_fast": BOX_2D,
        "bounding_box_3d_fast": BOX_3D,
        "skeleton_data": {"type": "object"},
    },
    optional=("bounding_box_2d_tight_fast", "bounding_box_2d_loose_fast", "bounding_box_3d_fast", "skeleton_data"),
)
LABEL = {"type": "object", "additionalProperties": {"type": "string"}}
METRO = closed(
    {
        "prim_path": {"type": "string"},
        "agent_type": {"enum": ["IRACharacterAPI", "AnimRobotAPI"]},
        "agent_name": {"type": "string"},
        "agent_group": {"type": "string"},
        "world_position": POINT,
        "world_rotation": {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 4},
        "world_moving_direction": {"anyOf": [POINT, {"type": "null"}]},
        "world_facing_direction": POINT,
        "speed": {"type": "number", "minimum": 0},
        "current_task_name": {"type": ["string", "null"]},
        "asset_url": {"type": "string"},
    }
)
RECORD = closed(
    {
        "agents": {
            "type": "object",
            "additionalProperties": closed({"label": LABEL, "annotators": ANNOTATORS, "metro_agent_data": METRO}),
        },
        "objects": {"type": "object", "additionalProperties": closed({"label": LABEL, "annotators": ANNOTATORS})},
    }
)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dataset")
    settings = config(**dict.fromkeys(ALL_SWITCHES, True), consolidated_object_detection=True)
    record(folder, settings, range(30, 33))
    return folder / "World_Cameras_hall_hall_0"


def load(dataset, frame):
    return json.loads((dataset / f"object_detection/object_detection_{frame:04d}.json").read_text())


def test_records_follow_the_schema(dataset):
    for frame in (30, 31, 32):
        jsonschema.validate(load(dataset, frame), RECORD)


def test_records_say_who_does_what_and_where(dataset):
    record_30 = load(dataset, 30)
    walker, stander = list(PEOPLE)
    assert list(record_30["agents"]) == [walker, stander]
    metro = record_30["agents"][walker]["metro_agent_data"]
    assert metro["world_position"] == [6.9, 0.5, 0.0]
    assert metro["speed"] == 0.9
    assert metro["world_moving_direction"] == [1.0, 0.0, 0.0]
    assert metro["current_task_name"] == "MoveTo"
    assert metro["prim_path"] == f"{walker}/SkelRoot"
    still = record_30["agents"][stander]["metro_agent_data"]
    assert still["world_moving_direction"] is None
    assert still["current_task_name"] is None
    assert record_30["agents"][walker]["label"] == {"class": "character"}
    assert record_30["objects"]["/World/crate"]["label"] == {"id": "17"}


def test_positions_move_with_the_boxes(dataset):
    """The original's records freeze ``world_position``; here it agrees with the 3D box in every frame."""
    walker = next(iter(PEOPLE))
    positions = []
    for frame in (30, 31, 32):
        agent = load(dataset, frame)["agents"][walker]
        positions.append(agent["metro_agent_data"]["world_position"])
        assert agent["annotators"]["bounding_box_3d_fast"]["transform"][3][:3] == pytest.approx(positions[-1], abs=1e-5)
    assert [x for x, _, _ in positions] == pytest.approx([6.9, 6.93, 6.96])


def test_corners_agree_with_the_camera(dataset):
    camera = cameras()[0]
    box = load(dataset, 30)["agents"][next(iter(PEOPLE))]["annotators"]["bounding_box_3d_fast"]
    world = np.array(box["vertex"]["translations_3d"][0])
    in_camera = np.array(box["vertex"]["camera_view_translations_3d"][0])
    expected = np.concatenate([world, np.ones((8, 1))], axis=1) @ camera.view
    assert in_camera == pytest.approx(expected[:, :3], abs=1e-5)
    assert world.min(axis=0) == pytest.approx([6.65, 0.25, 0.0], abs=1e-5)
    assert world.max(axis=0) == pytest.approx([7.15, 0.75, 1.8], abs=1e-5)
    pixels, _ = camera.project(world)
    tight = load(dataset, 30)["agents"][next(iter(PEOPLE))]["annotators"]["bounding_box_2d_tight_fast"]
    assert pixels[:, 0].min() == pytest.approx(tight["x_min"], abs=1)
    assert pixels[:, 1].max() == pytest.approx(tight["y_max"] + 1, abs=1)


def test_the_consolidated_file_holds_every_record(dataset):
    joined = json.loads((dataset / "object_detection.json").read_text())
    assert joined == {str(frame): load(dataset, frame) for frame in (30, 31, 32)}


def test_one_entry_a_line(dataset):
    lines = (dataset / "object_detection/object_detection_0030.json").read_text().splitlines()
    assert [line[:10] for line in lines[:2]] == ["{", '"agents": ']
    assert sum(line.startswith('"/World/Characters') for line in lines) == 2


def test_actors_off_camera_keep_their_data():
    elsewhere = actor("/World/Characters/workers/workers_9", (50, 0, 0))
    labels = {"/World/Characters/workers/workers_9": {"class": "character"}}
    view = CapturedView(
        frame=1, time=0.1, camera=look_along_x(), annotators={"prim_labels": AnnotatorData(labels)}, actors=(elsewhere,)
    )
    agents = object_detection_record(view)["agents"]
    entry = agents["/World/Characters/workers/workers_9"]
    assert entry["annotators"] == {}
    assert entry["label"] == {"class": "character"}
    assert entry["metro_agent_data"]["world_position"] == [50.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("yaw", "rotation", "facing"),
    [
        (0.0, [0, 0, 0, 1], [1, 0, 0]),
        (np.pi / 2, [0, 0, np.sqrt(0.5), np.sqrt(0.5)], [0, 1, 0]),
        (np.pi, [0, 0, 1, 0], [-1, 0, 0]),
    ],
)
def test_rotation_is_a_quaternion_xyzw_about_z(yaw, rotation, facing):
    data = metro_agent_data(actor("/World/p", (0, 0, 0), yaw=yaw))
    assert data["world_rotation"] == pytest.approx(rotation, abs=1e-6)
    assert data["world_facing_direction"] == pytest.approx(facing, abs=1e-6)


def test_moving_direction_is_a_unit_vector():
    data = metro_agent_data(actor("/World/p", (0, 0, 0), velocity=(3.0, -4.0, 0.0)))
    assert data["world_moving_direction"] == [0.6, -0.8, 0.0]
    assert data["speed"] == 5.0


def test_labels_on_the_skeleton_root_belong_to_the_agent():
    state = actor("/World/p", (0, 0, 0))
    labels = {"/World/p/SkelRoot": {"class": "character"}}
    rows = np.array([(0, 1, 2, 3, 4, 0.25)], "<u4,<i4,<i4,<i4,<i4,<f4")
    rows.dtype.names = ("semanticId", "x_min", "y_min", "x_max", "y_max", "occlusionRatio")
    tight = AnnotatorData(rows, {"primPaths": ["/World/p/SkelRoot"], "idToLabels": {0: {"class": "character"}}})
    view = CapturedView(
        frame=1,
        time=0.1,
        camera=look_along_x(),
        annotators={"prim_labels": AnnotatorData(labels), "bounding_box_2d_tight": tight},
        actors=(state,),
    )
    found = object_detection_record(view)
    assert found["objects"] == {}
    entry = found["agents"]["/World/p"]
    assert entry["label"] == {"class": "character"}
    expected = {"x_min": 1, "y_min": 2, "x_max": 3, "y_max": 4, "occlusionRatio": 0.25}
    assert entry["annotators"]["bounding_box_2d_tight_fast"] == expected
