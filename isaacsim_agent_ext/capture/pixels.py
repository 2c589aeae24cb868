"""The annotators that say something about every pixel without knowing labels, and the camera's own parameters."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from isaacsim_agent_ext.capture.frame import AnnotatorData
from isaacsim_agent_ext.capture.labels import LabelTable
from isaacsim_agent_ext.render.gbuffer import BACKGROUND, GBuffer
from isaacsim_agent_ext.sensors.camera import CameraView


def normals(gbuffer: GBuffer) -> AnnotatorData:
    """Return unit world-space normals ``(height, width, 4)`` float32; the fourth is 1 on surfaces, else all are 0."""
    height, width = gbuffer.instance.shape
    data = np.empty((height, width, 4), np.float32)
    data[..., :3] = gbuffer.normals
    data[..., 3] = gbuffer.instance != BACKGROUND
    return AnnotatorData(data)


def motion_vectors(gbuffer: GBuffer) -> AnnotatorData:
    """Return how each pixel's surface moves ``(height, width, 4)`` float32: previous minus current position [px].

    So movement to the left and up is positive. The last two components are 0.
    """
    height, width = gbuffer.instance.shape
    data = np.zeros((height, width, 4), np.float32)
    data[..., :2] = gbuffer.motion
    return AnnotatorData(data)


def pointcloud(
    gbuffer: GBuffer, camera: CameraView, table: LabelTable, *, include_unlabelled: bool = False
) -> AnnotatorData:
    """Return the visible surface as world points ``(n, 3)`` float32 [m], in order of rows, then columns.

    Args:
        gbuffer: A shaded image.
        camera: Where it was taken from.
        table: The labels.
        include_unlabelled: Points of surfaces without a label, too.

    Returns:
        The points, with ``pointRgb`` ``(n, 4)`` uint8, ``pointNormals`` ``(n, 4)`` float32, ``pointSemantic`` and
        ``pointInstance`` ``(n,)`` uint32: the pixel's values in ``semantic_segmentation`` and
        ``instance_segmentation``.
    """
    if gbuffer.rgb is None:
        raise ValueError("a point cloud has colours: render with shading")
    counts = np.append((table.entity_of_instance >= 0) | include_unlabelled, False)  # the last answers for -1
    shown = counts[gbuffer.instance]
    depth = gbuffer.distance_to_image_plane[shown]
    points = np.empty((len(depth), 3), np.float32)
    for axis, direction in enumerate(_view_directions(camera)):
        points[:, axis] = direction[shown] * depth + np.float32(camera.transform[3, axis])
    point_normals = np.ones((len(depth), 4), np.float32)
    point_normals[:, :3] = gbuffer.normals[shown]
    instance = gbuffer.instance[shown]
    info = {
        "pointRgb": gbuffer.rgb[shown],
        "pointNormals": point_normals,
        "pointSemantic": table.semantic_ids[instance],
        "pointInstance": table.instance_ids[instance],
    }
    return AnnotatorData(points, info)


def camera_params(camera: CameraView) -> AnnotatorData:
    """Return the camera as Replicator's dictionary of ``camera_params``.

    Matrices are flat, row by row, for row vectors: ``[x, y, z, 1] @ cameraViewTransform`` takes the world to the
    camera. Aperture and focal length are in millimetres, the clipping planes in metres. The fisheye entries are those
    of a camera that has none.
    """
    data = {
        "cameraAperture": np.array([camera.horizontal_aperture, camera.vertical_aperture]),
        "cameraApertureOffset": np.zeros(2),
        "cameraFisheyeLensP": np.zeros(0),
        "cameraFisheyeLensS": np.zeros(0),
        "cameraFisheyeMaxFOV": 0.0,
        "cameraFisheyeNominalHeight": 0,
        "cameraFisheyeNominalWidth": 0,
        "cameraFisheyeOpticalCentre": np.zeros(2),
        "cameraFisheyePolynomial": np.zeros(5),
        "cameraFocalLength": float(camera.focal_length),
        "cameraFocusDistance": 0.0,
        "cameraFStop": 0.0,
        "cameraModel": "pinhole",
        "cameraNearFar": np.array(camera.clipping_range, np.float64),
        "cameraProjection": camera.projection.ravel(),
        "cameraViewTransform": camera.view.ravel(),
        "metersPerSceneUnit": 1.0,
        "renderProductResolution": np.array(camera.resolution, np.int32),
    }
    return AnnotatorData(data)


def _view_directions(camera: CameraView) -> Iterator[np.ndarray]:
    """Yield x, y and z of the world directions through the pixel centres, of depth 1: ``(height, width)`` float32."""
    width, height = camera.resolution
    per_pixel = camera.horizontal_aperture / (camera.focal_length * width)
    right = (np.arange(width) + 0.5 - width / 2) * per_pixel
    up = (height / 2 - np.arange(height) - 0.5) * per_pixel
    for axis in range(3):
        right_axis, up_axis, back_axis = camera.transform[:3, axis]
        yield ((up * up_axis - back_axis)[:, None] + (right * right_axis)[None, :]).astype(np.float32)
