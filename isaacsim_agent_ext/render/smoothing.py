"""Smoothing of geometric edges, once an image has its colours."""

from __future__ import annotations

from typing import Any

from isaacsim_agent_ext.render.device import wp
from isaacsim_agent_ext.render.device_scene import DeviceScene
from isaacsim_agent_ext.render.kernels.antialias import (
    SUBPIXELS,
    blend_edges,
    blend_listed_edges,
    collect_edges,
    mark_edges,
    trace_listed_subpixels,
)
from isaacsim_agent_ext.render.tracing import BLOCK, Band, Tracer

LISTED_THREADS = 1 << 18
"""Threads that share a list of edge pixels on CUDA, whose length the host never learns: enough to fill any GPU."""


class EdgeSmoother:
    """Finds the pixels on edges, sends more rays through them, and blends their colours."""

    def __init__(self, scene: DeviceScene, tracer: Tracer):
        self._scene = scene
        self._tracer = tracer
        self._device = scene.device
        self._pixels = 0
        self._colors: Any = None
        self._found: Any = None
        self._edges: Any = None
        self._count: Any = None if self._device.is_cpu else wp.zeros(1, dtype=wp.int32, device=self._device)

    def colors(self, pixels: int) -> Any:
        """Return room for the colours of a whole image before they are smoothed."""
        if pixels > self._pixels:
            self._colors = wp.empty(pixels, dtype=wp.uint32, device=self._device)
            self._found = wp.empty((pixels, SUBPIXELS), dtype=wp.int32, device=self._device)
            if not self._device.is_cpu:
                self._edges = wp.empty(pixels, dtype=wp.int32, device=self._device)
            self._pixels = pixels
        return self._colors

    def smooth(self, band: Band, labels: Any, rgb: Any) -> None:
        """Smooth a band, when all of the image has labels and colours; ``band.seen.lit`` is used up.

        Args:
            band: Where.
            labels: The labels structure of the whole image.
            rgb: The whole image, filled with its colours.
        """
        inputs = [band.cameras, band.first_row, labels, self._colors, band.seen]
        wp.launch(mark_edges, dim=band.threads, inputs=inputs, device=self._device)
        if self._device.is_cpu:
            self._tracer.subpixels(band, self._found)
            inputs = [self._scene.geometry, band.cameras, band.first_row, band.seen]
            inputs += [labels, self._found, self._colors, rgb]
            wp.launch(blend_edges, dim=band.threads, inputs=inputs, device=self._device)
        else:
            self._smooth_listed(band, labels, rgb)

    def _smooth_listed(self, band: Band, labels: Any, rgb: Any) -> None:
        listed = [self._edges, self._count]
        self._count.zero_()
        inputs = [band.cameras, band.first_row, band.seen, *listed]
        wp.launch(collect_edges, dim=band.threads, inputs=inputs, device=self._device)
        shared = [self._scene.geometry, band.cameras, *listed, LISTED_THREADS]
        inputs = [*shared, self._found]
        wp.launch(trace_listed_subpixels, dim=LISTED_THREADS, inputs=inputs, device=self._device, block_dim=BLOCK)
        inputs = [*shared, labels, self._found, self._colors, rgb]
        wp.launch(blend_listed_edges, dim=LISTED_THREADS, inputs=inputs, device=self._device, block_dim=BLOCK)
