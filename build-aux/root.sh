# shellcheck shell=sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Where ./dev builds: on the system itself, or in a Debian 13 root below the cache folder.  Sourced by
# dev, which has set top, here, cache, data and inside; it calls ready() and, where that says so, enter().

root=$cache/debian-13
log=$cache/setup.log
PATH=$PATH:/usr/sbin:/sbin # debootstrap and chroot; not everyone's path has them

# The one list of packages.  The app's come in once there is an app, to keep the first set-up short.
packages_engine='build-essential meson ninja-build pkgconf gettext git ccache ca-certificates python3
  clang-format libglib2.0-dev libjson-glib-dev libhdf5-dev libopenblas-dev libicu-dev libsoup-3.0-dev
  libpcre2-dev libarchive-dev libdeflate-dev libxml2-dev libsqlite3-dev libpq-dev libsnappy-dev libzstd-dev
  libexttextcat-dev libstemmer-dev unixodbc-dev libsqliteodbc wordnet-base poppler-utils apertium-eng-spa'
packages_app='libgtk-4-dev libadwaita-1-dev libsecret-1-dev blueprint-compiler libgtk-4-bin
  librsvg2-common adwaita-icon-theme fonts-inter fonts-dejavu-core gsettings-desktop-schemas xvfb xauth dbus
  dbus-daemon at-spi2-core gir1.2-atspi-2.0 python3-gi desktop-file-utils appstream locales libxml2-utils
  mallard-rng'
# shellcheck disable=SC2034 # used by dev: to fetch the peers, and the model where the host has no pip
packages_pip='python3-pip python3-venv'
# shellcheck disable=SC2034 # for ./dev test: the kernels are compiled for AMD's chips, too
packages_gpu='hipcc libamdhip64-dev'
# shellcheck disable=SC2034 # for ./dev test fuzz
packages_fuzz='clang libclang-rt-dev'
# shellcheck disable=SC2034 # for ./dev test aarch64
packages_aarch64='gcc-aarch64-linux-gnu qemu-user'

# The list, one a line, with "$@" besides.
wanted_packages ()
{
  # shellcheck disable=SC2086 # the lists are words
  printf '%s\n' $packages_engine "$@"
  # shellcheck disable=SC2086
  [ ! -e "$top/app/meson.build" ] || printf '%s\n' $packages_app
}

# Defines as_root: plain, by sudo, or not at all (returns 1).  sudo may ask only on a terminal.
find_root ()
{
  sudo_options=
  if [ "$(id -u)" -eq 0 ]; then
    as_root ()
    {
      "$@"
    }
    return 0
  fi
  command -v sudo >/dev/null || return 1
  if [ ! -t 0 ]; then
    sudo_options=-n
    sudo -n true 2>/dev/null || return 1
  fi
  as_root ()
  {
    sudo $sudo_options "$@"
  }
}

apt_install ()
{
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
}

# ---- a new enough system -----------------------------------------------------------------------

is_native ()
{
  pkg-config --atleast-version=1.7 libadwaita-1 2>/dev/null && return 0
  (
    . /etc/os-release
    [ "${ID:-}" = debian ] || exit 1
    [ "${VERSION_ID:-99}" -ge 13 ] # testing and unstable carry no number
  ) 2>/dev/null
}

# Installs what dpkg does not know to be there.
install_missing ()
{
  if ! command -v dpkg-query >/dev/null; then
    command -v meson >/dev/null && command -v ninja >/dev/null && return 0
    say 'dev: Attune needs these, by their names in Debian; please install them by hand:'
    wanted_packages "$@" | sed 's/^/  /' >&2
    exit 1
  fi
  missing=
  for package in $(wanted_packages "$@"); do
    case $(dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null) in
      ?i*) ;;
      *) missing="$missing $package" ;;
    esac
  done
  [ -n "$missing" ] || return 0
  find_root || die "Please install these packages as root, then call this again:
  apt-get install --no-install-recommends$missing"
  say "Installing$missing"
  mkdir -p "$cache"
  : >"$log"
  # shellcheck disable=SC2086
  apt_install $missing >>"$log" 2>&1 </dev/null && return 0
  # The lists may be missing or old.
  quietly "$log" as_root apt-get update || die 'apt-get has no network, so nothing could be installed.'
  # shellcheck disable=SC2086
  quietly "$log" apt_install $missing || die "Please install these packages by hand:$missing"
}

