# shellcheck shell=sh
# The files of settings: made once from the program itself, never changed afterwards.

ETC=/etc/unsit

config_of() { # UNIT
    case $1 in
        unsit@*) name=${1#unsit@}; echo "$ETC/${name%.service}.toml" ;;
        *) echo "$ETC/unsit.toml" ;;
    esac
}

our_names() { # of the directories and credentials of all chairs: unsit and unsit-NAME
    {
        echo unsit
        for file in "$ETC"/*.toml; do
            [ ! -e "$file" ] || basename "$file" .toml | sed '/^unsit$/!s/^/unsit-/'
        done
        known_chairs | sed 's/^unsit@\(.*\)\.service$/unsit-\1/'
    } | sort -u
}

bare() { env -i PATH="$PATH" LANG=C.UTF-8 "$@"; }

check_settings() { # the new version must take what is there
    for file in "$ETC"/*.toml; do
        [ -e "$file" ] || continue
        bare "$version/bin/unsit" config --config "$file" >/dev/null 2>"$log" || fail 78 "$(last_line); nothing was changed"
    done
}

put_settings() { # of the unit that was asked for
    [ -n "$wanted" ] || return 0
    file=$(config_of "${wanted%%"$NEWLINE"*}")
    if [ -e "$file" ]; then
        [ -z "$flags" ] || say "$file is there and stays as it is; --set is for a new one"
        return 0
    fi
    write_template >"$work/settings.toml" 2>"$log" || fail 78 "$(last_line); nothing was changed"
    put "$work/settings.toml" "$file"
    say "Wrote the settings to $file"
}

write_template() {
    set -- --config /dev/null --set "chair.id=$(chair_id)${chair:+-$chair}"
    [ -z "$chair" ] || set -- "$@" --set "chair.name=$chair"
    while IFS= read -r flag; do
        [ -z "$flag" ] || set -- "$@" --set "$flag"
    done <<TEXT
$flags
TEXT
    bare "$version/bin/unsit" config --template "$@"
}

chair_id() { # one that no other Pi with a copy of this card has; a chair that has run keeps its id
    made_by=new_chair_id
    [ ! -e "$STATES/unsit${chair:+-$chair}/state.sqlite" ] || made_by=machine_chair_id
    bare "$version/bin/python" -c "from unsit.settings.model import $made_by; print($made_by())"
}
