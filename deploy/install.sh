#!/bin/sh
# Puts Sluice on this machine from the folder that this script lies in, without a network. Run again, it changes only what differs.
#
#   sudo ./deploy/install.sh              the gateway
#   sudo ./deploy/install.sh --hub        the hub
#   sudo ./deploy/install.sh --kubeedge   the gateway, beside EdgeCore: as root without any right, since EdgeCore's socket is root's
#   sudo ./deploy/install.sh --rollback   back to the version before
#   sudo ./deploy/install.sh --uninstall  all but configuration and data; --purge: these too
#
# What is where: /opt/sluice/VERSION (the program; `current` and `previous` point there), /usr/local/bin/sluice, /etc/sluice (your
# configuration), /var/lib/sluice and /var/lib/sluice-hub (data), units, udev rule, users and folders where Debian looks for them.
set -eu

here=$(cd "$(dirname "$0")/.." && pwd)
base=/opt/sluice
changes=0

say() { printf '%s\n' "$*"; }
fail() { printf 'install.sh: %s\n' "$*" >&2; exit 1; }
changed() { changes=$((changes + 1)); say "  $*"; }
# Is there a systemd to talk to? Not in a chroot, where an image is made.
running() { [ -d /run/systemd/system ]; }

# put FILE TARGET MODE: writes the target whole or not at all, and only if it differs.
put() {
  if [ -f "$2" ] && cmp -s "$1" "$2" && [ "$(stat -c %a "$2")" = "$3" ]; then return 0; fi
  mkdir -p "$(dirname "$2")"
  cp "$1" "$2.new"
  chmod "$3" "$2.new"
  mv -f "$2.new" "$2"
  changed "$2"
}

# point NAME FOLDER: a link under /opt/sluice, changed in one step.
point() {
  if [ "$(readlink "$base/$1" 2>/dev/null)" = "$2" ]; then return 0; fi
  ln -sfn "$2" "$base/$1.new"
  mv -Tf "$base/$1.new" "$base/$1"
  changed "$base/$1 -> $2"
}

# Programs that nothing points to any more: each is some 100 MB of a Pi's card.
forget() {
  for old in "$base"/*; do
    if [ -L "$old" ] || [ ! -d "$old" ]; then continue; fi
    case "${old##*/}" in "$(readlink "$base/current")" | "$(readlink "$base/previous" || true)") continue ;; esac
    rm -rf "$old"
    changed "$old removed"
  done
}

installed() { for unit in gateway hub; do if [ -f "/etc/systemd/system/sluice-$unit.service" ]; then printf '%s ' "$unit"; fi; done; }
units() { for unit in $(installed); do printf 'sluice-%s ' "$unit"; done; }

restart() {
  running || return 0
  for unit in $(units); do if systemctl --quiet is-enabled "$unit" 2>/dev/null; then systemctl restart "$unit"; say "  $unit restarted"; fi; done
}

node_of() { if [ -x "$1/bin/node" ]; then printf '%s' "$1/bin/node"; else command -v node || true; fi; }

# Can this program be that? What is made with --gateway-only has no page, nor what only a hub needs.
has() { [ "$2" = gateway ] || [ -d "$1/dist/monitor/dashboard" ]; }

# Refused before anything is changed.
check() {
  [ "$(id -u)" = 0 ] || fail "needs root: say sudo $0"
  [ -f "$here/dist/cli/main.js" ] || fail "$here holds no built Sluice: use the tarball that npm run package makes"
  for tool in systemd-sysusers systemd-tmpfiles; do command -v "$tool" >/dev/null || fail "$tool is missing: this is for Debian with systemd"; done
  for unit in "$1" $(installed); do has "$here" "$unit" || fail "$here holds no $unit: use a tarball made without --gateway-only (a machine with gateway and hub has one version of both)"; done
  node=$(node_of "$here")
  [ -n "$node" ] || fail "no Node here: use a tarball made with --with-node, or install Node 20.19 or later"
  "$node" -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
    fail "$node does not run here or is older than 20.19: use a tarball for $(uname -m) made with --with-node"
  version=$("$node" "$here/dist/cli/main.js" --version)
}

