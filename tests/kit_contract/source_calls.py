"""Finds every Kit call in source files, and those that the contract does not list.

Types are followed through imports, assignments, attributes of ``self``, arguments and results of the functions in the
same files. What a list or dictionary holds is not followed: the double checks that when tests run.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from kit_contract.contract import Contract, Symbol, describe, load_contract

PACKAGE = "isaacsim_agent_ext"
ROOTS = ("carb", "omni", "isaacsim", "NavSchema")
STOPS_THE_APP = {
    "omni.kit.app.IApp.update": "it re-enters the application",
    "omni.replicator.core.orchestrator.step": "it blocks; await step_async",
    "omni.anim.navigation.core.INavigation.start_navmesh_baking_and_wait": "it blocks; start and poll",
    "omni.timeline.Timeline.forward_one_frame": "it crashes 6.0 after captures",
    "isaacsim.core.simulation_manager.SimulationManager.step": "it means different things in 5.1 and 6.0",
    "isaacsim.storage.native.get_assets_root_path": "it blocks; await get_assets_root_path_async",
    "omni.client.list": "it blocks; await list_async",
    "omni.client.stat": "it blocks; await stat_async",
}
"""Listed calls that have no place in an extension; scripts around an application may make them."""

_LOOP_CALLS = {"asyncio.run", "time.sleep"}


@dataclass(frozen=True)
class KitType:
    """What an expression is known to be.

    Attributes:
        kind: ``module``, ``symbol`` (a function, class or value itself), ``instance``, ``local`` (a function or class
            of the product) or ``tuple``.
        name: Dotted name.
        parts: Types of a tuple's items.
    """

    kind: str
    name: str = ""
    parts: tuple[KitType | None, ...] = ()


@dataclass(frozen=True, order=True)
class Site:
    """One use of a contract name.

    Attributes:
        path: Source file, relative to the repository.
        line: Its line.
        name: Dotted contract name.
    """

    path: str
    line: int
    name: str


@dataclass
class Findings:
    """What the walk has found.

    Attributes:
        sites: Uses of contract names.
        problems: Uses outside the contract, each with its place and the nearest name.
    """

    sites: set[Site] = field(default_factory=set)
    problems: set[str] = field(default_factory=set)


def walk_sources(paths: Iterable[Path], root: Path) -> Findings:
    """Walk source files, given the folder that they are relative to."""
    contract = load_contract()
    sources = [_Source(path, path.relative_to(root).as_posix(), contract) for path in sorted(paths)]
    known = _Known()
    for _ in range(6):  # types flow from file to file until nothing new is learnt
        before = known.size()
        for source in sources:
            _Walker(source, contract, known, Findings()).run()
        if known.size() == before:
            break
    findings = Findings()
    for source in sources:
        _Walker(source, contract, known, findings).run()
    return findings


class _Source:
    def __init__(self, path: Path, relative: str, contract: Contract):
        self.relative = relative
        self.module = relative.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        self.is_script = not relative.startswith(PACKAGE)
        self.tree = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
        imported = {name for node in ast.walk(self.tree) for name in _imported(node)}
        self.kit_modules = {name for name in imported if name.partition(".")[0] in ROOTS}


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []


class _Known:
    """What is known of the product's own functions, by dotted name."""

    def __init__(self) -> None:
        self.results: dict[str, KitType] = {}
        self.arguments: dict[tuple[str, str], KitType] = {}
        self.attributes: dict[tuple[str, str], KitType] = {}
        self.names: dict[str, KitType] = {}
        self.parameters: dict[str, list[str]] = {}

    def size(self) -> int:
        return sum(map(len, (self.results, self.arguments, self.attributes, self.names, self.parameters)))


