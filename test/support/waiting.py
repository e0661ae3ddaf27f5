"""Waiting for what another process does: always with a deadline, never for a fixed time."""

import threading
import time


def eventually(what, check, seconds=10.0):
    """Calls `check` until it returns something true, and returns that; fails with `what` after `seconds`."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while True:
        result = check()
        if result:
            return result
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:g} s: {what}")
        pause.wait(0.02)
