"""The attributes of variables, as bits."""
from __future__ import annotations

EXPORT = 1          # passed to children
READONLY = 2
HOOKED = 4          # the shell wants to know when it changes
INTEGER = 8         # declare -i: values are evaluated
LOWER, UPPER, CAPITAL = 16, 32, 64      # declare -l, -u, -c: of letters
REFERENCE = 128     # declare -n: stands for another variable
TRACED = 256        # declare -t, which means nothing
INDEXED, ASSOCIATIVE = 512, 1024        # arrays
UNASSIGNED = 2048   # assignments are ignored: FUNCNAME
ARRAYS = INDEXED | ASSOCIATIVE
CONVERTED = INTEGER | LOWER | UPPER | CAPITAL
SIMPLE = EXPORT | READONLY | HOOKED     # the attributes that leave a value as it is
