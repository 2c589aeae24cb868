"""Memory for images, used again once nobody holds the images any more."""

from __future__ import annotations

import weakref
from collections import defaultdict, deque
from typing import Any

import numpy as np

from isaacsim_agent_ext.render.device import wp


class BufferPool:
    """Hands out blocks of host memory; a block returns by itself when the last array that looks into it dies.

    Page-locked memory is slow to get and fresh pages are slow to touch, so blocks are kept, at most `KEPT` per size.
    """

    KEPT = 4

    def __init__(self, *, pinned: bool):
        self._pinned = pinned
        self._free: defaultdict[int, list[Any]] = defaultdict(list)

    def take(self, size: int) -> tuple[Any, np.ndarray]:
        """Return a block of ``size`` bytes, as a Warp array and as the NumPy array that keeps it taken."""
        free = self._free[size]
        block = free.pop() if free else wp.empty(size, dtype=wp.uint8, device="cpu", pinned=self._pinned)
        view = block.numpy()
        weakref.finalize(view, _give_back, free, block, self.KEPT).atexit = False
        return block, view


class CopyRing:
    """Device memory that images are rendered into while the images before them are still being copied to the host.

    Memory is kept, two blocks per size: a GPU takes longer to get half a gigabyte than to render into it.
    """

    BLOCKS = 2

    def __init__(self, device: Any):
        self._device = device
        self._blocks: defaultdict[int, deque[tuple[Any, Any]]] = defaultdict(deque)

    def take(self, size: int) -> Any:
        """Return a block of ``size`` bytes; what is launched next on the device waits until it has been copied."""
        blocks = self._blocks[size]
        if len(blocks) < self.BLOCKS:
            return wp.empty(size, dtype=wp.uint8, device=self._device)
        block, copied = blocks.popleft()
        self._device.stream.wait_event(copied)
        return block

    def put(self, block: Any, copied: Any) -> None:
        """Give a block back that may be written again after an event."""
        self._blocks[len(block)].append((block, copied))


class Uploads:
    """Small arrays that go to the device with every batch, always to the same memory.

    Warp frees CUDA memory on the null stream, for which all other streams wait: nothing may be freed between batches,
    or copies to the host would no longer run beside kernels.
    """

    def __init__(self, device: Any):
        self._device = device
        self._kept: dict[tuple[str, tuple[int, ...]], Any] = {}

    def send(self, name: str, values: Any, dtype: Any) -> Any:
        """Return a Warp array with values on the device, valid for what is launched until the next of its name.

        Args:
            name: What it is.
            values: NumPy array, or list of structures.
            dtype: Warp type of an element.
        """
        host = wp.array(values, dtype=dtype, device="cpu")
        if self._device.is_cpu:
            return host
        key = name, host.shape
        if key not in self._kept:
            self._kept[key] = wp.empty(host.shape, dtype=dtype, device=self._device)
        wp.copy(self._kept[key], host)
        return self._kept[key]


def _give_back(free: list[Any], block: Any, kept: int) -> None:
    if len(free) < kept:
        free.append(block)


def sections(block: Any, lengths: dict[str, tuple[Any, int]]) -> dict[str, Any]:
    """Cut a block into Warp arrays, one after the other.

    Args:
        block: A Warp array of bytes.
        lengths: Name to element type and number of elements.
    """
    arrays = {}
    start = block.ptr
    for name, (dtype, length) in lengths.items():
        arrays[name] = wp.array(ptr=start, dtype=dtype, shape=(length,), device=block.device, copy=False)
        start += length * wp.types.type_size_in_bytes(dtype)
    return arrays
