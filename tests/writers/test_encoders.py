import io
import json

import numpy as np
import pytest
from PIL import Image

from isaacsim_agent_ext.capture.frame import AnnotatorData
from isaacsim_agent_ext.writers import images
from isaacsim_agent_ext.writers.json_text import encode_json, rounded
from isaacsim_agent_ext.writers.pictures import PICTURES, colorize_depth, colorize_motion, colorize_normals, picture


def noise(*shape):
    return np.random.default_rng(5).integers(0, 256, shape, dtype=np.uint8)


def decoded(content):
    return np.asarray(Image.open(io.BytesIO(content)))


@pytest.mark.parametrize("fast", [True, False])
@pytest.mark.parametrize("shape", [(7, 5, 4), (7, 5, 3), (7, 5), (1, 1, 4)])
def test_png_is_lossless_with_either_encoder(monkeypatch, fast, shape):
    if not fast:
        monkeypatch.setattr(images, "fpng", None)
    image = noise(*shape)
    assert (decoded(images.encode_png(image)) == image).all()


def test_png_of_a_slice():
    image = noise(20, 30, 4)[::2, 3:17]
    assert (decoded(images.encode_png(image)) == image).all()


def test_jpeg_is_close():
    y, x = np.mgrid[:64, :64]
    image = np.stack([x * 4, y * 4, 255 - x * 4, np.full_like(x, 255)], axis=-1).astype(np.uint8)
    back = decoded(images.encode_image(image, "jpg"))
    assert back.shape == (64, 64, 3)
    assert np.abs(back.astype(int) - image[..., :3]).max() < 12


@pytest.mark.parametrize("highest", [0, 1, 255, 256, 65535, 65536, 0xFFFFFFFF])
def test_ids_round_trip(highest):
    ids = np.array([[0, 1, 2], [3, highest, highest // 2]], np.uint32)
    assert (images.read_ids(images.encode_ids(ids)) == ids).all()


def test_ids_are_read_as_they_are_by_other_tools():
    ids = np.arange(300, dtype=np.uint32).reshape(15, 20)
    assert (decoded(images.encode_ids(ids)) == ids).all()


def test_depth_pictures_are_even_per_factor():
    distance = np.array([[0.1, 0.5, 5.0, 50.0, 100.0, np.inf]], np.float32)
    grey = colorize_depth(distance)[0, :, 0].astype(int)
    assert grey.tolist() == [255, 255, 144, 33, 0, 0]
    assert grey[1] - grey[2] == grey[2] - grey[3]


def test_normal_and_motion_pictures():
    normals = np.array([[[1, 0, -1, 1], [0, 0, 0, 0]]], np.float32)
    assert colorize_normals(normals).tolist() == [[[255, 128, 0, 255], [0, 0, 0, 255]]]
    motion = np.array([[[0, 0, 0, 0], [32, -64, 0, 0]]], np.float32)
    assert colorize_motion(motion).tolist() == [[[128, 128, 128, 255], [255, 0, 128, 255]]]


def test_every_picture_is_rgba():
    ids = np.array([[0, 1, 2]], np.uint32)
    for name in PICTURES:
        kind = np.uint32 if "segmentation" in name else np.float32
        data = np.zeros((1, 3, 4), np.uint8 if name == "rgb" else kind)
        if "distance" in name or "segmentation" in name:
            data = ids.astype(kind)
        assert picture(name, AnnotatorData(data)).shape == (1, 3, 4)


def test_json_is_deterministic_and_strict():
    value = {"b": np.float32(0.5), "a": [np.nan, np.inf, 1e-7], (1, 2): np.arange(3), 3: None, "t": True}
    text = encode_json(value).decode()
    assert text == '{\n"b": 0.5,\n"a": [null, null, 1e-07],\n"(1, 2)": [0, 1, 2],\n"3": null,\n"t": true\n}\n'
    json.loads(text, parse_constant=pytest.fail)


def test_json_lines_go_as_deep_as_asked():
    value = {"a": {"x": {"deep": 1}}, "b": {}}
    assert encode_json(value, lines=0) == b'{"a": {"x": {"deep": 1}}, "b": {}}\n'
    assert encode_json(value, lines=2) == b'{\n"a": {\n"x": {"deep": 1}\n},\n"b": {}\n}\n'


def test_rounded_numbers_have_no_negative_zeros():
    assert str(rounded([-1e-9, 0.1234567, np.nan])) == "[0.0, 0.123457, None]"
    assert rounded(np.float32(0.1)) == 0.1
