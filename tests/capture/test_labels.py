import numpy as np
from box_scene import box, scene

from isaacsim_agent_ext.capture.colors import colorize_ids, id_colors
from isaacsim_agent_ext.capture.labels import label_table
from isaacsim_agent_ext.capture.semantic_filter import parse_filter
from isaacsim_agent_ext.scene.snapshot import Semantics


def table(*instances, predicate="class:*"):
    return label_table(scene(*instances), parse_filter(predicate))


def test_the_nearest_labelled_prim_that_passes_owns_a_mesh():
    fork = Semantics("/Lift/Fork", {"class": ("fork",), "id": ("3",)})
    lift = Semantics("/Lift", {"class": ("forklift", "vehicle")})
    instances = [
        box("/Lift/Fork/mesh", (0, 0, 0), semantics=(fork, lift)),
        box("/Lift/Body/mesh", (0, 0, 0), semantics=(lift,)),
        box("/Floor", (0, 0, 0)),
    ]

    every = table(*instances)
    assert [entity.prim_path for entity in every.entities] == ["/Lift", "/Lift/Fork"]
    assert every.entities[1].labels == {"class": "fork,forklift,vehicle"}
    assert every.entities[0].labels == {"class": "forklift,vehicle"}
    assert every.entity_of_instance.tolist() == [1, 0, -1]

    lifts = table(*instances, predicate="class:forklift")
    assert [entity.prim_path for entity in lifts.entities] == ["/Lift"]
    assert lifts.entities[0].instances == (0, 1)

    tagged = table(*instances, predicate="id:*")
    assert tagged.entities[0].labels == {"id": "3"}


def test_ids_follow_sorted_names_and_reserve_the_first_two():
    ids = table(
        box("/z", (0, 0, 0), labels={"class": ("apple",)}),
        box("/y", (0, 0, 0)),
        box("/x", (0, 0, 0), labels={"class": ("pear",)}),
        box("/w", (0, 0, 0), labels={"class": ("apple",)}),
    )
    assert ids.instance_ids.tolist() == [4, 1, 3, 2, 0]
    assert ids.semantic_ids.tolist() == [2, 1, 3, 2, 0]
    assert ids.leaf_ids.tolist() == [5, 4, 3, 2, 0]
    assert ids.label_sets == ({"class": "apple"}, {"class": "pear"})


def test_a_scene_without_labels_has_no_entities():
    empty = table(box("/a", (0, 0, 0)))
    assert empty.entities == ()
    assert empty.semantic_ids.tolist() == [1, 0]


def test_every_id_has_a_colour_of_its_own():
    colors = id_colors(20000)
    assert len(np.unique(colors, axis=0)) == 20000
    assert colors[0].tolist() == [0, 0, 0, 0]
    assert colors[1].tolist() == [0, 0, 0, 255]
    assert (colors[2:, 3] == 255).all()
    assert (colors[2:, :3].max(axis=1) >= 150).all()


def test_colours_do_not_depend_on_how_many_there_are():
    assert (id_colors(5000)[:40] == id_colors(40)).all()


def test_the_first_colours_are_easy_to_tell_apart():
    first = id_colors(14)[2:, :3].astype(int)
    distances = np.abs(first[:, None] - first[None]).sum(axis=2) + 1000 * np.eye(12, dtype=int)
    assert distances.min() > 60


def test_ids_become_their_colours():
    ids = np.array([[0, 1], [2, 7]], np.uint32)
    assert (colorize_ids(ids) == id_colors(8)[ids]).all()
