"""Replicator in the double: annotators in their array types, writers in every shape, and how capture treats time."""

from pathlib import Path

import numpy as np
import pytest
from pxr import Gf, UsdGeom, UsdSemantics


@pytest.fixture
def scene(kit):
    """Return a stage with a camera 10 above a labelled cube of edge 2."""
    import omni.usd

    kit.run(omni.usd.get_context().new_stage_async())
    stage = omni.usd.get_context().get_stage()
    UsdGeom.SetStageUpAxis(stage, "Z")
    UsdGeom.SetStageMetersPerUnit(stage, 1.0)
    camera = UsdGeom.Camera.Define(stage, "/World/Camera")
    camera.AddTranslateOp().Set(Gf.Vec3d(0, 0, 10))
    camera.CreateFocalLengthAttr(20.0)
    camera.CreateHorizontalApertureAttr(20.0)
    crate = UsdGeom.Cube.Define(stage, "/World/Crate")
    crate.AddTranslateOp()
    UsdSemantics.LabelsAPI.Apply(crate.GetPrim(), "class").CreateLabelsAttr(["crate"])
    return stage


def product(size=(90, 60), name="View"):
    import omni.replicator.core as rep

    return rep.create.render_product("/World/Camera", size, force_new=True, name=name)


def capture(kit, **options):
    import omni.replicator.core as rep

    kit.run(rep.orchestrator.step_async(**{"delta_time": 0.0, "pause_timeline": False} | options))


def attached(name, **params):
    import omni.replicator.core as rep

    return rep.AnnotatorRegistry.get_annotator(name, init_params=params or None).attach(product())


def test_images_have_replicators_types(kit, scene):
    names = ("rgb", "normals", "motion_vectors", "distance_to_camera", "distance_to_image_plane")
    annotators = {name: attached(name) for name in names}
    assert annotators["rgb"].get_data().size == 0, "nothing before the first capture"
    capture(kit)
    data = {name: annotator.get_data() for name, annotator in annotators.items()}
    assert (data["rgb"].shape, data["rgb"].dtype) == ((60, 90, 4), np.uint8)
    assert (data["normals"].shape, data["normals"].dtype) == ((60, 90, 4), np.float32)
    assert data["motion_vectors"].shape == (60, 90, 4)
    depth = data["distance_to_image_plane"]
    assert depth.dtype == np.float32
    assert depth[30, 45] == pytest.approx(9.0, rel=1e-4)
    assert np.isinf(depth[0, 0])
    assert (data["distance_to_camera"][depth < np.inf] >= depth[depth < np.inf]).all()
    assert data["normals"][30, 45, :3] == pytest.approx([0, 0, 1])


def test_labels_have_replicators_types(kit, scene):
    semantic, instance = attached("semantic_segmentation"), attached("instance_segmentation_fast")
    coloured = attached("semantic_segmentation", colorize=True)
    tight, loose, solid = (attached(f"bounding_box_{kind}") for kind in ("2d_tight_fast", "2d_loose", "3d"))
    capture(kit)
    data = semantic.get_data()
    assert data["data"].dtype == np.uint32
    shown = str(data["data"][30, 45])
    assert data["info"]["idToLabels"][shown] == {"class": "crate"}
    assert data["info"]["idToLabels"]["0"] == {"class": "BACKGROUND"}
    colours = coloured.get_data()
    assert colours["data"].shape == (60, 90, 4)
    key = str(tuple(int(value) for value in colours["data"][30, 45]))
    assert colours["info"]["idToLabels"][key] == {"class": "crate"}
    assert instance.get_data()["info"]["idToLabels"][str(instance.get_data()["data"][30, 45])] == "/World/Crate"
    ys, xs = np.nonzero(data["data"] > 1)
    box = tight.get_data()
    assert list(box["data"].dtype.names) == ["semanticId", "x_min", "y_min", "x_max", "y_max", "occlusionRatio"]
    assert box["info"]["primPaths"] == ["/World/Crate"]
    assert [box["data"][0][name] for name in ("x_min", "y_min", "x_max", "y_max")] == [
        xs.min(),
        ys.min(),
        xs.max(),
        ys.max(),
    ]
    assert loose.get_data()["data"]["x_min"][0] <= xs.min()
    corners = solid.get_data()["data"][0]
    assert corners["transform"].shape == (4, 4)
    assert [corners["x_min"], corners["z_max"]] == [-1.0, 1.0]


def test_camera_params_project_row_vectors(kit, scene):
    annotator = attached("camera_params")
    capture(kit)
    params = annotator.get_data()
    view = params["cameraViewTransform"].reshape(4, 4)
    assert np.array([0, 0, 0, 1]) @ view == pytest.approx([0, 0, -10, 1])
    clip = np.array([1, 0, 0, 1]) @ view @ params["cameraProjection"].reshape(4, 4)
    assert clip[0] / clip[3] == pytest.approx(0.2)
    assert list(params["renderProductResolution"]) == [90, 60]


def test_annotators_show_the_last_capture_not_the_stage(kit, scene):
    annotator = attached("distance_to_image_plane")
    capture(kit)
    scene.GetPrimAtPath("/World/Crate").GetAttribute("xformOp:translate").Set(Gf.Vec3d(0, 0, 3))
    kit.pump(10)
    assert annotator.get_data()[30, 45] == pytest.approx(9.0, rel=1e-4)
    capture(kit)
    assert annotator.get_data()[30, 45] == pytest.approx(6.0, rel=1e-4)


