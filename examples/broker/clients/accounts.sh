#!/usr/bin/env bash
# Accounts of a Salesforce org, by way of the broker: no key, no token, no library.
#   SFJWT_BROKER=/run/sfjwt/broker.sock ./accounts.sh nightly
set -euo pipefail

socket=${SFJWT_BROKER:?the path of the socket of the broker}
profile=${1:?the name of a profile}

curl --silent --show-error --fail-with-body --unix-socket "$socket" \
  "http://localhost/v1/proxy/$profile/services/data/v67.0/query?q=SELECT+Name+FROM+Account+ORDER+BY+Name" |
  grep --only-matching '"Name":"[^"]*"' | cut -d '"' -f 4
