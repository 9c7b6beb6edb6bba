#!/bin/sh
# Passes while nothing stands in the way of enforce for DOMAIN, or of staying there.
#
#   ci-gate.sh DOMAIN [further words for `tlsrptd readiness`]
#
# Exit status: 0 go on; 1 do not; 2 there is no answer (away, not configured, ...).
set -u

tlsrptd readiness "$@"
status=$?
case $status in
  0 | 4) exit 0 ;;              # ready; enforcing and healthy
  1 | 2 | 3 | 5) exit 1 ;;      # the text above says what to do
  *)
    echo "ci-gate: no verdict (tlsrptd readiness ended with $status)" >&2
    exit 2
    ;;
esac
