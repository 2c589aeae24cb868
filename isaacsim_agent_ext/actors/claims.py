"""Claims: who has reserved what, so that two do not take one seat."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from isaacsim_agent_ext.actors.actions import ActorHandle


class Claimant(ActorHandle, Protocol):
    """An actor as whoever runs its behaviors sees it."""

    def put_down_claims(self) -> tuple[str, ...]:
        """Release everything that was claimed, and return what that was."""

    def take_up_claims(self, keys: Sequence[str]) -> bool:
        """Claim again what `put_down_claims` returned; returns whether nobody has taken any of it."""


class Claims:
    """Reservations of all actors; a key belongs to one actor at a time."""

    def __init__(self) -> None:
        self._holders: dict[str, int] = {}

    def claim(self, key: str, actor: int) -> bool:
        """Reserve a key; returns whether the actor holds it now."""
        return self._holders.setdefault(key, actor) == actor

    def release(self, key: str, actor: int) -> None:
        """Give a key back; nothing happens when somebody else holds it."""
        if self._holders.get(key) == actor:
            del self._holders[key]

    def holder(self, key: str) -> int | None:
        """Return who holds a key."""
        return self._holders.get(key)

    def of(self, actor: int) -> tuple[str, ...]:
        """Return what an actor holds, in the order in which it was claimed."""
        return tuple(key for key, holder in self._holders.items() if holder == actor)

    def claim_all(self, keys: Iterable[str], actor: int) -> bool:
        """Reserve all of some keys or none; returns whether the actor holds them now."""
        keys = tuple(keys)
        if any(self._holders.get(key, actor) != actor for key in keys):
            return False
        self._holders.update(dict.fromkeys(keys, actor))
        return True