# ---- the root ----------------------------------------------------------------------------------

# Debian's archive as this machine's apt is set to reach it; nothing if apt does not know one.
debian_mirror ()
{
  # shellcheck disable=SC2016 # apt's own variable
  apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Origin: Debian' 'Label: Debian' \
    2>/dev/null | sed -n 1p
}

# Makes the root beside its place; only the rename at the end makes it count.  The tools mount things
# in it: a namespace of their own takes that away again however they end, so that removing what an
# interrupted one left never reaches the host's /dev.
make_root ()
{
  say "Setting up a Debian 13 root in $root (once, about a minute)"
  : >"$log"
  if ! { command -v mmdebstrap || command -v debootstrap; } >/dev/null || ! command -v mount >/dev/null; then
    as_root apt-get update >>"$log" 2>&1 </dev/null || :
    apt_install mount mmdebstrap >>"$log" 2>&1 </dev/null || quietly "$log" apt_install mount debootstrap \
      || die 'Please install mmdebstrap by hand, as root: apt-get install mount mmdebstrap'
  fi
  part=$root.part
  packages=
  if command -v mmdebstrap >/dev/null; then
    packages=$(wanted_packages "$@" | sort -u)
    set -- mmdebstrap --mode=root --variant=apt --dpkgopt=force-unsafe-io \
      --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
      --include="$(printf %s "$packages" | tr '\n' ,)" trixie "$part"
  else
    # No --include: debootstrap cannot resolve virtual packages.  grow_root() installs the list.
    set -- debootstrap --variant=minbase trixie "$part"
  fi
  as_root rm -rf "$part" || die "Could not remove $part"
  mirror=$(debian_mirror)
  [ -n "$mirror" ] && as_root unshare --mount "$@" "$mirror" >>"$log" 2>&1 </dev/null || {
    as_root rm -rf "$part"
    quietly "$log" as_root unshare --mount "$@" || die 'The Debian 13 root could not be made.
It needs the network, root and the right to mount.  Without these, build on Debian 13 or newer.'
  }
  # No service starts in it, whatever is installed later.
  printf '#!/bin/sh\nexit 101\n' | as_root tee "$part/usr/sbin/policy-rc.d" >/dev/null \
    && as_root chmod 755 "$part/usr/sbin/policy-rc.d" \
    && printf '%s\n' "$packages" | as_root tee "$part/etc/attune-packages" >/dev/null \
    && as_root mv -T "$part" "$root" || die "Could not finish $root"
}

# Installs in the root what its list lacks; the list is replaced when the packages are there.
grow_root ()
{
  stamp=$root/etc/attune-packages
  missing=$(wanted_packages "$@" | grep -vxF -f "$stamp" | tr '\n' ' ') || :
  [ -n "$missing" ] || return 0
  say "Installing in the Debian 13 root: $missing"
  : >"$log"
  # shellcheck disable=SC2016,SC2086
  quietly "$log" enter root sh -c 'export DEBIAN_FRONTEND=noninteractive
    dpkg --configure -a && apt-get update && apt-get install -y --no-install-recommends "$@" &&
    { cat /etc/attune-packages; printf "%s\n" "$@"; } | grep . | sort -u >/etc/attune-packages.new &&
    mv /etc/attune-packages.new /etc/attune-packages' sh $missing \
    || die "These packages could not be installed in the root: $missing"
}

