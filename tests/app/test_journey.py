#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole way, as a person goes it: from a table to a model that answers and was taken along, by buttons alone.

On the way the worker is killed, as a crash or a power cut would do.  Each test goes on where the one before it
stopped; after a failure the others say so.
"""
import json
import os
import pathlib
import signal
import sys
import tempfile

import person as p
import scratch

FOLDER = pathlib.Path(tempfile.mkdtemp(prefix="attune-journey-"))
PROJECT = pathlib.Path(os.environ["HOME"]) / "Attune" / "Terms.attune"
PASSES = 80  # of 50 samples: some 10 seconds on two idle cores, time enough to be killed
person = None


def go_to(stage):
    person.choose(p.starting_with(stage), "Stages")


def test_new_project():
    person.click("New Project…")
    person.write("Name", "Terms")
    person.click("Create")
    person.see("Stages", "list")
    assert (PROJECT / "project.json").exists(), f"{PROJECT} was not made"


def test_import():
    table = scratch.write_table(FOLDER / "terms.csv")
    go_to("Data")
    person.click("Add File…")
    person.choose_file("Add File", table)
    person.click("Import")
    person.read(r"60 rows read")
    person.see("1 Unreadable", "button")


def test_choose_model():
    go_to("Model")
    person.see(p.containing("Tiny"), seconds=20)


def test_prepare():
    go_to("Data")
    person.click("Prepare Data")
    person.see("Data, Done", seconds=60)
    person.read(r"Records used: all 60")


def test_plan():
    go_to("Plan")
    person.write("Passes", str(PASSES))
    person.write("Learning Rate", "0.01")
    person.click("Continue to Tuning")


def workers():
    """The processes that tune this project."""
    found = []
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue
        if "work" in words and any(word.startswith(str(PROJECT)) for word in words):
            found.append(int(entry.name))
    return found


def test_tune_and_kill_the_worker():
    person.click("Start Tuning")
    checkpoint = PROJECT / "runs" / "0001" / "checkpoint.h5"
    p.wait(checkpoint.exists, "no checkpoint was saved", 60 * p.PATIENCE)
    alive = workers()
    assert len(alive) == 1, f"the workers are {alive}"
    os.kill(alive[0], signal.SIGKILL)
    person.read(r"[Tt]uning has stopped unexpectedly", seconds=30 * p.PATIENCE)


def test_resume():
    person.click("Resume")
    person.see("Tune, Done", seconds=180 * p.PATIENCE)
    lines = (PROJECT / "runs" / "0001" / "events.jsonl").read_text(encoding="utf-8").splitlines()
    names = [json.loads(line)["event"] for line in lines if line.endswith("}")]  # the kill may have cut one
    assert names.count("started") == 2 and names[-1] == "finished", f"the events of the run are {names}"
    assert not (PROJECT / "runs" / "0002").exists(), "another run was begun instead"


def test_evaluate():
    go_to("Evaluate")
    person.click("Evaluate")
    person.see("Evaluate, Done", seconds=120 * p.PATIENCE)


def test_chat():
    go_to("Deploy")
    person.write("Your Question", "What is carditis?")
    person.click("Send")
    person.read(r"Tuned model", seconds=60 * p.PATIENCE)
    person.see("Copy the Answer", "button", seconds=60 * p.PATIENCE)


def test_export():
    person.click("Export", "page tab")
    person.click("Export", "button")
    person.see("Deploy, Done", seconds=120 * p.PATIENCE)
    assert list((PROJECT / "exports").iterdir()), "nothing was exported"


def main():
    global person
    scratch.put_model()
    with p.Person([scratch.ATTUNE]) as person:
        return p.run_tests(test_new_project, test_import, test_choose_model, test_prepare, test_plan,
                           test_tune_and_kill_the_worker, test_resume, test_evaluate, test_chat, test_export,
                           stop_at_first=person)


sys.exit(main())
