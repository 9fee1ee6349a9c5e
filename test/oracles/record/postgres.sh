#!/bin/sh
# A new database cluster, started, filled, used by pgbench and stopped: postgres.sh BIN_DIRECTORY DIRECTORY SECONDS
# As a user that is not root, which initdb refuses.
set -eu
bin=$1 data=$2/data seconds=$3
"$bin/initdb" --no-sync --auth=trust --username=bench -D "$data" >/dev/null
"$bin/pg_ctl" -D "$data" -w -l "$2/log" -o "-c listen_addresses= -c unix_socket_directories=$2" start >/dev/null
export PGHOST="$2" PGUSER=bench
"$bin/createdb" bench
"$bin/pgbench" -q -i -s 5 bench 2>/dev/null
"$bin/pgbench" -T "$seconds" -c 4 -j 2 bench | grep tps
"$bin/psql" -X -q -c 'VACUUM ANALYZE' bench
"$bin/pg_ctl" -D "$data" -w -m fast stop >/dev/null
