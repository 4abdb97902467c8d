# shellcheck shell=sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Pictures of every page, with a project that was really made.  Sourced by dev, which has set top and
# build.

# Into the folder $1.  The tiny model of the tests learns in seconds; with ATTUNE_MODEL=FILE.gguf the
# answers in the pictures make sense, and it takes longer.
take_screenshots ()
{
  shots=$(realpath -m -- "$1")
  scratch=$(mktemp -d)
  trap 'rm -rf "$scratch"' EXIT
  trap 'exit 130' INT TERM
  project=$scratch/Medical\ Terms.attune
  attunectl=$build/release/engine/attunectl
  say 'Making a project to take pictures of'
  : >"$build/screenshots.log"
  model=$scratch/tiny-llama.gguf
  plan='--lora-rank 8 --learning-rate 0.005 --epochs 2'
  cp "$top/tests/golden/tiny-llama.gguf" "$model"
  if [ -n "${ATTUNE_MODEL:-}" ]; then
    model=$ATTUNE_MODEL
    plan=
  fi
  # shellcheck disable=SC2086 # the plan is words
  quietly "$build/screenshots.log" "$attunectl" new "$project" --model "$model" \
    && quietly "$build/screenshots.log" "$attunectl" import "$project" "$top/data/samples/medical-terms.csv" \
    && quietly "$build/screenshots.log" "$attunectl" data edit "$project" 1 \
      --answer 'The half of the brain on the left side. It controls the right half of the body.' \
    && quietly "$build/screenshots.log" "$attunectl" prepare "$project" \
      --abbreviations "$top/data/samples/abbreviations-medical.csv" \
    && quietly "$build/screenshots.log" "$attunectl" plan "$project" $plan \
    && quietly "$build/screenshots.log" "$attunectl" search "$project" --trials 6 --max-steps 20 \
      --vary learning-rate=0.0001..0.01 --vary lora-rank=4..32 \
    && quietly "$build/screenshots.log" "$attunectl" tune "$project" \
    && quietly "$build/screenshots.log" "$attunectl" evaluate "$project" --answers 20 --answer-tokens 24 \
    && quietly "$build/screenshots.log" "$attunectl" export "$project" --format gguf-q8_0 || exit 1
  cp "$top/tests/golden/parquet/types.parquet" "$scratch/table.parquet"
  say 'Taking the pictures'
  rm -rf "$shots"
  export ATTUNECTL="$attunectl" GSETTINGS_SCHEMA_DIR="$build/release/data" ATTUNE_LOCALEDIR="$build/release/po"
  for kind in plain contrast mirrored; do
    "$top/tests/app/headless" "$build/release/tests/app/screenshots" "$project" "$shots" "$kind" \
      "$top/data/samples/medical-terms.csv" "$scratch/table.parquet" || exit 1
  done
  quietly "$build/screenshots.log" "$attunectl" new "$scratch/New.attune" --model "$model" \
    && "$top/tests/app/headless" "$build/release/tests/app/screenshots" "$scratch/New.attune" "$shots" empty || exit 1
  # One that learned to say numbers.
  awk 'BEGIN { print "question,answer,score"
    for (i = 0; i < 120; i++)
      printf "How warm is room %d of house %d?,As usual.,%.1f\n", i, i % 5, 15 + 2.5 * (i % 5) + i % 3 / 10 }' \
    >"$scratch/rooms.csv"
  quietly "$build/screenshots.log" "$attunectl" new "$scratch/Rooms.attune" --model "$model" \
    && quietly "$build/screenshots.log" "$attunectl" import "$scratch/Rooms.attune" "$scratch/rooms.csv" --label score \
    && quietly "$build/screenshots.log" "$attunectl" prepare "$scratch/Rooms.attune" --labels number \
    && quietly "$build/screenshots.log" "$attunectl" plan "$scratch/Rooms.attune" --objective labels --epochs 20 --learning-rate 0.005 \
    && quietly "$build/screenshots.log" "$attunectl" tune "$scratch/Rooms.attune" \
    && quietly "$build/screenshots.log" "$attunectl" evaluate "$scratch/Rooms.attune" \
    && "$top/tests/app/headless" "$build/release/tests/app/screenshots" "$scratch/Rooms.attune" "$shots" numbers || exit 1
  # In German: words are longer.  The plain locale, C, translates nothing.
  if ! localedef --inputfile=de_DE --charmap=UTF-8 "$scratch/de_DE.UTF-8" >>"$build/screenshots.log" 2>&1; then
    say 'The locale de_DE could not be made, so there are no pictures in German.'
    return 0
  fi
  LOCPATH=$scratch LC_ALL=de_DE.UTF-8 \
    "$top/tests/app/headless" "$build/release/tests/app/screenshots" "$project" "$shots" words
}
