"""How prims are named in messages."""

from __future__ import annotations

from pxr import Usd


def prim_name(prim: Usd.Prim) -> str:
    """Return a prim's path; for one in a prototype, whose path means nothing, the file and path that define it."""
    if not prim.IsInPrototype():
        return str(prim.GetPath())
    specs = prim.GetPrimStack()
    return f"{specs[-1].layer.GetDisplayName()}<{specs[-1].path}>" if specs else str(prim.GetName())
