"""Replicator's results in every shape they come in."""

import numpy as np
import pytest

from isaacsim_agent_ext.capture.frame import AnnotatorRequest
from isaacsim_agent_ext.hosts.kit.annotators import init_params, labels_of, tidy, unwrap

BOX = np.dtype([("semanticId", "<u4"), *[(name, "<i4") for name in ("x_min", "y_min", "x_max", "y_max")]])
LABELS = {"2": {"class": "character"}, "3": {"class": "crate"}}
ROWS = np.array([(2, 0, 0, 5, 5), (3, 1, 1, 4, 4)], BOX)
PATHS = ["/World/A", "/World/B"]


@pytest.mark.parametrize(
    "result",
    [
        {"data": ROWS, "info": {"idToLabels": LABELS, "primPaths": PATHS}},
        {"data": ROWS, "idToLabels": LABELS, "primPaths": PATHS},
    ],
)
def test_nested_and_flat_info_come_to_the_same(result):
    boxes = tidy(AnnotatorRequest(name="bounding_box_2d_tight"), unwrap(result), (8, 8))
    assert boxes.info["primPaths"] == PATHS
    assert boxes.info["idToLabels"] == {2: {"class": "character"}, 3: {"class": "crate"}}
    assert labels_of(boxes) == {"/World/A": {"class": "character"}, "/World/B": {"class": "crate"}}


def test_plain_arrays_and_dictionaries_of_fields():
    assert unwrap(np.zeros(3)).data.shape == (3,)
    assert unwrap({"cameraFocalLength": 24.0}).data == {"cameraFocalLength": 24.0}


def test_the_semantic_filter_takes_out_rows():
    request = AnnotatorRequest(name="bounding_box_2d_tight", semantic_filter="class:character")
    boxes = tidy(request, unwrap({"data": ROWS, "info": {"idToLabels": LABELS, "primPaths": PATHS}}), (8, 8))
    assert boxes.data["semanticId"].tolist() == [2]
    assert boxes.info["primPaths"] == ["/World/A"]
    assert boxes.info["idToLabels"] == {2: {"class": "character"}}


@pytest.mark.parametrize("colorize", [False, True])
def test_the_semantic_filter_paints_what_does_not_pass_as_unlabelled(colorize):
    request = AnnotatorRequest(name="semantic_segmentation", colorize=colorize, semantic_filter="class:character")
    if colorize:
        image = np.array([[(9, 9, 9, 255), (8, 8, 8, 255)]], np.uint8)
        labels = {"(9, 9, 9, 255)": {"class": "character"}, "(8, 8, 8, 255)": {"class": "crate"}}
    else:
        image, labels = np.array([[2, 3]], np.uint32), LABELS
    before = image.copy()
    result = tidy(request, unwrap({"data": image, "info": {"idToLabels": labels}}), (2, 1))
    assert result.data[0, 1].tolist() == ([0, 0, 0, 255] if colorize else 1)
    assert [entry["class"] for entry in result.info["idToLabels"].values()] == ["character"]
    np.testing.assert_array_equal(image, before)


def test_packed_colours_are_unpacked():
    image = np.arange(2 * 3 * 4, dtype=np.uint32)
    request = AnnotatorRequest(name="semantic_segmentation", colorize=True)
    assert tidy(request, unwrap({"data": image}), (3, 2)).data.shape == (2, 3, 4)


def test_no_boxes_are_no_problem():
    boxes = tidy(AnnotatorRequest(name="bounding_box_2d_tight"), unwrap({"data": ROWS[:0], "info": {}}), (8, 8))
    assert len(boxes.data) == 0


def test_what_annotators_are_made_with():
    assert init_params(AnnotatorRequest(name="instance_segmentation", colorize=True)) == {"colorize": True}
    assert init_params(AnnotatorRequest(name="rgb")) is None
    assert init_params(AnnotatorRequest(name="pointcloud", include_unlabelled=True)) == {"includeUnlabelled": True}
