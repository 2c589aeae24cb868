"""Warp kernels of the renderer.

The modules here are compiled by Warp, which reads annotations as types: no ``from __future__ import annotations``.
"""
