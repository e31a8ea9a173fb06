#!/usr/bin/env bash
# Bring a plan file in, with the units that own its indicators: examples/load_plan.sh FILE [ADDRESS]
set -euo pipefail
file=${1:?the plan file, docs/examples/rivers-2019-2022.json for instance}
address=${2:-http://127.0.0.1:8000}
as_office=(--header 'Authorization: Bearer demo-planning-office' --header 'Content-Type: application/json')

units() { python3 -c 'import json, sys; print(*sorted({it["owner"] for it in json.load(sys.stdin)["indicators"]}))' <"$file"; }

for unit in $(units); do
  known=$(curl --silent --output /dev/null --write-out '%{http_code}' "$address/api/v1/units/$unit")
  [ "$known" = 200 ] || curl --silent --show-error --fail-with-body --write-out '\n' "${as_office[@]}" \
    --data '{"code": "'"$unit"'", "title": {"en": "Unit '"$unit"'", "fr": "Unité '"$unit"'"}}' \
    "$address/api/v1/units"
done
curl --silent --show-error --fail-with-body --write-out '\n' "${as_office[@]}" --data @"$file" "$address/api/v1/plans"
