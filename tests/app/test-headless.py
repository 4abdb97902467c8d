#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether headless gives a command a desktop, ends as it ended, and leaves nothing running or lying about."""
import pathlib
import shutil
import signal
import subprocess
import sys
import time

HEADLESS = pathlib.Path(__file__).parent / "headless"
TELL = 'echo "$XDG_RUNTIME_DIR"; echo $$; (setsid sleep 600 & echo $!); '


def alive(number):
    """Whether the process is there, and no mere entry in the table."""
    try:
        return pathlib.Path(f"/proc/{number}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def begin(script):
    """Starts it; returns the process, its folder and the ids of the command and of an orphan that it left."""
    process = subprocess.Popen([HEADLESS, "sh", "-c", TELL + script], stdout=subprocess.PIPE, text=True)
    lines = [process.stdout.readline().strip() for _ in range(3)]
    return process, pathlib.Path(lines[0]).parent, int(lines[1]), int(lines[2])


def gone(folder, *numbers):
    end = time.monotonic() + 10
    while time.monotonic() < end and (folder.exists() or any(alive(number) for number in numbers)):
        time.sleep(0.02)
    return not folder.exists() and not any(alive(number) for number in numbers)


def test_status():
    """The command's exit status comes through, and a signal as a shell says it."""
    ended = subprocess.run([HEADLESS, "sh", "-c", "exit 7"], check=False)
    killed = subprocess.run([HEADLESS, "sh", "-c", "kill -9 $$"], check=False)
    return ended.returncode == 7 and killed.returncode == 128 + signal.SIGKILL


def test_desktop():
    """A screen, a bus and the bus of assistive technologies answer, and home is empty."""
    script = ('set -e; test -z "$(ls -A "$HOME")"; test -S "/tmp/.X11-unix/X${DISPLAY#:}"; '
              "gdbus call --session -d org.a11y.Bus -o /org/a11y/bus -m org.a11y.Bus.GetAddress >/dev/null")
    return subprocess.run([HEADLESS, "sh", "-c", script], check=False).returncode == 0


def test_leaves_nothing():
    process, folder, _, orphan = begin("true")
    return process.wait(20) == 0 and gone(folder, orphan)


def test_interrupted():
    process, folder, command, orphan = begin("sleep 600")
    process.send_signal(signal.SIGTERM)
    return process.wait(20) == 128 + signal.SIGTERM and gone(folder, command, orphan)


def main():
    tests = [test_status, test_desktop, test_leaves_nothing, test_interrupted]
    if shutil.which("Xvfb") is None or shutil.which("dbus-daemon") is None:
        print("1..0 # SKIP there is no Xvfb or no dbus-daemon")
        return 77
    print(f"1..{len(tests)}")
    failed = 0
    for number, test in enumerate(tests, 1):
        good = test()
        failed += not good
        print(f"{'' if good else 'not '}ok {number} {test.__name__.removeprefix('test_')}", flush=True)
    return 1 if failed else 0


sys.exit(main())
