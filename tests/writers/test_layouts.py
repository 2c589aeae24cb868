import json

import numpy as np
import pytest
from PIL import Image
from small_run import ALL_SWITCHES, FILTER, cameras, config, contents, files, record

from isaacsim_agent_ext.errors import ConfigError, OutputError
from isaacsim_agent_ext.writers.images import read_ids
from isaacsim_agent_ext.writers.layout import Layout
from isaacsim_agent_ext.writers.registry import check_writers, create_writer

EVERYTHING = dict.fromkeys(ALL_SWITCHES, True)


def test_layout_of_the_ira_writer(tmp_path):
    record(tmp_path, config(**EVERYTHING, consolidated_object_detection=True, colorize_depth=True), [30, 31])
    names = []
    for camera in ("World_Cameras_hall_hall_0", "World_Cameras_hall_hall_1"):
        names.append(f"{camera}/object_detection.json")
        for frame in ("0030", "0031"):
            names += [
                f"{camera}/camera_params/camera_params_{frame}.json",
                f"{camera}/distance_to_camera/distance_to_camera_{frame}.npy",
                f"{camera}/distance_to_camera/distance_to_camera_{frame}.png",
                f"{camera}/distance_to_image_plane/distance_to_image_plane_{frame}.npy",
                f"{camera}/distance_to_image_plane/distance_to_image_plane_{frame}.png",
                f"{camera}/instance_id_segmentation/instance_id_segmentation_{frame}.png",
                f"{camera}/instance_id_segmentation/instance_id_segmentation_mapping_{frame}.json",
                f"{camera}/instance_segmentation/instance_segmentation_{frame}.png",
                f"{camera}/instance_segmentation/instance_segmentation_mapping_{frame}.json",
                f"{camera}/instance_segmentation/instance_segmentation_semantics_mapping_{frame}.json",
                f"{camera}/motion_vectors/motion_vectors_{frame}.npy",
                f"{camera}/normals/normals_{frame}.png",
                f"{camera}/object_detection/object_detection_{frame}.json",
                f"{camera}/occlusion/occlusion_{frame}.npy",
                f"{camera}/pointcloud/pointcloud_{frame}.npy",
                f"{camera}/pointcloud/pointcloud_instance_{frame}.npy",
                f"{camera}/pointcloud/pointcloud_normals_{frame}.npy",
                f"{camera}/pointcloud/pointcloud_rgb_{frame}.npy",
                f"{camera}/pointcloud/pointcloud_semantic_{frame}.npy",
                f"{camera}/rgb/rgb_{frame}.png",
                f"{camera}/semantic_segmentation/semantic_segmentation_{frame}.png",
                f"{camera}/semantic_segmentation/semantic_segmentation_labels_{frame}.json",
            ]
    assert files(tmp_path) == sorted([*names, "metadata.txt"])


def test_layout_options(tmp_path):
    record(
        tmp_path,
        config(
            rgb=True, bounding_box_2d_tight=True, use_common_output_dir=True, frame_padding=6, image_output_format="jpg"
        ),
        [30],
        views=cameras(1),
    )
    assert files(tmp_path) == [
        "World_Cameras_hall_hall_0_object_detection_000030.json",
        "World_Cameras_hall_hall_0_rgb_000030.jpg",
        "metadata.txt",
    ]


@pytest.mark.parametrize(
    ("views", "common", "rgb"),
    [
        (1, False, ["rgb_0030.png"]),
        (1, True, ["rgb_0030.png"]),
        (2, True, ["World_Cameras_hall_hall_0_rgb_0030.png", "World_Cameras_hall_hall_1_rgb_0030.png"]),
        (2, False, ["World_Cameras_hall_hall_0/rgb/rgb_0030.png", "World_Cameras_hall_hall_1/rgb/rgb_0030.png"]),
    ],
)
def test_layout_of_the_basic_writer(tmp_path, views, common, rgb):
    record(tmp_path, config("BasicWriter", rgb=True, use_common_output_dir=common), [30], views=cameras(views))
    assert files(tmp_path) == sorted([*rgb, "metadata.txt"])


def test_files_of_boxes_and_skeletons_of_the_basic_writer(tmp_path):
    switches = ("bounding_box_2d_tight", "bounding_box_3d", "skeleton_data")
    record(tmp_path, config("BasicWriter", **dict.fromkeys(switches, True)), [30], views=cameras(1))
    assert files(tmp_path) == [
        "bounding_box_2d_tight_0030.npy",
        "bounding_box_2d_tight_labels_0030.json",
        "bounding_box_2d_tight_prim_paths_0030.json",
        "bounding_box_3d_0030.npy",
        "bounding_box_3d_labels_0030.json",
        "bounding_box_3d_prim_paths_0030.json",
        "metadata.txt",
        "skeleton_0030.json",
    ]
    rows = np.load(tmp_path / "bounding_box_2d_tight_0030.npy")
    paths = json.loads((tmp_path / "bounding_box_2d_tight_prim_paths_0030.json").read_text())
    labels = json.loads((tmp_path / "bounding_box_2d_tight_labels_0030.json").read_text())
    assert paths[0] == "/World/Characters/workers/workers_0"
    assert labels[str(rows["semanticId"][0])] == {"class": "character"}


def test_metadata_has_replicators_keys(tmp_path):
    record(tmp_path, config(rgb=True), [30], seed=123)
    data = json.loads((tmp_path / "metadata.txt").read_text())
    assert data["name"] == "IRABasicWriter"
    assert data["replicator_global_seed:"] == 123


