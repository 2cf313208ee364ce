# shellcheck shell=sh
# What the Pi itself needs: lines in config.txt and a kernel module, each named, and taken away again.

MODULES=/etc/modules-load.d/unsit.conf
BOARD_BEGIN='# unsit begin: made by systemd/install, removed by systemd/install --uninstall'
BOARD_END='# unsit end'

config_files() { # those of this machine; none on a machine that is started in another way
    if [ -f /boot/firmware/config.txt ]; then
        echo /boot/firmware/config.txt
    elif [ -f /boot/config.txt ] && ! grep -q 'has moved to' /boot/config.txt; then
        echo /boot/config.txt
    fi
    # Debian writes config.txt again with each kernel, and adds this file to it.
    [ ! -f /etc/default/raspi-firmware ] || echo /etc/default/raspi-firmware-custom
}

has_board_lines() {
    for file in $(config_files); do
        ! grep -qs '^# unsit begin' "$file" || return 0
    done
    return 1
}

set_up_board() {
    board_changed=''
    for file in $(config_files); do
        [ -e "$file" ] || : >"$file"
        set_up_file "$file"
        remove_empty "$file"
    done
    if [ -n "$(config_files)" ]; then
        [ -z "$board_changed" ] || say "Restart the Pi for the lines of config.txt: sudo reboot"
    elif grep -qsE '^ *kind *= *"load_cell"' "$ETC"/*.toml; then
        say "This machine has no config.txt; switch on the bus of the load cells in its own way, see hardware/wiring.md"
    fi
}

set_up_file() { # FILE
    wanted_lines "$1" >"$work/board" 2>"$log" || fail 78 "$(last_line)"
    tab=$(printf '\t')
    while IFS="$tab" read -r line reason; do
        case $line in
            'module '*) load_module "${line#module }" "$reason" ;;
            *) block_has "$1" "$line" || { say "Added $line to $1: it $reason"; board_changed=yes; } ;;
        esac
    done <"$work/board"
    block_lines "$1" | while IFS= read -r line; do
        cut -f 1 "$work/board" | grep -qxF "$line" || say "Removed $line from $1"
    done
    cut -f 1 "$work/board" | grep -v '^module ' >"$work/lines" || true
    put_block "$1"
}

wanted_lines() { # FILE
    set -- "$1" "$ETC"/*.toml
    [ -e "$2" ] || set -- "$1"
    bare "$version/bin/python" "$HERE/parts/board.py" "$@"
}

block_lines() { # FILE: the lines of the block, without those around it
    sed -n '/^# unsit begin/,/^# unsit end/p' "$1" | grep -v -e '^#' -e '^\[' || true
}

block_has() { block_lines "$1" | grep -qxF -- "$2"; } # FILE LINE

without_block() { sed '/^# unsit begin/,/^# unsit end/d' "$1"; } # FILE

put_block() { # FILE: with the lines of $work/lines; the file stays as it is if they are there
    without_block "$1" >"$work/config"
    if [ -s "$work/lines" ]; then
        [ -z "$(tail -c 1 "$work/config")" ] || echo >>"$work/config"
        { echo "$BOARD_BEGIN"; echo '[all]'; cat "$work/lines"; echo "$BOARD_END"; } >>"$work/config"
    fi
    cmp -s "$work/config" "$1" || replace_config "$1"
}

replace_config() { # FILE; a copy beside it and one step, since a Pi without config.txt may not start
    # The mode of a file on the boot partition, which is FAT, cannot be set.
    if cp "$work/config" "$1.unsit-new" 2>"$log" && sync "$1.unsit-new" && mv -T "$1.unsit-new" "$1" 2>"$log"; then
        return 0
    fi
    rm -f "$1.unsit-new"
    say "$1 cannot be written ($(last_line)); these lines belong there:"
    cat "$work/lines"
}

remove_empty() { # FILE: the one that this has made
    [ -s "$1" ] || [ "$1" != /etc/default/raspi-firmware-custom ] || rm "$1"
}

load_module() { # NAME REASON
    grep -qsxF "$1" "$MODULES" || {
        say "Added $1 to $MODULES: it $2"
        mkdir -p "$(dirname "$MODULES")"
        echo "$1" >"$MODULES"
    }
    modprobe "$1" 2>/dev/null || true # with the next start, then
}

restore_board() {
    : >"$work/lines"
    for file in $(config_files); do
        [ -e "$file" ] || continue
        block_lines "$file" | while IFS= read -r line; do say "Removed $line from $file"; done
        put_block "$file"
        remove_empty "$file"
    done
    [ ! -e "$MODULES" ] || { say "Removed $MODULES"; rm "$MODULES"; }
}
