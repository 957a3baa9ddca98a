#!/bin/sh
# Run once by the postgres image on an empty volume: the district's database and its owner, beside Airflow's own.
set -eu
psql --no-psqlrc --set=ON_ERROR_STOP=1 --set=password="$PASSBACK_DB_PASSWORD" --username="$POSTGRES_USER" --dbname=postgres <<'SQL'
create role passback login password :'password';
create database passback owner passback;
SQL
