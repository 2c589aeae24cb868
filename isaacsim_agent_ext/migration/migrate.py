"""Migrating a config: read the old one, convert section by section, check the new one, and tell everything.

::

    migration = migrate_config("old.yaml", commands="people.txt")
    print(migration.text)

Nothing is written here.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from isaacsim_agent_ext.config.document import MAX_BYTES, Document, read_document
from isaacsim_agent_ext.config.load import parse_config
from isaacsim_agent_ext.config.schema import ROOT_KEY
from isaacsim_agent_ext.config.text_files import read_text
from isaacsim_agent_ext.config.wording import code, tame
from isaacsim_agent_ext.errors import ConfigError, Problem
from isaacsim_agent_ext.migration.command_file import ActorKind, CommandFile, parse_commands
from isaacsim_agent_ext.migration.comments import dump_with_comments, without_comments
from isaacsim_agent_ext.migration.convert import as_comments, convert
from isaacsim_agent_ext.migration.log import Log, Note
from isaacsim_agent_ext.migration.old_map import OldMap

ROOT_KEYS = (ROOT_KEY, "omni.replicator.agent", "omni.replicator.character")
"""The root key, and what it was called in earlier years."""

_OLD_ONLY = frozenset(("global", "scene", "response", "event"))


@dataclass(frozen=True, kw_only=True)
class Migration:
    """A config brought to version 1.

    Attributes:
        source: The name of the old file.
        old_text: The old config as it stands in its file.
        text: The new config; the old one where it is of version 1 already.
        is_current: Whether the old config is of version 1 already, and so nothing was converted.
        notes: What became of every key and command, in the order of the files.
        warnings: What is allowed in the new config and probably not meant.
    """

    source: str
    old_text: str
    text: str
    is_current: bool
    notes: tuple[Note, ...]
    warnings: tuple[Problem, ...]

    def diff(self, target: str = "new config") -> str:
        """Return what changed as a unified diff; empty when nothing did.

        Args:
            target: What to call the new file.
        """
        lines = (self.old_text.splitlines(), self.text.splitlines())
        return "\n".join(difflib.unified_diff(*lines, self.source, target, lineterm=""))


def migrate_config(
    path: str | Path, *, commands: str | Path | None = None, robot_commands: str | Path | None = None
) -> Migration:
    """Convert a config file of version 0 and its command files.

    Args:
        path: The old config. One of version 1 is checked, and left as it is.
        commands: The people's command file, in place of the one that the config names.
        robot_commands: The robots' command file, in place of the one that the config names.

    Raises:
        ConfigError: A file cannot be read, or holds what makes no sense; it holds every problem.
    """
    path = Path(path)
    old_text = read_text(path, MAX_BYTES)
    document = read_document(old_text, str(path))
    root, section = _root_section(document)
    if not _is_old(section):
        if commands is not None or robot_commands is not None:
            message = "command files go with configs of version 0, and this one is of version 1"
            raise ConfigError([Problem("", message, str(path))])
        loaded = parse_config(old_text, name=str(path))
        return Migration(
            source=str(path),
            old_text=old_text,
            text=old_text,
            is_current=True,
            notes=tuple(_hints(loaded.data, str(path))),
            warnings=loaded.warnings,
        )

    log = Log(problems=[problem for problem in document.problems if problem.severity == "error"])
    given: dict[ActorKind, str | Path | None] = {"character": commands, "robot": robot_commands}

    def commands_of(actors: OldMap, kind: ActorKind) -> CommandFile | None:
        return _commands(actors, given[kind], path.parent, kind, log)

    new = convert(OldMap(document, (root,), section, log), commands_of, log)
    if root != ROOT_KEY:
        line = document.key_marks[(root,)].line
        log.notes.append(Note("renamed", root, f"now {code(ROOT_KEY)}", str(path), line))
    if log.problems:
        raise ConfigError(log.problems)
    others = {key: value for key, value in document.data.items() if key != root}
    new |= as_comments(others)
    for key in others:
        message = "the section belongs to another extension; kept as a comment"
        log.notes.append(Note("dropped", tame(key), message, str(path), document.key_marks[(key,)].line))
    if any(line.lstrip().startswith("#") for line in old_text.splitlines()):
        log.notes.append(Note("dropped", "# ...", "comments of the old config are not carried over", str(path)))
    text = dump_with_comments(new)
    loaded = parse_config(text, name=f"{path} (converted)")
    log.notes += _hints(without_comments(new), str(path))
    return Migration(
        source=str(path),
        old_text=old_text,
        text=text,
        is_current=False,
        notes=log.sorted_notes(),
        warnings=loaded.warnings,
    )


# ---- reading ---------------------------------------------------------------------------------------------------


def _root_section(document: Document) -> tuple[str, Any]:
    data = document.data if isinstance(document.data, dict) else {}
    for root in ROOT_KEYS:
        if root in data:
            return root, data[root]
    mark = document.value_marks[()]
    message = f"there is no section {code(ROOT_KEY)} at the top; this is no config of Replicator Agent"
    raise ConfigError([Problem("", message, document.name, mark.line, mark.column)])


def _is_old(section: Any) -> bool:
    if not isinstance(section, dict):
        return False
    version = str(section.get("version", ""))
    return version.partition(".")[0] == "0" or (not version.startswith("1") and not _OLD_ONLY.isdisjoint(section))


def _commands(old: OldMap, given: str | Path | None, folder: Path, kind: ActorKind, log: Log) -> CommandFile | None:
    """Return the commands of one kind of actors, or None when there are none."""
    named = old.text("command_file")
    if given is None and named is None:
        return None
    path = Path(given) if given is not None else folder / str(named)
    if given is None and not path.is_file():
        option = "--commands" if kind == "character" else "--robot-commands"
        message = (
            f"there is no file {code(str(path))}; give it by {option}, or keep the random behaviors of this config"
        )
        old.note("dropped", "command_file", message)
        return None
    commands = parse_commands(read_text(path, MAX_BYTES), str(path), kind, log)
    if named is not None:
        old.note("changed", "command_file", f"the commands of {code(str(path))} stand in the config now, as triggers")
    return commands if commands.scripts or commands.comments else None


# ---- hints -----------------------------------------------------------------------------------------------------


def _hints(section: Mapping[str, Any], file: str) -> Iterator[Note]:
    """Yield what this software accepts and Isaac Sim 6.0 does not."""
    for name, group in section.get("character", {}).get("groups", {}).items():
        if "motion_library_path" in group:
            message = "Isaac Sim 6.0 takes it at `character.motion_library_path` only"
            yield Note("hint", f"character.groups.{name}.motion_library_path", message, file)
    other = {
        "BasicWriter": "Isaac Sim 6.0 takes it as a `CustomWriter` with `writer_name: BasicWriter` only",
        "RTSPWriter": "Isaac Sim 6.0 streams by a `CustomWriter` with `writer_name: RTSPStreamWriter` only",
    }
    for name in section.get("replicator", {}).get("writers", {}):
        kind = name.partition("_")[0]
        if kind in other:
            yield Note("hint", f"replicator.writers.{name}", other[kind], file)
