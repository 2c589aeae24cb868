from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image
from pxr import Sdf, UsdUtils

from isaacsim_agent_ext.scene import textures
from isaacsim_agent_ext.scene.compose import open_stage
from isaacsim_agent_ext.scene.reader import read_snapshot

QUAD = """
    point3f[] points = [(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0)]
    int[] faceVertexCounts = [4]
    int[] faceVertexIndices = [0, 1, 2, 3]
    texCoord2f[] primvars:st = [(0, 0), (1, 0), (1, 1), (0, 1)] (interpolation = "vertex")
    texCoord2f[] primvars:second = [(5, 5), (6, 5), (6, 6), (5, 6)] (interpolation = "vertex")
"""


def textured(inputs: str, nodes: str = "", shader: str = 'uniform token info:id = "UsdPreviewSurface"') -> str:
    return f"""
    def Mesh "M" (prepend apiSchemas = ["MaterialBindingAPI"]) {{ {QUAD} rel material:binding = </Mat> }}
    def Material "Mat" {{
        token outputs:surface.connect = </Mat/S.outputs:surface>
        def Shader "S" {{ {shader}
            {inputs}
            token outputs:surface }}
        {nodes} }}"""


def image_node(name: str, file: str, extra: str = "") -> str:
    return f"""def Shader "{name}" {{ uniform token info:id = "UsdUVTexture"
        asset inputs:file = @{file}@
        {extra}
        float3 outputs:rgb
        float outputs:r
        float outputs:g
        float outputs:b }}
        """


@pytest.fixture
def image(tmp_path):
    def save(name="t.png", color=(200, 100, 50), size=(4, 2), mode="RGB"):
        Image.new(mode, size, color).save(tmp_path / name)
        return f"./{name}"

    return save


def only_material(snapshot):
    (material,) = snapshot.materials
    return material


def test_constants_of_a_preview_surface(read):
    snapshot, warnings = read(
        textured("""color3f inputs:diffuseColor = (0.1, 0.2, 0.3)
            float inputs:roughness = 0.7
            float inputs:metallic = 1
            float inputs:opacity = 0.4
            color3f inputs:emissiveColor = (2, 0, 0)""")
    )
    material = only_material(snapshot)
    assert warnings == ()
    assert material.name == "Mat"
    assert material.base_color == pytest.approx((0.1, 0.2, 0.3))
    assert (material.roughness, material.metallic, material.opacity) == pytest.approx((0.7, 1.0, 0.4))
    assert material.emissive == (2, 0, 0)


def test_inputs_connected_to_the_material_interface(read):
    body = textured("color3f inputs:diffuseColor.connect = </Mat.inputs:tint>")
    body = body.replace('def Material "Mat" {', 'def Material "Mat" {\n color3f inputs:tint = (0.5, 0, 1)')
    assert only_material(read(body)[0]).base_color == pytest.approx((0.5, 0, 1))


def test_textures_their_channels_scale_and_coordinates(read, image):
    nodes = (
        image_node(
            "C",
            image("c.png"),
            "float4 inputs:scale = (0.5, 1, 1, 1)\nfloat2 inputs:st.connect = </Mat/T.outputs:result>",
        )
        + image_node("R", image("orm.png", (0, 128, 255)), 'token inputs:sourceColorSpace = "raw"')
        + image_node("N", image("n.png", (128, 128, 255)))
        + """def Shader "T" { uniform token info:id = "UsdTransform2d"
            float2 inputs:scale = (2, 3)
            float2 inputs:translation = (0.5, 0)
            float2 inputs:in.connect = </Mat/P.outputs:result>
            float2 outputs:result }
        def Shader "P" { uniform token info:id = "UsdPrimvarReader_float2"
            string inputs:varname = "second"
            float2 outputs:result }"""
    )
    snapshot, warnings = read(
        textured(
            """color3f inputs:diffuseColor.connect = </Mat/C.outputs:rgb>
            float inputs:roughness.connect = </Mat/R.outputs:g>
            float inputs:metallic.connect = </Mat/R.outputs:b>
            normal3f inputs:normal.connect = </Mat/N.outputs:rgb>""",
            nodes,
        )
    )
    assert warnings == ()
    material = only_material(snapshot)
    assert material.base_color == (0.5, 1, 1)
    assert material.roughness_texture == material.metallic_texture  # one file, loaded once
    assert (material.roughness_channel, material.metallic_channel) == (1, 2)
    assert len(snapshot.textures) == 3
    assert snapshot.textures[material.base_color_texture].pixels[0, 0].tolist() == [200, 100, 50, 255]
    assert snapshot.textures[material.base_color_texture].pixels.shape == (2, 4, 4)
    (mesh,) = snapshot.meshes
    assert mesh.uvs.min(axis=0) == pytest.approx([10.5, 15])
    assert mesh.uvs.max(axis=0) == pytest.approx([12.5, 18])


