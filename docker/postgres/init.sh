#!/bin/sh
# Runs once, when the database is made: Afterview's own user is nobody special, and finds the two roles that it
# works as.
set -eu
password=$(cat /passwords/afterview)
psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --username=postgres --dbname=postgres <<SQL
CREATE ROLE afterview LOGIN PASSWORD '$password';
CREATE ROLE afterview_account NOLOGIN;
CREATE ROLE afterview_directory NOLOGIN;
GRANT afterview_account, afterview_directory TO afterview;
CREATE DATABASE afterview OWNER afterview;
SQL
