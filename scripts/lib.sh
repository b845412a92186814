# What the scripts share. It is sourced, not run; afterwards the current folder is the root of the checkout.
# shellcheck shell=bash

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit

die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# packages_of <group>...: the packages that packages.txt lists for these groups.
packages_of() {
  local group
  for group in "$@"; do
    awk -v group="$group" '$1 == group { print $2 }' packages.txt
  done
}

# missing_packages <group>...: those of them that are not installed. Quick: it only asks dpkg.
missing_packages() {
  local wanted
  wanted=$(packages_of "$@" | sort)
  # shellcheck disable=SC2086  # one word for each package
  comm -23 <(printf '%s\n' "$wanted") \
    <(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' $wanted 2>/dev/null | awk '$1 == "ii" { print $2 }' | sort)
}

# need_packages <group>...: installs what is missing, without a question.
need_packages() {
  local missing as_root=()
  if ! command -v dpkg-query >/dev/null; then
    echo "This is not Debian: taking it that what packages.txt lists is here." >&2
    return
  fi
  mapfile -t missing < <(missing_packages "$@")
  if ((${#missing[@]} == 0)); then
    return
  fi

  if (($(id -u) != 0)); then
    if ! command -v sudo >/dev/null; then
      die "these packages are missing, and installing them takes root or sudo: ${missing[*]}"
    fi
    as_root=(sudo)
    # Without a terminal nobody could type a password.
    if [[ ! -t 0 ]]; then
      as_root=(sudo -n)
    fi
  fi
  as_root+=(env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=120)
  echo "Installing ${missing[*]}" >&2
  if ! { "${as_root[@]}" update && "${as_root[@]}" install -y --no-install-recommends "${missing[@]}"; } >&2 </dev/null; then
    die "these packages could not be installed; as root: apt-get install ${missing[*]}"
  fi
}

# configure <preset> [cmake option]...: makes build/<preset>, or brings it up to date.
configure() {
  local preset=$1 log
  shift
  if ! log=$(cmake --preset "$preset" "$@" 2>&1); then
    printf '%s\n' "$log" >&2
    die "cmake could not configure the preset $preset"
  fi
}
