#!/bin/sh
# Makes the passwords of the services of compose.yaml, once: one file for each of those who need one, which
# nobody else can read.
set -eu
umask 077
folder=${1:-/passwords}
cd "$folder"
chmod 755 .
if [ -e made ]; then exit 0; fi

random() { head -c 24 /dev/urandom | base64 | tr '+/' '-_'; }

# keep FILE UID: what comes in, for that user alone.
keep() {
    cat > "$1"
    chmod 400 "$1"
    chown "$2:$2" "$1"
}

rm -f superuser afterview pgpass grafana
password=$(random)
random | keep superuser 999
echo "$password" | keep afterview 999
# libpq reads it if it is its user's own: host, port, database, user, password.
echo "*:*:*:afterview:$password" | keep pgpass 10001
random | keep grafana 472
: > made
