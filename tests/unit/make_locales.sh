#!/bin/sh
# usage: make_locales.sh LOCALEDEF DIRECTORY NAME...
# Makes locales such as de_DE, with UTF-8, in a directory for LOCPATH. One that cannot be made, for
# want of the package "locales", is no failure of the build: the tests that need it fail.
set -eu
localedef=$1 directory=$2
shift 2
mkdir -p "$directory"
for name in "$@"; do
    "$localedef" --quiet -c -i "$name" -f UTF-8 "$directory/$name.UTF-8" || true # or a mere warning
done
