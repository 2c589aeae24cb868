"""From the labels on prims to the ids of annotators.

An *entity* is a labelled prim that passes the semantic filter, together with every mesh whose nearest such prim it
is. Ids depend on the snapshot and the filter alone, so they are the same in every frame, camera and process.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from isaacsim_agent_ext.capture.semantic_filter import SemanticFilter
from isaacsim_agent_ext.scene.snapshot import SceneSnapshot, Semantics

BACKGROUND_ID = 0
"""Id of pixels that show nothing."""

UNLABELLED_ID = 1
"""Id of pixels that show something without a label that passes."""

FIRST_ID = 2
"""Id of the first entity, label set or leaf prim."""


@dataclass(frozen=True)
class Entity:
    """One labelled thing.

    Attributes:
        prim_path: The labelled prim.
        labels: Label type to its labels joined by ``,``, its own first, then those inherited from the prims above.
        label_set: Index into `LabelTable.label_sets`.
        instances: Indices of its meshes in the snapshot.
        transform: ``(4, 4)`` float64 local-to-world of the prim at rest, or None when the snapshot does not say.
    """

    prim_path: str
    labels: Mapping[str, str]
    label_set: int
    instances: tuple[int, ...]
    transform: np.ndarray | None


@dataclass(frozen=True, eq=False)
class LabelTable:
    """Who is who in a snapshot, under one filter.

    The three tables of ids are indexed by ``GBuffer.instance`` as it is: their last element answers for -1, the
    background.

    Attributes:
        entities: Sorted by prim path; entity ``i`` has instance id ``i + 2``.
        label_sets: The distinct labels, sorted; set ``i`` has semantic id ``i + 2``.
        leaves: Mesh prim paths, sorted; leaf ``i`` has leaf id ``i + 2``.
        entity_of_instance: ``(instances,)`` int32 index into the entities, -1 for none.
        semantic_ids: ``(instances + 1,)`` uint32, for ``semantic_segmentation``.
        instance_ids: ``(instances + 1,)`` uint32, for ``instance_segmentation``.
        leaf_ids: ``(instances + 1,)`` uint32, for ``instance_id_segmentation``.
    """

    entities: tuple[Entity, ...]
    label_sets: tuple[Mapping[str, str], ...]
    leaves: tuple[str, ...]
    entity_of_instance: np.ndarray
    semantic_ids: np.ndarray
    instance_ids: np.ndarray
    leaf_ids: np.ndarray


def label_table(snapshot: SceneSnapshot, semantic_filter: SemanticFilter) -> LabelTable:
    """Find the entities of a snapshot and number them."""
    owners: dict[str, Semantics] = {}
    labels: dict[str, dict[str, str]] = {}
    members: dict[str, list[int]] = {}
    for index, instance in enumerate(snapshot.instances):
        passing = [(prim, kept) for prim in instance.semantics if (kept := semantic_filter.select(prim.labels))]
        if not passing:
            continue
        owner = passing[0][0]
        owners[owner.prim_path] = owner
        members.setdefault(owner.prim_path, []).append(index)
        if owner.prim_path not in labels:
            labels[owner.prim_path] = _joined([kept for _, kept in passing])

    label_sets = sorted({tuple(sorted(joined.items())) for joined in labels.values()})
    set_index = {label_set: index for index, label_set in enumerate(label_sets)}
    entities = tuple(
        Entity(
            prim_path=path,
            labels=labels[path],
            label_set=set_index[tuple(sorted(labels[path].items()))],
            instances=tuple(members[path]),
            transform=owners[path].transform,
        )
        for path in sorted(members)
    )
    return _numbered(snapshot, entities, tuple(dict(label_set) for label_set in label_sets))


def _joined(chain: list[dict[str, tuple[str, ...]]]) -> dict[str, str]:
    """Join the labels of a prim and of those above it, nearest first, each label once."""
    merged: dict[str, dict[str, None]] = {}
    for labels in chain:
        for label_type, values in labels.items():
            merged.setdefault(label_type, {}).update(dict.fromkeys(values))
    return {label_type: ",".join(merged[label_type]) for label_type in sorted(merged)}


def _numbered(
    snapshot: SceneSnapshot, entities: tuple[Entity, ...], label_sets: tuple[Mapping[str, str], ...]
) -> LabelTable:
    count = len(snapshot.instances)
    entity_of_instance = np.full(count, -1, np.int32)
    semantic_ids = np.full(count + 1, UNLABELLED_ID, np.uint32)
    instance_ids = np.full(count + 1, UNLABELLED_ID, np.uint32)
    leaf_ids = np.full(count + 1, BACKGROUND_ID, np.uint32)
    for index, entity in enumerate(entities):
        members = list(entity.instances)
        entity_of_instance[members] = index
        instance_ids[members] = FIRST_ID + index
        semantic_ids[members] = FIRST_ID + entity.label_set
    leaves = tuple(sorted({instance.prim_path for instance in snapshot.instances}))
    leaf_index = {path: FIRST_ID + index for index, path in enumerate(leaves)}
    leaf_ids[:count] = [leaf_index[instance.prim_path] for instance in snapshot.instances]
    semantic_ids[-1] = instance_ids[-1] = BACKGROUND_ID
    return LabelTable(entities, label_sets, leaves, entity_of_instance, semantic_ids, instance_ids, leaf_ids)
