#!/usr/bin/env bash
# Runs one libFuzzer target: fuzz_one.sh BINARY SECONDS. Starts from the corpus committed beside the code
# (src/<module>/corpus/<target>/) and what earlier runs on this machine found (build/asan/fuzz/found/<target>/).
set -euo pipefail
binary=$1
seconds=$2
target=$(basename "$binary")
here=$(dirname "$binary")

found=$here/found/$target
mkdir -p "$found" "$here/artifacts"
committed=(src/*/corpus/"$target")
[ -d "${committed[0]}" ] || { echo "fuzz: $target has no committed corpus (src/<module>/corpus/$target)" >&2; exit 1; }

log=$here/$target.log
options=(-max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -use_value_profile=1 -print_final_stats=1 -artifact_prefix="$here/artifacts/$target-")
if ! "$binary" "${options[@]}" "$found" "${committed[@]}" >"$log" 2>&1; then
  tail -n 60 "$log" >&2
  echo "fuzz: $target FAILED" >&2
  exit 1
fi
echo "fuzz: $target ok, $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") runs"
