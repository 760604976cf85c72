#!/bin/sh
# Checks the scrape configuration and the rules, and runs the rules' unit tests. Needs promtool (Debian: prometheus).
set -eu
cd "$(dirname "$0")"
command -v promtool >/dev/null || { echo "check.sh: promtool is missing (Debian's package prometheus has it)" >&2; exit 1; }
promtool check config prometheus.yml
promtool test rules tests/*.yml
