import numpy as np
import pytest
from box_scene import CORNERS, BoxRenderer, actor, box, look_along_x, placed

from isaacsim_agent_ext.capture.skeletons import skeleton_data
from isaacsim_agent_ext.scene.snapshot import Instance, Mesh, SceneFrame, SceneSnapshot, Skeleton, Skin

CAMERA = look_along_x()
JOINTS = ("hips", "spine", "hand")


def moved(x=0.0, y=0.0, z=0.0):
    return placed((x, y, z))


def person(path="/World/P/Skel/Skeleton"):
    """A box-shaped person of one metre whose hips are at its centre, the spine 0.25 m above, a hand 2 m to its left."""
    rest = np.stack([np.eye(4), moved(z=0.25), moved(y=2.0, z=-0.25)])
    bind = np.stack([rest[0], rest[1], rest[2] @ rest[1]])
    return Skeleton(path, JOINTS, np.array([-1, 0, 1], np.int32), bind, rest, moved(x=8.0))


def snapshot_of(skeleton, *others):
    count = len(CORNERS)
    skin = Skin(0, np.zeros((count, 4), np.int32), np.tile(np.float32([1, 0, 0, 0]), (count, 1)))
    rigid = Mesh(CORNERS, np.zeros((count, 3)), np.zeros((count, 2)), np.zeros((12, 3), int), np.zeros(12, int))
    skinned = Mesh(CORNERS, rigid.normals, rigid.uvs, rigid.triangles, rigid.materials, skin)
    body = Instance("/World/P/Skel/mesh", 1, moved(x=8.0), (), moving=True)
    return SceneSnapshot(meshes=(rigid, skinned), instances=(body, *others), materials=(), skeletons=(skeleton,))


def capture(skeleton, *others, frame=None, actors=()):
    snapshot = snapshot_of(skeleton, *others)
    gbuffer = BoxRenderer(snapshot).render(CAMERA)
    return skeleton_data(snapshot, frame or SceneFrame(), gbuffer, CAMERA, actors).data


def test_rest_pose_positions_and_projections():
    data = capture(person())
    assert data["numSkeletons"] == 1
    assert data["skeletonJoints"] == [list(JOINTS)]
    assert data["skeletonParents"].tolist() == [-1, 0, 1]
    assert data["globalTranslations"].tolist() == [[8, 0, 0], [8, 0, 0.25], [8, 2, 0]]
    assert data["restGlobalTranslations"].tolist() == [[0, 0, 0], [0, 0, 0.25], [0, 2, 0]]
    assert data["restLocalTranslations"].tolist() == [[0, 0, 0], [0, 0, 0.25], [0, 2, -0.25]]
    assert data["translations2d"].tolist() == [[32, 24], [32, 22], [16, 24]]
    assert data["localRotations"].tolist() == [[0, 0, 0, 1]] * 3
    assert data["globalTranslationsSizes"].tolist() == [3]


def test_posed_joints_come_from_the_skinning_matrices():
    skeleton = person()
    quarter = placed((0.0, 0.0, 0.0), yaw=np.pi / 2)
    posed = np.stack([skeleton.bind[0], quarter @ moved(z=0.25), moved(y=2.0, z=-0.25) @ quarter @ moved(z=0.25)])
    world = posed @ moved(x=6.0)
    skinning = (np.linalg.inv(skeleton.bind) @ world).astype(np.float32)
    data = capture(skeleton, frame=SceneFrame(skinning={0: skinning}))
    assert data["globalTranslations"] == pytest.approx(world[:, 3, :3], abs=1e-6)
    half = np.sqrt(0.5)
    assert data["localRotations"][0] == pytest.approx([0, 0, 0, 1], abs=1e-6)
    assert data["localRotations"][1] == pytest.approx([0, 0, half, half], abs=1e-6)
    assert data["localRotations"][2] == pytest.approx([0, 0, 0, 1], abs=1e-6)


def test_half_turns_have_exact_quaternions():
    skeleton = person()
    world = np.stack([np.diag([1.0, -1.0, -1.0, 1.0]), np.diag([-1.0, 1.0, -1.0, 1.0]), np.eye(4)]) @ moved(x=6.0)
    skinning = np.linalg.inv(skeleton.bind) @ world
    data = capture(skeleton, frame=SceneFrame(skinning={0: skinning}))
    assert np.abs(data["localRotations"]) == pytest.approx(
        np.array([[1, 0, 0, 0], [0, 0, 1, 0], [0, 1, 0, 0]]), abs=1e-6
    )


def test_joints_inside_the_body_are_visible_unless_something_is_before_it():
    assert capture(person())["occlusionTypes"] == ["self", "self", "none"]  # half a metre of body before the joints

    wall = box("/Wall", (4.5, 1.0, 0.0), (1.0, 3.0, 0.1))
    data = capture(person(), wall)
    assert data["occlusionTypes"] == ["other", "self", "other"]
    assert data["jointOcclusions"].tolist() == [True, True, True]
    assert data["inView"].tolist() == [True]


def test_a_slim_body_hides_no_joint_of_its_own():
    skeleton = person()
    slim = SceneSnapshot(
        meshes=snapshot_of(skeleton).meshes,
        instances=(Instance("/World/P/Skel/mesh", 1, placed((8.0, 0, 0), (0.3, 1, 1)), ()),),
        materials=(),
        skeletons=(skeleton,),
    )
    data = skeleton_data(slim, SceneFrame(), BoxRenderer(slim).render(CAMERA), CAMERA).data
    assert data["occlusionTypes"] == ["none", "none", "none"]
    assert data["jointOcclusions"].tolist() == [False, False, False]


def test_joints_outside_the_image_take_the_skeleton_out_of_view():
    skeleton = person()
    skinning = np.linalg.inv(skeleton.bind) @ skeleton.bind @ moved(x=8.0, y=3.0)
    data = capture(skeleton, frame=SceneFrame(skinning={0: skinning}))
    assert data["occlusionTypes"][2] == "out_of_view"
    assert data["inView"].tolist() == [False]


def test_skeletons_are_named_after_their_actors():
    data = capture(person(), actors=[actor("/World/P", (8, 0, 0))])
    assert data["skelName"] == ["P"]
    assert data["assetPath"] == ["Isaac/People/Characters/F_Business_02/F_Business_02.usd"]
    assert capture(person())["skelName"] == ["Skeleton"]


def test_no_skeletons_give_empty_arrays_of_the_right_shape():
    snapshot = SceneSnapshot(meshes=(), instances=(), materials=())
    gbuffer = BoxRenderer(snapshot).render(CAMERA)
    data = skeleton_data(snapshot, SceneFrame(), gbuffer, CAMERA).data
    assert data["numSkeletons"] == 0
    assert data["globalTranslations"].shape == (0, 3)
    assert data["localRotations"].dtype == np.float32
