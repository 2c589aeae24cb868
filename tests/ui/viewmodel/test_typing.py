"""Typing into the text: the document says what the text says, as if it had been opened anew."""

from __future__ import annotations

from pathlib import Path
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from isaacsim_agent_ext.config.edit import same
from isaacsim_agent_ext.ui.viewmodel.document import Document
from isaacsim_agent_ext.ui.viewmodel.document_kind import agent_config

SAMPLE = (Path(__file__).parents[3] / "config" / "samples" / "full_pipeline.yaml").read_text()
TYPED = ["1", "x", " ", "  ", "\n", ":", ": ", "#", "- ", "[", "]", "{}", '"', "'", "\t", "&a ", "*a", "---\n", "...\n"]
TYPED += ["key: 1\n", "    num: 2\n", "\n\n", "|", ">", "null", "<<: ", "%", "? ", ", "]


def typed(random: Random, text: str) -> str:
    """Return the text after one keystroke somewhere: something typed, deleted or replaced."""
    place = random.randrange(len(text) + 1)
    deleted = random.choice([0, 0, 0, 1, 1, 2, 12])
    return text[:place] + (random.choice(TYPED) if random.random() < 0.8 else "") + text[place + deleted :]


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_typing_anything_anywhere_is_understood_as_a_whole(seed: int) -> None:
    random = Random(seed)
    document = Document(agent_config())
    document.set_text(SAMPLE)
    text = SAMPLE
    for _ in range(4):
        text = typed(random, text)
        document.set_text(text)
        whole = Document(agent_config())
        whole.set_text(text)
        assert document.text == text
        assert document.is_readable == whole.is_readable
        if whole.is_readable:
            assert same(document.section, whole.section)
            assert [problem.message for problem in document.problems] == [one.message for one in whole.problems]
            assert [problem.line for problem in document.problems] == [one.line for one in whole.problems]
        else:
            text = SAMPLE
            document.set_text(text)


def test_typing_and_fields_go_hand_in_hand() -> None:
    document = Document(agent_config())
    document.set_text(SAMPLE)
    path = ("character", "groups", "warehouse_workers", "num")
    document.set_text(document.text.replace("num: 10", "num: 11"))
    assert document.field(path).value == 11
    document.set(path, 12)
    assert "num: 12" in document.text
    document.set_text(document.text.replace("num: 12", "num: 12   # a dozen"))
    assert document.field(path).value == 12
    document.set(path, 13)
    assert "num: 13   # a dozen" in document.text


def test_groups_are_moved_with_the_comments_above_them() -> None:
    group = "      {name}:\n        num: 1\n        routines:\n" + "          - stop: {{}}\n" * 50
    text = (
        "isaacsim.replicator.agent:\n  version: 1.6.0\n  environment: {base_stage_asset_path: a.usd}\n"
        "  character:\n    groups:   # of people\n      # the first\n"
        + group.format(name="a")
        + "\n      # the second\n      # of them\n"
        + group.format(name="b")
        + "\n      # alone\n\n"
        + group.format(name="c")
        + "\n  # at the end\n  robot: {}\n"
    )
    document = Document(agent_config())
    document.set_text(text)
    groups = ("character", "groups")
    for name, delta, order in (("b", -1, "bac"), ("b", 2, "acb"), ("c", -1, "cab"), ("a", 1, "cba"), ("c", 2, "bac")):
        document.move((*groups, name), delta)
        assert "".join(document.section["character"]["groups"]) == order
        whole = Document(agent_config())
        whole.set_text(document.text)
        assert same(whole.section, document.section)
        assert list(whole.section["character"]["groups"]) == list(order)
        assert "      # the first\n      a:" in document.text
        assert "      # the second\n      # of them\n      b:" in document.text
        assert document.text.endswith("\n\n  # at the end\n  robot: {}\n")
    document.move((*groups, "b"), 1)
    assert document.text == text
