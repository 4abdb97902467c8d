#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts what a run of meson's tests showed, subtest by subtest.

Reads files meson-logs/testlog.json, one JSON object a line per test program, and prints the skipped and the
failed ones.  The last line is `N passed, N failed`, with `, N skipped` behind it if there were any.
Ends with 1 if anything failed or nothing ran.  meson's own figures count programs, and its JUnit file
shows a program that crashed after three good subtests as three passes.
"""

import json
import re
import sys

TAP_LINE = re.compile(r'(not )?ok\b *\d*(?: - | )?([^#]*?)(?: *# *(SKIP|TODO)\S* *(.*))?$', re.IGNORECASE)
TAP_PLAN = re.compile(r'1\.\.(\d+)(?: *# *SKIP\S* *(.*))?$', re.IGNORECASE)
TAIL_LINES = 40


class Outcome:
    """What one test program showed."""

    def __init__(self, test):
        self.name = test['name'].split(' / ')[-1]
        self.stdout = test.get('stdout', '')
        self.stderr = test.get('stderr', '')
        self.result = test['result']
        self.passed = 0
        self.failed = []
        self.skipped = []  # (name, reason)
        self.planned = None
        lines = self.stdout.splitlines()
        if any(TAP_PLAN.match(line) for line in lines):
            self.read_tap(lines)
        else:
            self.read_status(lines)

    def read_tap(self, lines):
        for line in lines:
            plan = TAP_PLAN.match(line)
            point = TAP_LINE.match(line)
            if plan:
                self.planned = int(plan[1])
                if self.planned == 0:
                    self.skipped.append((self.name, plan[2] or 'no reason given'))
            elif point:
                self.read_point(*point.groups())
        good = self.result in ('OK', 'SKIP')
        if not good and not self.failed:
            after = f', after {self.seen()} of {self.planned}' if self.seen() < self.planned else ''
            self.failed.append(f'{self.name} ({self.result.lower()}{after})')

    def read_point(self, bad, name, directive, reason):
        name = f'{self.name} {name.strip()}'
        if directive:
            self.skipped.append((name, reason.strip() or 'no reason given'))
        elif bad:
            self.failed.append(name)
        else:
            self.passed += 1

    def read_status(self, lines):
        if self.result == 'OK':
            self.passed = 1
        elif self.result == 'SKIP':
            self.skipped.append((self.name, next((x for x in reversed(lines) if x.strip()), 'no reason given')))
        else:
            self.failed.append(f'{self.name} ({self.result.lower()})')

    def seen(self):
        return self.passed + len(self.failed) + len(self.skipped)

    def show(self):
        for name, reason in self.skipped:
            print(f'skipped: {name}: {reason}')
        for name in self.failed:
            print(f'FAILED: {name}')
        if self.failed:
            for title, text in ('output', self.stdout), ('errors', self.stderr):
                tail = text.strip().splitlines()[-TAIL_LINES:]
                if tail:
                    print(f'  end of its {title}:')
                    print('\n'.join('    ' + line for line in tail))


def read_outcomes(path):
    try:
        with open(path, encoding='utf-8', errors='replace') as file:
            return [Outcome(json.loads(line)) for line in file if line.strip()]
    except FileNotFoundError:
        return []


def main():
    if len(sys.argv) < 2:
        sys.exit('Usage: summarise.py testlog.json…')
    logs = [read_outcomes(path) for path in sys.argv[1:]]
    outcomes = [outcome for log in logs for outcome in log]
    for outcome in sorted(outcomes, key=lambda x: (bool(x.failed), x.name)):
        outcome.show()
    passed = sum(x.passed for x in outcomes)
    failed = sum(len(x.failed) for x in outcomes)
    for path, log in zip(sys.argv[1:], logs):
        if not log and outcomes:
            print(f'FAILED: nothing ran that {path} tells of')
            failed += 1
    skipped = sum(len(x.skipped) for x in outcomes)
    if passed + failed == 0:
        print('No test ran.')
    print(f'{passed} passed, {failed} failed' + (f', {skipped} skipped' if skipped else ''))
    sys.exit(1 if failed or passed == 0 else 0)


main()
