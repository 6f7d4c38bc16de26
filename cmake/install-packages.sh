#!/usr/bin/env bash
# Makes sure that the packages of system-packages.txt are installed.
#
#   install-packages.sh [--yes | --no-install]
#
# Prints the one apt line and asks before it runs it; --yes, or CI in the
# environment, answers for you. --no-install works with what is there. Stops
# without a change if apt would remove a package or if a package to be
# installed brings a service, since installing it might start a daemon.
set -euo pipefail

list="$(dirname "$0")/system-packages.txt"
answer=ask
[[ -n "${CI:-}" ]] && answer=yes
for option in "$@"; do
  case "$option" in
    --yes) answer=yes ;;
    --no-install) exit 0 ;;
    *) echo "install-packages.sh: unknown option $option" >&2; exit 2 ;;
  esac
done

installed() { dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q '^install ok installed$'; }

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
  echo "install-packages.sh: no apt-get here; install what $list names, then use --no-install" >&2
  exit 3
fi

missing=()
while read -r package; do
  installed "$package" || missing+=("$package")
done < <(grep -v '^#' "$list")
(( ${#missing[@]} )) || exit 0

sudo=()
(( EUID == 0 )) || sudo=(sudo)
line=("${sudo[@]}" apt-get install -y --no-install-recommends "${missing[@]}")
echo "These packages are missing; to install them:" >&2
echo "  ${line[*]}" >&2
if [[ $answer == ask ]]; then
  if [[ ! -t 0 ]]; then
    echo "Run it, or say --yes; --no-install goes on without them." >&2
    exit 3
  fi
  read -r -p "Run this now? [y/N] " reply
  [[ $reply == [yY]* ]] || exit 3
fi

export DEBIAN_FRONTEND=noninteractive
"${sudo[@]}" apt-get update -qq
plan=$("${sudo[@]}" apt-get install --simulate --no-install-recommends "${missing[@]}")
if removed=$(grep '^Remv ' <<<"$plan"); then
  echo "Stopped: apt would remove packages:" >&2
  echo "$removed" >&2
  exit 3
fi
"${line[@]}" --download-only -qq >&2
# A package that is only upgraded had its service, if any, before.
while read -r package; do
  for deb in /var/cache/apt/archives/"${package}"_*.deb; do
    [[ -e $deb ]] || continue
    if dpkg-deb -c "$deb" | grep -qE ' \./(etc/init\.d/|(usr/)?lib/systemd/system/.*\.service)'; then
      echo "Stopped: $package brings a service that its installation might start." >&2
      exit 3
    fi
  done
done < <(awk '$1 == "Inst" && $3 !~ /^\[/ {print $2}' <<<"$plan")
"${line[@]}" -qq >&2
