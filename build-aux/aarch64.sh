# SPDX-License-Identifier: GPL-3.0-or-later
# Read by dev: the engine for AArch64, built with Debian's cross compiler and run in an emulator.

aarch64_root=$cache/aarch64
packages_aarch64_root='libc6-dev libglib2.0-dev libjson-glib-dev libhdf5-dev libicu-dev libsoup-3.0-dev libpcre2-dev
  libarchive-dev libdeflate-dev libxml2-dev libsqlite3-dev libpq-dev libsnappy-dev libzstd-dev libexttextcat-dev
  libstemmer-dev'

# Debian's libraries for AArch64, unpacked in a folder of their own: not all can be installed beside this system's.
make_aarch64_root ()
{
  [ "$(cat "$aarch64_root/packages" 2>/dev/null)" != "$packages_aarch64_root" ] || return 0
  say "Fetching libraries for AArch64 into $aarch64_root (once)"
  part=$aarch64_root.part
  rm -rf "$part"
  mkdir -p "$part/usr/lib" "$part/apt/lists/partial" "$part/apt/archives/partial"
  ln -s usr/lib "$part/lib"
  : >"$part/apt/status"
  : >"$build/aarch64-root.log"
  set -- -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o Dir::State="$part/apt" \
    -o Dir::State::status="$part/apt/status" -o Dir::Cache="$part/apt"
  quietly "$build/aarch64-root.log" apt-get "$@" update || return 1
  # shellcheck disable=SC2086 # words
  quietly "$build/aarch64-root.log" apt-get "$@" install -y --download-only --no-install-recommends \
    $packages_aarch64_root || return 1
  for package in "$part"/apt/archives/*.deb; do
    dpkg-deb -x "$package" "$part" || return 1
  done
  rm -rf "$part/apt" "$aarch64_root"
  printf '%s\n' "$packages_aarch64_root" >"$part/packages"
  mv -T "$part" "$aarch64_root"
}

# meson's cross file.
write_aarch64_file ()
{
  cat <<EOF
[binaries]
c = ['ccache', 'aarch64-linux-gnu-gcc']
ar = 'aarch64-linux-gnu-gcc-ar'
strip = 'aarch64-linux-gnu-strip'
pkg-config = 'pkg-config'
exe_wrapper = ['qemu-aarch64', '-L', '$aarch64_root']

[built-in options]
c_args = ['--sysroot=$aarch64_root']
c_link_args = ['--sysroot=$aarch64_root', '-Wl,-rpath-link,$aarch64_root/usr/lib/aarch64-linux-gnu']

[properties]
sys_root = '$aarch64_root'
pkg_config_libdir = ['$aarch64_root/usr/lib/aarch64-linux-gnu/pkgconfig', '$aarch64_root/usr/share/pkgconfig']

[host_machine]
system = 'linux'
cpu_family = 'aarch64'
cpu = 'armv8-a'
endian = 'little'
EOF
}

# Tests that start other programs of ours are left out: the emulator runs one.  So are the real model, whose
# steps take hours there, and the emulation of a GPU, which has nothing of this processor's.
do_aarch64 ()
{
  mkdir -p "$build"
  make_aarch64_root || exit 1
  write_aarch64_file >"$build/aarch64.ini"
  compile aarch64 --cross-file "$build/aarch64.ini" -Dapp=disabled -Dbuildtype=debugoptimized -Dwerror=true || exit 1
  say 'Testing (aarch64)'
  results=$build/aarch64/meson-logs/testlog.json
  rm -f "$results"
  XDG_DATA_HOME="$build/no-models" meson test -C "$build/aarch64" --no-rebuild --timeout-multiplier 20 \
    --suite core --suite compute --suite nn --test-args '-x /emulation' >"$build/test-aarch64.log" 2>&1 </dev/null || :
  [ -f "$results" ] || tail -n 5 "$build/test-aarch64.log" >&2
  exec python3 "$top/tests/tools/summarise.py" "$results"
}