class _Walker:
    """Evaluates one file, statement by statement, keeping only Kit types."""

    def __init__(self, source: _Source, contract: Contract, known: _Known, findings: Findings):
        self._source = source
        self._contract = contract
        self._known = known
        self._findings = findings
        self._scopes: list[dict[str, KitType | None]] = [{}]
        self._class: str | None = None
        self._function: str | None = None

    def run(self) -> None:
        self._block(self._source.tree.body)
        for name, value in self._scopes[0].items():
            if value is not None:
                self._known.names.setdefault(f"{self._source.module}.{name}", value)

    # -- statements ------------------------------------------------------------------------------------------------

    def _block(self, statements: Iterable[ast.stmt]) -> None:
        for statement in statements:
            self._statement(statement)

    def _statement(self, node: ast.stmt) -> None:
        match node:
            case ast.Import():
                self._import(node)
            case ast.ImportFrom():
                self._import_from(node)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._define(node)
            case ast.ClassDef():
                self._define_class(node)
            case ast.Assign():
                value = self._infer(node.value)
                for target in node.targets:
                    self._bind(target, value)
            case ast.AnnAssign():
                value = self._infer(node.value) if node.value else None
                self._bind(node.target, value)
            case ast.Return():
                value = self._infer(node.value) if node.value else None
                if value is not None and self._function:
                    self._known.results[self._function] = _merged(self._known.results.get(self._function), value)
            case ast.Expr():
                self._infer(node.value)
                self._check_awaited(node.value)
            case _:
                self._compound(node)

    def _compound(self, node: ast.AST) -> None:
        """Evaluate what is in any other statement, in order."""
        if isinstance(node, ast.With | ast.AsyncWith):
            for item in node.items:
                value = self._infer(item.context_expr)
                if item.optional_vars is not None:
                    self._bind(item.optional_vars, value)
            self._block(node.body)
            return
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.stmt):
                self._statement(child)
            elif isinstance(child, ast.expr):
                self._infer(child)
            else:
                self._compound(child)

    def _import(self, node: ast.Import) -> None:
        for alias in node.names:
            if alias.name.partition(".")[0] not in ROOTS:
                continue
            self._check_module(alias.name, node)
            if alias.asname:
                self._set(alias.asname, KitType("module", alias.name))
            else:
                top = alias.name.partition(".")[0]
                self._set(top, KitType("module", top))

    def _import_from(self, node: ast.ImportFrom) -> None:
        module = node.module or ""
        for alias in node.names:
            name = alias.asname or alias.name
            if module.partition(".")[0] in ROOTS:
                self._check_module(module, node)
                self._set(name, self._attribute(KitType("module", module), alias.name, node))
            elif module.startswith(PACKAGE):
                dotted = f"{module}.{alias.name}"
                if dotted in self._known.names:
                    self._set(name, self._known.names[dotted])
                else:
                    self._set(name, KitType("local", dotted))

    def _check_module(self, name: str, node: ast.AST) -> None:
        if not self._contract.is_package(name):
            self._problem(node, f"module {name} is not in the Kit contract{self._contract.nearest(name)}")

    def _define(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for mark in node.decorator_list:
            self._infer(mark)
        owner = self._class or self._function or self._source.module
        dotted = f"{owner}.{node.name}"
        names = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args)]
        everything = [*names, *(argument.arg for argument in node.args.kwonlyargs)]
        self._known.parameters.setdefault(dotted, names)
        self._set(node.name, KitType("local", dotted))
        for default in (*node.args.defaults, *node.args.kw_defaults):
            if default is not None:
                self._infer(default)
        scope: dict[str, KitType | None] = {name: self._known.arguments.get((dotted, name)) for name in everything}
        if self._class and names and names[0] in ("self", "cls"):
            scope[names[0]] = KitType("local", self._class)
        outer_function, outer_class = self._function, self._class
        self._function, self._class = dotted, None
        self._scopes.append(scope)
        self._block(node.body)
        self._scopes.pop()
        self._function, self._class = outer_function, outer_class

    def _define_class(self, node: ast.ClassDef) -> None:
        for base in (*node.bases, *node.decorator_list):
            self._infer(base)
        dotted = f"{self._class or self._function or self._source.module}.{node.name}"
        self._set(node.name, KitType("local", dotted))
        outer = self._class
        self._class = dotted
        self._scopes.append({})
        self._block(node.body)
        self._scopes.pop()
        self._class = outer
        constructor = f"{dotted}.__init__"
        if constructor in self._known.parameters:
            self._known.parameters.setdefault(dotted, self._known.parameters[constructor])

    def _bind(self, target: ast.expr, value: KitType | None) -> None:
        match target:
            case ast.Name():
                self._set(target.id, value)
            case ast.Tuple() | ast.List():
                parts = value.parts if value is not None and value.kind == "tuple" else ()
                for index, each in enumerate(target.elts):
                    self._bind(each, parts[index] if index < len(parts) else None)
            case ast.Attribute():
                owner = self._infer(target.value)
                if owner is not None and owner.kind == "local" and value is not None:
                    self._known.attributes[owner.name, target.attr] = value
                elif owner is not None and owner.kind in ("instance", "module", "symbol"):
                    self._attribute(owner, target.attr, target)
            case _:
                self._compound(target)

    # -- expressions -------------------------------------------------------------------------------------------------

    def _infer(self, node: ast.expr) -> KitType | None:
        match node:
            case ast.Name():
                return self._get(node.id)
            case ast.Attribute():
                owner = self._infer(node.value)
                return self._attribute(owner, node.attr, node) if owner else None
            case ast.Call():
                return self._call(node)
            case ast.Await():
                return self._infer(node.value)
            case ast.Tuple():
                parts = tuple(self._infer(each) for each in node.elts)
                return KitType("tuple", parts=parts) if any(parts) else None
            case ast.NamedExpr():
                value = self._infer(node.value)
                self._bind(node.target, value)
                return value
            case ast.IfExp():
                self._infer(node.test)
                first, second = self._infer(node.body), self._infer(node.orelse)
                return first or second
            case ast.Lambda():
                self._scopes.append({argument.arg: None for argument in node.args.args})
                self._infer(node.body)
                self._scopes.pop()
                return None
            case _:
                for child in ast.iter_child_nodes(node):
                    if isinstance(child, ast.expr):
                        self._infer(child)
                    else:
                        self._compound(child)
                return None

    def _attribute(self, owner: KitType, name: str, node: ast.AST) -> KitType | None:
        if owner.kind == "local":
            found = self._known.attributes.get((owner.name, name)) or self._known.names.get(f"{owner.name}.{name}")
            return found or KitType("local", f"{owner.name}.{name}")
        if owner.kind == "tuple" or name.startswith("__"):
            return None
        dotted = f"{owner.name}.{name}"
        if owner.kind == "module" and self._contract.is_package(dotted):
            return KitType("module", dotted)
        symbol = self._contract.find(dotted)
        if symbol is None:
            self._problem(node, f"{dotted} is not in the Kit contract{self._contract.nearest(dotted)}")
            return None
        self._site(node, symbol)
        if symbol.kind == "value":
            return KitType("instance", symbol.returns) if symbol.returns else None
        return KitType("symbol", dotted)

    def _call(self, node: ast.Call) -> KitType | None:
        plain = _dotted(node.func)
        if plain in _LOOP_CALLS and not self._source.is_script and self._get(plain.partition(".")[0]) is None:
            self._problem(node, f"{plain}() stops the application; Kit runs the event loop")
        function = self._infer(node.func)
        positional = [self._infer(argument) for argument in node.args]
        named = {keyword.arg: self._infer(keyword.value) for keyword in node.keywords}
        if plain in ("hasattr", "getattr") and len(node.args) >= 2:
            return self._reflect(node, positional[0])
        if plain in ("importlib.import_module", "import_module") and node.args:
            return self._import_call(node)
        if function is None:
            return None
        if function.kind == "local":
            self._flow(function.name, positional, named)
            return self._known.results.get(function.name) or _made(function, self._known)
        symbol = self._contract.find(function.name)
        if function.kind != "symbol" or symbol is None:
            return None
        self._check_call(node, symbol)
        if symbol.kind == "class":
            return KitType("instance", symbol.name)
        results = {overload.returns for overload in symbol.overloads} - {None}
        return KitType("instance", results.pop()) if results else None

    def _check_call(self, node: ast.Call, symbol: Symbol) -> None:
        if symbol.name == "omni.kit.commands.execute":
            name = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else None
            command = self._contract.find(f"omni.kit.commands.{name}") if name else None
            if command is None:
                self._problem(node, f"command {name!r} is not in the Kit contract")
                return
            self._site(node, command)
            symbol, positional = command, 0
        else:
            positional = len(node.args)
            owner = self._infer(node.func.value) if isinstance(node.func, ast.Attribute) else None
            through_class = owner is not None and owner.kind == "symbol" and not symbol.on_class
            positional -= through_class and symbol.kind == "function"  # Base.method(self, ...)
        reason = STOPS_THE_APP.get(symbol.name)
        if reason and not self._source.is_script:
            self._problem(node, f"{symbol.name}() has no place in an extension: {reason}")
        keywords = {keyword.arg for keyword in node.keywords if keyword.arg}
        if any(isinstance(argument, ast.Starred) for argument in node.args) or None in (k.arg for k in node.keywords):
            listed = {name for overload in symbol.overloads for name in overload.signature.parameters}
            unlisted = keywords - listed
            reason = f"takes no {', '.join(sorted(unlisted))}" if unlisted and "kwargs" not in listed else None
        else:
            reason = symbol.accepts(positional, keywords)
        if reason:
            self._problem(node, f"{symbol.name}() {reason}; the contract has {describe(self._contract, symbol.name)}")

    def _check_awaited(self, node: ast.expr) -> None:
        """A coroutine that is made and dropped does nothing."""
        if isinstance(node, ast.Call):
            function = self._infer(node.func)
            symbol = self._contract.find(function.name) if function and function.kind == "symbol" else None
            if symbol and any(overload.is_async for overload in symbol.overloads):
                self._problem(node, f"{symbol.name}() is never awaited")

    def _reflect(self, node: ast.Call, owner: KitType | None) -> KitType | None:
        name = node.args[1].value if isinstance(node.args[1], ast.Constant) else None
        if owner is None or name is None or owner.kind in ("local", "tuple"):
            return None
        found = self._attribute(owner, name, node)
        return found if _dotted(node.func) == "getattr" else None

    def _import_call(self, node: ast.Call) -> KitType | None:
        name = node.args[0].value if isinstance(node.args[0], ast.Constant) else None
        if not isinstance(name, str) or name.partition(".")[0] not in ROOTS:
            return None
        self._check_module(name, node)
        return KitType("module", name)

    def _flow(self, function: str, positional: list[KitType | None], named: dict) -> None:
        """Carry the types of arguments into a function of the product."""
        names = self._known.parameters.get(function, [])
        if names[:1] in (["self"], ["cls"]):
            names = names[1:]
        target = f"{function}.__init__" if f"{function}.__init__" in self._known.parameters else function
        for name, value in (*zip(names, positional, strict=False), *named.items()):
            if value is not None and name is not None:
                self._known.arguments.setdefault((target, name), value)

    # -- book-keeping --------------------------------------------------------------------------------------------------

    def _get(self, name: str) -> KitType | None:
        for scope in reversed(self._scopes):
            if name in scope:
                return scope[name]
        return self._known.names.get(f"{self._source.module}.{name}")  # defined further down

    def _set(self, name: str, value: KitType | None) -> None:
        self._scopes[-1][name] = value

    def _site(self, node: ast.AST, symbol: Symbol) -> None:
        self._findings.sites.add(Site(self._source.relative, node.lineno, symbol.name))

    def _problem(self, node: ast.AST, message: str) -> None:
        self._findings.problems.add(f"{self._source.relative}:{node.lineno}: {message}")