install_it() {
  part=$1
  check "$part"
  say "Sluice $version, $part"
  say "[1/4] program"
  mkdir -p "$base"
  if [ "$here" != "$base/$version" ] && ! diff -rq "$here" "$base/$version" >/dev/null 2>&1; then
    rm -rf "$base/$version.new"
    cp -a "$here" "$base/$version.new"
    chown -R 0:0 "$base/$version.new"
    chmod -R go-w "$base/$version.new"
    rm -rf "$base/$version.old"
    if [ -d "$base/$version" ]; then mv "$base/$version" "$base/$version.old"; fi
    mv "$base/$version.new" "$base/$version"
    rm -rf "$base/$version.old"
    changed "$base/$version"
  fi
  before=$(readlink "$base/current" 2>/dev/null || true)
  moved=no
  if [ "$before" != "$version" ]; then moved=yes; fi
  if [ -n "$before" ] && [ "$before" != "$version" ]; then point previous "$before"; fi
  point current "$version"
  forget
  put "$here/deploy/bin/sluice" /usr/local/bin/sluice 755

  say "[2/4] user, folders, serial ports"
  before=$changes
  put "$here/deploy/sysusers/sluice.conf" /etc/sysusers.d/sluice.conf 644
  put "$here/deploy/tmpfiles/sluice.conf" /etc/tmpfiles.d/sluice.conf 644
  put "$here/deploy/udev/60-sluice.rules" /etc/udev/rules.d/60-sluice.rules 644
  if [ "$changes" != "$before" ] || ! id sluice sluice-hub >/dev/null 2>&1; then
    systemd-sysusers /etc/sysusers.d/sluice.conf
    systemd-tmpfiles --create /etc/tmpfiles.d/sluice.conf
    if [ -f /etc/tmpfiles.d/sluice-kubeedge.conf ]; then systemd-tmpfiles --create /etc/tmpfiles.d/sluice-kubeedge.conf; fi
  fi
  if [ "$changes" != "$before" ] && running && command -v udevadm >/dev/null; then udevadm control --reload && udevadm trigger --subsystem-match=tty --subsystem-match=usb-serial; fi

  say "[3/4] service"
  for unit in "$part" $(installed); do put "$here/deploy/systemd/sluice-$unit.service" "/etc/systemd/system/sluice-$unit.service" 644; done
  if [ "$2" = kubeedge ]; then
    put "$here/deploy/tmpfiles/sluice-kubeedge.conf" /etc/tmpfiles.d/sluice-kubeedge.conf 644
    put "$here/deploy/systemd/kubeedge.conf" /etc/systemd/system/sluice-gateway.service.d/kubeedge.conf 644
    systemd-tmpfiles --create /etc/tmpfiles.d/sluice-kubeedge.conf
  fi
  if running; then systemctl daemon-reload; fi

  say "[4/4] start"
  if [ "$changes" = 0 ]; then
    say "nothing to change"
    return 0
  fi
  say "$changes changes"
  if [ -f "/etc/sluice/$part.yaml" ]; then
    if running; then systemctl enable "sluice-$part"; if [ "$moved" = no ]; then systemctl restart "sluice-$part"; fi; fi
  fi
  # A machine with gateway and hub has one program for both.
  if [ "$moved" = yes ]; then restart; fi
  if [ -f "/etc/sluice/$part.yaml" ]; then return 0; fi
  say "Next: write /etc/sluice/$part.yaml, see /opt/sluice/current/docs/install.md; then"
  # Who joins owns the folder: the service could not read another's key.
  if [ "$part" = gateway ]; then
    as="runuser -u sluice -- "
    if [ -f /etc/systemd/system/sluice-gateway.service.d/kubeedge.conf ]; then as=; fi
    say "  ${as}sluice join --hub https://HUB:8080 --token TOKEN --id NAME"
  fi
  say "  systemctl enable --now sluice-$part"
}

rollback() {
  [ "$(id -u)" = 0 ] || fail "needs root: say sudo $0"
  previous=$(readlink "$base/previous" 2>/dev/null || true)
  [ -n "$previous" ] && [ -d "$base/$previous" ] || fail "there is no version before this one"
  for unit in $(installed); do has "$base/$previous" "$unit" || fail "version $previous holds no $unit: it was made with --gateway-only"; done
  current=$(readlink "$base/current")
  point current "$previous"
  point previous "$current"
  restart
}

uninstall() {
  [ "$(id -u)" = 0 ] || fail "needs root: say sudo $0"
  for unit in $(units); do if running; then systemctl disable --now "$unit"; fi; done
  for path in /etc/systemd/system/sluice-gateway.service /etc/systemd/system/sluice-hub.service /etc/udev/rules.d/60-sluice.rules \
    /etc/systemd/system/sluice-gateway.service.d/kubeedge.conf /etc/tmpfiles.d/sluice-kubeedge.conf /etc/tmpfiles.d/sluice.conf /etc/sysusers.d/sluice.conf /usr/local/bin/sluice "$base"; do
    if [ -e "$path" ]; then rm -rf "$path"; changed "$path removed"; fi
  done
  rmdir /etc/systemd/system/sluice-gateway.service.d 2>/dev/null || true
  if running; then systemctl daemon-reload; fi
  if [ "$1" = purge ]; then
    rm -rf /etc/sluice /var/lib/sluice /var/lib/sluice-hub
    for user in sluice sluice-hub; do if id "$user" >/dev/null 2>&1; then userdel "$user"; changed "user $user removed"; fi; done
  else
    say "Kept: /etc/sluice, /var/lib/sluice, /var/lib/sluice-hub, the users (--purge removes them)"
  fi
}

case "${1:-}" in
'' | --gateway) install_it gateway alone ;;
--hub) install_it hub alone ;;
--kubeedge) install_it gateway kubeedge ;;
--rollback) rollback ;;
--uninstall) if [ "${2:-}" = --purge ]; then uninstall purge; else uninstall keep; fi ;;
--purge) uninstall purge ;;
--help | -h) sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0" ;;
*) fail "unknown: $1; see --help" ;;
esac
