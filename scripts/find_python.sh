#!/usr/bin/env bash
# Prints the first Python that is 3.11 or newer, or nothing.
for candidate in python3 python3.13 python3.12 python3.11; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
    then
        echo "$candidate"
        exit
    fi
done