def _merged(first: KitType | None, second: KitType) -> KitType:
    """Return what is known from two return statements, such as ``return None, False`` and ``return loop, mode``."""
    if first is None or first.kind != "tuple" or second.kind != "tuple":
        return first or second
    pairs = zip(first.parts, second.parts, strict=False)
    return KitType("tuple", parts=tuple(a or b for a, b in pairs))


def _made(function: KitType, known: _Known) -> KitType | None:
    """Return an object of a product class, which looks like the class."""
    has_members = any(owner == function.name for owner, _ in known.attributes)
    return function if has_members or f"{function.name}.__init__" in known.parameters else None


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return f"{_dotted(node.value)}.{node.attr}" if isinstance(node, ast.Attribute) else ""


def product_sources(root: Path) -> list[Path]:
    """Return the files that call Kit."""
    folders = (root / PACKAGE / "hosts" / "kit", root / "tools" / "kit")
    files = [path for folder in folders for path in folder.rglob("*.py")]
    return sorted([*files, root / PACKAGE / "extension.py"])


def kit_importers(root: Path) -> dict[Path, set[str]]:
    """Return the package's files that import Kit modules, each with the modules."""
    contract = load_contract()
    sources = {path: _Source(path, str(path), contract) for path in sorted((root / PACKAGE).rglob("*.py"))}
    return {path: source.kit_modules for path, source in sources.items() if source.kit_modules}
