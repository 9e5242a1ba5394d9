#!/bin/sh
# Makes cli/target/sardonyx-VERSION-PLATFORM.tar.gz: the command with a Java runtime of its own (jlink), for machines without Java.
# What it looks at: JAVA_HOME (a JDK 25; else the one whose javac is on the PATH, or one in /usr/lib/jvm), SARDONYX_NO_BUILD (package what is built).
set -eu

say() { printf 'package: %s\n' "$1" >&2; }

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
root=$(dirname "$here")
target=$here/target

is_jdk25() {
    [ -x "$1/bin/jlink" ] && [ -x "$1/bin/javac" ] && [ -r "$1/release" ] && grep -q '^JAVA_VERSION="25[."]' "$1/release"
}

jdk=''
on_path=$(command -v javac 2>/dev/null || true)
if [ -n "$on_path" ]; then on_path=$(dirname "$(dirname "$(readlink -f "$on_path")")"); fi
for home in "${JAVA_HOME:-}" "$on_path" /usr/lib/jvm/*; do
    if [ -z "$jdk" ] && [ -n "$home" ] && is_jdk25 "$home"; then jdk=$home; fi
done
if [ -z "$jdk" ]; then
    say "no JDK 25 found; set JAVA_HOME to one"
    exit 2
fi

if [ -z "${SARDONYX_NO_BUILD:-}" ]; then
    (cd "$root" && mvn -q -B -Dmaven.test.skip=true -pl cli -am package)
fi
jar=$target/sardonyx.jar
if [ ! -f "$jar" ]; then
    say "$jar is missing; run mvn package first, or leave SARDONYX_NO_BUILD unset"
    exit 2
fi

version=$(sed -n 's:^  <version>\(.*\)</version>$:\1:p' "$root/pom.xml" | head -n 1)
case $(uname -s)-$(uname -m) in
    Linux-x86_64) platform=linux-x64 ;;
    Linux-aarch64) platform=linux-aarch64 ;;
    Darwin-arm64) platform=osx-aarch64 ;;
    *) say "no package for $(uname -s) on $(uname -m)"; exit 2 ;;
esac
name=sardonyx-$version
image=$target/package/$name
rm -rf "$target/package"
mkdir -p "$image/bin" "$image/app/lib" "$image/app/native" "$image/share"

# What the classes ask for, by jdeps, but for modules of libraries' parts that are never used (SQL, LDAP over JNDI).
"$jdk/bin/jlink" --add-modules java.base,java.desktop,java.logging,java.management,java.naming,jdk.incubator.vector,jdk.jfr,jdk.management,jdk.unsupported \
    --strip-debug --no-header-files --no-man-pages --compress zip-6 --output "$image/runtime"
# Debian's JDK has them among its modules: 700 MB that nobody's debugger asks for.
find "$image/runtime" -name '*.debuginfo' -delete

cp "$here/src/packaging/bin/sardonyx" "$image/bin/sardonyx"
chmod 755 "$image/bin/sardonyx"
cp "$jar" "$image/app/"
cp -r "$here/src/packaging/systemd" "$here/src/packaging/kubernetes" "$image/share/"
cp "$root/LICENSE" "$image/"
for library in "$target"/lib/*.jar; do
    case $library in
        */onnxruntime-*.jar)
            # Its jar holds native code for every platform; this one's goes beside it, where it need not be taken out at each start.
            work=$target/package/onnxruntime
            mkdir -p "$work"
            (cd "$work" && "$jdk/bin/jar" -xf "$library" && rm -f "ai/onnxruntime/native/$platform"/*.dbg && cp "ai/onnxruntime/native/$platform"/* "$image/app/native/" \
                && rm -rf ai/onnxruntime/native && mv META-INF/MANIFEST.MF "$target/package/manifest" \
                && "$jdk/bin/jar" -cfm "$image/app/lib/$(basename "$library")" "$target/package/manifest" .)
            ;;
        *-boringssl-static-*-*.jar)
            case $library in
                *-linux-x86_64.jar) [ "$platform" = linux-x64 ] && cp "$library" "$image/app/lib/" ;;
                *-linux-aarch_64.jar) [ "$platform" = linux-aarch64 ] && cp "$library" "$image/app/lib/" ;;
                *-osx-aarch_64.jar) [ "$platform" = osx-aarch64 ] && cp "$library" "$image/app/lib/" ;;
                *-linux-*.jar | *-osx-*.jar | *-windows-*.jar) ;;
                *) cp "$library" "$image/app/lib/" ;;
            esac || true
            ;;
        *) cp "$library" "$image/app/lib/" ;;
    esac
done
chmod -R u+rwX,go+rX,go-w "$image"

tarball=$target/$name-$platform.tar.gz
if tar --version 2>/dev/null | grep -q GNU; then
    tar -C "$target/package" --sort=name --mtime='2026-01-01 00:00:00Z' --owner=0 --group=0 --numeric-owner -cf - "$name" | gzip -n -9 >"$tarball"
else
    tar -C "$target/package" -cf - "$name" | gzip -n -9 >"$tarball"
fi
say "$tarball ($(du -h "$tarball" | cut -f 1)); unpacked at $image ($(du -sh "$image" | cut -f 1))"
