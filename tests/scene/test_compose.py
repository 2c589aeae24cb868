from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from pxr import Sdf, Usd, UsdGeom

from isaacsim_agent_ext.errors import AssetError, OutputError
from isaacsim_agent_ext.scene.actors import add_character
from isaacsim_agent_ext.scene.cameras import add_camera
from isaacsim_agent_ext.scene.compose import open_stage
from isaacsim_agent_ext.scene.reader import read_snapshot
from isaacsim_agent_ext.sensors.camera import CameraView

Y_UP_CENTIMETRES = 'upAxis = "Y"\n    metersPerUnit = 0.01'


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_base_and_props_are_never_edited(author, person):
    base = author('def Xform "World" { def Cube "C" { } }', name="base.usda")
    prop = author('def Cube "Extra" { }', name="prop.usda")
    asset = person()
    before = [digest(path) for path in (base, prop, asset)]
    composed = open_stage(base, [prop])
    add_character(composed, "/World/P", asset, position=np.zeros(3), yaw=0, labels=[("class", "person")])
    add_camera(composed, CameraView(prim_path="/World/Cam", transform=np.eye(4), resolution=(64, 48), focal_length=20))
    read_snapshot(composed)
    assert [digest(path) for path in (base, prop, asset)] == before
    for path in (base, prop, asset):
        assert not Sdf.Layer.Find(str(path)).dirty
    assert composed.warnings == ()


def test_layers_stack_ours_over_props_over_base(author):
    base = author('def Cube "A" { double size = 1 }\ndef Cube "B" { double size = 1 }', name="base.usda")
    first = author('over "A" { double size = 3 }', name="first.usda")
    second = author('over "A" { double size = 2 }\nover "B" { double size = 2 }', name="second.usda")
    composed = open_stage(base, [first, second])
    assert [composed.stage.GetPrimAtPath(path).GetAttribute("size").Get() for path in ("/A", "/B")] == [3, 2]
    with composed.editing("actors") as stage:
        stage.GetPrimAtPath("/A").GetAttribute("size").Set(9.0)
    assert composed.stage.GetPrimAtPath("/A").GetAttribute("size").Get() == 9
    assert [layer.GetDisplayName() for layer in composed.stage.GetLayerStack(includeSessionLayers=False)][5:] == [
        "first.usda",
        "second.usda",
        "base.usda",
    ]


def test_the_stage_keeps_the_bases_metrics(author):
    base = author('def Xform "Root" { }', header=Y_UP_CENTIMETRES + '\n timeCodesPerSecond = 60\n defaultPrim = "Root"')
    stage = open_stage(base).stage
    assert UsdGeom.GetStageUpAxis(stage) == "Y"
    assert UsdGeom.GetStageMetersPerUnit(stage) == 0.01
    assert stage.GetTimeCodesPerSecond() == 60
    assert stage.GetDefaultPrim().GetPath() == "/Root"
    point = np.array([100.0, 200.0, 300.0, 1.0]) @ open_stage(base).to_world
    assert point.tolist() == [1, -3, 2, 1]


def test_a_base_that_says_nothing_is_taken_as_usd_says(author):
    composed = open_stage(author("", header=""))
    assert [text.split(" ", 1)[1] for text in composed.warnings] == [
        "does not say its up axis; USD's default holds: Y",
        "does not say its units; USD's default holds: centimetres",
    ]
    assert composed.to_world[0, 0] == 0.01


def test_a_prop_of_other_units_is_referenced_with_a_correction(author, world_points):
    base = author(
        """def Xform "World" { double3 xformOp:translate = (5, 0, 0)
            uniform token[] xformOpOrder = ["xformOp:translate"] }""",
        name="base.usda",
    )
    prop = author(
        """def Xform "Thing" { double3 xformOp:translate = (0, 50, 0)
            uniform token[] xformOpOrder = ["xformOp:translate"]
            def Cube "C" { double size = 100 } }""",
        header=Y_UP_CENTIMETRES + '\n defaultPrim = "Thing"',
        name="my prop.usda",
    )
    composed = open_stage(base, [prop])
    (warning,) = composed.warnings
    assert "my prop.usda stands at /World/Props/my_prop, it is not sublayered: it is Y-up" in warning
    snapshot, _ = read_snapshot(composed)
    (cube,) = snapshot.instances
    assert cube.prim_path == "/World/Props/my_prop/Thing/C"
    points = world_points(snapshot, cube)
    assert points.min(axis=0) == pytest.approx([-0.5, -0.5, 0.0], abs=1e-6)
    assert points.max(axis=0) == pytest.approx([0.5, 0.5, 1.0], abs=1e-6)


