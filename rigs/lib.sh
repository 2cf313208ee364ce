# Functions that the scripts of the rigs share. Sourced, never run.
# shellcheck shell=bash

: "${MATGUEST:=/tmp/matguest}"

say() { printf '%s %s: %s\n' "$(date +%T)" "${0##*/}" "$*" >&2; }

fail() { # the exit status, then the message
    printf '%s: %s\n' "${0##*/}" "${*:2}" >&2
    exit "$1"
}

usage() { # print the comment at the head of the script
    awk 'NR > 1 { if (!/^#/ || /shellcheck/) exit; sub(/^# ?/, ""); print }' "$0"
}

need_root() { [ "$(id -u)" = 0 ] || fail 77 "root is needed; run it with sudo"; }

install_missing() { # PROGRAM:PACKAGE... install the Debian packages of programs that are not there
    local pair wanted=()
    for pair in "$@"; do
        PATH=$PATH:/usr/sbin command -v "${pair%%:*}" >/dev/null || wanted+=("${pair#*:}")
    done
    [ ${#wanted[@]} -gt 0 ] || return 0
    say "installing ${wanted[*]} with apt-get"
    quietly apt-get update
    DEBIAN_FRONTEND=noninteractive quietly apt-get -o DPkg::Lock::Timeout=180 install --yes --no-install-recommends "${wanted[@]}"
}

quietly() { # run a command; print the end of its output only if it fails
    local output status=0
    output=$(mktemp)
    "$@" >"$output" 2>&1 </dev/null || status=$?
    [ "$status" = 0 ] || tail -n 20 "$output" >&2
    rm -f "$output"
    [ "$status" = 0 ] || fail 1 "this command failed: $*"
}

folder_of_suite() { # the folder in which a Debian root lies; bookworm's is also the guest's
    if [ "$1" = bookworm ]; then echo "$MATGUEST"; else echo "$MATGUEST-$1"; fi
}

failed=0
check() { # NAME COMMAND [ARGUMENT...] print whether it succeeds, and its output if not; sets $failed
    local output
    if output=$("${@:2}" 2>&1); then
        printf 'ok      %s\n' "$1"
    else
        printf 'FAILED  %s\n%s\n' "$1" "$output"
        # shellcheck disable=SC2034  # the scripts exit with it
        failed=1
    fi
}
