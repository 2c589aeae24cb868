"""Every annotator against the closed form, on scenes of boxes before a camera that looks along +X."""

import numpy as np
import pytest
from box_scene import BoxRenderer, actor, box, look_along_x, placed, scene

from isaacsim_agent_ext.capture.boxes import box_corners
from isaacsim_agent_ext.capture.capture import ANNOTATORS, Capture
from isaacsim_agent_ext.capture.frame import AnnotatorRequest
from isaacsim_agent_ext.errors import ConfigError
from isaacsim_agent_ext.scene.snapshot import SceneFrame, Semantics

# The focal length equals the aperture, so 64 pixels are one metre at a depth of one metre, 8 at 8 metres.
CAMERA = look_along_x()


def capture(snapshot, *names, camera=CAMERA, frame=None, actors=(), renderer=None, **options):
    requests = [AnnotatorRequest(name=name, **options) for name in names]
    view = Capture(snapshot, renderer or BoxRenderer(snapshot), {"w": requests}).view(
        3, 0.1, camera, frame or SceneFrame(), actors
    )["w"]
    return [view.annotators[name] for name in names]


def test_tight_and_loose_boxes_of_one_box_in_closed_form():
    # The front face is at depth 8: 8 pixels to a metre around the centre (32, 24).
    target = box("/Box", (8.5, 0.0, 0.0), (1, 2, 1), labels={"class": ("box",)})
    tight, loose = capture(scene(target), "bounding_box_2d_tight", "bounding_box_2d_loose")
    assert tight.data.tolist() == [(0, 24, 20, 39, 27, 0.0)]
    assert loose.data.tolist() == tight.data.tolist()
    assert tight.info["primPaths"] == ["/Box"]
    assert tight.info["bboxIds"].tolist() == [2]
    assert tight.info["idToLabels"] == {0: {"class": "box"}}


def test_half_hidden_box():
    hidden = box("/Hidden", (8.5, 0.0, 0.0), (1, 2, 1), labels={"class": ("box",)})
    # World -Y is to the right: the occluder at depth 4 covers columns 32 to 63.
    occluder = box("/Occluder", (4.5, -1.0, 0.0), (1, 2, 3), labels={"class": ("wall",)})
    tight, loose, occlusion = capture(
        scene(hidden, occluder), "bounding_box_2d_tight", "bounding_box_2d_loose", "occlusion"
    )
    assert tight.data[0].tolist() == (0, 24, 20, 31, 27, 0.5)
    assert loose.data[0].tolist() == (0, 24, 20, 39, 27, 0.5)
    assert occlusion.data.tolist() == [(2, 2, 0.5), (3, 3, 0.0)]


def test_hidden_entities_have_loose_boxes_only_and_those_out_of_view_none():
    hidden = box("/Hidden", (8.5, 0.0, 0.0), (1, 2, 1), labels={"class": ("box",)})
    wall = box("/Wall", (4.5, 0.0, 0.0), (1, 8, 8), labels={"class": ("wall",)})
    behind = box("/Behind", (-4.0, 0.0, 0.0), labels={"class": ("box",)})
    tight, loose, occlusion, solid = capture(
        scene(hidden, wall, behind), "bounding_box_2d_tight", "bounding_box_2d_loose", "occlusion", "bounding_box_3d"
    )
    assert tight.info["primPaths"] == ["/Wall"]
    assert loose.info["primPaths"] == ["/Hidden", "/Wall"]
    assert loose.data["occlusionRatio"].tolist() == [1.0, 0.0]
    assert occlusion.info["primPaths"] == ["/Hidden", "/Wall"]
    assert solid.info["primPaths"] == ["/Hidden", "/Wall"]


