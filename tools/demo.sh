#!/usr/bin/env bash
# ./dev demo: demo.sh FLIGHTS.parquet, with the programs in TARN_BIN_DIR. Real flights stored and registered in `tarn up`,
# which is then killed with SIGKILL and started again. Exits 0 only if all of it is still there, byte for byte.
set -euo pipefail

flights=$1
PATH=$TARN_BIN_DIR:$PATH
folder=$(mktemp -d "${TMPDIR:-/tmp}/tarn-demo.XXXXXX")
server=

stop() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$folder"
}
trap stop EXIT

fail() {
  echo "demo: $*" >&2
  [ ! -s "$folder/log" ] || tail -n 40 "$folder/log" >&2
  exit 1
}

explain() { if [ -t 1 ]; then printf "\n\033[1m%s\033[0m\n" "$*"; else printf "\n%s\n" "$*"; fi; }

run() {
  echo "\$ $*"
  "$@"
}

# The value of a key of the server's `ready` line.
address() { sed -n "s/^ready .*\b$1=\([^ ]*\).*/\1/p" "$folder/ready"; }

start() { # HTTP-ADDRESS S3-ADDRESS GRPC-ADDRESS
  rm -f "$folder/ready"
  mkfifo "$folder/ready.pipe"
  local started=$EPOCHREALTIME
  env -u TARN_CREDENTIALS tarn up --data "$folder/tarn-data" --listen "$1" --s3-listen "$2" --grpc-listen "$3" >"$folder/ready.pipe" 2>>"$folder/log" &
  server=$!
  # A server that dies closes the pipe, and this ends without a ready line.
  exec 3<"$folder/ready.pipe"
  rm "$folder/ready.pipe"
  grep -m1 '^ready ' <&3 >"$folder/ready" || fail "tarn up ended before it was ready"
  echo "$(cat "$folder/ready")   (after $(milliseconds_since "$started") ms)"
  export TARN_SERVER TARN_S3
  TARN_SERVER=$(address http)
  TARN_S3=$(address s3)
}

milliseconds_since() { echo $(((${EPOCHREALTIME/./} - ${1/./}) / 1000)); }

explain "1. One process, one folder: a store and a catalog"
echo "\$ tarn up --data $folder/tarn-data"
start 127.0.0.1:0 127.0.0.1:0 127.0.0.1:0
TARN_CREDENTIALS=$folder/tarn-data/credentials.toml
export TARN_CREDENTIALS

explain "2. Three million US flights go in, and become a dataset"
run tarn put "$flights" flights/flights-3m.parquet
run tarn register flights --from-parquet flights/flights-3m.parquet
run tarn show flights
tarn show flights --json >"$folder/before.json"
grep -q '"row_count": *3000000\b' "$folder/before.json" || fail "the dataset does not have three million rows"

explain "3. The power goes: SIGKILL, no warning"
echo "\$ kill -9 $server"
kill -9 "$server"
wait "$server" 2>/dev/null || true

explain "4. And comes back"
start "${TARN_SERVER#http://}" "${TARN_S3#http://}" "$(address grpc)"
run tarn datasets
tarn show flights --json | cmp - "$folder/before.json" || fail "the catalog says something else than before"
run tarn get flights/flights-3m.parquet "$folder/back.parquet"
cmp "$flights" "$folder/back.parquet" || fail "the flights are not the bytes that were stored"

explain "Still there: $(stat -c %s "$folder/back.parquet") bytes, 3,000,000 flights, the same catalog."
