"""The decorators of the stub files; the stubs are parsed, never imported."""

from typing import Any


def entry(key: str) -> Any:
    """Name the contract entry a stub reads, where its own name does not say it (``section:key`` or ``key``)."""


def only(*profiles: str) -> Any:
    """Name the profiles of a stub whose entry differs between them."""


def command(stub: Any) -> Any:
    """Mark an argument list of ``omni.kit.commands.execute``."""
