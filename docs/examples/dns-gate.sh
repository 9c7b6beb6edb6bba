#!/bin/sh
# Writes the policy file and the TXT record that move DOMAIN to enforce, once it is ready.
#
#   dns-gate.sh DOMAIN FOLDER [further words for `tlsrptd readiness`]
#
# FOLDER/mta-sts.txt   to be served at https://mta-sts.DOMAIN/.well-known/mta-sts.txt
# FOLDER/mta-sts.zone  the record, to be published after it
#
# Exit status: 0 written; 1 not ready, or enforcing already: nothing is changed; 2 there is
# no answer. Needs jq.
set -u

domain=$1
folder=$2
shift 2

verdict=$(tlsrptd readiness "$domain" --json "$@")
status=$?
case $status in
  0) ;;
  1 | 2 | 3 | 4 | 5)
    printf '%s\n' "$verdict" | jq -r '.sentence' >&2
    exit 1
    ;;
  *)
    echo "dns-gate: no verdict (tlsrptd readiness ended with $status)" >&2
    exit 2
    ;;
esac

# Whole or not at all: a half-written policy file is one that senders fetch.
set -e
printf '%s\n' "$verdict" |
  jq -ej '.plan | select(.kind == "enforce") | .policy_file' >"$folder/mta-sts.txt.new"
printf '%s\n' "$verdict" |
  jq -er '.plan | "\(.txt_name). 300 IN TXT \"\(.txt_record)\""' >"$folder/mta-sts.zone.new"
mv "$folder/mta-sts.txt.new" "$folder/mta-sts.txt"
mv "$folder/mta-sts.zone.new" "$folder/mta-sts.zone"
