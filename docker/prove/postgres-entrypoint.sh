#!/bin/sh
# Stands for the entry point of PostgreSQL's image: makes the database at first, runs what is in
# /docker-entrypoint-initdb.d, and then the command.
set -eu
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    initdb --username=postgres --pwfile="$POSTGRES_PASSWORD_FILE" --auth-local=trust \
        --auth-host=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 > /dev/null
    echo 'host all all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
    pg_ctl --wait --log=/tmp/first --options="-c listen_addresses=''" start > /dev/null
    for script in /docker-entrypoint-initdb.d/*.sh; do sh "$script"; done
    pg_ctl --wait --mode=fast stop > /dev/null
fi
exec "$@" -c 'listen_addresses=*'
