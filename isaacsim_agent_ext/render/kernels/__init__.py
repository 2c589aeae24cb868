"""Warp kernels of the renderer.

Warp compiles these modules and reads their annotations as its own types: they have no
``from __future__ import annotations``, and type checkers look away.
"""
