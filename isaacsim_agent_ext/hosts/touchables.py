"""What collision triggers can react to: on the stage, and by the names that a config gives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from isaacsim_agent_ext.actors.colliders import StageCollider
from isaacsim_agent_ext.actors.state import ActorSpec
from isaacsim_agent_ext.config.model import ActorGroup, CollisionTrigger, Config
from isaacsim_agent_ext.config.wording import code, listing, nearest
from isaacsim_agent_ext.scene.colliders import collider_names, read_colliders
from isaacsim_agent_ext.scene.compose import ComposedStage


def find_touchables(config: Config, stage: ComposedStage) -> tuple[tuple[StageCollider, ...], tuple[str, ...]]:
    """Return what collision triggers can react to on a stage without actors, and what is odd about it."""
    wanted = [trigger.other_colliders for _, trigger in _collision_triggers(config)]
    if not wanted:
        return (), ()
    texts: list[str] = []
    names = frozenset[str]() if () in wanted else frozenset().union(*wanted)
    return read_colliders(stage, names, texts.append), tuple(texts)


def deaf_triggers(config: Config, stage: ComposedStage, specs: Sequence[ActorSpec]) -> Iterator[str]:
    """Yield a warning for each collision trigger that reacts to nothing, or names what nothing is called.

    Args:
        config: The whole config.
        stage: The stage, before the actors' own colliders are shown on it.
        specs: The actors.
    """
    triggers = list(_collision_triggers(config))
    if not triggers:
        return
    populated = {spec.group for spec in specs}
    own = {one.name for group in _groups(config) if group.name in populated for one in group.colliders}
    known = sorted({*own, *populated, *(spec.name for spec in specs), *collider_names(stage)})
    for key_path, trigger in triggers:
        if not trigger.trigger_enter and not trigger.trigger_exit:
            yield f"{key_path}: it never fires, with `trigger_enter` and `trigger_exit` both false; set one of them"
        for name in trigger.other_colliders:
            if name not in known:
                guess = nearest(name, known)
                hint = f"did you mean {code(guess)}?" if guess else f"there are {listing(known[:12])}"
                yield f"{key_path}.other_colliders: nothing is called {code(name)}; {hint}"


def _collision_triggers(config: Config) -> Iterator[tuple[str, CollisionTrigger]]:
    """Yield the collision triggers of a config with their key paths."""
    for section, groups in (("character", config.character), ("robot", config.robot)):
        for group in groups.groups if groups else ():
            for number, trigger in enumerate(group.triggers):
                if isinstance(trigger, CollisionTrigger):
                    yield f"{section}.groups.{group.name}.triggers.{number}.collision_trigger", trigger


def _groups(config: Config) -> tuple[ActorGroup, ...]:
    return (*(config.character.groups if config.character else ()), *(config.robot.groups if config.robot else ()))
