"""What `help` says of the options of built-in utilities: for each its letter, what it takes,
and what it does; of `test` the operators."""
from __future__ import annotations

import re

from minishell.builtins.manual_course import COURSE_OPTIONS

HEAD = re.compile(r'([-+]{1,2}[\w-]*)(\[=\w+\])?(?: (\S.*))?')     # -o name, --cursor[=mark]

COMPLETING = """
-o option  how what completes is shown: bashdefault, default, dirnames, filenames, noquote, …
-A action  names of a kind: alias, builtin, command, directory, file, function, user, …
-a  aliases
-b  built-in utilities
-c  commands
-d  directories
-e  exported variables
-f  files
-g  groups
-j  jobs
-k  reserved words
-s  services
-u  users
-v  variables
-G pattern  files that match
-W words  these words, expanded
-F function  what the function leaves in COMPREPLY
-C command  the lines that the command prints
-X pattern  leave out what matches, with ! what does not
-P prefix  put this before each
-S suffix  put this behind each
"""
DECLARING = """
-a  arrays
-A  associative arrays
-i  values are arithmetic
-l  values become lower case
-u  values become upper case
-n  references to other variables
-r  readonly
-t  traced: functions run the traps on DEBUG and RETURN
-x  handed on to children
-f  functions instead of variables
-F  functions, only their names
-g  global ones, in a function too
-I  local ones that begin as those they hide
-p  print attributes and values
"""
READING_LINES = """
-d delimiter  what ends a line, instead of a newline
-n count  no more lines than that
-O origin  the index of the first line's element; the array is not emptied
-s count  leave so many lines out first
-t  without the delimiters
-u fd  read from this descriptor
-C callback  commands to run each time as many lines as -c says have been read
-c quantum  how many lines that is, by default 5000
"""
STACK = """
-n  leave the working directory as it is
+N  the entry at this place, counted from the left from 0
-N  counted from the right
"""
TESTING = """
-a file, -e file  it exists
-b file  it is a block device
-c file  it is a character device
-d file  it is a directory
-f file  it is a regular file
-h file, -L file  it is a symbolic link
-p file  it is a FIFO, or a pipe
-S file  it is a socket
-r file  it may be read
-w file  it may be written
-x file  it may be executed; of a directory: searched
-s file  it is not empty
-g file  it has the set-group-ID bit
-u file  it has the set-user-ID bit
-k file  it has the sticky bit
-O file  it belongs to this user
-G file  it belongs to this user's group
-N file  it was written since it was read last
-t fd  the descriptor is a terminal
-n string  it is not empty
-z string  it is empty
-o option  the option of set is on
-v name  the variable is set
-R name  the variable is a reference
string = string, string == string  they are the same
string != string  they differ
string < string, string > string  the first is before, behind the second in order
number -eq number  they are equal
number -ne number  they are not equal
number -lt number  the first is less
number -le number  the first is less, or they are equal
number -gt number  the first is greater
number -ge number  the first is greater, or they are equal
file -nt file  the first is newer
file -ot file  the first is older
file -ef file  they are the same file
! expression  not
expression -a expression  both are true
expression -o expression  one is true, or both are
( expression )  grouping
"""
OPTIONS: dict[str, str] = {
    '[': TESTING,
    'alias': """
-p  print all aliases so that they can be read back
""",
    'bind': """
-m keymap  the key map that is meant: emacs, vi-insert, vi-command, …
-l  names of all functions
-P  functions and the keys they have
-p  the same so that it can be read back
-S  keys that stand for text
-s  the same so that it can be read back
-V  variables and their values
-v  the same so that it can be read back
-q name  the keys that a function has
-u name  take all its keys away
-r keyseq  keys that are to do nothing
-f file  read bindings from a file
-x keyseq:command  keys that run a command
-X  the keys that do
""",
    'cd': """
-L  stay with the names of symbolic links (by default)
-P  go to the directories they lead to
-e  with -P, fail if the name of the new directory cannot be found
""",
    'command': """
-p  look in a PATH that finds all standard utilities
-v  print what would be run
-V  say what it is, in words
""",
    'compgen': COMPLETING,
    'complete': """
-p  print what has been said, so that it can be read back
-r  forget it
-D  for commands of which nothing has been said
-E  for an empty line
-I  for the first word of a line
""" + COMPLETING.lstrip('\n'),
    'compopt': """
-o option  turn an option on, with + off
-D  of what commands get of which nothing has been said
-E  of an empty line
-I  of the first word of a line
""",
    'declare': DECLARING,
    'dirs': """
-c  forget all entries
-l  names in full, no ~
-p  an entry a line
-v  each with its place
+N  the entry at this place, counted from the left from 0
-N  counted from the right
""",
    'disown': """
-a  all jobs
-h  keep them, but send them no SIGHUP
-r  the running ones only
""",
    'echo': """
-n  without a newline at the end
-e  with escape sequences: \\n, \\t and the like; \\0nnn, \\xHH, \\uHHHH; \\c ends the output
-E  without them (by default)
""",
    'enable': """
-a  list all, disabled ones too
-n  disable, or list those that are disabled
-p  list, so that it can be read back
-s  the special ones of POSIX only
-f file  load it from a file, which is not done here
-d  drop what was loaded
""",
    'exec': """
-a name  what the program is told it is called
-c  with an empty environment
-l  as a login shell: a hyphen before that name
""",
    'export': """
-f  functions
-n  no longer: the variables stay, children do not get them
-p  print what children get
""",
    'fc': """
-e ename  the editor; by default what FCEDIT names
-l  list the commands
-n  without their numbers
-r  the newest first
-s  run a command again, pat replaced by rep
""",
    'hash': """
-d  forget a name
-l  print, so that it can be read back
-p pathname  what a name stands for, unlooked for
-r  forget all
-t  print where each name is
""",
    'help': """
-d  a line for each topic
-m  in sections, as manual pages are
-s  the synopsis only
""",
    'history': """
-c  forget all
-d offset  forget an entry, or those of a range start-end; negative from the end
-a  append what is new to the file
-n  read what others have appended
-r  read the file
-w  write the file
-p  print the arguments, history expansion done
-i  have the line editor find what other shells have kept
-S  what was typed in this session and ended with 0 as a script; with all, what failed, too
-s  make the arguments an entry
""",
    'jobs': """
-l  with process IDs
-n  only what has changed since it was told
-p  process IDs alone
-r  running jobs only
-s  stopped ones only
-x  run a command with process groups in the place of job IDs
""",
    'kill': """
-s sigspec  the signal by its name
-n signum  by its number
-l  list the names, or translate names, numbers and exit statuses
-L  the same; by default in minishell with what each signal does
""",
    'local': DECLARING,
    'mapfile': READING_LINES,
    'mkfifo': """
-m mode  permissions, as chmod takes them
""",
    'popd': STACK,
    'printf': """
-v var  assign the result to a variable
""",
    'pushd': STACK,
    'pwd': """
-L  with the names of symbolic links (by default)
-P  without them
""",
    'read': """
-a array  the words as elements of an array
-d delim  what ends the line, instead of a newline
-e  with the editing of a terminal
-i text  what the line begins with, with -e
-n nchars  no more characters than that
-N nchars  just so many, whatever delimiters are among them
-p prompt  shown first, if input is a terminal
-r  a backslash is a character like others
-s  what is typed is not shown
-t timeout  give up after so many seconds
-u fd  read from this descriptor
""",
    'readarray': READING_LINES,
    'readonly': """
-a  arrays
-A  associative arrays
-f  functions
-p  print what is readonly
""",
    'set': """
-a  export what is assigned (allexport)
-b  tell at once of jobs that have ended (notify)
-e  end at the first command that fails (errexit)
-f  no pathname expansion (noglob)
-h  remember where programs are (hashall)
-k  assignments among the arguments, too (keyword)
-m  job control (monitor)
-n  read commands, run none (noexec)
-o option-name  an option by its name; without one, print all
-p  do not trust the environment (privileged)
-t  end behind one command (onecmd)
-u  parameters that are not set are errors (nounset)
-v  print lines as they are read (verbose)
-x  print commands as they are run (xtrace)
-B  brace expansion (braceexpand)
-C  > does not overwrite files (noclobber)
-E  functions have the trap on ERR (errtrace)
-H  history expansion (histexpand)
-P  cd goes to where symbolic links lead (physical)
-T  functions have the traps on DEBUG and RETURN (functrace)
--  what follows are positional parameters, even if there are none
-  the same if there are some; -v and -x off
""",
    'shopt': """
-o  options of set instead
-p  print, so that it can be read back
-q  print nothing: the status tells
-s  turn on
-u  turn off
""",
    'suspend': """
-f  a login shell, or one without job control, too
""",
    'test': TESTING,
    'trap': """
-l  list signals
-p  print the actions, so that they can be read back
""",
    'type': """
-a  all that the name could be
-f  no functions
-P  look in PATH, whatever else has the name
-p  where the file is, if it is one that would be run
-t  say it in one word: alias, keyword, function, builtin, file
""",
    'typeset': DECLARING,
    'ulimit': """
-S  the soft limit
-H  the hard limit
-a  all of them
-c  core files
-d  data segment
-e  priority (nice)
-f  files that are written
-i  pending signals
-l  locked memory
-m  resident memory
-n  open descriptors
-p  a pipe's piece
-q  POSIX message queues
-r  real-time priority
-s  stack
-t  processor time, in seconds
-u  processes of the user
-v  virtual memory
-x  file locks
-R  time of a real-time process without a blocking call
""",
    'umask': """
-p  print, so that it can be read back
-S  in letters: u=rwx,g=rx,o=rx
""",
    'unalias': """
-a  all of them
""",
    'unset': """
-f  functions
-v  variables
-n  references, not what they refer to
""",
    'wait': """
-f  until jobs have ended, not stopped
-n  for one of them only, the next to end
-p var  the variable for the ID of the one that is told of
""",
    **COURSE_OPTIONS,
}


class Option:
    """An option of a built-in utility: its sentence, the name of its argument ('' if none)."""

    __slots__ = ('sentence', 'argument', 'optional')

    def __init__(self, sentence: str, argument: str, optional: bool) -> None:
        self.sentence = sentence
        self.argument = argument
        self.optional = optional


def options_of(name: str) -> dict[str, Option]:
    """The options of a built-in utility, by their names."""
    found: dict[str, Option] = {}
    for line in OPTIONS.get(name, '').splitlines():
        head, _, sentence = line.partition('  ')
        for each in head.split(', '):
            match = HEAD.fullmatch(each)
            if match:
                found[match[1]] = Option(sentence, match[3] or match[2] or '', bool(match[2]))
    return found
