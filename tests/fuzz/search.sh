#!/usr/bin/env bash
# Lets libFuzzer search for inputs that break a fuzz target.
#
#   search.sh PROGRAM SEEDS FINDINGS
#
# The folder SEEDS is only read; what is new while searching is forgotten. An
# input that breaks the target is kept under FINDINGS, and the exit status is
# 1. DKIMSPEC_FUZZ_SECONDS says for how long to search: 60, or 0 for not at all.
set -euo pipefail

program=$1
seeds=$2
findings=$3
name=$(basename "$program")
seconds=${DKIMSPEC_FUZZ_SECONDS:-60}

if ! [[ $seconds =~ ^[0-9]+$ ]]; then
  echo "DKIMSPEC_FUZZ_SECONDS=$seconds is no number of seconds" >&2
  exit 2
elif ((seconds == 0)); then  # libFuzzer would take it for no limit.
  exit 0
fi

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$scratch/corpus" "$findings"
touch "$scratch/begin"

# One input may take long and much: the machine may be slow, and sanitizers are.
# What is left out of the output is for those who watch.
if "$program" -max_total_time="$seconds" -timeout=120 -rss_limit_mb=4096 \
    -reload=0 -print_final_stats=1 -artifact_prefix="$findings/$name-" \
    "$scratch/corpus" "$seeds" 2>&1 | grep -avE '^(#[0-9]+[[:space:]]+[NRp]|[[:space:]]NEW_|"|####)'; then
  exit 0
fi
echo "$name has a finding. To see it again:"
find "$findings" -name "$name-*" -newer "$scratch/begin" -printf "  $program %p\n"
exit 1
