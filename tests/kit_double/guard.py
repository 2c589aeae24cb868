"""Puts the contract between the product and the emulation: whatever it does not list is refused and remembered."""

from __future__ import annotations

import enum
import functools
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kit_contract.contract import PROFILES, Symbol, describe

if TYPE_CHECKING:
    from kit_double.kit import Kit

IMPLEMENTATIONS: dict[str, Any] = {}
"""What emulates each contract name: a function whose first argument is the `Kit`, or a class."""


class RefusedAttributeError(AttributeError):
    """The contract lists no such name, in any version."""


class RefusedCallError(TypeError):
    """The contract lists no such call, in any version."""


def emulate(name: str) -> Callable[[Any], Any]:
    """Register what emulates a contract name."""

    def register(implementation: Any) -> Any:
        IMPLEMENTATIONS[name] = implementation
        return implementation

    return register


class GuardedType(type):
    """Class of the guarded classes: reports names that the contract does not list."""

    def __getattr__(cls, name: str) -> Any:
        raise cls._kit.guard.refusal(cls._symbol, name)  # type: ignore[attr-defined]


class _Hidden:
    """A name that other versions have."""

    def __init__(self, symbol: Symbol, profile: str):
        self._reason = f"{symbol.name} is not in {profile}"

    def __get__(self, instance: Any, owner: type) -> Any:
        raise AttributeError(self._reason)

    def __set__(self, instance: Any, value: Any) -> None:
        raise AttributeError(self._reason)


class Guard:
    """Builds the guarded twin of each emulated function and class, for one profile."""

    def __init__(self, kit: Kit):
        self._kit = kit
        self._built: dict[str, Any] = {}

    def build(self, symbol: Symbol) -> Any:
        """Return what the product gets under a module's name."""
        if symbol.name not in self._built:
            self._built[symbol.name] = self._make(symbol)
        return self._built[symbol.name]

    def refusal(self, owner: Symbol | str, name: str) -> AttributeError:
        """Return the error for a name that an object or module does not have; remember it if no version has it."""
        dotted = f"{owner if isinstance(owner, str) else owner.name}.{name}"
        if isinstance(owner, Symbol) and name in owner.members:
            listed = owner.members[name]
            if self._kit.profile in listed.profiles:
                return AttributeError(f"the double does not emulate {describe(self._kit.contract, dotted)} yet")
            return AttributeError(f"{dotted} is not in {self._kit.profile}")
        if name.startswith("__"):
            return AttributeError(dotted)
        message = f"{dotted} is not in the Kit contract{self._kit.contract.nearest(dotted)}"
        self._kit.violations.append(message)
        return RefusedAttributeError(message)

    def check(self, symbol: Symbol, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Raise `TypeError` for a call this version does not accept; remember it if no version accepts it."""
        self._kit.note(symbol)
        keywords = set(kwargs)
        reason = symbol.accepts(len(args), keywords, self._kit.profile)
        if reason is None:
            return
        if any(symbol.accepts(len(args), keywords, profile) is None for profile in PROFILES):
            raise TypeError(f"{symbol.name}() {reason} in {self._kit.profile}")
        message = f"{symbol.name}() {reason}; the contract has {describe(self._kit.contract, symbol.name)}"
        self._kit.violations.append(message)
        raise RefusedCallError(message)

    def _make(self, symbol: Symbol) -> Any:
        if symbol.kind == "value":
            return IMPLEMENTATIONS.get(symbol.name, symbol.name)
        if symbol.kind == "enum":
            return self._enum(symbol)
        implementation = IMPLEMENTATIONS.get(symbol.name)
        if implementation is None:
            raise AttributeError(f"the double does not emulate {describe(self._kit.contract, symbol.name)} yet")
        if symbol.kind == "class":
            return self._class(symbol, implementation)
        return self._callable(symbol, functools.partial(implementation, self._kit))

    def _enum(self, symbol: Symbol) -> Any:
        """Return an enumeration whose members, as those of Kit's bindings, are no numbers but convert to them."""
        names = [name for name, member in symbol.members.items() if self._kit.profile in member.profiles]
        hidden = IMPLEMENTATIONS.get(symbol.name, [])  # members the double itself needs

        class GuardedEnumType(enum.EnumType):
            def __getattr__(cls, name: str) -> Any:
                if name.startswith("_"):
                    raise AttributeError(name)
                raise self.refusal(symbol, name)

        title = symbol.name.rpartition(".")[2]
        space = GuardedEnumType.__prepare__(title, (enum.Enum,))
        for value, name in enumerate([*names, *hidden]):
            space[name] = value
        space["__int__"] = lambda member: member.value
        space["__module__"] = symbol.name.rpartition(".")[0]
        return GuardedEnumType(title, (enum.Enum,), space)

    def _class(self, symbol: Symbol, implementation: type) -> type:
        strangers = {name for name in vars(implementation) if not name.startswith("_")} - set(symbol.members)
        if strangers:
            raise AssertionError(f"the double's {symbol.name} has names outside the contract: {sorted(strangers)}")
        is_open = getattr(implementation, "_open", False)  # made to be subclassed by extensions
        space: dict[str, Any] = {"_kit": self._kit, "_symbol": symbol, "__module__": symbol.name.rpartition(".")[0]}
        for name, member in symbol.members.items():
            found = inspect.getattr_static(implementation, name, None)
            if self._kit.profile not in member.profiles:
                space[name] = _Hidden(member, self._kit.profile)
            elif found is not None and member.kind == "function":
                space[name] = self._method(member, found)
            elif isinstance(found, property):
                space[name] = self._property(member, found)
        if not is_open:
            space["__init__"] = self._constructor(symbol, implementation)
            space["__getattr__"] = lambda instance, name: _raise(self.refusal(symbol, name))
            space["__setattr__"] = self._setter(symbol)
        meta = type if is_open else GuardedType
        return meta(symbol.name.rpartition(".")[2], (implementation,), space)

    def _constructor(self, symbol: Symbol, implementation: type) -> Callable[..., None]:
        def construct(instance: Any, *args: Any, **kwargs: Any) -> None:
            self.check(symbol, args, kwargs)
            self._kit.perform(symbol, implementation.__init__, (instance, *args), kwargs)

        return construct

    def _setter(self, symbol: Symbol) -> Callable[[Any, str, Any], None]:
        def assign(instance: Any, name: str, value: Any) -> None:
            if not name.startswith("_") and name not in symbol.members:
                raise self.refusal(symbol, name)
            object.__setattr__(instance, name, value)

        return assign

    def _method(self, symbol: Symbol, found: Any) -> Any:
        if isinstance(found, staticmethod):
            return staticmethod(self._callable(symbol, found.__func__))
        if isinstance(found, classmethod):
            return classmethod(self._callable(symbol, found.__func__, bound=True))
        return self._callable(symbol, found, bound=True)

    def _property(self, symbol: Symbol, found: property) -> property:
        def read(instance: Any) -> Any:
            self._kit.note(symbol)
            return found.fget(instance)  # type: ignore[misc]

        return property(read)

    def _callable(self, symbol: Symbol, function: Callable[..., Any], *, bound: bool = False) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            self.check(symbol, args[1:] if bound else args, kwargs)
            return self._kit.perform(symbol, function, args, kwargs)

        call.__name__ = call.__qualname__ = symbol.name.rpartition(".")[2]
        call.__module__ = symbol.name.rpartition(".")[0]
        return call


def _raise(error: BaseException) -> Any:
    raise error
