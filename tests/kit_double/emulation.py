"""All emulated parts of Kit, and the order of one update."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kit_double.application import Application
from kit_double.assets import Assets
from kit_double.characters import Characters
from kit_double.commands import Commands
from kit_double.events import Events
from kit_double.extensions import Extensions
from kit_double.interface import Interface
from kit_double.navigation import Navigation
from kit_double.physics import Physics
from kit_double.replicator import Replicator
from kit_double.settings import Settings
from kit_double.timeline import TimelineState
from kit_double.usd import Stages

if TYPE_CHECKING:
    from kit_double.kit import Kit


def start(kit: Kit) -> None:
    """Give the application its parts.

    They are attributes of the kit: ``settings``, ``events``, ``extensions``, ``application``, ``stages``, ``timeline``,
    ``assets``, ``navigation``, ``replicator``, ``interface``, ``characters``, ``physics``.
    """
    kit.settings = Settings()
    kit.events = Events(kit)
    kit.extensions = Extensions(kit)
    kit.application = Application(kit)
    kit.stages = Stages(kit)
    kit.timeline = TimelineState(kit)
    kit.assets = Assets(kit)
    kit.commands = Commands(kit)
    kit.navigation = Navigation(kit)
    kit.physics = Physics(kit)
    kit.characters = Characters(kit)
    kit.replicator = Replicator(kit)
    kit.interface = Interface(kit)


def update(kit: Kit) -> None:
    """Run one update: events, time, the extensions' tasks, then loading, baking and rendering."""
    dt = kit.timeline.step_seconds()
    kit.application.before(dt)
    kit.timeline.update(dt)
    kit.physics.update(dt)
    kit.characters.update(dt)
    kit.application.main(dt)
    kit.loop.run_slice()
    kit.stages.update()
    kit.navigation.update()
    kit.replicator.update()
    kit.application.after(dt)


def leftovers(kit: Kit) -> list[str]:
    """Name what is registered and not Kit's own."""
    parts = (kit.events, kit.settings, kit.interface, kit.replicator, kit.physics)
    return [item for part in parts for item in part.leftovers()]
