#!/usr/bin/env bash
# The scripts under shellcheck: warnings at the root, errors in the tests.
set -euo pipefail
cd "$(dirname "$0")/../.."
command -v shellcheck > /dev/null || { echo "SKIP: lint.shell: no shellcheck"; exit 77; }
shellcheck -S warning demo.sh test.sh .ci/run tests/bench/*.sh tests/samples/*.sh tests/lint/*.sh
find tests -name '*.sh' -exec shellcheck -S error {} +