# Makes sure that the packages, and "$@" besides, are there.  Returns 0 if they are in this system,
# 1 if they are in the root, which enter() enters.
ready ()
{
  [ -z "$inside" ] || return 0
  if is_native; then
    install_missing "$@"
    return 0
  fi
  command -v dpkg-query >/dev/null || die 'Attune needs libadwaita 1.7 or newer, and this system has an older one or none.
Please install it with its development files, or build on Debian 13 or newer.'
  find_root || die 'This system is older than Debian 13, so Attune is built in a Debian 13 root, which needs root or sudo.
Please call ./dev as root, or build on Debian 13 or newer.'
  mkdir -p "$cache" "$data"
  exec 8>"$root.lock" # several checkouts may come at once
  flock 8
  [ -d "$root" ] || make_root "$@"
  grow_root "$@"
  exec 8>&-
  return 1
}

# The variables that mean the same in the root, as words for eval.
kept_variables ()
{
  env | sed -n -E 's/^((ATTUNE|PIP|G|GDK|GSK|GTK|XDG|ASAN|UBSAN)_[A-Z_]+|(WAYLAND_)?DISPLAY|XAUTHORITY|DBUS_SESSION_BUS_ADDRESS|HOME|USER|LOGNAME|TERM|NO_COLOR|(https?|no)_proxy|(HTTPS?|NO)_PROXY)=.*/\1="$\1"/p' \
    | tr '\n' ' '
}

# Runs "$@" in the root, as root or as the user who called ($1), in the current folder.  Home and the
# temporary folder are bound to their own places, so that a path means the same inside and outside.
# The mounts are in a namespace of their own: they end with the command, and several may run at once.
# A system folder, as the current one may be, is the root's own.
enter ()
{
  who=--userspec=0:0
  groups=--groups=0
  certificates=
  if [ "$1" = user ]; then
    # The network here may need certificates of its own.  Not for apt: ca-certificates replaces the file.
    certificates=/etc/ssl/certs/ca-certificates.crt
    who=--userspec=$(id -u):$(id -g)
    groups=--groups=$(id -G | tr ' ' ,) # the GPU's device files belong to one of them
  fi
  shift
  home=$HOME
  [ "$home" != / ] || home=
  model=
  [ -z "${ATTUNE_MODEL:-}" ] || model=$(dirname -- "$ATTUNE_MODEL")
  eval "set -- $(kept_variables)" 'ATTUNE_DEV_ROOT="$root" LC_ALL=C.UTF-8 PYTHONNOUSERSITE=1 \
    PATH=/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin "$@"'
  # shellcheck disable=SC2016
  as_root unshare --mount sh -eu -c '
    root=$1 who=$2 groups=$3 certificates=$4
    shift 4
    for dir in proc sys dev; do
      mount --rbind "/$dir" "$root/$dir"
    done
    for file in /etc/resolv.conf /etc/hosts $certificates; do
      [ -f "$file" ] && [ -d "$root${file%/*}" ] || continue
      [ ! -L "$root$file" ] || rm "$root$file"
      [ -e "$root$file" ] || : >"$root$file"
      mount --bind "$file" "$root$file"
    done
    while [ "$1" != -- ]; do
      case $1 in
        /usr/src/*) ;;
        / | /usr* | /etc* | /bin | /lib* | /sbin | /dev* | /proc* | /sys* | /var | /run) shift && continue ;;
      esac
      if [ -d "$1" ]; then
        mkdir -p "$root$1"
        mount --bind "$1" "$root$1"
      fi
      shift
    done
    shift
    exec chroot "$who" "$groups" "$root" /usr/bin/env -i "$@"' \
    sh "$root" "$who" "$groups" "$certificates" "$home" /tmp "${XDG_RUNTIME_DIR:-}" "$cache" "$data" "$model" \
    "$here" "$top" -- -C "$here" "$@"
}
