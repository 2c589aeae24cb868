from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

Y_UP_CENTIMETRES = 'upAxis = "Y"\n    metersPerUnit = 0.01'


def only_light(result):
    (light,) = result[0].lights
    return light


@pytest.mark.parametrize(
    ("usd_type", "inputs", "kind", "size"),
    [
        ("DistantLight", "float inputs:angle = 2", "distant", (2, 0)),
        ("SphereLight", "float inputs:radius = 0.3", "sphere", (0.3, 0)),
        ("RectLight", "float inputs:width = 2\nfloat inputs:height = 3", "rect", (2, 3)),
        ("DiskLight", "float inputs:radius = 0.4", "disk", (0.4, 0)),
        ("CylinderLight", "float inputs:radius = 0.1\nfloat inputs:length = 5", "cylinder", (0.1, 5)),
        ("DomeLight", "", "dome", (0, 0)),
        ("DomeLight_1", "", "dome", (0, 0)),
    ],
)
def test_kinds_and_sizes(read, usd_type, inputs, kind, size):
    light = only_light(
        read(f'def {usd_type} "L" {{ {inputs}\nfloat inputs:intensity = 3\nfloat inputs:exposure = 2 }}')
    )
    assert light.kind == kind
    assert light.size == pytest.approx(size)
    assert light.intensity == pytest.approx(12)
    assert light.prim_path == "/L"


def test_fallback_intensity_is_that_of_the_schema(read):
    assert only_light(read('def DistantLight "L" { }')).intensity == 50000
    assert only_light(read('def SphereLight "L" { }')).intensity == 1


@pytest.mark.parametrize(
    ("usd_type", "inputs", "area"),
    [
        ("SphereLight", "float inputs:radius = 2", 16 * np.pi),
        ("RectLight", "float inputs:width = 2\nfloat inputs:height = 3", 6),
        ("DiskLight", "float inputs:radius = 2", 4 * np.pi),
        ("CylinderLight", "float inputs:radius = 1\nfloat inputs:length = 2", 4 * np.pi),
        ("DistantLight", "float inputs:angle = 60\nfloat inputs:intensity = 1", np.pi / 4),
        ("DistantLight", "float inputs:angle = 0\nfloat inputs:intensity = 1", 1),
    ],
)
def test_normalised_lights_are_divided_by_their_area(read, usd_type, inputs, area):
    light = only_light(read(f'def {usd_type} "L" {{ {inputs}\nbool inputs:normalize = 1 }}'))
    assert light.intensity == pytest.approx(1 / area)


def test_size_and_place_are_metric_and_scale_leaves_the_transform(read):
    light = only_light(
        read(
            """def RectLight "L" {
                float inputs:width = 100
                float inputs:height = 100
                double3 xformOp:translate = (0, 300, 0)
                float3 xformOp:scale = (2, 3, 1)
                uniform token[] xformOpOrder = ["xformOp:translate", "xformOp:scale"] }""",
            header=Y_UP_CENTIMETRES,
        )
    )
    assert light.size == pytest.approx((2, 3))
    assert light.transform[3, :3] == pytest.approx([0, 0, 3])
    assert np.allclose(light.transform[:3, :3] @ light.transform[:3, :3].T, np.eye(3))
    assert -light.transform[2, :3] == pytest.approx([0, 1, 0])  # -Z of a Y-up stage is +Y of the world


def test_color_temperature_tints(read):
    def color(kelvin):
        return only_light(
            read(f"""def SphereLight "L" {{ bool inputs:enableColorTemperature = 1
                float inputs:colorTemperature = {kelvin}
                color3f inputs:color = (1, 1, 0.5) }}""")
        ).color

    warm, cold = color(2700), color(10000)
    assert warm[0] > warm[2]
    assert cold[2] / cold[0] > warm[2] / warm[0]
    assert color(6500)[2] == pytest.approx(0.5, abs=0.06)


@pytest.mark.parametrize("header", ['upAxis = "Z"\n    metersPerUnit = 1', Y_UP_CENTIMETRES])
def test_domes_stand_upright(read, header):
    assert np.allclose(only_light(read('def DomeLight "L" { }', header=header)).transform[2, :3], [0, 0, 1])


def test_dome_textures(read, tmp_path):
    Image.new("RGB", (8, 4), (1, 2, 3)).save(tmp_path / "sky.png")
    snapshot, warnings = read('def DomeLight "L" { asset inputs:texture:file = @./sky.png@ }')
    assert warnings == ()
    assert snapshot.textures[snapshot.lights[0].texture].pixels[0, 0, :3].tolist() == [1, 2, 3]
    snapshot, (warning,) = read('def DomeLight "L" { asset inputs:texture:file = @./gone.hdr@ }')
    assert snapshot.lights[0].texture == -1
    assert "gone.hdr" in warning


def test_hidden_lights_are_off_and_odd_ones_named(read):
    snapshot, warnings = read("""
        def SphereLight "Off" { token visibility = "invisible" }
        def SphereLight "Odd" { float inputs:intensity = nan }
        def PortalLight "Portal" { }
    """)
    assert snapshot.lights == ()
    assert sorted(text.split(":")[0] for text in warnings) == ["/Odd", "/Portal"]


def test_instanced_lights_are_found_at_every_instance(read):
    snapshot, _ = read("""
        class "Lamp" { def SphereLight "Bulb" { } }
        def Xform "A" (instanceable = true
            prepend references = </Lamp>) { double3 xformOp:translate = (1, 0, 2)
            uniform token[] xformOpOrder = ["xformOp:translate"] }
        def Xform "B" (instanceable = true
            prepend references = </Lamp>) { }
    """)
    assert {light.prim_path: light.transform[3, :3].tolist() for light in snapshot.lights} == {
        "/A/Bulb": [1, 0, 2],
        "/B/Bulb": [0, 0, 0],
    }
