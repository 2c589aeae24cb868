from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from pxr import Sdf, Usd, UsdGeom, UsdShade, UsdSkel, UsdUtils

from isaacsim_agent_ext.resources import asset_pack_root


@pytest.fixture(scope="module")
def stages(character_files):
    return {path.stem: Usd.Stage.Open(str(path)) for path in character_files}


def meshes(stage):
    return [UsdGeom.Mesh(prim) for prim in stage.Traverse() if prim.IsA(UsdGeom.Mesh)]


def points_of(stage):
    return np.concatenate([np.array(mesh.GetPointsAttr().Get()) for mesh in meshes(stage)])


def test_there_are_enough_different_people(stages):
    assert len(stages) >= 8
    heights = [np.ptp(points_of(stage)[:, 2]) for stage in stages.values()]
    assert np.ptp(heights) > 0.25


def test_each_is_a_skel_root_below_the_default_prim(stages):
    for name, stage in stages.items():
        root = stage.GetDefaultPrim()
        assert root.GetPath() == Sdf.Path(f"/{name}")
        assert UsdGeom.GetStageUpAxis(stage) == "Z"
        assert UsdGeom.GetStageMetersPerUnit(stage) == 1.0
        skel_roots = [prim for prim in stage.Traverse() if prim.IsA(UsdSkel.Root)]
        assert [prim.GetParent() for prim in skel_roots] == [root]
        skeletons = [prim for prim in stage.Traverse() if prim.IsA(UsdSkel.Skeleton)]
        assert len(skeletons) == 1
        for mesh in meshes(stage):
            targets = UsdSkel.BindingAPI(mesh).GetSkeletonRel().GetTargets()
            assert targets == [skeletons[0].GetPath()]


def test_all_share_one_rig(skeletons, library):
    assert {skeleton.joints for skeleton in skeletons} == {library.joints}
    assert len(library.joints) == 53
    assert {skeleton.parents.tobytes() for skeleton in skeletons} == {skeletons[0].parents.tobytes()}


def test_weights_sum_to_one_and_name_joints(stages):
    for stage in stages.values():
        for mesh in meshes(stage):
            binding = UsdSkel.BindingAPI(mesh)
            weights = np.array(binding.GetJointWeightsPrimvar().Get()).reshape(-1, 4)
            indices = np.array(binding.GetJointIndicesPrimvar().Get())
            assert len(weights) == len(mesh.GetPointsAttr().Get())
            np.testing.assert_allclose(weights.sum(axis=1), 1.0, atol=1e-5)
            assert indices.min() >= 0
            assert indices.max() < 53


def test_sizes_and_proportions_are_human(stages, skeletons):
    for stage, skeleton in zip(stages.values(), skeletons, strict=True):
        points = points_of(stage)
        height = points[:, 2].max()
        assert 1.55 < height < 2.02  # with shoes, hair and hats
        assert points[:, 2].min() == pytest.approx(0.0, abs=0.005)
        at = {name: skeleton.bind[k, 3, :3] for k, name in enumerate(skeleton.joints)}
        assert 0.44 < at["thigh_l"][2] / height < 0.56
        arm = np.linalg.norm(at["upperarm_l"] - at["lowerarm_l"]) + np.linalg.norm(at["lowerarm_l"] - at["hand_l"])
        assert 0.24 < arm / height < 0.36
        np.testing.assert_allclose(at["foot_l"] * [1, -1, 1], at["foot_r"], atol=0.01)
        assert abs(at["foot_l"][0]) < 0.05  # the origin is between the feet


def test_meshes_are_light_and_well_formed(stages):
    for name, stage in stages.items():
        assert len(points_of(stage)) < 16000, name
        for mesh in meshes(stage):
            triangles = np.array(mesh.GetFaceVertexIndicesAttr().Get()).reshape(-1, 3)
            count = len(mesh.GetPointsAttr().Get())
            assert triangles.max() < count
            normals = np.array(mesh.GetNormalsAttr().Get())
            np.testing.assert_allclose(np.linalg.norm(normals, axis=1), 1.0, atol=1e-3)
            assert np.isfinite(np.array(UsdGeom.PrimvarsAPI(mesh).GetPrimvar("st").Get())).all()


def test_surfaces_face_outwards(stages):
    for stage in stages.values():
        for mesh in meshes(stage):
            points = np.array(mesh.GetPointsAttr().Get(), dtype=np.float64)
            triangles = np.array(mesh.GetFaceVertexIndicesAttr().Get()).reshape(-1, 3)
            faces = np.cross(
                points[triangles[:, 1]] - points[triangles[:, 0]], points[triangles[:, 2]] - points[triangles[:, 0]]
            )
            normals = np.array(mesh.GetNormalsAttr().Get())[triangles].mean(axis=1)
            agree = (faces * normals).sum(axis=1)[np.linalg.norm(faces, axis=1) > 1e-9] > 0
            assert agree.mean() > 0.9, mesh.GetPath()  # the fold of a collar is sharp
        skin = next(mesh for mesh in meshes(stage) if mesh.GetPrim().GetName() == "Skin")
        points = np.array(skin.GetPointsAttr().Get(), dtype=np.float64)
        head = points[:, 2] > points[:, 2].max() - 0.2
        outward = (points - points[head].mean(axis=0)) * np.array(skin.GetNormalsAttr().Get())
        assert outward[head].sum(axis=1).mean() > 0


def test_rest_pose_stands_at_ease(character_files):
    for path in character_files:
        stage = Usd.Stage.Open(str(path))
        cache, root = UsdSkel.Cache(), UsdSkel.Root(stage.GetDefaultPrim().GetChild("ManRoot"))
        cache.Populate(root, Usd.PrimDefaultPredicate)
        query = cache.GetSkelQuery(cache.ComputeSkelBindings(root, Usd.PrimDefaultPredicate)[0].GetSkeleton())
        names = [str(joint).rsplit("/", 1)[-1] for joint in query.GetJointOrder()]
        placed = np.array(query.ComputeJointSkelTransforms(Usd.TimeCode.Default(), atRest=True))[:, 3, :3]
        at = dict(zip(names, placed, strict=True))
        assert at["hand_l"][2] < at["pelvis"][2] + 0.05
        assert at["hand_l"][1] < at["upperarm_l"][1] + 0.20
        assert 0.05 < at["foot_l"][1] < 0.16
        bind = np.array(query.GetJointWorldBindTransforms())[:, 3, :3]
        assert at["foot_l"][2] == pytest.approx(bind[names.index("foot_l")][2], abs=0.005)


def test_materials_are_preview_surfaces_with_small_textures(stages):
    for name, stage in stages.items():
        for mesh in meshes(stage):
            material = UsdShade.MaterialBindingAPI(mesh).ComputeBoundMaterial()[0]
            assert material.ComputeSurfaceSource()[0].GetIdAttr().Get() == "UsdPreviewSurface"
        layers, assets, unresolved = UsdUtils.ComputeAllDependencies(stage.GetRootLayer().identifier)
        assert not unresolved
        assert len(layers) == 1
        assert assets
        for asset in assets:
            with Image.open(asset) as image:
                assert max(image.size) <= 512, (name, asset)


def test_the_pack_of_people_is_small():
    files = (asset_pack_root() / "Isaac/People").rglob("*")
    assert sum(path.stat().st_size for path in files if path.is_file()) < 14 << 20


def test_no_labels_are_built_in(stages):
    for stage in stages.values():
        for prim in stage.Traverse():
            assert not any("emantics" in schema for schema in prim.GetAppliedSchemas())