def test_capture_pauses_the_timeline_unless_told_otherwise(kit, scene):
    import omni.replicator.core as rep
    import omni.timeline

    rep.orchestrator.set_capture_on_play(False)
    timeline = omni.timeline.get_timeline_interface()
    timeline.play()
    timeline.commit()

    async def moved(**options):
        before = timeline.get_current_time()
        await rep.orchestrator.step_async(pause_timeline=False, **options)
        return timeline.get_current_time() - before

    assert kit.run(moved(delta_time=0.0)) == 0.0
    assert kit.run(moved(delta_time=0.5)) == pytest.approx(0.5)
    assert kit.run(moved()) == pytest.approx(1 / 24)
    assert timeline.is_playing()
    kit.run(rep.orchestrator.step_async())
    assert not timeline.is_playing()


def shapes_writer(rep, structure):
    class Shapes(rep.Writer):
        def __init__(self, annotators=("rgb", "semantic_segmentation", "camera_params")):
            self.data_structure = structure
            self.annotators = [rep.AnnotatorRegistry.get_annotator(name) for name in annotators]
            self.frames = []
            self.final = 0

        def write(self, data):
            self.frames.append(data)

        def on_final_frame(self):
            self.final += 1

    return Shapes


@pytest.mark.parametrize("structure", ["legacy", "annotator", "renderProduct"])
def test_writers_get_the_shape_they_chose(kit, scene, structure):
    import omni.replicator.core as rep

    rep.WriterRegistry.register(shapes_writer(rep, structure))
    assert kit.leftovers() == ["registered writer Shapes"]
    writer = rep.WriterRegistry.get("Shapes")
    assert not hasattr(writer, "frames"), "get() does not run __init__"
    writer.initialize()
    one, two = product(name="One"), product(name="Two")
    writer.attach([one, two])
    capture(kit)
    [data] = writer.frames
    if structure == "legacy":
        assert data["rgb-One"].shape == (60, 90, 4)
        assert set(data["semantic_segmentation-Two"]) == {"data", "info"}
        assert "rp_One" in data
    elif structure == "annotator":
        assert data["annotators"]["rgb"]["One"]["data"].shape == (60, 90, 4)
        assert "idToLabels" in data["annotators"]["semantic_segmentation"]["Two"]
    else:
        assert data["renderProducts"]["One"]["rgb"]["data"].shape == (60, 90, 4)
        assert "idToLabels" in data["renderProducts"]["Two"]["semantic_segmentation"]
        assert "cameraViewTransform" in data["renderProducts"]["Two"]["camera_params"]
    writer.attach([one])
    capture(kit)
    if structure == "legacy":
        assert "rgb" in writer.frames[-1], "a single render product is not named"
    kit.run(rep.orchestrator.wait_until_complete_async())
    assert writer.final == 1
    writer.detach()
    one.destroy()
    two.destroy()
    rep.writers.unregister_writer("Shapes")
    assert kit.leftovers() == []


def test_playing_captures_by_itself_by_default(kit, scene):
    import omni.replicator.core as rep
    import omni.timeline

    rep.WriterRegistry.register(shapes_writer(rep, "legacy"))
    writer = rep.WriterRegistry.get("Shapes", init_params={"annotators": ["rgb"]}, render_products=[product()])
    omni.timeline.get_timeline_interface().play()
    kit.pump(5)
    assert len(writer.frames) == 5
    rep.orchestrator.set_capture_on_play(False)
    kit.pump(5)
    assert len(writer.frames) == 5


def test_a_writer_that_fails_is_logged(kit, scene):
    import omni.replicator.core as rep

    class Broken(rep.Writer):
        def __init__(self):
            self.annotators = []

        def write(self, data):
            raise OSError("disk full")

    rep.WriterRegistry.register(Broken)
    writer = rep.WriterRegistry.get("Broken")
    writer.initialize()
    writer.attach(product())
    capture(kit)
    assert "disk full" in kit.logged("error")[0]


def test_stock_writer_writes_later(kit, scene, tmp_path: Path):
    import omni.replicator.core as rep

    writer = rep.WriterRegistry.get("BasicWriter")
    writer.initialize(output_dir=str(tmp_path), rgb=True, semantic_segmentation=True)
    writer.attach(product())
    capture(kit)
    assert list(tmp_path.iterdir()) == []
    kit.run(rep.orchestrator.wait_until_complete_async())
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "rgb_0000.png",
        "semantic_segmentation_0000.png",
        "semantic_segmentation_labels_0000.json",
    ]


def test_backends_write_what_the_array_has_become(kit, scene, tmp_path: Path):
    import omni.replicator.core as rep
    from PIL import Image

    backend = rep.BackendDispatch(output_dir=str(tmp_path))
    image = np.zeros((4, 4, 3), np.uint8)
    backend.write_image("a.png", image)
    assert not rep.BackendDispatch.is_done_writing()
    image[:] = 9
    kit.pump(2)
    assert rep.BackendDispatch.is_done_writing()
    assert np.asarray(Image.open(tmp_path / "a.png")).max() == 9


def test_mistakes_with_render_products(kit, scene):
    import omni.replicator.core as rep

    with pytest.raises(ValueError, match="no camera"):
        rep.create.render_product("/World/Crate", (4, 3))
    with pytest.raises(TypeError, match="two int"):
        rep.create.render_product("/World/Camera", (4.0, 3.0))
    with pytest.raises(ValueError, match="not registered"):
        rep.AnnotatorRegistry.get_annotator("rbg")
    with pytest.raises(ValueError, match="not registered"):
        rep.WriterRegistry.get("NoSuchWriter")
    gone = product()
    gone.destroy()
    writer = rep.WriterRegistry.get("BasicWriter")
    with pytest.raises(ValueError, match="does not exist"):
        writer.attach([gone])