def test_a_prop_that_would_overwrite_the_base_is_referenced(author):
    base = author('def Xform "Root" { def Cube "A" { double size = 1 } }', name="base.usda")
    clash = author('def Xform "Root" { def Cube "A" { double size = 7 } }', name="clash.usda")
    beside = author('def Xform "Root" { def Cube "B" { double size = 7 } }', name="beside.usda")
    composed = open_stage(base, [clash, beside])
    (warning,) = composed.warnings
    assert "clash.usda" in warning
    assert "/Root/A" in warning
    assert composed.stage.GetPrimAtPath("/Root/A").GetAttribute("size").Get() == 1
    assert composed.stage.GetPrimAtPath("/World/Props/clash/Root/A").GetAttribute("size").Get() == 7
    assert composed.stage.GetPrimAtPath("/Root/B").GetAttribute("size").Get() == 7


def test_two_props_of_one_name_get_places_of_their_own(author):
    base = author('def Cube "A" { }', name="base.usda")
    props = [author('def Cube "A" { }', name=f"{folder}/prop.usda") for folder in ("x", "y")]
    composed = open_stage(base, props)
    for path in ("/World/Props/prop/A", "/World/Props/prop_1/A"):
        assert composed.stage.GetPrimAtPath(path).GetTypeName() == "Cube"


def test_broken_references_are_named_once_and_do_no_harm(author, capfd):
    composed = open_stage(author('def Xform "A" (prepend references = @./gone.usd@) { }\ndef Cube "B" { }'))
    (warning,) = composed.warnings
    assert "gone.usd" in warning
    assert "</A>" in warning
    assert len(read_snapshot(composed)[0].instances) == 1
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    "content",
    [
        b"garbage",
        b"",
        b"#usda 1.0\ndef Cube {",
        b"PXR-USDC" + bytes(80),
        b"PK\x03\x04broken zip",
        bytes(range(256)) * 40,
    ],
)
@pytest.mark.parametrize("name", ["bad.usd", "bad.usda", "bad.usdc", "bad.usdz"])
def test_files_that_are_not_usd_are_refused_in_usds_words(tmp_path, content, name):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(AssetError, match=r"bad\.usd.* is not a valid USD file: .+"):
        open_stage(tmp_path / name)


def test_missing_files_and_other_formats(tmp_path):
    with pytest.raises(AssetError, match=r"base stage .*gone\.usd: there is no such file"):
        open_stage(tmp_path / "gone.usd")
    (tmp_path / "x.txt").write_text("hello")
    with pytest.raises(AssetError, match="not a valid USD file"):
        open_stage(tmp_path / "x.txt")


@pytest.mark.parametrize("unit", ["0", "-1", "nan"])
def test_impossible_units_are_refused(author, unit):
    with pytest.raises(AssetError, match="metersPerUnit"):
        open_stage(author("", header=f'upAxis = "Z"\n metersPerUnit = {unit}'))


def test_cyclic_references_and_sublayers_end(author):
    base = author('def Xform "A" (prepend references = @./other.usda@</A>) { def Cube "C" { } }', name="base.usda")
    author('def Xform "A" (prepend references = @./base.usda@</A>) { }', name="other.usda")
    composed = open_stage(base)
    assert composed.warnings
    assert [i.prim_path for i in read_snapshot(composed)[0].instances] == ["/A/C"]
    loop = author(
        'def Cube "D" { }', header='upAxis = "Z"\n metersPerUnit = 1\n subLayers = [@./loop.usda@]', name="loop.usda"
    )
    assert [i.prim_path for i in read_snapshot(open_stage(loop))[0].instances] == ["/D"]
    assert open_stage(base, [loop]).stage.GetPrimAtPath("/D")


def test_saved_layers_open_to_the_same_scene(author, person, tmp_path):
    base = author('def Xform "World" { def Cube "C" { } }', name="base.usda")
    composed = open_stage(base, [author('def Cube "Prop" { }', name="prop.usda")])
    add_character(composed, "/World/P", person(), position=np.array([1, 2, 0.0]), yaw=1, labels=[("class", "person")])
    target = tmp_path / "out" / "stage.usda"
    composed.save(target)
    names = sorted(path.name for path in target.parent.iterdir())
    assert names == ["stage.actors.usda", "stage.cameras.usda", "stage.labels.usda", "stage.props.usda", "stage.usda"]
    assert "def Cube" not in "".join(path.read_text() for path in target.parent.iterdir())
    saved = Usd.Stage.Open(str(target))
    assert [str(p.GetPath()) for p in saved.Traverse()] == [str(p.GetPath()) for p in composed.stage.Traverse()]
    for prim in saved.Traverse():
        assert UsdGeom.XformCache().GetLocalToWorldTransform(prim) == UsdGeom.XformCache().GetLocalToWorldTransform(
            composed.stage.GetPrimAtPath(prim.GetPath())
        )
    again, _ = read_snapshot(open_stage(target))
    assert [i.semantics for i in again.instances] == [i.semantics for i in read_snapshot(composed)[0].instances]


def test_a_stage_that_cannot_be_written(author, tmp_path):
    composed = open_stage(author(""))
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot write the stage"):
        composed.save(tmp_path / "file" / "stage.usda")
