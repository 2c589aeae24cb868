"""Recast/Detour navigation meshes for NumPy.

Points are rows ``x, y, z`` in metres in a Z-up, right-handed world; areas are numbers from 0 (an obstacle) to 63, and
sets of them are 64-bit masks. A `NavMesh` never changes, so any number of threads may ask it at once; every query
takes a batch and lets go of the GIL. Invalid input raises ``ValueError``, what Recast itself refuses raises
``RuntimeError``.
"""

from ._recast import BUILD_ID, NavMesh, Settings, __version__

__all__ = ["BUILD_ID", "NavMesh", "Settings", "__version__"]
