"""What joints are called: this package's names, and how to recognise them in other rigs."""

from __future__ import annotations

import re
from collections.abc import Sequence

LEG_JOINTS = ("thigh", "calf", "foot", "ball")
SIDES = ("l", "r")

REQUIRED = ("pelvis", "thigh_l", "thigh_r", "calf_l", "calf_r", "foot_l", "foot_r")
"""Joints without which nobody can walk."""

_SYNONYMS = {
    "pelvis": ("pelvis", "hips", "hip", "bodyroot"),
    "neck_01": ("neck", "neck1", "neck01"),
    "head": ("head",),
    "clavicle": ("clavicle", "shoulder", "collar"),
    "upperarm": ("upperarm", "uparm", "arm", "shldr"),
    "lowerarm": ("lowerarm", "loarm", "forearm", "elbow"),
    "hand": ("hand", "wrist"),
    "thigh": ("thigh", "upleg", "upperleg", "upleg"),
    "calf": ("calf", "shin", "lowerleg", "loleg", "leg", "knee"),
    "foot": ("foot", "ankle"),
    "ball": ("ball", "toe", "toes", "toebase"),
}
_SPINES = re.compile(r"^(?:spine|chest|torso)(\d*)$")
_PREFIX = re.compile(r"^(?:.*[:|]|bip\d*[ _]|def[-_]|mixamorig\d*)", re.IGNORECASE)
_SIDE_WORD = re.compile(r"left|right", re.IGNORECASE)
_SIDE_LETTER = re.compile(r"(?:^|[._\- ])([lr])(?=$|[._\- ])", re.IGNORECASE)


def recognise(joints: Sequence[str], known: Sequence[str]) -> dict[str, int]:
    """Find this package's joints in a skeleton.

    Args:
        joints: The skeleton's joint names.
        known: This package's joint names.

    Returns:
        Index into ``joints`` for each of ``known`` that is there: by its own name, else by a name that other rigs
        use for it (``mixamorig:LeftUpLeg``, ``L_Thigh``, ``calf.R``, ``Bip01 R Forearm``...). Where several joints
        fit, the first does.
    """
    found = {name: joints.index(name) for name in known if name in joints}
    if all(name in found for name in REQUIRED):
        return found
    spines: list[int] = []
    for index, joint in enumerate(joints):
        part, side = _split(joint)
        if not side and _SPINES.match(part):
            spines.append(index)
        for name, words in _SYNONYMS.items():
            own = f"{name}_{side}" if side else name
            if part in words and own in known:
                found.setdefault(own, index)
    targets = [name for name in known if name.startswith("spine")]
    if spines and not any(name in found for name in targets):
        # However many spine joints there are, the last carries the chest.
        for name, index in zip(reversed(targets), reversed(spines), strict=False):
            found[name] = index
    return found


def _split(joint: str) -> tuple[str, str]:
    """Return a joint's body part in lower case without separators, and its side: ``"l"``, ``"r"`` or empty."""
    name = _PREFIX.sub("", joint)
    side = ""
    if match := _SIDE_WORD.search(name):
        side = match[0][0].lower()
        name = name[: match.start()] + name[match.end() :]
    elif match := _SIDE_LETTER.search(name):
        side = match[1].lower()
        name = name[: match.start()] + " " + name[match.end() :]
    part = re.sub(r"[^a-z0-9]", "", name.lower())
    return (part if _SPINES.match(part) else part.rstrip("0123456789") or part), side
