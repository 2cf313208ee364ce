# shellcheck shell=sh
# What an installation put in place, taken away again.

CREDENTIALS=/etc/credstore

remove_unsit() {
    wanted=$(echo unsit.service; known_chairs)
    stop_units
    for unit in $wanted; do
        systemctl --quiet disable --now "$(report_timer "$unit")" 2>/dev/null || true # not there
    done
    # shellcheck disable=SC2086  # one or several
    systemctl --quiet disable $wanted 2>/dev/null || true # not there
    [ -z "$purge" ] || forget_chairs
    for name in unsit unsit@ unsit-report unsit-report@; do
        remove_drop_in "$name" back-off
        remove_drop_in "$name" interpreter
    done
    remove_own_files
    [ ! -L "$COMMAND" ] || ! is_own_command || rm "$COMMAND"
    restore_board
    rm -rf "$OPT"
    [ -z "$purge" ] || purge_kept
    ! is_running || systemctl daemon-reload
    if [ -n "$purge" ]; then
        say "unsit is removed with its settings and state"
    elif [ -n "$packaged" ]; then
        say "Its settings stay in $ETC, its state in $STATES (sudo apt purge unsit removes these)"
    else
        say "unsit is removed; its settings stay in $ETC, its state in $STATES (--purge removes these)"
    fi
}

remove_own_files() { # those that a package has elsewhere
    rm -f "$UNITS/unsit.service" "$UNITS/unsit@.service" "$SYSUSERS" "$RULES"
    for name in $REPORT_UNITS; do rm -f "$UNITS/$name"; done
}

forget_chairs() {
    [ -x "$OPT/bin/unsit" ] || return 0
    for file in "$ETC"/*.toml; do
        [ ! -e "$file" ] || forget_chair "$file" "$(basename "$file" .toml)"
    done
}

forget_chair() { # FILE NAME
    [ "$2" = unsit ] && name=unsit || name=unsit-$2
    mkdir -p "$work/credentials"
    rm -f "$work/credentials/mqtt-password"
    [ ! -e "$CREDENTIALS/$name.mqtt-password" ] || cp "$CREDENTIALS/$name.mqtt-password" "$work/credentials/mqtt-password"
    CREDENTIALS_DIRECTORY=$work/credentials timeout 30 "$OPT/bin/unsit" forget --force --config "$1" --state-dir "/var/lib/$name" \
        >"$log" 2>&1 || say "The chair of $1 is still known to the broker: $(last_line)"
}

purge_kept() {
    rm -rf "$UNITS/unsit.service.d" "$UNITS"/unsit@*.service.d "$UNITS"/unsit-report*.d
    our_names >"$work/names" # before the settings are gone
    while IFS= read -r name; do
        rm -rf "${STATES:?}/$name" "/var/lib/$name"
        rm -f "$CREDENTIALS/$name.mqtt-password"
    done <"$work/names"
    rm -f "$ETC"/*.toml "$ETC"/*.toml.before-setup* "$ETC/mqtt-password"
    [ ! -d "$ETC" ] || rmdir "$ETC" 2>/dev/null || say "Kept in $ETC, since unsit has not written it: $(find "$ETC" -mindepth 1 -maxdepth 1 -printf '%f ')"
}
