#!/usr/bin/env bash
# What search.sh finds fails, is kept, and can be seen again as it says.
#
#   search_test.sh BROKEN_FUZZ_TARGET
set -euo pipefail

search=$(dirname "$0")/search.sh
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/seeds"
echo "b" >"$scratch/seeds/b"

fail() { echo "$*" >&2; exit 1; }

DKIMSPEC_FUZZ_SECONDS=0 "$search" "$1" "$scratch/seeds" "$scratch/findings" ||
  fail "no time to search is no finding"
DKIMSPEC_FUZZ_SECONDS=1m "$search" "$1" "$scratch/seeds" "$scratch/findings" &&
  fail "1m is no number of seconds"
DKIMSPEC_FUZZ_SECONDS=600 "$search" "$1" "$scratch/seeds" \
  "$scratch/findings" >"$scratch/output" 2>&1 && fail "nothing was found"
again=$(grep -A1 'To see it again:' "$scratch/output" | tail -n 1)
[[ $again == *"$scratch/findings/broken_fuzz-crash-"* ]] ||
  fail "the input is not named: $again"
$again >"$scratch/again" 2>&1 && fail "$again: does not break"
[ "$(ls "$scratch/seeds")" = b ] || fail "the seeds were written to"
