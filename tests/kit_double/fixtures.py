"""Fixtures that start the double: import them into a ``conftest.py``."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from kit_contract.contract import PROFILES
from kit_double.kit import COVERAGE, Kit


def _started(profile: str, *, headless: bool) -> Iterator[Kit]:
    with Kit(profile, headless=headless) as kit:
        yield kit
        violations = list(kit.violations)
    save_coverage()
    assert not violations, "calls outside the Kit contract:\n  " + "\n  ".join(violations)


def save_coverage() -> None:
    """Write where and in which test the product reached each contract name, for `kit_contract.table`."""
    target = os.environ.get("KIT_COVERAGE")
    if target:
        listed = {
            name: {place: sorted(tests) for place, tests in sorted(places.items())}
            for name, places in sorted(COVERAGE.items())
        }
        Path(target).write_text(json.dumps(listed, indent=1), encoding="utf-8")


@pytest.fixture(params=PROFILES)
def kit(request: pytest.FixtureRequest) -> Iterator[Kit]:
    """Return a headless application, once per Isaac Sim version."""
    yield from _started(request.param, headless=True)


@pytest.fixture(params=PROFILES)
def kit_desktop(request: pytest.FixtureRequest) -> Iterator[Kit]:
    """Return an application with its user interface, once per Isaac Sim version."""
    yield from _started(request.param, headless=False)


@pytest.fixture
def kit_51() -> Iterator[Kit]:
    """Return a headless Isaac Sim 5.1."""
    yield from _started("5.1", headless=True)


@pytest.fixture
def kit_60() -> Iterator[Kit]:
    """Return a headless Isaac Sim 6.0."""
    yield from _started("6.0", headless=True)
