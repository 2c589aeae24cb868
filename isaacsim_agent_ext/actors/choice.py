"""Random draws the way the config means them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

import numpy as np

from isaacsim_agent_ext.config.model import Range


class Weighted(Protocol):
    """Anything that carries a relative probability."""

    @property
    def weight(self) -> float:
        """Relative probability, 0 or more."""


Option = TypeVar("Option", bound=Weighted)


def uniform(rng: np.random.Generator, bounds: Range) -> float:
    """Return a number drawn evenly between the bounds."""
    return float(rng.uniform(*bounds))


def pick_weighted(options: Sequence[Option], rng: np.random.Generator) -> Option:
    """Return one of the options, each as probable as its weight says; if all weights are 0, all are equal."""
    weights = [option.weight for option in options]
    total = sum(weights)
    if total <= 0.0:
        return options[int(rng.integers(len(options)))]
    mark = rng.random() * total
    for option, weight in zip(options, weights, strict=True):
        mark -= weight
        if mark < 0.0:
            return option
    return next(option for option in reversed(options) if option.weight > 0.0)  # the sum was rounded up