def test_missing_and_broken_textures_fall_back_and_are_named(read, tmp_path):
    (tmp_path / "broken.png").write_bytes(b"not a png")
    snapshot, warnings = read(
        textured(
            """color3f inputs:diffuseColor.connect = </Mat/C.outputs:rgb>
            float inputs:roughness.connect = </Mat/R.outputs:r>""",
            image_node("C", "./gone.png", "float4 inputs:fallback = (1, 0, 0, 1)") + image_node("R", "./broken.png"),
        )
    )
    material = only_material(snapshot)
    assert material.base_color == (1, 0, 0)
    assert material.base_color_texture == material.roughness_texture == -1
    assert material.roughness == 0.5
    assert len(warnings) == 2
    assert any("/Mat/C" in text and "gone.png is not there" in text for text in warnings)
    assert any("/Mat/R" in text and "broken.png" in text for text in warnings)


def test_color_spaces_are_undone(read, image):
    nodes = image_node("C", image("c.png", (55, 55, 55)), 'token inputs:sourceColorSpace = "raw"') + image_node(
        "R", image("r.png", (128, 128, 128)), 'token inputs:sourceColorSpace = "sRGB"'
    )
    snapshot, _ = read(
        textured(
            """color3f inputs:diffuseColor.connect = </Mat/C.outputs:rgb>
            float inputs:roughness.connect = </Mat/R.outputs:r>""",
            nodes,
        )
    )
    material = only_material(snapshot)
    assert snapshot.textures[material.base_color_texture].pixels[0, 0, 0] == pytest.approx(128, abs=1)
    assert snapshot.textures[material.roughness_texture].pixels[0, 0, 0] == pytest.approx(55, abs=1)


@pytest.mark.parametrize(
    ("mode", "color", "seen"),
    [
        ("L", 77, (77, 77, 77, 255)),
        ("RGBA", (1, 2, 3, 4), (1, 2, 3, 4)),
        ("P", 0, None),
        ("I;16", 25700, (100, 100, 100, 255)),
    ],
)
def test_images_of_every_kind_become_rgba(read, image, mode, color, seen):
    snapshot, warnings = read(
        textured(
            "color3f inputs:diffuseColor.connect = </Mat/C.outputs:rgb>",
            image_node("C", image("c.png", color, mode=mode)),
        )
    )
    assert warnings == ()
    pixels = snapshot.textures[0].pixels
    assert pixels.dtype == np.uint8
    assert pixels.shape == (2, 4, 4)
    if seen:
        assert tuple(pixels[0, 0]) == seen


def test_large_images_are_reduced_and_absurd_ones_refused(read, image, tmp_path):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0))
    (tmp_path / "bomb.png").write_bytes(bomb + chunk(b"IDAT", zlib.compress(b"\0" * 64)) + chunk(b"IEND", b""))
    snapshot, warnings = read(
        textured(
            """color3f inputs:diffuseColor.connect = </Mat/C.outputs:rgb>
            float inputs:roughness.connect = </Mat/R.outputs:r>""",
            image_node("C", image("large.jpg", size=(5000, 2500))) + image_node("R", "./bomb.png"),
        )
    )
    assert max(snapshot.textures[0].pixels.shape[:2]) <= textures.LARGEST_SIDE
    assert snapshot.textures[0].pixels.shape[1] == 2 * snapshot.textures[0].pixels.shape[0]
    (warning,) = warnings
    assert "bomb.png" in warning


