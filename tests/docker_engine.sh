#!/usr/bin/env bash
# A Docker engine for the tests, apart from any other: `eval "$(tests/docker_engine.sh start)"`, `tests/docker_engine.sh stop`.
#
# Runs as root on Debian and Ubuntu, installs the packages that are missing, and pulls nothing. Whoever has an engine
# already needs none of this.
set -euo pipefail

home=/var/tmp/pie-docker-engine
socket=$home/docker.sock

start() {
    if ! command -v dockerd >/dev/null || ! command -v runc >/dev/null; then
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends docker.io >&2
    fi
    mkdir -p "$home"
    if ! grep -q ' /sys/fs/cgroup' /proc/mounts; then
        mount -t cgroup2 none /sys/fs/cgroup
    fi
    # no bridge: contained programs have no network, and so the engine needs no iptables
    setsid dockerd --host "unix://$socket" --data-root "$home/data" --exec-root "$home/exec" --pidfile "$home/pid" \
        --bridge none --iptables=false --ip6tables=false >"$home/log" 2>&1 </dev/null &
    for _ in $(seq 120); do
        if [ -S "$socket" ] && answers; then
            echo "export DOCKER_HOST=unix://$socket"
            return
        fi
        sleep 0.5
    done
    echo "the Docker engine didn't start in a minute:" >&2
    tail -20 "$home/log" >&2
    exit 1
}

answers() {
    python3 - "$socket" <<'PYTHON'
import http.client, socket, sys

connection = http.client.HTTPConnection("localhost")
connection.sock = socket.socket(socket.AF_UNIX)
try:
    connection.sock.connect(sys.argv[1])
    connection.request("GET", "/_ping")
    sys.exit(connection.getresponse().status != 200)
except OSError:
    sys.exit(1)
PYTHON
}

stop() {
    [ -f "$home/pid" ] || return 0
    pid=$(cat "$home/pid")
    kill "$pid" 2>/dev/null || true
    for _ in $(seq 60); do
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.5
    done
    # a daemon that was killed leaves its mounts
    umount "$home"/exec/netns/* "$home/data" 2>/dev/null || true
    rm -rf "$home"
}

case ${1:-} in
start) start ;;
stop) stop ;;
*)
    echo "usage: $0 start|stop" >&2
    exit 2
    ;;
esac