def test_an_entity_of_several_meshes_has_one_box_and_one_occlusion_ratio():
    person = (Semantics("/Person", {"class": ("character",)}),)
    head = box("/Person/Head", (8.5, 0.0, 1.0), semantics=person)
    body = box("/Person/Body", (8.5, 0.0, -1.0), semantics=person)
    tight, occlusion = capture(scene(head, body), "bounding_box_2d_tight", "occlusion")
    assert tight.data.tolist() == [(0, 28, 12, 35, 35, 0.0)]
    assert occlusion.data["occlusionRatio"].tolist() == [0.0]


def test_tight_boxes_are_the_bounds_of_the_visible_pixels():
    rng = np.random.default_rng(11)
    labels = {"class": ("box",)}
    boxes = [
        box(
            f"/Box_{i:02d}",
            (rng.uniform(4, 12), rng.uniform(-4, 4), rng.uniform(-3, 3)),
            labels=labels,
            yaw=rng.uniform(0, 3),
        )
        for i in range(40)
    ]
    tight, loose, segmentation = capture(
        scene(*boxes), "bounding_box_2d_tight", "bounding_box_2d_loose", "instance_segmentation"
    )
    ids = segmentation.data
    assert set(tight.info["bboxIds"]) == set(np.unique(ids)) - {0, 1}
    for row, identity in zip(tight.data, tight.info["bboxIds"], strict=True):
        rows, columns = np.nonzero(ids == identity)
        assert row.tolist()[1:5] == (columns.min(), rows.min(), columns.max(), rows.max())
    outer = dict(zip(loose.info["primPaths"], loose.data, strict=True))
    for path, row in zip(tight.info["primPaths"], tight.data, strict=True):
        assert outer[path]["x_min"] <= row["x_min"]
        assert outer[path]["y_max"] >= row["y_max"]


def test_3d_boxes_are_given_in_the_prims_own_frame():
    turned = box("/Box", (8.0, 1.0, 0.5), (1.0, 2.0, 0.5), labels={"class": ("box",)}, yaw=0.6)
    (solid,) = capture(scene(turned), "bounding_box_3d")
    row = solid.data[0]
    assert [row[name] for name in ("x_min", "y_min", "z_min")] == pytest.approx([-0.5, -1.0, -0.25], abs=1e-5)
    assert [row[name] for name in ("x_max", "y_max", "z_max")] == pytest.approx([0.5, 1.0, 0.25], abs=1e-5)
    assert row["transform"] == pytest.approx(placed((8.0, 1.0, 0.5), yaw=0.6), abs=1e-6)
    expected = BoxRenderer(scene(turned)).instance_points(0)
    assert box_corners(solid.data)[0] == pytest.approx(expected, abs=1e-5)  # both count x slowest, z fastest


def test_3d_box_without_a_frame_stands_in_the_worlds_axes():
    plain = box("/Box", (8.0, 1.0, 0.5), semantics=(Semantics("/Box", {"class": ("box",)}),), yaw=np.pi / 4)
    (solid,) = capture(scene(plain), "bounding_box_3d")
    assert (solid.data["transform"][0] == np.eye(4)).all()
    assert solid.data["x_max"][0] - solid.data["x_min"][0] == pytest.approx(np.sqrt(2), abs=1e-5)


def test_3d_boxes_of_actors_follow_their_root_prim():
    person = (Semantics("/Person/Skel", {"class": ("character",)}),)
    snapshot = scene(box("/Person/Skel/mesh", (8.0, 0.0, 0.9), (0.5, 0.5, 1.8), semantics=person, moving=True))
    renderer = BoxRenderer(snapshot)
    recorder = Capture(snapshot, renderer, {"w": [AnnotatorRequest(name="bounding_box_3d")]})
    for x, yaw in ((8.0, 0.0), (9.0, 1.2)):
        frame = SceneFrame(
            transforms={0: placed((x, 0.0, 0.9), (0.5, 0.5, 1.8), yaw)},
            prim_transforms={"/Person": placed((x, 0.0, 0.0), yaw=yaw)},
        )
        renderer.update(frame)
        row = recorder.view(0, 0.0, CAMERA, frame)["w"].annotators["bounding_box_3d"].data[0]
        assert row["transform"][3, :3] == pytest.approx([x, 0.0, 0.0], abs=1e-6)
        assert [row["x_min"], row["z_min"], row["z_max"]] == pytest.approx([-0.25, 0.0, 1.8], abs=1e-5)


