#!/bin/sh
# Makes the namespace and the search attributes by which runs are found; running it again changes nothing.
# Takes TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE from the environment.
set -eu

retention=90d
attributes='CutoverPlan CutoverPhase CutoverWave CutoverGate CutoverHealth'

temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1 ||
  temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$retention"

set --
for name in $attributes; do
  set -- "$@" --name "$name" --type Keyword
done

# A new namespace is seen by the whole server only after a few seconds.
tries=30
until temporal operator search-attribute create --namespace "$TEMPORAL_NAMESPACE" "$@"; do
  tries=$((tries - 1))
  if [ "$tries" -eq 0 ]; then
    echo "The search attributes could not be registered in namespace $TEMPORAL_NAMESPACE; the message above says why." >&2
    exit 1
  fi
  sleep 2
done
