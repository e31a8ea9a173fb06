#!/usr/bin/env bash
# Post one fact with curl: examples/post_event.sh [ADDRESS]
set -euo pipefail
address=${1:-http://127.0.0.1:8000}

curl --silent --show-error --fail-with-body --request POST "$address/api/v1/events" \
  --header 'Authorization: Bearer demo-service:source:*' \
  --header 'Content-Type: application/cloudevents+json' \
  --data @- <<'EVENT'
{
  "specversion": "1.0",
  "id": "example-1",
  "source": "urn:example:calendar",
  "type": "org.wcoomd.strategy.invitation.received.v1",
  "subject": "EX-FORUM-2020",
  "time": "2020-01-13T09:00:00Z",
  "datacontenttype": "application/json",
  "data": {
    "event": "EX-FORUM-2020",
    "title": "An invented forum",
    "event_on": "2020-01-29",
    "organizer_kind": "international-organization",
    "synthetic": true
  }
}
EVENT
