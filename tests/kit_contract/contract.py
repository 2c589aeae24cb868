"""The Kit contract: which calls there are, with which arguments, in which Isaac Sim, and how sure that is.

``kit_api.json`` is the source: one entry per symbol, its signature in prose. ``stubs/`` reads that prose formally, one
file per Kit module, so that programs can check calls; `check_stubs` holds the two together. Where the prose names
no argument, the stub takes it by position only.
"""

from __future__ import annotations

import ast
import difflib
import inspect
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

FOLDER = Path(__file__).parent
PROFILES = ("5.1", "6.0")
_EMPTY = inspect.Parameter.empty


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One symbol of ``kit_api.json``.

    Attributes:
        section: The JSON section: a module, or a package over it.
        key: The name within the section.
        signature: How it is called, in prose.
        versions: Which Isaac Sim versions have it, in prose.
        confidence: ``V`` read in source, ``D`` official documentation, ``L`` third-party use, ``I`` inferred.
    """

    section: str
    key: str
    signature: str
    versions: str
    confidence: str

    @property
    def name(self) -> str:
        """Dotted name, as the table prints it."""
        return f"{self.section}.{self.key}"

    @property
    def profiles(self) -> frozenset[str]:
        """The profiles that have it, by a careful reading: what is unsure is absent."""
        clause = self.versions.split(";")[0]
        bare = re.sub(r"\([^)]*\)", "", clause)
        if bare.strip() == "split" or "both" in bare:
            return frozenset(PROFILES)
        sure = {profile for profile in PROFILES if re.search(re.escape(profile) + r"(?!\?)", bare)}
        return frozenset(sure or {profile for profile in PROFILES if profile in clause})


@dataclass(frozen=True)
class Overload:
    """One way to call something.

    Attributes:
        profiles: Where it can be called so.
        signature: Its arguments, without ``self``.
        returns: Dotted name of the contract class it returns, or None for what the contract does not follow.
        is_async: Whether it has to be awaited.
    """

    profiles: frozenset[str]
    signature: inspect.Signature
    returns: str | None
    is_async: bool


@dataclass(eq=False)
class Symbol:
    """One name of a Kit module or class.

    Attributes:
        name: Dotted name, module included.
        kind: ``function``, ``command``, ``class``, ``enum`` or ``value``.
        entry: What the contract says of it; None for a class that is only known by its members.
        profiles: The profiles that have it.
        overloads: The ways to call it; none for values, and for classes the contract has nobody construct.
        members: Names of a class.
        returns: Contract class of a value.
        on_class: Whether it is called on its class, as static and class methods are.
    """

    name: str
    kind: str
    entry: Entry | None
    profiles: frozenset[str]
    overloads: list[Overload] = field(default_factory=list)
    members: dict[str, Symbol] = field(default_factory=dict)
    returns: str | None = None
    on_class: bool = False

    def accepts(self, arguments: int, keywords: set[str], profile: str | None = None) -> str | None:
        """Return why a call fits no overload, or None when it fits.

        Args:
            arguments: Number of positional arguments.
            keywords: Names of keyword arguments.
            profile: The profile to call in; None for any.
        """
        if not self.overloads:
            return "cannot be called: the contract lists no call of it"
        reasons = []
        for overload in self.overloads:
            if profile is None or profile in overload.profiles:
                try:
                    overload.signature.bind(*[None] * arguments, **dict.fromkeys(keywords))
                except TypeError as error:
                    reasons.append(str(error))
                else:
                    return None
        # Of several ways to call it, the one that a stray keyword was meant for says most.
        reasons.sort(key=lambda reason: "unexpected" not in reason)
        return reasons[0] if reasons else f"is not in {profile}"


@dataclass(frozen=True, eq=False)
class Contract:
    """All Kit modules.

    Attributes:
        entries: Contract entries by dotted name.
        modules: Names of each module, by module.
    """

    entries: Mapping[str, Entry]
    modules: Mapping[str, Mapping[str, Symbol]]

    def find(self, name: str) -> Symbol | None:
        """Return a symbol by its dotted name."""
        parts = name.split(".")
        for cut in range(len(parts) - 1, 0, -1):
            module = self.modules.get(".".join(parts[:cut]))
            if module is not None:
                symbol = module.get(parts[cut])
                for part in parts[cut + 1 :]:
                    symbol = symbol.members.get(part) if symbol else None
                if symbol is not None:
                    return symbol
        return None

    def is_package(self, name: str) -> bool:
        """Whether a dotted name is a Kit module or a package over one."""
        return name in self.modules or any(module.startswith(f"{name}.") for module in self.modules)

    def symbols(self) -> Iterator[Symbol]:
        """Yield every symbol, members included."""
        for names in self.modules.values():
            for symbol in names.values():
                yield symbol
                yield from symbol.members.values()

    def nearest(self, name: str) -> str:
        """Return a hint at the listed name most like a name that is not listed."""
        known = [symbol.name for symbol in self.symbols()]
        tail = name.rpartition(".")[2]
        same_tail = [other for other in known if other.rpartition(".")[2] == tail]
        close = same_tail or difflib.get_close_matches(name, known, n=1, cutoff=0.6)
        return f" (nearest: {describe(self, close[0])})" if close else ""


def describe(contract: Contract, name: str) -> str:
    """Return a symbol's name with what the contract says of it."""
    symbol = contract.find(name)
    entry = symbol.entry if symbol else None
    return f"{name}: {entry.signature} [{entry.versions}]" if entry else name