def test_3d_box_of_a_moving_prim_is_carried_along():
    turned = box("/Cart", (8.0, 0.0, 0.0), (1, 2, 1), labels={"class": ("cart",)}, moving=True)
    frame = SceneFrame(transforms={0: placed((7.0, 1.0, 0.0), (1, 2, 1), yaw=0.5)})
    renderer = BoxRenderer(scene(turned))
    renderer.update(frame)
    (solid,) = capture(renderer.snapshot, "bounding_box_3d", frame=frame, renderer=renderer)
    assert solid.data["transform"][0] == pytest.approx(placed((7.0, 1.0, 0.0), yaw=0.5), abs=1e-6)
    assert solid.data["y_max"][0] == pytest.approx(1.0, abs=1e-5)


def test_segmentations_as_ids():
    labelled = box("/Box", (8.5, 2.0, 0.0), labels={"class": ("box",)})
    other = box("/Other", (8.5, -2.0, 0.0))
    semantic, instance, leaf = capture(
        scene(labelled, other), "semantic_segmentation", "instance_segmentation", "instance_id_segmentation"
    )
    # World +Y is to the left: the labelled box is centred on column 16, the other on column 48.
    for image in (semantic, instance, leaf):
        assert image.data.dtype == np.uint32
        assert image.data.shape == (48, 64)
        assert image.data[0, 0] == 0
    assert (semantic.data[24, 16], semantic.data[24, 48]) == (2, 1)
    assert (instance.data[24, 16], instance.data[24, 48]) == (2, 1)
    assert (leaf.data[24, 16], leaf.data[24, 48]) == (2, 3)
    reserved = {0: {"class": "BACKGROUND"}, 1: {"class": "UNLABELLED"}}
    assert semantic.info["idToLabels"] == reserved | {2: {"class": "box"}}
    assert instance.info["idToLabels"] == {0: "BACKGROUND", 1: "UNLABELLED", 2: "/Box"}
    assert instance.info["idToSemantics"] == reserved | {2: {"class": "box"}}
    assert leaf.info["idToLabels"] == {0: "BACKGROUND", 1: "UNLABELLED", 2: "/Box", 3: "/Other"}


def test_segmentations_as_colours_say_the_same():
    snapshot = scene(box("/Box", (8.5, 2.0, 0.0), labels={"class": ("box",)}), box("/Other", (8.5, -2.0, 0.0)))
    names = ("semantic_segmentation", "instance_segmentation", "instance_id_segmentation")
    for ids, colors in zip(capture(snapshot, *names), capture(snapshot, *names, colorize=True), strict=True):
        assert colors.data.dtype == np.uint8
        assert colors.data.shape == (48, 64, 4)
        assert list(ids.info["idToLabels"].values()) == list(colors.info["idToLabels"].values())
        for identity, color in zip(ids.info["idToLabels"], colors.info["idToLabels"], strict=True):
            assert ((ids.data == identity) == (colors.data == color).all(axis=-1)).all()
        assert list(colors.info["idToLabels"])[:2] == [(0, 0, 0, 0), (0, 0, 0, 255)]


def test_dictionaries_list_only_what_is_shown():
    behind = box("/Behind", (-4.0, 0.0, 0.0), labels={"class": ("ghost",)})
    shown = box("/Shown", (8.5, 0.0, 0.0), labels={"class": ("box",)})
    semantic, instance = capture(scene(behind, shown), "semantic_segmentation", "instance_segmentation")
    assert list(semantic.info["idToLabels"].values())[2:] == [{"class": "box"}]
    assert list(instance.info["idToLabels"].values())[2:] == ["/Shown"]


