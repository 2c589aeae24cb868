"""Random edits of every kind, with undo and redo: the file says what the document says, and is valid."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isaacsim_agent_ext.config.document import read_document
from isaacsim_agent_ext.config.edit import same
from isaacsim_agent_ext.config.load import load_config
from isaacsim_agent_ext.config.schema import ROOT_KEY
from isaacsim_agent_ext.errors import ConfigError
from isaacsim_agent_ext.ui.viewmodel.document import Document
from isaacsim_agent_ext.ui.viewmodel.document_kind import agent_config
from isaacsim_agent_ext.ui.viewmodel.form import Field, Kind

SAMPLE = Path(__file__).parents[3] / "config" / "samples" / "full_pipeline.yaml"


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("edits") / "edited.yaml"


def every_field(field: Field) -> list[Field]:
    return [field, *(one for child in field.children for one in every_field(child))]


def number(random: Random, field: Field) -> float:
    low = field.minimum if field.minimum is not None else -20.0
    high = field.maximum if field.maximum is not None else low + 40.0
    if field.kind is Kind.INTEGER or field.item is Kind.INTEGER:
        return random.randint(int(low) + field.exclusive_minimum, int(high))
    return round(random.uniform(low + 0.01 * field.exclusive_minimum, high), random.randint(0, 3)) + 0.0


def new_value(random: Random, field: Field) -> Any:
    match field.kind:
        case Kind.NUMBER | Kind.INTEGER:
            return number(random, field)
        case Kind.BOOLEAN:
            return random.random() < 0.5
        case Kind.ENUM:
            return random.choice(field.choices)
        case Kind.RANGE:
            return sorted(number(random, field) for _ in range(2))
        case Kind.VECTOR if field.item in (Kind.NUMBER, Kind.INTEGER):
            return [number(random, field) for _ in range(field.length)]
        case Kind.VECTOR:
            return [random.choice(["class", "type", "id"]) for _ in range(field.length)]
        case Kind.PRIM_PATH:
            return random.choice(["/World/A", "/World/B_2", "/World/Characters"])
        case _:
            return random.choice(["plain", "with space", "a: b", "# no comment", "'quoted'", "ünï", "true", "1.5", "-"])


def edit(random: Random, document: Document) -> None:
    """Make one edit that the form offers."""
    fields = every_field(document.form())
    field = random.choice(fields)
    offers: list[Any] = []
    if field.kind not in (Kind.SECTION, Kind.GROUP_MAP, Kind.LIST, Kind.ONE_OF, Kind.ANY):
        offers += [lambda: document.set(field.path, new_value(random, field))] * 3
    if field.is_set and not field.is_entry:
        offers.append(lambda: document.reset(field.path))
    if field.can_add:
        option = random.choice(field.choices) if field.choices else None
        offers.append(lambda: document.add(field.path, option=option))
    if field.kind is Kind.ONE_OF:
        offers.append(lambda: document.choose(field.path, random.choice(field.choices)))
    if field.is_entry:
        offers += [
            lambda: document.duplicate(field.path),
            lambda: document.move(field.path, random.choice([-2, -1, 1, 2])),
            lambda: document.remove(field.path),
        ]
    if field.can_rename:
        offers.append(lambda: document.rename(field.path, f"{field.key.rstrip('0123456789')}{random.randint(2, 9)}"))
    if offers:
        try:
            random.choice(offers)()
        except ConfigError:  # such as a name that is taken
            return


@settings(max_examples=500, derandomize=True, deadline=None)
@given(seed=st.integers(0, 2**32), length=st.integers(1, 8))
def test_a_valid_file_equal_to_the_document_comes_out(file: Path, seed: int, length: int) -> None:
    random = Random(seed)
    document = Document(agent_config(), clock=lambda: 0.0)
    document.open(SAMPLE)
    original = document.text
    for _ in range(length):
        action = random.random()
        if action < 0.12:
            document.undo()
        elif action < 0.24:
            document.redo()
        else:
            edit(random, document)
            document.end_edit()
        if not document.is_valid:
            document.undo()
        assert document.is_valid, [problem.message for problem in document.problems]

    final = document.text
    assert same(read_document(final).data[ROOT_KEY], document.section)  # before saving could mend it
    document.save(file)
    assert document.text == final
    assert same(load_config(file).data, document.section)

    taken_back = 0
    while document.can_undo:
        document.undo()
        taken_back += 1
    assert document.text == original
    for _ in range(taken_back):
        document.redo()
    assert document.text == final
