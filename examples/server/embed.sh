#!/bin/sh
# embed.sh NAME FILE: a text file as a C array that ends in a NUL.
printf 'static const char %s[] = {\n' "$1"
od -An -v -tx1 "$2" | sed 's/ \([0-9a-f][0-9a-f]\)/0x\1,/g'
printf '0};\n'