def test_distances_and_normals():
    snapshot = scene(box("/Wall", (4.5, 0.0, 0.0), (1, 2, 2)))
    camera_distance, plane_distance, normals = capture(
        snapshot, "distance_to_camera", "distance_to_image_plane", "normals"
    )
    row, column = 30, 25
    offset = np.array([(column + 0.5 - 32) / 64, (row + 0.5 - 24) / 64])
    assert plane_distance.data[row, column] == pytest.approx(4.0)
    assert camera_distance.data[row, column] == pytest.approx(4.0 * np.sqrt(1 + offset @ offset), rel=1e-6)
    assert np.isinf(plane_distance.data[0, 0])
    assert normals.data.dtype == np.float32
    assert normals.data.shape == (48, 64, 4)
    assert normals.data[row, column].tolist() == [-1.0, 0.0, 0.0, 1.0]
    assert normals.data[0, 0].tolist() == [0.0, 0.0, 0.0, 0.0]


def test_point_cloud_lies_on_the_surfaces():
    labelled = box("/Box", (8.5, 2.0, 0.0), labels={"class": ("box",)})
    snapshot = scene(labelled, box("/Other", (8.5, -2.0, 0.0)))
    (cloud,) = capture(snapshot, "pointcloud")
    assert cloud.data.dtype == np.float32
    front = cloud.data[np.isclose(cloud.data[:, 0], 8.0, atol=1e-5)]
    assert len(front) == 64  # the front face, 8 by 8 pixels
    assert front[:, 1].min() >= 1.5
    assert front[:, 1].max() <= 2.5
    assert np.abs(front[:, 2]).max() <= 0.5
    assert set(cloud.info["pointSemantic"]) == {2}
    assert cloud.info["pointRgb"].shape == (len(cloud.data), 4)
    assert cloud.info["pointNormals"].dtype == np.float32

    (every,) = capture(snapshot, "pointcloud", include_unlabelled=True)
    assert len(every.data) > len(cloud.data)
    assert set(every.info["pointInstance"]) == {1, 2}


def test_camera_params():
    (params,) = capture(scene(box("/Box", (8, 0, 0))), "camera_params", camera=look_along_x((1.0, 2.0, 3.0)))
    data = params.data
    view = data["cameraViewTransform"].reshape(4, 4)
    projection = data["cameraProjection"].reshape(4, 4)
    point = np.array([5.0, 1.0, 3.5, 1.0])  # 4 m ahead, 1 m to the right, 0.5 m up
    assert point @ view == pytest.approx([1.0, 0.5, -4.0, 1.0])
    clip = point @ view @ projection
    assert clip[:2] / clip[3] == pytest.approx([2 * 16 / 64, 2 * 8 / 48])
    assert clip[3] == pytest.approx(4.0)
    assert clip[2] / clip[3] == pytest.approx(0.01 / 4.0)  # reversed depth, infinite far plane
    assert data["cameraAperture"].tolist() == [20.955, 20.955 * 48 / 64]
    assert data["renderProductResolution"].tolist() == [64, 48]
    assert data["cameraModel"] == "pinhole"
    assert data["metersPerSceneUnit"] == 1.0


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("bounding_box_2d_tight", "semanticId:<u4 x_min:<i4 y_min:<i4 x_max:<i4 y_max:<i4 occlusionRatio:<f4"),
        ("bounding_box_2d_loose", "semanticId:<u4 x_min:<i4 y_min:<i4 x_max:<i4 y_max:<i4 occlusionRatio:<f4"),
        ("occlusion", "instanceId:<u4 semanticId:<u4 occlusionRatio:<f4"),
    ],
)
def test_fields_of_structured_arrays(name, fields):
    (result,) = capture(scene(box("/Box", (8, 0, 0))), name)
    assert len(result.data) == 0
    assert " ".join(f"{field}:{kind}" for field, kind in result.data.dtype.descr) == fields


