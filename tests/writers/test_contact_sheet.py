import numpy as np
import pytest
from PIL import Image
from small_run import cameras, config, record

from isaacsim_agent_ext.storage.local import LocalSink
from isaacsim_agent_ext.writers.contact_sheet import MAX_BYTES, contact_sheet
from isaacsim_agent_ext.writers.dataset_pictures import dataset_boxes, dataset_pictures
from isaacsim_agent_ext.writers.overlay import OverlayBox, draw_boxes


def test_boxes_are_drawn_around_their_pixels():
    picture = Image.new("RGB", (200, 100), (0, 0, 0))
    drawn = np.asarray(draw_boxes(picture, [OverlayBox("", (50, 20, 99, 79), color=(255, 0, 0))]))
    red = (drawn == (255, 0, 0)).all(axis=-1)
    rows, columns = np.nonzero(red)
    assert (columns.min(), columns.max(), rows.min(), rows.max()) == (48, 101, 18, 81)
    assert not drawn[20:80, 50:100].any()  # nothing inside is touched


def test_boxes_scale_with_the_picture():
    picture = Image.new("RGB", (100, 50))
    drawn = np.asarray(draw_boxes(picture, [OverlayBox("", (50, 20, 99, 79), color=(255, 0, 0))], scale=0.5))
    columns = np.flatnonzero((drawn == (255, 0, 0)).all(axis=-1).any(axis=0))
    assert (columns.min(), columns.max()) == (23, 51)


def test_names_do_not_cover_each_other():
    picture = Image.new("RGB", (300, 200))
    boxes = [OverlayBox(f"worker_{i}", (100, 80, 140, 150), 0.5, (255, 255 - i, 0)) for i in range(3)]
    drawn = np.asarray(draw_boxes(picture, boxes))
    plates = [(drawn == (255, 255 - i, 0)).all(axis=-1).sum() for i in range(3)]
    assert min(plates) > 300


def test_names_cover_nobody_small():
    picture = Image.new("RGB", (300, 200))
    near = OverlayBox("worker_near", (100, 80, 160, 180), color=(255, 0, 0))
    far = OverlayBox("", (110, 55, 120, 76), color=(0, 255, 0))  # where the name would go first
    drawn = np.asarray(draw_boxes(picture, [near, far], text_size=12))
    assert not drawn[55:77, 110:121].any()
    assert (drawn == (255, 0, 0)).all(axis=-1).sum() > 1200, "the name found another place"


def test_who_is_smaller_than_the_name_has_none():
    picture = Image.new("RGB", (300, 200))
    box = (100, 80, 108, 99)
    named, unnamed = (draw_boxes(picture, [OverlayBox(name, box)], text_size=12) for name in ("worker_far", ""))
    assert named.tobytes() == unnamed.tobytes()


@pytest.mark.parametrize(
    ("kind", "switch", "views", "common"),
    [
        ("IRABasicWriter", "object_info_bounding_box_2d_tight", 2, False),
        ("IRABasicWriter", "object_info_bounding_box_2d_tight", 2, True),
        ("BasicWriter", "bounding_box_2d_tight", 1, False),
        ("BasicWriter", "bounding_box_2d_tight", 2, True),
        ("BasicWriter", "bounding_box_2d_tight", 2, False),
    ],
)
def test_pictures_and_boxes_are_found_in_every_layout(tmp_path, kind, switch, views, common):
    settings = config(kind, rgb=True, **{switch: True}, use_common_output_dir=common)
    record(tmp_path, settings, range(30, 33), views=cameras(views))
    pictures = dataset_pictures(tmp_path)
    assert [picture.frame for picture in pictures] == [30, 31, 32] * views
    assert len({picture.camera for picture in pictures}) == views
    for picture in pictures:
        names = {box.prim_path: box for box in dataset_boxes(picture)}
        assert {"/World/Characters/workers/workers_0", "/World/crate"} <= set(names)
        assert names["/World/Characters/workers/workers_0"].is_agent
        assert not names["/World/crate"].is_agent


def test_a_sheet_of_a_run(tmp_path):
    record(tmp_path, config(rgb=True, object_info_bounding_box_2d_tight=True), range(30, 45, 2))
    path = contact_sheet(LocalSink(tmp_path), tmp_path, title="A run")
    assert path == tmp_path / "contact_sheet.png"
    assert path.stat().st_size <= MAX_BYTES
    first = path.read_bytes()
    assert Image.open(path).width == 2000
    assert contact_sheet(LocalSink(tmp_path), tmp_path, title="A run") == path
    assert path.read_bytes() == first


def test_a_sheet_without_boxes_or_rgb(tmp_path):
    record(tmp_path, config(semantic_segmentation=True, colorize_semantic_segmentation=True), [30], views=cameras(1))
    assert contact_sheet(LocalSink(tmp_path), tmp_path) is not None


def test_no_pictures_give_no_sheet(tmp_path):
    record(tmp_path, config(camera_params=True), [30])
    assert contact_sheet(LocalSink(tmp_path), tmp_path) is None
