#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether everything on every page that can be used has a name that can be read aloud."""
import os
import pathlib
import sys
import tempfile

import person as p
import scratch
from person import Atspi

STAGES = ["Data", "Model", "Plan", "Tune", "Evaluate", "Deploy"]
# What a person uses or reads as one thing.
NAMED = {"button", "toggle button", "check box", "radio button", "switch", "list item", "menu item", "text", "entry",
         "password text", "spin button", "slider", "combo box", "progress bar", "level bar", "table", "page tab"}
CHART_PIXELS = 64  # smaller pictures are icons beside their words


def is_chart(node):
    if p.role_of(node) not in ("image", "icon", "chart"):
        return False
    size = node.get_component_iface().get_extents(Atspi.CoordType.WINDOW)
    return size.width >= CHART_PIXELS and size.height >= CHART_PIXELS


def is_expander(node):
    """AdwExpanderRow is a row around a row, and the inner one has the name."""
    return p.role_of(node) == "list item" and any(
        p.role_of(part) == "list item" and p.name_of(part) for part, depth in p.walk(node) if depth)


def nameless(root):
    """What lacks a name, each with what stands around it."""
    faults, trail = [], []
    for node, depth in p.walk(root):
        del trail[depth:]
        trail.append(p.describe(node) or "")
        # What a combo row offers has its words inside; the row itself tells which one is chosen.
        if any(line.startswith("combo box") for line in trail[:-1]):
            continue
        if (p.role_of(node) in NAMED or is_chart(node)) and not p.name_of(node).strip() \
                and not is_expander(node):
            around = " › ".join(line for line in trail[-8:-1] if line)
            faults.append(f"{p.role_of(node)} without a name, in: {around}")
    return faults


def check(person, where):
    """Lets the page come to rest, and returns its faults."""
    person.settle()
    faults = [f"{where}: {fault}" for fault in nameless(person.app)]
    if faults:
        print(person.tree(), file=sys.stderr)
    return faults


def assert_none(faults):
    assert not faults, "\n".join(faults)


def test_welcome():
    with p.Person([scratch.ATTUNE]) as person:
        person.see("New Project…", "button")
        assert_none(check(person, "the welcome page"))


def test_dialogs():
    with p.Person([scratch.ATTUNE]) as person:
        person.click("New Project…")
        person.see("Create", "button")
        faults = check(person, "the dialog for a new project")
        person.click("Cancel")
        person.see_no("Create", "button")
        person.click("Main Menu")
        person.click("Preferences", "menu item")
        person.see("Processor Cores")
        assert_none(faults + check(person, "the preferences"))


def check_german(environment):
    with p.Person([scratch.ATTUNE], environment) as person:
        person.see("Neues Projekt …", "button")
        faults = check(person, "the welcome page in German")
        person.click("Hauptmenü")
        person.click("Einstellungen", "menu item")
        person.see("Prozessorkerne")
        assert_none(faults + check(person, "the preferences in German"))


def test_language():
    """The language of the preferences, whatever the system speaks."""
    keyfile = pathlib.Path(os.environ["XDG_CONFIG_HOME"]) / "glib-2.0" / "settings" / "keyfile"
    keyfile.parent.mkdir(parents=True)
    keyfile.write_text("[app/attune/Attune]\nlanguage='de'\n", encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        locale = scratch.make_locale(pathlib.Path(folder))
        if locale is None:
            raise p.Skip("localedef or the locale en_US is not installed")
        check_german({"GSETTINGS_BACKEND": "keyfile", **locale})


def visit_stages(project):
    faults = []
    with p.Person([scratch.ATTUNE, str(project)]) as person:
        for stage in STAGES:
            person.choose(p.starting_with(stage), "Stages")
            faults += check(person, stage)
            for tab in [p.name_of(tab) for tab in person.all(role="page tab")]:
                person.click(tab, "page tab")
                faults += check(person, f"{stage}, {tab}")
    assert_none(faults)


def test_empty_project():
    with tempfile.TemporaryDirectory() as folder:
        project = pathlib.Path(folder) / "Empty.attune"
        scratch.attunectl("new", project)
        visit_stages(project)


def test_finished_project():
    with tempfile.TemporaryDirectory() as folder:
        visit_stages(scratch.make_project(pathlib.Path(folder)))


def test_data_dialogs():
    with tempfile.TemporaryDirectory() as folder:
        project = pathlib.Path(folder) / "Terms.attune"
        table = scratch.write_table(pathlib.Path(folder) / "terms.csv")
        scratch.attunectl("new", project, "--model", scratch.put_model())
        scratch.attunectl("import", project, table)
        scratch.attunectl("prepare", project)
        with p.Person([scratch.ATTUNE, str(project)]) as person:
            person.click("1 Unreadable")
            person.see(p.starting_with("Line 22"))
            faults = check(person, "the unreadable rows")
            person.click("Close")
            person.see_no(p.starting_with("Line 22"))
            person.click("Look Through the Records")
            person.see(p.starting_with("What is cardiitis"))
            faults += check(person, "the records")
            person.click("Close")
            person.choose(p.starting_with("Plan"), "Stages")
            person.click("Search for Good Settings")
            person.see("Start the Search", "button")
            faults += check(person, "the search for settings")
        assert_none(faults)


sys.exit(p.run_tests(test_welcome, test_dialogs, test_language, test_empty_project, test_finished_project,
                     test_data_dialogs))