@lru_cache(maxsize=1)
def load_contract() -> Contract:
    """Read ``kit_api.json`` and the stubs.

    Raises:
        ValueError: A stub reads an entry that does not exist.
    """
    sections = json.loads((FOLDER / "kit_api.json").read_text(encoding="utf-8"))
    entries = {}
    for section, keys in sections.items():
        if section != "_meta":
            for key, value in keys.items():
                entry = Entry(
                    section=section,
                    key=key,
                    signature=value["signature"],
                    versions=value["since/until"],
                    confidence=value["verified"],
                )
                entries[entry.name] = entry
    modules = {}
    for path in sorted((FOLDER / "stubs").glob("*.pyi")):
        modules[path.stem] = _StubReader(path.stem, entries, set(sections)).read(path)
    return Contract(entries=entries, modules=modules)


class _StubReader:
    """Turns one stub file into symbols."""

    def __init__(self, module: str, entries: Mapping[str, Entry], sections: set[str]):
        self._module = module
        self._entries = entries
        self._sections = sections
        self._classes: set[str] = set()

    def read(self, path: Path) -> dict[str, Symbol]:
        tree = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
        self._classes = {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
        return self._body(tree.body, self._module, None)

    def _body(self, body: list[ast.stmt], owner: str, inherited: tuple[Entry, frozenset[str]] | None) -> dict:
        symbols: dict[str, Symbol] = {}
        for node in body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                self._function(node, owner, inherited, symbols)
            elif isinstance(node, ast.ClassDef):
                symbols[node.name] = self._class(node, owner)
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                symbols[node.target.id] = self._value(node, owner, inherited)
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and inherited:
                name = node.targets[0].id
                symbols[name] = Symbol(f"{owner}.{name}", "value", *inherited)
        return symbols

    def _class(self, node: ast.ClassDef, owner: str) -> Symbol:
        name = f"{owner}.{node.name}"
        entry = self._entry(name, node.decorator_list)
        is_enum = any(isinstance(base, ast.Name) and base.id == "Enum" for base in node.bases)
        profiles = self._profiles(entry, node.decorator_list) if entry else None
        members = self._body(node.body, name, (entry, profiles) if entry and profiles else None)
        if profiles is None:  # known by its members alone
            profiles = frozenset().union(*(member.profiles for member in members.values()))
        symbol = Symbol(name, "enum" if is_enum else "class", entry, profiles, members=members, returns=name)
        constructor = members.pop("__init__", None)
        if constructor is not None:
            symbol.overloads = [
                Overload(overload.profiles, overload.signature, name, False) for overload in constructor.overloads
            ]
        return symbol

    def _function(self, node, owner: str, inherited, symbols: dict[str, Symbol]) -> None:
        name = f"{owner}.{node.name}"
        entry = self._entry(name, node.decorator_list)
        if entry is not None:
            profiles = self._profiles(entry, node.decorator_list)
        elif inherited is not None:
            entry, profiles = inherited
            profiles = self._marked(node.decorator_list) or profiles
        elif node.name == "__init__":
            raise ValueError(f"{name}: give its class an entry")
        else:
            raise ValueError(f"{name}: no entry of kit_api.json; name it with @entry")
        is_command = any(isinstance(mark, ast.Name) and mark.id == "command" for mark in node.decorator_list)
        symbol = symbols.setdefault(
            node.name, Symbol(name, "command" if is_command else "function", entry, frozenset())
        )
        symbol.profiles |= profiles
        symbol.on_class = {"staticmethod", "classmethod"} & {ast.unparse(mark) for mark in node.decorator_list} != set()
        symbol.overloads.append(
            Overload(
                profiles,
                _signature(node.args, drop_first=owner != self._module and not _is_static(node)),
                self._type(node.returns),
                isinstance(node, ast.AsyncFunctionDef),
            )
        )

    def _value(self, node: ast.AnnAssign, owner: str, inherited) -> Symbol:
        name = f"{owner}.{node.target.id}"
        annotation, marks = node.annotation, []
        if isinstance(annotation, ast.Subscript) and ast.unparse(annotation.value) == "Annotated":
            annotation, *marks = annotation.slice.elts
        entry = self._entry(name, marks)
        if entry is None and inherited is None:
            raise ValueError(f"{name}: no entry of kit_api.json; name it with Annotated[..., entry(...)]")
        profiles = self._profiles(entry, marks) if entry else inherited[1]
        return Symbol(name, "value", entry or inherited[0], profiles, returns=self._type(annotation))

    def _entry(self, name: str, marks: list[ast.expr]) -> Entry | None:
        for mark in marks:
            if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "entry":
                key = ast.literal_eval(mark.args[0])
                section, colon, rest = key.partition(":")
                wanted = f"{section}.{rest}" if colon else f"{self._module}.{key}"
                if wanted not in self._entries:
                    raise ValueError(f"{name}: kit_api.json has no entry {wanted}")
                return self._entries[wanted]
        return self._entries.get(name)

    def _profiles(self, entry: Entry, marks: list[ast.expr]) -> frozenset[str]:
        return self._marked(marks) or entry.profiles

    @staticmethod
    def _marked(marks: list[ast.expr]) -> frozenset[str]:
        for mark in marks:
            if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "only":
                return frozenset(ast.literal_eval(argument) for argument in mark.args)
        return frozenset()

    def _type(self, annotation: ast.expr | None) -> str | None:
        name = ast.unparse(annotation) if annotation is not None else ""
        if name in self._classes:
            return f"{self._module}.{name}"
        return name if name.split(".")[0] in ("carb", "omni", "isaacsim") else None


def _is_static(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(isinstance(mark, ast.Name) and mark.id == "staticmethod" for mark in node.decorator_list)


def _signature(arguments: ast.arguments, *, drop_first: bool) -> inspect.Signature:
    kinds = inspect.Parameter
    positional = [(argument, kinds.POSITIONAL_ONLY) for argument in arguments.posonlyargs]
    positional += [(argument, kinds.POSITIONAL_OR_KEYWORD) for argument in arguments.args]
    required = len(positional) - len(arguments.defaults)
    parameters = [
        kinds(argument.arg, kind, default=_EMPTY if index < required else None)
        for index, (argument, kind) in enumerate(positional)
    ][drop_first:]
    if arguments.vararg:
        parameters.append(kinds(arguments.vararg.arg, kinds.VAR_POSITIONAL))
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        parameters.append(kinds(argument.arg, kinds.KEYWORD_ONLY, default=_EMPTY if default is None else None))
    if arguments.kwarg:
        parameters.append(kinds(arguments.kwarg.arg, kinds.VAR_KEYWORD))
    return inspect.Signature(parameters)


def check_stubs(contract: Contract) -> list[str]:
    """Return where the stubs say more than ``kit_api.json``, or leave an entry of it unread."""
    problems = []
    read = set()
    for symbol in contract.symbols():
        if symbol.entry is None:
            continue
        read.add(symbol.entry.name)
        text = f"{symbol.entry.key} {symbol.entry.signature}"
        if "same args" in text:
            text += contract.entries[f"{symbol.entry.name}_async"].signature
        words = set(re.findall(r"[A-Za-z_][A-Za-z_0-9]*", text))
        # "set_default_{string,int,bool,float}", "GLOBAL_EVENT_PLAY/PAUSE/STOP/CURRENT_TIME_TICKED"
        parts = symbol.name.rpartition(".")[2].split("_")
        endings = {"_".join(parts[start:]) for start in range(len(parts))}
        if symbol.kind in ("function", "command", "value") and not endings & words:
            problems.append(f"{symbol.name}: {symbol.entry.name} does not name it")
        for overload in symbol.overloads:
            for profile in overload.profiles - symbol.entry.profiles:
                if profile not in symbol.entry.versions and symbol.entry.profiles != frozenset(PROFILES):
                    problems.append(f"{symbol.name}: {symbol.entry.name} does not list {profile}")
            for parameter in overload.signature.parameters.values():
                by_name = parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
                if by_name and parameter.name not in words:
                    problems.append(f"{symbol.name}: {symbol.entry.name} does not name argument {parameter.name}")
    unread = set(contract.entries) - read - _PLAIN_USD
    problems.extend(f"{name}: no stub reads it" for name in sorted(unread))
    return problems


_PLAIN_USD = {"pxr.UsdSemantics.LabelsAPI.Apply"}
"""OpenUSD itself, the same everywhere."""
