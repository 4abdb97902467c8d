# SPDX-License-Identifier: GPL-3.0-or-later
"""A person in front of the app, who sees what assistive technologies see and presses what has a name.

    with Person([app]) as person:
        person.click("New Project…")
        person.write("Name", "Nursing")
        person.click("Create")
        person.see("Nursing")

Everything waits until it is so, up to a deadline, and never sleeps for a fixed time.  What is not found is said
together with everything that could be seen.  Run it under tests/app/headless.
"""
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

import gi

gi.require_version("Atspi", "2.0")
gi.require_version("Gdk", "4.0")
from gi.repository import Atspi, Gdk, GLib  # noqa: E402  (the versions have to be asked for first)

# Sanitizers and a machine with every core at work: the tests set more.
PATIENCE = float(os.environ.get("ATTUNE_PATIENCE", "1"))
DEADLINE = 20 * PATIENCE

# What X calls these keys on Xvfb's keyboard: to hold one down takes its number, not its name.
KEY_CODES = {"ctrl": 37, "shift": 50, "alt": 64}

# There is no main loop here that would keep a cache fresh: with one, labels stay what they were.
Atspi.get_desktop(0).set_cache_mask(Atspi.Cache.NONE)


COMPLAINT = re.compile(r"-(WARNING|CRITICAL|ERROR) \*\*|runtime error:|AddressSanitizer")
# GTK 4.18 is asked for the path of an object that it has just dropped; nobody shows notifications here.
EXPECTED = re.compile(r"g_variant_(is|new)_object_path: assertion|unable to send notifications")


class NotSeen(AssertionError):
    """What the person waited for did not come."""


def wait(function, what, seconds=DEADLINE):
    """What @function returns once it is true.  Objects may vanish while they are looked at."""
    end = time.monotonic() + seconds
    while True:
        try:
            result = function()
            if result:
                return result
        except GLib.Error:
            pass
        if time.monotonic() > end:
            raise NotSeen(what() if callable(what) else what)
        time.sleep(0.05)


def children(node):
    for index in range(node.get_child_count()):
        child = node.get_child_at_index(index)
        if child is not None:
            yield child


def walk(node, depth=0):
    """@node and everything below it that shows, with its depth."""
    yield node, depth
    for child in children(node):
        try:
            states = child.get_state_set()
            if states.contains(Atspi.StateType.SHOWING) or states.contains(Atspi.StateType.VISIBLE):
                yield from walk(child, depth + 1)
        except GLib.Error:
            pass


def has_state(node, state):
    return node.get_state_set().contains(state)


def text_of(node):
    """What stands in a text, or "" where it is none."""
    text = node.get_text_iface()
    return Atspi.Text.get_text(text, 0, -1) if text is not None else ""


def name_of(node):
    """Its name; where it has none, that of what it is labelled by: items of menus in GTK 4.18.  Asked for the labels
    of others, GTK 4.18 may crash where one of them is just going away."""
    name = node.get_name()
    if name or "menu item" not in node.get_role_name():
        return name
    for relation in node.get_relation_set():
        if relation.get_relation_type() == Atspi.RelationType.LABELLED_BY:
            for index in range(relation.get_n_targets()):
                target = relation.get_target(index)
                name = target.get_name() or text_of(target)
                if name:
                    return name
    return ""


def role_of(node):
    """The role; a plain button is "button" in newer versions and "push button" in older ones."""
    role = node.get_role_name()
    return "button" if role == "push button" else role


def matches(wanted, text):
    return wanted is None or (wanted.search(text) is not None if isinstance(wanted, re.Pattern) else wanted == text)


def describe(node):
    """A line on @node; None where it has no name and nothing can be done with it."""
    role, name, description = role_of(node), name_of(node), node.get_description()
    if not name and not description and role in ("panel", "grouping", "filler", "scroll pane", "generic"):
        return None
    line = f"{role} “{name}”" if role != "label" else f"“{name or text_of(node)}”"
    if not has_state(node, Atspi.StateType.SENSITIVE) and role != "application":
        line += " (insensitive)"
    return line + (f": {description}" if description else "")


def starting_with(text):
    """A pattern for names that begin with @text: rows say their state behind it."""
    return re.compile(rf"^{re.escape(text)}\b")


