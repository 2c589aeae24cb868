import numpy as np
import pytest

from isaacsim_agent_ext.actors.state import ActorSpec
from isaacsim_agent_ext.errors import PlacementError, SceneError
from isaacsim_agent_ext.sensors.targets import actor_target, select_targets


@pytest.fixture
def people(person):
    return [person(1, 1, 0), person(2, 2, 1), person(3, 3, 0, group="visitors")]


def nothing(path):
    raise SceneError(f"there is no prim {path}")


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([], [0, 1, 2]),
        (["/World/Characters"], [0, 1, 2]),
        (["/World/Characters/"], [0, 1, 2]),
        (["/World/Characters/visitors"], [2]),
        (["/World/Characters/workers/workers_1/SkelRoot"], [1]),
        (["visitors_0", "workers_0"], [0, 2]),
        (["workers"], [0, 1]),
        (["/World/Characters", "workers_1"], [0, 1, 2]),
    ],
)
def test_names_stand_for_actors(people, names, expected):
    assert select_targets(names, people, nothing) == [people[i] for i in expected]


def test_other_prims_are_located(people):
    (target,) = select_targets(["/World/Forklift"], people, lambda path: np.array([[1, 1, 0], [3, 2, 2]]))
    assert target.prim_path == "/World/Forklift"
    np.testing.assert_allclose(target.center, [2, 1.5, 1])


def test_unknown_names_are_explained(people):
    with pytest.raises(PlacementError, match='did you mean "workers_1"'):
        select_targets(["worker_1"], people, nothing)
    with pytest.raises(PlacementError, match="there is no prim /World/Work"):
        select_targets(["/World/Work"], people, nothing)


def test_prefix_of_a_name_is_not_a_parent(people):
    with pytest.raises(PlacementError):
        select_targets(["/World/Characters/work"], people, nothing)


def test_actor_bounds():
    spec = ActorSpec(
        name="a_0",
        group="a",
        prim_path="/World/Characters/a/a_0",
        agent_prim_path="/World/Characters/a/a_0/SkelRoot",
        agent_type="IRACharacterAPI",
        asset_url="a.usd",
        position=np.array([1.0, 2.0, 0.5]),
        yaw=0.0,
        radius=0.3,
        height=1.8,
    )
    target = actor_target(spec)
    np.testing.assert_allclose(target.lower, [0.7, 1.7, 0.5])
    np.testing.assert_allclose(target.upper, [1.3, 2.3, 2.3])
    assert target.floor == 0.5
