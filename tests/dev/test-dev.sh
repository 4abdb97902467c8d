#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Tests of ./dev that need no set-up: its commands, its refusals, and the count of tests that CI reads.
# shellcheck disable=SC2317,SC2016 # check() calls them; the inner sh expands
set -u

top=$1
here=$top/tests/dev
number=0
wrong=0

# The test named $1 is good if the command behind it succeeds.
check ()
{
  number=$((number + 1))
  title=$1
  shift
  if "$@"; then
    echo "ok $number $title"
  else
    echo "not ok $number $title"
    wrong=1
  fi
}

# Runs "$@" and tells its last line and its status.
last_line ()
{
  output=$("$@" 2>&1)
  status=$?
  printf '%s (%d)\n' "$(printf '%s\n' "$output" | tail -n 1)" "$status"
}

ends_with ()
{
  expected=$1
  shift
  found=$(last_line "$@")
  [ "$found" = "$expected" ] && return 0
  echo "# found: $found"
  return 1
}

says ()
{
  expected=$1
  shift
  "$@" 2>&1 | grep -qF -e "$expected"
}

explains_every_command ()
{
  for command in run build test bench shell format model; do
    "$top/dev" help | grep -q "^  $command " || return 1
  done
}

summary=$top/tests/tools/summarise.py
echo 1..13
check summary/counts-subtests ends_with '4 passed, 5 failed, 4 skipped (1)' "$summary" "$here/mixed.json"
check summary/names-the-crash says 'FAILED: crash (error, after 2 of 4)' "$summary" "$here/mixed.json"
check summary/gives-reasons says 'skipped: gpu: no device here' "$summary" "$here/mixed.json"
check summary/all-good ends_with '2 passed, 0 failed (0)' "$summary" "$here/good.json"
check summary/of-two ends_with '6 passed, 5 failed, 4 skipped (1)' "$summary" "$here/mixed.json" "$here/good.json"
check summary/one-of-two-missing ends_with '2 passed, 1 failed (1)' "$summary" "$here/good.json" "$here/missing.json"
check summary/nothing-ran ends_with '0 passed, 0 failed (1)' "$summary" /dev/null
check summary/no-file ends_with '0 passed, 0 failed (1)' "$summary" "$here/missing.json"
check help/explains-every-command explains_every_command
check unknown-command says 'There is no command brew' "$top/dev" brew
check unknown-command/status sh -c '"$1/dev" brew >/dev/null 2>&1; [ $? -eq 2 ]' sh "$top"
check run/model-file-missing ends_with 'dev: There is no file /nowhere/m.gguf, which ATTUNE_MODEL names. (1)' \
  env ATTUNE_MODEL=/nowhere/m.gguf "$top/dev" run
check layers/finds-faults says 'engine/core/wrong.c: includes nn/decoder.h: core may not know nn' \
  "$top/tests/check-layers" "$top/tests/tools/bad-layers"
exit $wrong
