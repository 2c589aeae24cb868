"""Builds the stand-in asset pack: `python -m tools.assets.build`."""
