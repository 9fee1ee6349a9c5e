/**
 * The shell script of the DaemonSet: installs the files below $SOURCE under $TARGET and keeps them so. POSIX shell, with
 * what busybox has.
 *
 * A file is written beside its place, synced and renamed, so that a reader finds the old or the new one and never a part,
 * wherever the script is killed. What it has installed stands in a list beside the files ($TARGET/.$NAME.list), written
 * before the files are, so that a later run knows its own files from those of others. MODE=once installs and ends,
 * MODE=remove takes away what the list names and waits. A file of the same name that somebody else put there is left as it is,
 * and the node stays unready, unless OVERWRITE=1.
 */
export const installScript = `#!/bin/sh
set -u
: "\${SOURCE:=/profiles}" "\${TARGET:=/host/seccomp}" "\${STATE:=/run/state}" "\${NAME:=callgate}"
: "\${MODE:=keep}" "\${INTERVAL:=20}" "\${OVERWRITE:=0}"
list="$TARGET/.$NAME.list"
trap 'exit 0' TERM INT

say() { printf '%s %s\\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$*"; }

# $1 to $2, whole or not at all.
put() {
  part="$2.$NAME.part"
  cp "$1" "$part" && chmod 0644 "$part" && { sync "$part" 2>/dev/null || sync; } && mv -f "$part" "$2"
}

# A text on standard input, likewise.
put_text() {
  cat >"$1.$NAME.part" && { sync "$1.$NAME.part" 2>/dev/null || sync; } && mv -f "$1.$NAME.part" "$1"
}

listed() { [ -f "$list" ] && grep -Fqx -- "$1" "$list"; }

# Names of the profiles, without the ..data links that a mounted ConfigMap has.
names() { (cd "$SOURCE" && find -L . -name '..*' -prune -o -type f -print | sed 's|^\\./||' | sort); }

# Parts that a killed run has left.
sweep() { find "$TARGET" -name "*.$NAME.part" -exec rm -f {} + ; }

# Whether $1 may be written: it is ours, or not there, or the same already.
ours() {
  listed "$1" || [ ! -e "$TARGET/$1" ] || cmp -s "$SOURCE/$1" "$TARGET/$1" || [ "$OVERWRITE" = 1 ]
}

install_all() {
  failed=0
  mine=
  for name in $(names); do
    if ours "$name"; then
      mine="$mine $name"
    else
      say "$name: another file of that name is there and is left as it is"
      failed=1
    fi
  done
  before=$(cat "$list" 2>/dev/null)
  wanted=$(for name in $mine; do printf '%s\\n' "$name"; done)
  if [ "$before" != "$wanted" ]; then
    printf '%s\\n%s\\n' "$before" "$wanted" | sed '/^$/d' | sort -u | put_text "$list" || return 1
  fi
  for name in $mine; do
    cmp -s "$SOURCE/$name" "$TARGET/$name" && continue
    mkdir -p "$TARGET/$(dirname "$name")" && put "$SOURCE/$name" "$TARGET/$name" &&
      cmp -s "$SOURCE/$name" "$TARGET/$name" && say "$name: installed" && continue
    say "$name: cannot be installed"
    failed=1
  done
  for name in $before; do
    case " $mine " in
      *" $name "*) ;;
      *) rm -f "$TARGET/$name" && say "$name: removed" || failed=1 ;;
    esac
  done
  if [ "$(cat "$list" 2>/dev/null)" != "$wanted" ]; then
    printf '%s\\n' "$wanted" | sed '/^$/d' | put_text "$list" || failed=1
  fi
  return $failed
}

remove_all() {
  [ -f "$list" ] || return 0
  while read -r name; do
    rm -f "$TARGET/$name" && say "$name: removed"
    rmdir -p "$(dirname "$TARGET/$name")" 2>/dev/null
  done <"$list"
  rm -f "$list"
}

ready() {
  [ -d "$STATE" ] || return 0
  if [ "$1" = 0 ]; then : >"$STATE/ready"; else rm -f "$STATE/ready"; fi
}

sweep
while :; do
  if [ "$MODE" = remove ]; then remove_all; else install_all; fi
  result=$?
  ready $result
  [ "$MODE" = once ] && exit $result
  sleep "$INTERVAL" &
  wait $!
done
`;
