"""Exact places and chosen characters."""

import math

import numpy as np
import pytest

from isaacsim_agent_ext.actors.spawn import spawn_characters
from isaacsim_agent_ext.config.load import parse_config
from isaacsim_agent_ext.config.model import CharacterGroup, CharacterSection, SpawnPoint
from isaacsim_agent_ext.errors import ConfigError

PEOPLE = [f"Isaac/People/Characters/{name}/{name}.usd" for name in ("F_Casual_01", "F_Medical_01", "M_Worker_01")]


def spawn(navmesh, *groups, occupied=()):
    section = CharacterSection(
        root_prim_path="/World/Characters",
        motion_library_path="",
        groups=tuple(CharacterGroup(asset_path="Isaac/People/Characters/", **group) for group in groups),
    )
    return spawn_characters(section, navmesh, 1, {group["name"]: PEOPLE for group in groups}, occupied=occupied)


def point(x, y, yaw=None):
    return SpawnPoint(position=(x, y, 0.0), yaw=yaw)


def test_the_first_actors_take_the_points_in_order_and_the_others_stand_where_they_did(plane):
    group = {"name": "workers", "num": 4}
    before = spawn(plane, group)
    after = spawn(plane, group | {"spawn_points": (point(1, 2, 90), point(-3, 4))})
    assert [person.position[:2].tolist() for person in after[:2]] == [[1, 2], [-3, 4]]
    assert [person.yaw for person in after[:2]] == [pytest.approx(math.pi / 2), before[1].yaw]
    for one, other in zip(before[2:], after[2:], strict=True):
        assert (one.position.tolist(), one.yaw, one.asset) == (other.position.tolist(), other.yaw, other.asset)


def test_points_are_kept_free_by_groups_before(floor):
    small = floor((0, 0, 2.0, 2.0))
    people = spawn(small, {"name": "a", "num": 4}, {"name": "b", "num": 1, "spawn_points": (point(1, 1),)})
    apart = [np.hypot(*(person.position - people[4].position)[:2]) for person in people[:4]]
    assert min(apart) >= 0.5


def problems(navmesh, *groups, **options):
    with pytest.raises(ConfigError) as refused:
        spawn(navmesh, *groups, **options)
    return [(problem.key_path, problem.message) for problem in refused.value.problems]


def test_a_point_off_the_floor_is_refused_with_the_nearest_place(warehouse):
    group = {"name": "workers", "num": 3, "spawn_points": (point(6, 4.5), point(1, 1), point(500, 0))}
    (first, text), (second, other) = problems(warehouse, group)
    assert (first, second) == (
        "character.groups.workers.spawn_points.0.position",
        "character.groups.workers.spawn_points.2.position",
    )
    assert "[6.00, 4.50, 0.00]" in text
    assert "[6.00, 4.00, 0.00]" in text
    assert "none within 10 m" in other


def test_points_that_overlap_are_refused_and_named(plane):
    groups = [
        {"name": "a", "num": 1, "spawn_points": (point(0, 0),)},
        {"name": "b", "num": 1, "spawn_points": (point(0.3, 0),)},
    ]
    ((where, text),) = problems(plane, *groups)
    assert where == "character.groups.b.spawn_points.0.position"
    assert "0.30 m" in text
    assert "character.groups.a.spawn_points.0.position" in text
    assert "0.50 m" in text


def test_more_points_than_actors_are_refused_while_loading():
    text = """
isaacsim.replicator.agent:
  version: 1.6.0
  environment: {base_stage_asset_path: a.usd}
  character: {groups: {workers: {num: 1, spawn_points: [{position: [0, 0, 0]}, {position: [1, 0, 0], yaw: 90}]}}}
"""
    with pytest.raises(ConfigError, match="2 spawn points for 1 actors"):
        parse_config(text)
    config = parse_config(text, overrides=["character.groups.workers.num=2"]).config
    assert config.character.groups[0].spawn_points == (point(0, 0), point(1, 0, 90.0))


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ((), {"F_Casual_01", "F_Medical_01", "M_Worker_01"}),
        (("M_Worker_01",), {"M_Worker_01"}),
        (("F_*",), {"F_Casual_01", "F_Medical_01"}),
        (("?_*_01", "M_Worker_01"), {"F_Casual_01", "F_Medical_01", "M_Worker_01"}),
    ],
)
def test_characters_are_chosen_by_name_or_pattern(plane, names, expected):
    people = spawn(plane, {"name": "workers", "num": 6, "assets": names})
    assert {person.asset.rsplit("/", 1)[1].removesuffix(".usd") for person in people} == expected


def test_a_name_that_fits_nobody_is_refused_with_the_nearest(plane):
    group = {"name": "workers", "num": 1, "assets": ("F_Casual_1", "robot*")}
    (first, text), (second, other) = problems(plane, group)
    assert (first, second) == ("character.groups.workers.assets.0", "character.groups.workers.assets.1")
    assert "did you mean `F_Casual_01`?" in text
    assert "there are `F_Casual_01`, `F_Medical_01` and `M_Worker_01`" in other
