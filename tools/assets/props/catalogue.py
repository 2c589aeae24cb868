"""Every prop of the pack."""

from __future__ import annotations

from ..prop import Prop
from .cartons import cartons
from .containers import containers
from .conveyors import conveyors
from .fixtures import fixtures
from .forklift import forklifts
from .furniture import furniture
from .pallets import pallets
from .racks import racks
from .robots import robots
from .safety import safety


def all_props() -> dict[str, Prop]:
    """Return every prop under its path below the pack's root."""
    groups = (cartons, pallets, racks, containers, safety, furniture, fixtures, forklifts, conveyors, robots)
    return {prop.path: prop for group in groups for prop in group()}