def test_contents_of_images_and_companions(tmp_path):
    record(tmp_path, config(**EVERYTHING, colorize_semantic_segmentation=True), [30], views=cameras(1))
    camera = tmp_path / "World_Cameras_hall_hall_0"
    rgb = Image.open(camera / "rgb/rgb_0030.png")
    assert (rgb.mode, rgb.size) == ("RGBA", (96, 54))

    colors = np.asarray(Image.open(camera / "semantic_segmentation/semantic_segmentation_0030.png"))
    labels = json.loads((camera / "semantic_segmentation/semantic_segmentation_labels_0030.json").read_text())
    assert labels["(0, 0, 0, 0)"] == {"class": "BACKGROUND"}
    assert labels["(0, 0, 0, 255)"] == {"class": "UNLABELLED"}
    shown = {str(tuple(int(c) for c in color)) for color in np.unique(colors.reshape(-1, 4), axis=0)}
    assert shown <= set(labels)
    assert {"class": "character"} in labels.values()

    png = camera / "instance_segmentation/instance_segmentation_0030.png"
    ids = read_ids(png.read_bytes())
    mapping = json.loads((camera / "instance_segmentation/instance_segmentation_mapping_0030.json").read_text())
    assert {str(identity) for identity in np.unique(ids)} <= set(mapping)
    assert (np.asarray(Image.open(png)) == ids).all()  # 16-bit grey: any reader sees the ids themselves

    depth = np.load(camera / "distance_to_image_plane/distance_to_image_plane_0030.npy")
    assert depth.dtype == np.float32
    params = json.loads((camera / "camera_params/camera_params_0030.json").read_text())
    assert params["renderProductResolution"] == [96, 54]
    assert len(params["cameraViewTransform"]) == 16


def test_two_runs_give_identical_bytes(tmp_path):
    for name in ("a", "b"):
        record(tmp_path / name, config(**EVERYTHING, video_rendering_annotator_list=["rgb", "normals"]), range(28, 33))
    assert contents(tmp_path / "a") == contents(tmp_path / "b")


def test_processes_make_no_difference(tmp_path):
    settings = config(**EVERYTHING, consolidated_object_detection=True, video_rendering_annotator_list=["rgb"])
    for processes in (1, 3):
        record(tmp_path / str(processes), settings, range(25, 50), views=cameras(1), processes=processes)
    assert contents(tmp_path / "1") == contents(tmp_path / "3")


@pytest.mark.parametrize("spelling", ["bounding_box_2d_tight", "object_info_bounding_box_2d_tight"])
def test_both_spellings_of_boxes(tmp_path, spelling):
    record(tmp_path, config(**{spelling: True}), [30], views=cameras(1))
    assert "World_Cameras_hall_hall_0/object_detection/object_detection_0030.json" in files(tmp_path)


def test_the_short_spelling_overrides_the_default_of_the_long_one():
    both = config(bounding_box_3d=False, object_info_bounding_box_3d=True)
    assert create_writer(both, sink=None).requests == ()


def test_no_record_without_its_annotators(tmp_path):
    record(tmp_path, config(rgb=True), [30], views=cameras(1))
    assert files(tmp_path) == ["World_Cameras_hall_hall_0/rgb/rgb_0030.png", "metadata.txt"]


def test_requests_carry_filter_and_colours():
    requests = create_writer(
        config(semantic_segmentation=True, colorize_semantic_segmentation=True, video_rendering_annotator_list=["rgb"]),
        sink=None,
    ).requests
    assert [(r.name, r.colorize, r.semantic_filter) for r in requests] == [
        ("semantic_segmentation", True, FILTER),
        ("rgb", True, FILTER),
    ]
    (request,) = create_writer(
        config("BasicWriter", rgb=True, semantic_filter_predicate=None, semantic_types=["class", "id"]), sink=None
    ).requests
    assert request.semantic_filter == "class:*;id:*"


@pytest.mark.parametrize("kind", ["CosmosIRAWriter", "RTSPWriter", "SceneGraphWriter", "Nonsense"])
def test_writers_that_do_not_exist_yet_are_refused(kind):
    with pytest.raises(ConfigError, match=f"replicator.writers.{kind}: `{kind}` is not available yet") as caught:
        create_writer(config(kind), sink=None)
    assert "IRABasicWriter" in str(caught.value)


def test_all_problems_of_all_writers_are_told_at_once():
    with pytest.raises(ConfigError) as caught:
        check_writers(
            [
                config(semantic_filter_predicate="class"),
                config("CosmosIRAWriter"),
                config(video_rendering_annotator_list=["rbg"]),
                config(s3_bucket="mine"),
                config(rgb=True),
            ]
        )
    assert [problem.key_path for problem in caught.value.problems] == [
        "replicator.writers.IRABasicWriter.semantic_filter_predicate",
        "replicator.writers.CosmosIRAWriter",
        "replicator.writers.IRABasicWriter.video_rendering_annotator_list",
        "replicator.writers.IRABasicWriter.s3_bucket",
    ]
    assert "did you mean `rgb`?" in caught.value.problems[2].message


def test_cameras_that_would_share_a_folder_are_refused():
    layout = Layout()
    layout.camera_name("/World/a_b")
    layout.camera_name("/World/a_b")
    with pytest.raises(OutputError, match="`/World/a_b` and `/World/a/b` would both write to `World_a_b`"):
        layout.camera_name("/World/a/b")
