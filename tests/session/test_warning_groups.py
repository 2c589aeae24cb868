"""What several actors have in common is said once."""

from isaacsim_agent_ext.session.warning_groups import grouped_warnings


def test_the_same_message_of_several_actors_is_one_line() -> None:
    texts = [f"frame 7: workers_{number}: cannot get to (1, 2)" for number in range(10)]
    assert grouped_warnings(texts) == {"frame 7: workers_0 and 9 others: cannot get to (1, 2)": tuple(texts)}


def test_frames_that_differ_are_a_span() -> None:
    texts = ["frame 7: a_0: lost", "frame 90: a_1: lost"]
    assert list(grouped_warnings(texts)) == ["frames 7 to 90: a_0 and 1 other: lost"]


def test_one_actor_several_times_is_one_line_too() -> None:
    assert list(grouped_warnings(["frame 7: a_0: lost", "frame 8: a_0: lost"])) == ["frames 7 to 8: a_0: lost"]


def test_what_differs_and_what_is_of_no_actor_stays_in_order() -> None:
    texts = ["frame 7: a_0: lost", "the disk is nearly full", "frame 7: a_1: stuck"]
    assert grouped_warnings(texts) == {text: (text,) for text in texts}
