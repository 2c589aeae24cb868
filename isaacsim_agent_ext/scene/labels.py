"""Semantic labels on prims: written as ``UsdSemantics.LabelsAPI``, read in every form found in assets.

============================================  ====================================================================
``SemanticsLabelsAPI:class``                  ``token[] semantics:labels:class`` (OpenUSD, Isaac Sim 5 and later)
``SemanticsAPI:Semantics``                    ``string semantic:Semantics:params:semanticType`` and ``...Data``
============================================  ====================================================================

The old schema is not part of OpenUSD, so its labels are read from the attributes themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from pxr import Tf, Usd, UsdSemantics

from isaacsim_agent_ext.errors import SceneError

_NEW_PREFIX = "semantics:labels:"
_OLD_TYPE = re.compile(r"semantic:(?P<instance>.+):params:semanticType")


def write_labels(prim: Usd.Prim, labels: Iterable[tuple[str, str]]) -> None:
    """Write labels on a prim in the stage's current edit target, replacing those of the same types.

    Args:
        prim: The prim to label.
        labels: Pairs of label type and label; several labels of one type stay in order.

    Raises:
        SceneError: A label type cannot be part of a property name.
    """
    by_type: dict[str, list[str]] = {}
    for label_type, label in labels:
        by_type.setdefault(label_type, []).append(label)
    for label_type, values in by_type.items():
        if not Tf.IsValidIdentifier(label_type):
            raise SceneError(
                f"{prim.GetPath()}: {label_type!r} cannot be a label type: use letters, digits and underscores, "
                f"starting with a letter (as in [class, character])"
            )
        UsdSemantics.LabelsAPI.Apply(prim, label_type).CreateLabelsAttr(values)


def read_labels(prim: Usd.Prim) -> dict[str, tuple[str, ...]]:
    """Return the labels written on a prim itself: label type to labels, in authored order."""
    return labels_among(prim, prim.GetAuthoredPropertyNames())


def labels_among(prim: Usd.Prim, names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return a prim's labels, given the names of its authored properties."""
    labels: dict[str, tuple[str, ...]] = {}
    for name in names:
        if not name.startswith("semantic"):
            continue
        if name.startswith(_NEW_PREFIX):
            values = prim.GetAttribute(name).Get()
            found: Mapping[str, tuple[str, ...]] = {name[len(_NEW_PREFIX) :]: tuple(map(str, values or ()))}
        elif match := _OLD_TYPE.fullmatch(name):
            label_type = prim.GetAttribute(name).Get()
            data = prim.GetAttribute(f"semantic:{match['instance']}:params:semanticData").Get()
            found = {str(label_type): _split_old(str(data))} if label_type and data else {}
        else:
            continue
        for label_type, values in found.items():
            known = labels.get(label_type, ())
            labels[label_type] = known + tuple(value for value in values if value not in known)
    return {label_type: values for label_type, values in labels.items() if values}


def _split_old(data: str) -> tuple[str, ...]:
    """The old schema holds several labels as one comma-separated string."""
    return tuple(part.strip() for part in data.split(",") if part.strip())
