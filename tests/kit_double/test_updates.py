"""Updates, time, tasks, events and settings of the double."""

import asyncio
import threading
import time

import pytest
from kit_double.kit import Stuck


def test_one_slice_per_update(kit):
    import omni.kit.app

    app = omni.kit.app.get_app()
    seen = []

    async def work():
        for _ in range(3):
            await app.next_update_async()
            seen.append(kit.updates)

    kit.run(work())
    assert seen == [2, 3, 4]


def test_timeouts_pass_in_simulated_time(kit):
    async def wait():
        await asyncio.wait_for(asyncio.get_running_loop().create_future(), 30.0)

    started = time.perf_counter()
    with pytest.raises(TimeoutError):
        kit.run(wait())
    assert kit.updates == pytest.approx(1800, abs=5)
    assert time.perf_counter() - started < 5.0


def test_the_clock_waits_for_threads(kit):
    async def work():
        return await asyncio.wait_for(asyncio.to_thread(lambda: time.sleep(0.05) or "done"), 1.0)

    assert kit.run(work()) == "done"


def test_a_call_that_hangs_in_a_thread_times_out_and_one_on_the_main_thread_is_an_offence(kit):
    import isaacsim.storage.native as storage

    kit.hang("isaacsim.storage.native.get_assets_root_path")

    async def ask():
        return await asyncio.wait_for(asyncio.to_thread(storage.get_assets_root_path), 10.0)

    with pytest.raises(TimeoutError):
        kit.run(ask())
    assert kit.violations == []
    with pytest.raises(Stuck):
        storage.get_assets_root_path()
    assert len(kit.forgive()) == 1


def test_nobody_else_runs_the_loop_or_the_application(kit):
    import omni.kit.app

    async def nothing():
        await asyncio.sleep(0)

    work = nothing()
    with pytest.raises(RuntimeError, match="Kit runs the event loop"):
        kit.loop.run_until_complete(work)
    work.close()

    async def enter_again():
        omni.kit.app.get_app().update()

    with pytest.raises(RuntimeError, match="re-enters"):
        kit.run(enter_again())
    assert len(kit.forgive()) == 1


def test_run_coroutine_works_from_any_thread(kit):
    import omni.kit.async_engine

    async def answer():
        return 42

    got = []

    def elsewhere():
        got.append(omni.kit.async_engine.run_coroutine(answer()))

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    kit.pump_until(got[0].done)
    assert got[0].result() == 42
    assert kit.run(asyncio.wait_for(omni.kit.async_engine.run_coroutine(answer()), 1.0)) == 42


def test_observers_go_by_order_filter_and_life(kit):
    import carb.eventdispatcher

    dispatcher = carb.eventdispatcher.get_eventdispatcher()
    calls = []
    late = dispatcher.observe_event(event_name="e", on_event=lambda _: calls.append("late"), order=5)
    early = dispatcher.observe_event(event_name="e", on_event=lambda _: calls.append("early"), order=-5)
    picky = dispatcher.observe_event(event_name="e", on_event=lambda _: calls.append("picky"), filter={"who": "me"})
    dispatcher.observe_event(event_name="e", on_event=lambda _: calls.append("nobody held this"))
    assert dispatcher.dispatch_event("e", {"who": "you"}) == 2
    assert calls == ["early", "late"]
    dispatcher.dispatch_event(event_name="e", payload={"who": "me"})
    assert calls[2:] == ["early", "picky", "late"]
    assert len(kit.leftovers()) == 3
    late.reset()
    early.reset()
    del picky
    assert kit.leftovers() == []


def test_an_observer_that_fails_is_logged_and_odd_payloads_are_refused(kit):
    import carb.eventdispatcher

    dispatcher = carb.eventdispatcher.get_eventdispatcher()
    guard = dispatcher.observe_event(event_name="e", on_event=lambda event: 1 / 0, observer_name="mine")
    dispatcher.dispatch_event("e")
    assert "mine" in kit.logged("error")[0]
    guard.reset()
    with pytest.raises(TypeError):
        dispatcher.dispatch_event("e", {"path": object()})


def test_settings(kit):
    import carb.settings

    settings = carb.settings.get_settings()
    seen = []
    number = settings.subscribe_to_node_change_events("/exts/mine", lambda item, kind: seen.append(item))
    kit.settings.command_line("--/exts/mine/level=3", "--/exts/mine/on=true", "--/exts/mine/text='two words'")
    assert settings.get("/exts/mine") == {"level": 3, "on": True, "text": "two words"}
    assert settings.get("/exts/other") is None
    settings.set_default_int("/exts/mine/level", 9)
    assert settings.get_as_int("/exts/mine/level") == 3
    assert len(seen) == 3
    with pytest.raises(TypeError):
        settings.set("/exts/mine/array", object())
    settings.unsubscribe_to_change_events(number)
    settings.destroy_item("/exts/mine")
    assert settings.get("/exts/mine") is None


def test_timeline_changes_wait_for_an_update_or_commit(kit):
    import omni.timeline

    timeline = omni.timeline.get_timeline_interface()
    heard = []
    kinds = omni.timeline.TimelineEventType
    subscription = timeline.get_timeline_event_stream().create_subscription_to_pop_by_type(
        int(kinds.PLAY), heard.append
    )
    timeline.play()
    assert not timeline.is_playing()
    timeline.commit()
    assert timeline.is_playing()
    assert [event.type for event in heard] == [int(kinds.PLAY)]
    timeline.stop()
    kit.pump()
    assert timeline.is_stopped()
    assert subscription is not None


def test_a_looping_timeline_wraps(kit):
    import omni.timeline

    timeline = omni.timeline.get_timeline_interface()
    timeline.set_end_time(0.1)
    timeline.play()
    kit.pump(30)
    assert timeline.is_playing()
    assert timeline.get_current_time() < 0.1
    timeline.set_looping(False)
    kit.pump(30)
    assert not timeline.is_playing()


def test_manual_stepping_fixes_the_step(kit):
    import omni.kit.loop._loop as omni_loop
    import omni.timeline

    runner = omni_loop.acquire_loop_interface()
    runner.set_manual_step_size(1.0 / 30.0)
    runner.set_manual_mode(True)
    timeline = omni.timeline.get_timeline_interface()
    timeline.play()
    timeline.commit()
    kit.pump(30)
    assert timeline.get_current_time() == pytest.approx(1.0)


def test_quitting(kit):
    import omni.kit.app

    omni.kit.app.get_app().post_quit(3)
    assert kit.quit_codes == [3]
    assert not omni.kit.app.get_app().is_running()
