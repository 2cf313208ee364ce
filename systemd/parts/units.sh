# shellcheck shell=sh
# Groups, rules and units: put in place, started, stopped; and the state that they keep.

UNITS=/etc/systemd/system
SYSUSERS=/etc/sysusers.d/unsit.conf
RULES=/etc/udev/rules.d/60-unsit.rules
STATES=/var/lib/private
REPORT_UNITS='unsit-report.service unsit-report.timer unsit-report@.service unsit-report@.timer'
BACK_OFF_SINCE=254 # the first systemd that knows RestartSteps=

is_running() { [ -d /run/systemd/system ]; }

wanted_units() { # those to be running afterwards; the one that is asked for comes first
    if [ -n "$chair" ]; then
        echo "unsit@$chair.service"
    elif [ ! -e "$OPT/bin" ] || [ "$(systemctl is-enabled unsit.service 2>/dev/null)" != disabled ]; then
        echo unsit.service
    fi
    known_chairs | grep -vxF "unsit@$chair.service" || true
}

known_chairs() { # units of chairs that are enabled or loaded
    {
        find "$UNITS" -path '*.wants/unsit@*' -printf '%f\n' 2>/dev/null
        ! is_running || systemctl list-units --plain --no-legend --all 'unsit@*.service' | cut -d ' ' -f 1
    } | sort -u
}

check_masks() {
    for unit in $wanted; do
        case $(systemctl is-enabled "$unit" 2>/dev/null) in
            masked*) fail 69 "$unit is masked; allow it first: sudo systemctl unmask $unit" ;;
        esac
    done
}

put_system_files() { # FROM
    if [ -z "$packaged" ]; then
        put "$1/sysusers.conf" "$SYSUSERS"
        put "$1/60-unsit.rules" "$RULES"
        put "$1/unsit.service" "$UNITS/unsit.service"
        put "$1/unsit@.service" "$UNITS/unsit@.service"
        put_report_units "$1"
    fi
    for name in unsit unsit@; do
        if [ "$(systemctl --version | sed -n '1s/^systemd \([0-9]*\).*/\1/p')" -ge $BACK_OFF_SINCE ]; then
            put "$1/back-off.conf" "$UNITS/$name.service.d/back-off.conf"
        else
            remove_drop_in "$name" back-off
        fi
    done
    make_groups
}

put_report_units() { # FROM; once they were asked for, they stay
    [ -n "$report" ] || [ -e "$UNITS/unsit-report.timer" ] || return 0
    for name in $REPORT_UNITS; do
        [ ! -e "$1/$name" ] || put "$1/$name" "$UNITS/$name" # a version before the reports has none
    done
}

report_timer() { # UNIT of a chair
    echo "unsit-report${1#unsit}" | sed 's/service$/timer/'
}

put_interpreter() { # VERSION; the units let only what is below /usr and /opt/unsit be run
    base=$("$1/bin/python" -c 'import sys; print(sys.base_prefix)')
    for name in unsit unsit@ unsit-report unsit-report@; do
        case $base/ in
            /usr/* | "$OPT"/*) remove_drop_in "$name" interpreter ;;
            *)
                printf '[Service]\nExecPaths=%s\n' "$base" >"$work/interpreter.conf"
                put "$work/interpreter.conf" "$UNITS/$name.service.d/interpreter.conf"
                ;;
        esac
    done
}

put() { # FILE TARGET, in one step
    mkdir -p "$(dirname "$2")"
    cp "$1" "$2.new"
    chmod 644 "$2.new"
    mv -T "$2.new" "$2"
}

remove_drop_in() { # UNIT NAME
    rm -f "$UNITS/$1.service.d/$2.conf"
    [ ! -d "$UNITS/$1.service.d" ] || rmdir --ignore-fail-on-non-empty "$UNITS/$1.service.d"
}

make_groups() {
    systemd-sysusers >"$log" 2>&1 || fail 69 "the groups gpio, spi and i2c cannot be made: $(last_line)"
    [ -S /run/udev/control ] || return 0 # as in a container; devices get their groups where there are some
    { udevadm control --reload && udevadm trigger --subsystem-match=gpio --subsystem-match=spidev --subsystem-match=i2c-dev; } >"$log" 2>&1 ||
        say "The devices get their groups with the next start of the machine: $(last_line)"
}

stop_units() {
    is_running || return 0
    for unit in $wanted; do
        systemctl stop "$unit" 2>/dev/null || true # not there yet
    done
}

start_units() { # leaves in $failed what did not start, and why
    failed=''
    # shellcheck disable=SC2086  # one or several
    [ -z "$wanted" ] || systemctl --quiet enable $wanted
    [ -z "$report" ] || for unit in $wanted; do systemctl --quiet enable "$(report_timer "$unit")"; done
    is_running || return 0
    systemctl daemon-reload
    [ -z "$report" ] || for unit in $wanted; do systemctl start "$(report_timer "$unit")"; done
    for unit in $wanted; do
        systemctl reset-failed "$unit" 2>/dev/null || true # it need not have failed
        systemctl start "$unit" >"$log" 2>&1 || { failed="$unit does not start: $(reason_of "$unit")"; return 0; }
    done
}

reason_of() { # UNIT; the last line that its main process wrote
    journalctl --unit "$1" "_PID=$(systemctl show --value --property ExecMainPID "$1")" --boot --output cat --lines 1 --no-pager 2>/dev/null |
        grep . || echo "see journalctl -u $1"
}

states() { # of our chairs; others may have names that begin alike
    our_names | while IFS= read -r name; do
        [ ! -d "$STATES/$name" ] || echo "$STATES/$name"
    done
}

keep_state() {
    mkdir "$work/state"
    states | while IFS= read -r directory; do cp -a "$directory" "$work/state"; done
}

bring_state_back() {
    states | while IFS= read -r directory; do rm -rf "$directory"; done
    find "$work/state" -mindepth 1 -maxdepth 1 -exec cp -a {} "$STATES" ';'
}
