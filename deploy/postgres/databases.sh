#!/usr/bin/env bash
# Run once by the PostgreSQL image, on an empty data folder: a database for each service, owned by a
# role of its own, that the others cannot enter. The passwords are files.
set -euo pipefail

secrets=${WCOPLAN_SECRETS:-/run/secrets}

for service in plan-api kpi-engine notifier; do
  psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set name="${service//-/_}" --set password="$(cat "$secrets/$service-password")" <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name" ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
SQL
done
