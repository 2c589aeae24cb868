from collections import Counter

import numpy as np
import pytest

from isaacsim_agent_ext.actors.spawn import PERSON_RADIUS, SPAWN_MARGIN, assign_assets, spawn_characters
from isaacsim_agent_ext.config.model import CharacterGroup, CharacterSection
from isaacsim_agent_ext.errors import NavMeshError, PlacementError


def section(*groups):
    return CharacterSection(
        root_prim_path="/World/Characters",
        motion_library_path="",
        groups=tuple(CharacterGroup(asset_path="", **group) for group in groups),
    )


def spawn(navmesh, *groups, seed=1, **options):
    assets = {group["name"]: ["/a.usd", "/b.usd", "/c.usd"] for group in groups}
    return spawn_characters(section(*groups), navmesh, seed, assets, **options)


def places(spawned):
    return {spawn.name: (*spawn.position.tolist(), spawn.yaw) for spawn in spawned}


def test_people_stand_apart_on_the_floor_and_away_from_walls(warehouse):
    spawned = spawn(warehouse, {"name": "workers", "num": 60}, {"name": "guests", "num": 40})
    positions = np.array([person.position for person in spawned])
    apart = np.hypot(*(positions[:, None] - positions[None])[..., :2].transpose(2, 0, 1)) + 9 * np.eye(100)
    assert apart.min() >= 2 * PERSON_RADIUS + SPAWN_MARGIN
    assert warehouse._free(positions).all()
    assert warehouse.distance_to_wall(positions).min() >= 0.15
    yaws = np.array([person.yaw for person in spawned])
    assert (np.abs(yaws) <= np.pi).all()
    assert np.histogram(yaws, 4, (-np.pi, np.pi))[0].min() > 10


def test_names_and_prim_paths(plane):
    person = spawn(plane, {"name": "workers", "num": 2})[1]
    assert (person.name, person.group) == ("workers_1", "workers")
    assert person.prim_path == "/World/Characters/workers/workers_1"
    spec = person.spec(agent_prim_path=person.prim_path + "/ManRoot", height=1.8)
    assert spec.agent_type == "IRACharacterAPI"
    assert spec.asset_url == person.asset
    assert spec.height == 1.8
    assert (spec.position == person.position).all()


def test_nobody_at_all(plane):
    assert spawn(plane, {"name": "workers", "num": 0}) == []


def test_spawn_areas_are_respected(floor):
    navmesh = floor((0, 0, 20, 20), areas={"dock": (0, 0, 4, 4), "office": (15, 15, 20, 20)})
    spawned = spawn(navmesh, {"name": "a", "num": 8, "spawn_areas": ("dock",)}, {"name": "b", "num": 8})
    dock = np.array([person.position for person in spawned[:8]])
    assert (dock[:, :2] <= 4).all()
    assert max(person.position[0] for person in spawned[8:]) > 4
    with pytest.raises(NavMeshError, match="dock"):
        spawn(navmesh, {"name": "a", "num": 1, "spawn_areas": ("roof",)})


def test_the_seed_decides(plane):
    group = {"name": "workers", "num": 10}
    assert places(spawn(plane, group, seed=5)) == places(spawn(plane, group, seed=5))
    assert places(spawn(plane, group, seed=5)) != places(spawn(plane, group, seed=6))


def test_more_people_and_more_groups_change_nothing_for_those_before(warehouse):
    few = places(spawn(warehouse, {"name": "workers", "num": 20}))
    more = places(spawn(warehouse, {"name": "workers", "num": 40}, {"name": "guests", "num": 40}))
    assert {name: more[name] for name in few} == few


def test_a_group_before_only_moves_whom_it_is_in_the_way_of(warehouse):
    alone = places(spawn(warehouse, {"name": "workers", "num": 30}))
    second = places(spawn(warehouse, {"name": "guests", "num": 30}, {"name": "workers", "num": 30}))
    moved = [name for name in alone if alone[name] != second[name]]
    assert 0 < len(moved) < 15
    guests = np.array([place[:2] for name, place in second.items() if name.startswith("guests")])
    for name in moved:
        others = np.concatenate([guests, [second[other][:2] for other in moved if other != name]])
        assert np.hypot(*(others - np.array(alone[name][:2])).T).min() < 2 * PERSON_RADIUS + SPAWN_MARGIN
        assert second[name][3] == alone[name][3]  # the heading is drawn before the place


def test_others_who_are_there_already_are_kept_clear_of(plane):
    robot = (np.zeros(3), 15.0)
    spawned = spawn(plane, {"name": "workers", "num": 30}, occupied=[robot])
    assert min(np.hypot(*person.position[:2]) for person in spawned) >= 15.4


def test_too_many_people_are_an_error_that_says_how_many_fit(floor):
    navmesh = floor((0, 0, 3, 3))
    with pytest.raises(PlacementError, match=r"'workers': only \d+ of 200 people fit on the walkable floor.*9.0 m²"):
        spawn(navmesh, {"name": "workers", "num": 200})


def test_no_asset_is_an_error(plane):
    with pytest.raises(PlacementError, match="no asset"):
        spawn_characters(section({"name": "workers", "num": 1}), plane, 1, {})


def test_every_asset_is_used_before_any_repeats():
    rng = np.random.default_rng
    chosen = assign_assets(["c", "a", "b"], 8, rng(0))
    for batch in (chosen[:3], chosen[3:6]):
        assert sorted(batch) == ["a", "b", "c"]
    assert max(Counter(chosen).values()) - min(Counter(chosen).values()) <= 1
    assert assign_assets(["b", "c", "a"], 5, rng(0)) == chosen[:5]