def test_fields_of_3d_boxes():
    (result,) = capture(scene(box("/Box", (8, 0, 0))), "bounding_box_3d")
    kinds = {entry[0]: entry[1:] for entry in result.data.dtype.descr}
    extents = ["x_min", "y_min", "z_min", "x_max", "y_max", "z_max"]
    assert list(kinds) == ["semanticId", *extents, "transform", "occlusionRatio"]
    assert kinds["transform"] == ("<f4", (4, 4))
    assert kinds["semanticId"] == ("<u4",)


def test_fast_twins_give_the_same():
    snapshot = scene(box("/Box", (8.5, 0, 0), labels={"class": ("box",)}))
    slow, fast = capture(snapshot, "bounding_box_2d_tight", "bounding_box_2d_tight_fast")
    assert (slow.data == fast.data).all()


def test_prim_labels_name_every_entity_in_view_or_not():
    snapshot = scene(box("/Behind", (-4, 0, 0), labels={"class": ("ghost",)}), box("/Plain", (8, 0, 0)))
    (labels,) = capture(snapshot, "prim_labels")
    assert labels.data == {"/Behind": {"class": "ghost"}}


def test_nothing_is_shaded_or_measured_unless_asked_for():
    snapshot = scene(box("/Box", (8.5, 0, 0), labels={"class": ("box",)}))
    renderer = BoxRenderer(snapshot)
    capture(snapshot, "semantic_segmentation", "normals", renderer=renderer)
    assert renderer.calls == [("render", False)]
    renderer.calls.clear()
    capture(snapshot, "rgb", "bounding_box_2d_tight", "occlusion", renderer=renderer)
    assert renderer.calls == [("render", True), ("amodal", 1)]


def test_writers_share_one_rendering_and_equal_results():
    snapshot = scene(box("/Box", (8.5, 0, 0), labels={"class": ("box",), "id": ("7",)}))
    renderer = BoxRenderer(snapshot)
    by_class, by_id = AnnotatorRequest(name="occlusion"), AnnotatorRequest(name="occlusion", semantic_filter="id:*")
    recorder = Capture(snapshot, renderer, {"a": [by_class], "b": [by_class], "c": [by_id]})
    views = recorder.view(0, 0.0, CAMERA, SceneFrame())
    assert [call[0] for call in renderer.calls] == ["render", "amodal", "amodal"]
    assert views["a"].annotators["occlusion"] is views["b"].annotators["occlusion"]
    assert views["a"].annotators["occlusion"] is not views["c"].annotators["occlusion"]

    renderer.calls.clear()
    assert list(recorder.view(0, 0.0, CAMERA, SceneFrame(), writers=["c"])) == ["c"]
    assert [call[0] for call in renderer.calls] == ["render", "amodal"]
    assert recorder.view(0, 0.0, CAMERA, SceneFrame(), writers=[]) == {}


def test_actors_come_sorted_by_prim_path():
    snapshot = scene(box("/Box", (8.5, 0, 0)))
    recorder = Capture(snapshot, BoxRenderer(snapshot), {"w": [AnnotatorRequest(name="normals")]})
    actors = [actor("/World/b", (0, 0, 0)), actor("/World/a", (0, 0, 0))]
    view = recorder.view(7, 0.25, CAMERA, SceneFrame(), actors)["w"]
    assert [state.spec.prim_path for state in view.actors] == ["/World/a", "/World/b"]
    assert (view.frame, view.time) == (7, 0.25)


def test_unknown_annotators_are_named_with_the_nearest():
    snapshot = scene(box("/Box", (8.5, 0, 0)))
    with pytest.raises(ConfigError, match="did you mean `semantic_segmentation`"):
        Capture(snapshot, BoxRenderer(snapshot), {"w": [AnnotatorRequest(name="semantic_segmentaton")]})


def test_every_annotator_can_be_captured_without_anything_in_view():
    snapshot = scene(box("/Box", (-8.5, 0, 0), labels={"class": ("box",)}))
    results = capture(snapshot, *ANNOTATORS)
    assert len(results) == len(ANNOTATORS)
