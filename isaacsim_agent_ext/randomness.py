"""Named random streams: every actor and purpose draws from its own generator, seeded from the config's seed.

Adding an actor, a camera or a draw somewhere therefore never changes what another stream yields.
"""

from __future__ import annotations

import hashlib
import secrets

import numpy as np


def stream(seed: int, *names: str | int) -> np.random.Generator:
    """Return the generator of the stream called ``names`` under ``seed``.

    The 128-bit seed of the generator (PCG64) is the BLAKE2b digest of the seed and the length-prefixed names, so
    neither the process, the platform nor Python's hash randomisation plays a part.

    Args:
        seed: The config's seed, 0..4294967295.
        names: What the stream is for, from the general to the particular: ``("character", "workers_0", "routine")``.
    """
    digest = hashlib.blake2b(str(seed).encode(), digest_size=16)
    for name in names:
        part = str(name).encode()
        digest.update(len(part).to_bytes(4, "little") + part)
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest.digest(), "little")))


def draw_seed() -> int:
    """Return a fresh seed for a config that gives none; callers print it and write it into the output."""
    return secrets.randbits(32)