def containing(text):
    """A pattern for names in which @text stands."""
    return re.compile(re.escape(text))


def actions_of(node):
    interface = node.get_action_iface()
    names = []
    for index in range(interface.get_n_actions() if interface is not None else 0):
        try:
            names.append(Atspi.Action.get_action_name(interface, index))
        except GLib.Error:
            names.append(None)  # GTK 4.18 counts actions that it will not name
    return names


class Skip(Exception):
    """Says why a test cannot be done here."""


class Person:
    def __init__(self, argv, environment=None):
        self.log = tempfile.TemporaryFile("w+", errors="replace")
        self.process = subprocess.Popen(argv, env={**os.environ, **(environment or {})}, stderr=self.log)
        self.app = None
        try:
            name = pathlib.Path(argv[0]).name
            self.app = wait(lambda: self.find_app(name), f"{name} did not appear")
            self.app.set_cache_mask(Atspi.Cache.NONE)
        except BaseException:
            self.quit()
            raise

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if kind is not None:
            print(self.tree(), file=sys.stderr)
        status = self.quit()
        complaints = self.complaints()
        self.log.close()
        if kind is None:
            assert status in (0, -signal.SIGTERM), f"the app ended with {status}"
            assert not complaints, "the app complained:\n" + "\n".join(complaints)

    def quit(self):
        """Ends the app as the desktop does at the end of a session.  Returns its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()

    def complaints(self):
        """What GLib, GTK or a sanitizer had to say, but for what is expected here."""
        self.log.seek(0)
        text = self.log.read()
        sys.stderr.write(text)
        return [line for line in text.splitlines() if COMPLAINT.search(line) and not EXPECTED.search(line)]

    def find_app(self, name):
        if self.process.poll() is not None:
            raise NotSeen(f"{name} ended with {self.process.returncode}")
        for app in children(Atspi.get_desktop(0)):
            if app.get_name() == name and app.get_process_id() == self.process.pid:
                return app
        return None

    # ---- looking

    def all(self, name=None, role=None, within=None):
        """Everything that shows and has this name (text or pattern) and role."""
        for node, _ in walk(within or self.app):
            try:
                if matches(role, role_of(node)) and matches(name, name_of(node)):
                    yield node
            except GLib.Error:
                pass

    def find(self, name=None, role=None, within=None):
        """The first of them, or None."""
        return next(self.all(name, role, within), None)

    def see(self, name=None, role=None, within=None, seconds=DEADLINE):
        """Waits for it."""
        return wait(lambda: self.find(name, role, within), f"did not see {role or 'anything'} “{name}”", seconds)

    def read(self, pattern, seconds=DEADLINE):
        """Waits for a text in which @pattern is found, wherever it stands.  Returns the match."""
        pattern = re.compile(pattern)

        def look():
            for node, _ in walk(self.app):
                for text in (node.get_name(), node.get_description(), text_of(node)):
                    found = pattern.search(text or "")
                    if found:
                        return found
            return None

        return wait(look, f"did not read “{pattern.pattern}”", seconds)

    def see_no(self, name=None, role=None, seconds=DEADLINE):
        """Waits until it is gone."""
        wait(lambda: self.find(name, role) is None, f"{role or ''} “{name}” did not go away", seconds)

    def tree(self):
        """All that can be seen, for messages; without what only holds other things together."""
        lines = []
        try:
            for node, depth in walk(self.app):
                line = describe(node)
                if line:
                    lines.append(f"# {' ' * depth}{line}")
        except GLib.Error as error:
            lines.append(f"# {error.message}")
        return "\n".join(lines)

    def settle(self):
        """Waits until twice in a row the same is seen."""
        seen = [None]

        def same():
            seen.append([(node.get_role(), node.get_name()) for node, _ in walk(self.app)])
            return seen[-1] == seen[-2]

        wait(same, "it kept changing")

    # ---- doing

    def act(self, node, *wanted):
        """The first of these actions that @node, or what it is made of, has."""
        for part, _ in walk(node):
            have = actions_of(part)
            for name in wanted:
                if name in have:
                    assert part.get_action_iface().do_action(have.index(name)), f"{name} was refused"
                    return
        raise NotSeen(f"{role_of(node)} “{name_of(node)}” has the actions {actions_of(node)}, none of {wanted}")

    def click(self, name, role="button", within=None, seconds=DEADLINE):
        """Presses a button that can be pressed."""

        def ready():
            for node in self.all(name, role, within):
                if has_state(node, Atspi.StateType.SENSITIVE):
                    return node
            return None

        node = wait(ready, f"there is no {role} “{name}” that could be pressed", seconds)
        self.act(node, "click", "activate", "press", "toggle")

    def write(self, name, text):
        """Replaces what stands in the field that has this name."""

        def field():
            for node in self.all(name):
                for part, _ in walk(node):
                    if part.get_editable_text_iface() is not None:
                        return part
            return None

        node = wait(field, f"there is no field “{name}”")
        node.get_editable_text_iface().set_text_contents(text)
        # GTK 4.18 does not tell what an entry in a row holds: then the page has to show that it was taken.
        wait(lambda: text_of(node) in (text, ""), f"“{name}” did not take “{text}”")

    def set_number(self, name, value):
        """Sets the field for a number that has this name."""

        def field():
            for node in self.all(name):
                for part, _ in walk(node):
                    if part.get_value_iface() is not None:
                        return part
            return None

        number = wait(field, f"there is no number “{name}”").get_value_iface()
        number.set_current_value(value)
        wait(lambda: abs(number.get_current_value() - value) < 1e-9, f"“{name}” did not take {value}")

    def choose(self, name, within):
        """Selects the row @name of the list @within, as a click on it does."""

        def row():
            rows = self.see(within, seconds=1)
            for index, child in enumerate(children(rows)):
                if matches(name, name_of(child)):
                    return rows, index
            return None

        rows, index = wait(row, f"there is no “{name}” in “{within}”")
        assert rows.get_selection_iface().select_child(index), f"“{name}” could not be selected"

    def press(self, keys):
        """Presses keys, given by their X names: "ctrl+l", "Return", "slash"."""
        *modifiers, last = keys.split("+")
        for name in modifiers:
            Atspi.generate_keyboard_event(KEY_CODES[name], None, Atspi.KeySynthType.PRESS)
        Atspi.generate_keyboard_event(Gdk.keyval_from_name(last), None, Atspi.KeySynthType.SYM)
        for name in reversed(modifiers):
            Atspi.generate_keyboard_event(KEY_CODES[name], None, Atspi.KeySynthType.RELEASE)

    def type(self, text):
        """Types it, wherever the keyboard is."""
        Atspi.generate_keyboard_event(0, text, Atspi.KeySynthType.STRING)

    def choose_file(self, title, path):
        """Types @path in the dialog @title for choosing a file.  GTK does not tell what its field for paths holds:
        that all has arrived shows only by the key behind it."""
        dialog = self.see(title, "dialog")
        self.press("slash")  # a first letter that stands for a path shows the field

        def field():
            return next((node for node, _ in walk(dialog) if node.get_editable_text_iface() is not None
                         and has_state(node, Atspi.StateType.FOCUSED)), None)

        wait(field, f"“{title}” has no field for a path")
        self.type(str(path).lstrip("/"))
        windows = self.app.get_child_count()
        self.press("Return")
        # GTK 4.18 may crash where somebody looks into a dialog that is going away: count windows, and look no further.
        wait(lambda: self.app.get_child_count() < windows, f"“{title}” stayed open for {path}")


def run_tests(*tests, stop_at_first=None):
    """Runs them in order and prints TAP.  Where each goes on from the one before it, on the screen of the person
    @stop_at_first, what comes behind a failure is not tried, and counts as failed.  Returns the exit status."""
    failed = 0
    print(f"1..{len(tests)}", flush=True)
    for number, test in enumerate(tests, 1):
        name = test.__name__.removeprefix("test_").replace("_", "-")
        try:
            assert not (failed and stop_at_first), "not tried after the failure before it"
            test()
            print(f"ok {number} {name}", flush=True)
        except Skip as reason:
            print(f"ok {number} {name} # SKIP {reason}", flush=True)
        except (AssertionError, GLib.Error) as error:
            if stop_at_first and not failed:
                print(stop_at_first.tree(), file=sys.stderr, flush=True)
            failed += 1
            print("# " + str(error).replace("\n", "\n# "))
            print(f"not ok {number} {name}", flush=True)
    return 1 if failed else 0