def test_textures_inside_usdz_packages(author, image, tmp_path):
    stage = author(
        textured("color3f inputs:diffuseColor.connect = </Mat/C.outputs:rgb>", image_node("C", image("c.png")))
    )
    assert UsdUtils.CreateNewUsdzPackage(Sdf.AssetPath(str(stage)), str(tmp_path / "p.usdz"))
    stage.unlink()
    (tmp_path / "c.png").unlink()
    snapshot, warnings = read_snapshot(open_stage(tmp_path / "p.usdz"))
    assert warnings == ()
    assert snapshot.textures[0].pixels[0, 0].tolist() == [200, 100, 50, 255]


OMNI_PBR = """uniform token info:implementationSource = "sourceAsset"
    uniform asset info:mdl:sourceAsset = @OmniPBR.mdl@
    uniform token info:mdl:sourceAsset:subIdentifier = "OmniPBR" """


def test_omni_pbr(read, image):
    body = textured(
        f"""asset inputs:diffuse_texture = @{image("d.png")}@
        color3f inputs:diffuse_tint = (1, 0.5, 1)
        asset inputs:ORM_texture = @{image("orm.png", (0, 90, 250))}@
        bool inputs:enable_ORM_texture = 1
        float inputs:reflection_roughness_texture_influence = 1
        float inputs:metallic_constant = 0.3
        asset inputs:normalmap_texture = @{image("n.png", (128, 128, 255))}@
        bool inputs:enable_emission = 1
        color3f inputs:emissive_color = (1, 1, 0)
        float inputs:emissive_intensity = 10
        float2 inputs:texture_scale = (4, 4)""",
        shader=OMNI_PBR,
    ).replace("token outputs:surface.connect", "token outputs:mdl:surface.connect")
    snapshot, warnings = read(body)
    assert warnings == ()
    material = only_material(snapshot)
    assert material.base_color == (1, 0.5, 1)
    assert (material.roughness, material.roughness_channel) == (1.0, 1)
    assert material.metallic == pytest.approx(0.3)
    assert material.metallic_texture == -1  # its influence is 0 by default
    assert material.normal_texture >= 0
    assert material.emissive == (10, 10, 0)
    assert snapshot.meshes[0].uvs.max() == 4


def test_omni_pbr_constants_and_opacity(read):
    snapshot, _ = read(
        textured(
            """color3f inputs:diffuse_color_constant = (0.9, 0.1, 0.1)
            float inputs:reflection_roughness_constant = 0.25
            bool inputs:enable_opacity = 1
            float inputs:opacity_constant = 0.5""",
            shader=OMNI_PBR,
        )
    )
    material = only_material(snapshot)
    assert material.base_color == pytest.approx((0.9, 0.1, 0.1))
    assert (material.roughness, material.opacity) == (0.25, 0.5)


def test_a_material_without_shader_is_grey_and_named(read):
    body = textured("").replace("token outputs:surface.connect = </Mat/S.outputs:surface>", "")
    snapshot, (warning,) = read(body)
    assert "/Mat: no surface shader" in warning
    assert only_material(snapshot).base_color == (0.5, 0.5, 0.5)


def test_mistyped_inputs_keep_their_defaults(read):
    snapshot, _ = read(textured('string inputs:diffuseColor = "red"\nstring inputs:roughness = "shiny"'))
    assert only_material(snapshot).base_color == pytest.approx((0.18, 0.18, 0.18))
    assert only_material(snapshot).roughness == 0.5


def test_jpeg_bytes_survive_the_resolver(tmp_path):
    """`load_textures` must not depend on how long USD keeps its buffer."""
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), (10, 20, 30)).save(buffer, "PNG")
    paths = []
    for i in range(20):
        path = tmp_path / f"{i}.png"
        path.write_bytes(buffer.getvalue())
        paths.append(textures.TextureRequest(str(path)))
    assert all(result.pixels[0, 0].tolist() == [10, 20, 30, 255] for result in textures.load_textures(paths))
