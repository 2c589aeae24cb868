"""What USD says, and what we say, about files that are not as they should be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pxr import Tf, Usd, UsdUtils


def prim_name(prim: Usd.Prim) -> str:
    """Return a prim's path; for one in a prototype, whose path means nothing, the file and path that define it."""
    if not prim.IsInPrototype():
        return str(prim.GetPath())
    specs = prim.GetPrimStack()
    return f"{specs[-1].layer.GetDisplayName()}<{specs[-1].path}>" if specs else str(prim.GetName())


@contextmanager
def skipping_broken(prim: Usd.Prim, warn: Callable[[str], None]) -> Iterator[None]:
    """Turn what broken data of a prim raises into a warning that names it.

    Files can hold values of any type under any name, bytes that are no text, and arrays that do not unpack; what is
    read from the prim is then left out, and the rest of the scene is not lost.
    """
    try:
        yield
    except (Tf.ErrorException, UnicodeDecodeError, TypeError, ValueError, OverflowError) as error:
        warn(f"{prim_name(prim)}: left out, its data is broken: {usd_message(error)}")


@contextmanager
def usd_diagnostics(hear: Callable[[str], None]) -> Iterator[None]:
    """Hand USD's warnings to ``hear`` instead of standard error."""
    delegate = UsdUtils.CoalescingDiagnosticDelegate()
    try:
        yield
    finally:
        for item in delegate.TakeUncoalescedDiagnostics():
            hear(_commentary(item))


def usd_message(error: BaseException) -> str:
    """Return an error's text; of USD's own errors only what they say, not where in its source they were raised."""
    if isinstance(error, Tf.ErrorException):
        return "; ".join(dict.fromkeys(_commentary(item) for item in error.args))
    return str(error)


def _commentary(item: Tf.Error) -> str:
    """Return what a diagnostic says; USD quotes broken files byte by byte, and those bytes may be no text."""
    try:
        return str(item.commentary)
    except UnicodeDecodeError as error:
        return error.object.decode(errors="replace")
