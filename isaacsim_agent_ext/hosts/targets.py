"""What the behaviors of a config name: prims that are visited, seats, and whom to follow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from isaacsim_agent_ext.actors.plugins import PluginKey, PluginSource, key_of, load_plugin, prims_of
from isaacsim_agent_ext.actors.state import ActorSpec
from isaacsim_agent_ext.config.model import ActorGroup, Behavior, CharacterSit, Config, CustomBehavior, SemanticLabel
from isaacsim_agent_ext.config.wording import code, nearest
from isaacsim_agent_ext.errors import ConfigError, Problem, SceneError
from isaacsim_agent_ext.scene.compose import ComposedStage
from isaacsim_agent_ext.scene.locate import place_of
from isaacsim_agent_ext.scene.place import Place
from isaacsim_agent_ext.scene.seats import HIGHEST, LOWEST, labelled_prims, seat_surface
from isaacsim_agent_ext.scene.snapshot import SceneSnapshot


@dataclass(frozen=True, kw_only=True)
class Targets:
    """What behaviors go to.

    Attributes:
        locations: Where the prims stand that they name.
        labelled: The prims that carry a semantic label which they name.
    """

    locations: Mapping[str, Place]
    labelled: Mapping[SemanticLabel, tuple[str, ...]]


def behaviors_of(config: Config) -> Iterator[tuple[str, ActorGroup, Behavior]]:
    """Yield every behavior of a config with its key path and its group."""
    for section, groups in (
        ("character", config.character.groups if config.character else ()),
        ("robot", config.robot.groups if config.robot else ()),
    ):
        for group in groups:
            base = f"{section}.groups.{group.name}"
            for number, behavior in enumerate(group.routines):
                yield f"{base}.routines.{number}", group, behavior
            for number, trigger in enumerate(group.triggers):
                for place, behavior in enumerate(trigger.behavior):
                    yield f"{base}.triggers.{number}.behavior.{place}", group, behavior


def find_targets(
    config: Config, stage: ComposedStage, static: SceneSnapshot, plugins: Mapping[PluginKey, PluginSource]
) -> Targets:
    """Find what behaviors name on a stage without actors.

    Raises:
        SceneError: A prim does not exist, or a seat has nothing to sit on.
        ConfigError: No prim with a label of seats can be sat on.
    """
    locations: dict[str, Place] = {}
    labelled: dict[SemanticLabel, tuple[str, ...]] = {}
    for key_path, _, behavior in behaviors_of(config):
        named = getattr(behavior, "target_prims", None) or ()
        if isinstance(behavior, CustomBehavior):
            named = prims_of(behavior, load_plugin(plugins[key_of(behavior)]))
        for path in named:
            locations.setdefault(path, place_of(stage, path))
            if isinstance(behavior, CharacterSit):
                locations[path] = seat_of(stage, static, path)
        if isinstance(behavior, CharacterSit) and behavior.seat_label is not None:
            seats = _labelled_seats(stage, static, behavior.seat_label)
            if not seats:
                label = code(":".join(behavior.seat_label))
                message = f"no prim with the label {label} can be sat on: {_sittable()}; label the seats on the stage"
                raise ConfigError([Problem(f"{key_path}.sit.seat_label", message)])
            labelled[behavior.seat_label] = tuple(seats)
            locations.update(seats)
        target = getattr(behavior, "target", None)
        if target is not None and target.startswith("/") and stage.stage.GetPrimAtPath(target):
            locations.setdefault(target, place_of(stage, target))
    return Targets(locations=dict(sorted(locations.items())), labelled=labelled)


def check_followed(config: Config, targets: Targets, specs: Sequence[ActorSpec]) -> None:
    """Make sure that whoever is to be followed exists.

    Raises:
        ConfigError: Somebody does not; the message names the nearest.
    """
    names = [name for spec in specs for name in (spec.name, spec.prim_path)]
    problems = []
    for key_path, group, behavior in behaviors_of(config):
        target = getattr(behavior, "target", None)
        if target is None or not group.num or target in targets.locations:
            continue
        if not any(target == name or target.startswith(f"{name}/") for name in names):
            guess = nearest(target, names)
            hint = f", did you mean {code(guess)}?" if guess else ""
            message = f"found {code(target)}, and there is no actor of that name nor such a prim{hint}"
            problems.append(Problem(f"{key_path}.follow.target", message))
    if problems:
        raise ConfigError(problems)


def _labelled_seats(stage: ComposedStage, static: SceneSnapshot, label: SemanticLabel) -> dict[str, Place]:
    """Return the prims with a label that can be sat on."""
    places = {}
    for path in labelled_prims(static, label):
        surface = seat_surface(static, path)
        if surface is not None:
            places[path] = replace(place_of(stage, path), seat=surface.point, front=surface.front)
    return places


def seat_of(stage: ComposedStage, static: SceneSnapshot, path: str) -> Place:
    """Return where a seat is, and where one sits on it.

    Raises:
        SceneError: There is no such prim, or it has nothing to sit on.
    """
    surface = seat_surface(static, path)
    if surface is None:
        raise SceneError(f"nobody can sit on {path}: {_sittable()}")
    return replace(place_of(stage, path), seat=surface.point, front=surface.front)


def _sittable() -> str:
    return f"a seat needs a level surface between {LOWEST:g} and {HIGHEST:g} m above its foot"
