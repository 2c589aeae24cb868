"""The stubs say what kit_api.json says."""

from kit_contract.contract import check_stubs, load_contract


def test_stubs_match_the_contract():
    assert check_stubs(load_contract()) == []


def test_versions_are_read_carefully():
    contract = load_contract()
    assert contract.find("carb.eventdispatcher.Event.payload").profiles == {"6.0"}
    assert contract.find("omni.timeline.GLOBAL_EVENT_PLAY").profiles == {"6.0"}
    assert contract.find("omni.anim.navigation.core.INavigation.get_navmesh_event_stream").profiles == {"5.1"}
    assert contract.find("omni.usd.UsdContext.get_stage").profiles == {"5.1", "6.0"}
    assert contract.find("omni.kit.menu.utils.MenuHelperExtensionFull").profiles == {"6.0"}, "unsure is absent"


def test_arguments_are_checked_per_version():
    query = load_contract().find("omni.anim.navigation.core.INavMesh.query_shortest_path")
    assert query.accepts(2, set(), "5.1") is None
    assert query.accepts(2, {"agent_radius"}, "5.1") is None
    assert "agent_radius" in query.accepts(2, {"agent_radius"}, "6.0")
    assert query.accepts(5, set(), "6.0") is None
    assert query.accepts(5, set(), "5.1") is not None
