#!/bin/bash
# Run once by the image of PostgreSQL, as its superuser, when the volume is empty: the
# database, the roles of sql/bootstrap.sql, and a login for each service that may take
# only the roles it works with. Whoever breaks into the intake, which reads strangers'
# bytes, has no rights on tables but the intake's.
#
# Passwords come out of files (secrets of docker-compose.yml), and go in as variables of
# psql: no quote in them is a quote in the SQL, and no list of processes shows them.
set -euo pipefail
secrets=${SECRETS:-/run/secrets}

for login in migrate ingest api worker grafana; do
  # One line; read stops at its end, which is not part of the password.
  IFS= read -r "password_$login" < "$secrets/db_$login" || true
  name=password_$login
  if [ -z "${!name}" ]; then
    echo "postgres-init: $secrets/db_$login is empty; packaging/docker/make-secrets" \
         "makes it" >&2
    exit 1
  fi
  export "${name?}"
done

psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --username="${POSTGRES_USER:-postgres}" \
  --dbname=postgres <<'SQL'
\getenv password_migrate password_migrate
\getenv password_ingest password_ingest
\getenv password_api password_api
\getenv password_worker password_worker
\getenv password_grafana password_grafana

CREATE ROLE tlsrptd_owner;
CREATE ROLE tlsrptd_ingest;
CREATE ROLE tlsrptd_api;
CREATE ROLE tlsrptd_admin;
CREATE ROLE tlsrptd_grafana;

CREATE ROLE migrate LOGIN PASSWORD :'password_migrate';
CREATE ROLE ingest  LOGIN PASSWORD :'password_ingest';
CREATE ROLE api     LOGIN PASSWORD :'password_api';
CREATE ROLE worker  LOGIN PASSWORD :'password_worker';
CREATE ROLE grafana LOGIN PASSWORD :'password_grafana';

-- Changes tables, and gives the rights on them.
GRANT tlsrptd_owner, tlsrptd_ingest, tlsrptd_api, tlsrptd_admin TO migrate;
-- Stores; reads the list of domains, and for its metrics.
GRANT tlsrptd_ingest, tlsrptd_api TO ingest;
-- Reads; changes domains and tokens for a request that may.
GRANT tlsrptd_api, tlsrptd_admin TO api;
-- Makes and drops partitions, reads again what was kept, evaluates.
GRANT tlsrptd_owner, tlsrptd_ingest, tlsrptd_api TO worker;
-- Reads views, and no table.
GRANT tlsrptd_grafana TO grafana;

CREATE DATABASE tlsrptd OWNER migrate TEMPLATE template0 ENCODING 'UTF8';
REVOKE CONNECT, TEMPORARY ON DATABASE tlsrptd FROM PUBLIC;
GRANT CONNECT ON DATABASE tlsrptd TO ingest, api, worker, grafana;
SQL
