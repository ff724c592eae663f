"""What `help` says of the options of the course's built-in utilities, and of those that explain
commands and abbreviate them; those that differ by the operation, `mq send`, say for which."""
from __future__ import annotations

INTO = '\n-v name  into a variable instead of printing it'

COURSE_OPTIONS: dict[str, str] = {
    'abbr': """
-a, --add  define one: the name, and the text that replaces it
-p place, --position place  where it is replaced: command (by default), or anywhere
-r regex, --regex regex  every word that matches is replaced
-f function, --function function  by what the function prints, given the word
--set-cursor[=marker]  the cursor is where the marker (by default %) was in the text
-e, --erase  remove those of these names
-l, --list  print the names
-s, --show  print the definitions, so that they can be read back
-q, --query  print nothing: the status tells whether there is one
--rename  give one another name
""",
    'alarm': f"""
-i  again and again, not once (setitimer(2)){INTO}
""",
    'demo': """
-l  list the lessons
-y  without waiting for Enter before each line
-p, --predict  ask first what will come, and mark the answers
-s  print the lines, run none
-x  copy the lesson's programs here
""",
    'explain': """
-v  say more: how each process is started, and each step of the descriptors
-s signal  say what a signal is
""",
    'fds': f"""
-t  draw descriptors, open file descriptions and inodes{INTO}
""",
    'flock': """
-s, --shared  a shared lock: for readers, of whom any number may have one
-x, -e, --exclusive  an exclusive lock (by default)
-u, --unlock  unlock
-n, --nonblock, --nb  do not wait: fail with status 1 if others have it
-w seconds, --timeout seconds, --wait seconds  wait no longer than that, then status 1
-E status, --conflict-exit-code status  the status instead of 1
-o, --close  close the file before the command is run, whose children then do not hold the lock
-F, --no-fork  without effect: the shell holds the lock anyway
-V, --verbose  without effect
-c command, --command command  a command line for sh to run
""",
    'getpid': f"""
-p  the parent's: getppid(2)
-g  of the process group: getpgrp(2)
-s  of the session: getsid(2)
-t  of the terminal's foreground group: tcgetpgrp(3){INTO}
""",
    'glass': """
-f  on the whole screen, with signals, locks and IPC; q leaves
""",
    'ipc': f"""
-q  message queues
-m  shared memory
-s  semaphores{INTO}
-f  with clean: what running shells have made, too
""",
    'lockf': f"""
-r  a shared lock, for reading (F_RDLCK)
-n  do not wait: status 1 if others have it (F_TLOCK)
-u  unlock (F_ULOCK)
-t  say who has a lock that would be waited for: status 1 then (F_GETLK)
-w seconds  wait no longer than that, then status 1
-s start  the first byte; by default the file offset
-l length  how many bytes; 0, up to the end, by default; if negative those before{INTO}
""",
    'locks': f"""
-p pid  those of one process{INTO}
""",
    'mq': """
-x  with create: fail if there is one already (IPC_EXCL)
-m mode  with create and set: permissions, octal
-b bytes  with set: how much the queue may hold
-n  with send and recv: do not wait: status 1 (IPC_NOWAIT)
-w seconds  with send and recv: wait no longer than that, then status 1
-s size  with recv: a longer message is an error (E2BIG), or cut off with -t
-t  with recv: cut off what is longer than -s says (MSG_NOERROR)
-v name  with recv and stat: into a variable
""",
    'pause': """
-m signals  block just these meanwhile (sigsuspend(2)); - for none
-t seconds  no longer than that (sleep(3))
-v name  with -t: what was left of the time into a variable
""",
    'pcb': """
-e  the environment, too
-f  descriptors, too
-m  segments of memory, too
-s  signals, too
""",
    'pipe': """
-n  reads and writes do not wait (O_NONBLOCK)
-c bytes  how many it takes before writers wait (F_SETPIPE_SZ)
""",
    'sem': """
-x  with create: fail if there is one already
-m mode  with create: permissions, octal
-n  with wait and zero: do not wait: status 1
-w seconds  with wait and zero: wait no longer than that, then status 1
-u  with wait and post: undone when the process ends (SEM_UNDO)
-i index  which semaphore of a set of System V, by default 0
-v name  with value: into a variable
""",
    'shm': """
-x  with create: fail if there is one already (IPC_EXCL)
-m mode  with create: permissions, octal
-r  with attach: for reading only (SHM_RDONLY)
-o offset  with read and write: from this byte on
-n bytes  with read: so many of them, not up to the first NUL
-v name  with read and stat: into a variable
""",
    'siginterrupt': f"""
-r  waits are restarted again{INTO}
""",
    'sigmask': f"""
-b  block these, too
-u  unblock these: what is pending of them is then delivered
-s  block these and no others
-p  print what is pending{INTO}
""",
    'signals': f"""{INTO}
""",
    'sysopen': """
-r  for reading (by default)
-w  for writing
-a  for appending
-m mode  permissions of a new file, octal, less the umask
-o options  flags of open(2), with commas: creat, excl, trunc, nonblock, cloexec, sync, …
-u descriptor  the number that the descriptor is to have, or a variable for it
""",
    'sysread': """
-c name  how many bytes were read, into a variable
-i descriptor  read from this one, by default 0
-o descriptor  write it there instead of into a variable
-p offset  at this place, the file offset left alone (pread(2))
-s bytes  no more than that, by default 8192
-t seconds  wait no longer than that
""",
    'sysseek': """
-u descriptor  whose offset it is, by default 0's
-w whence  from where: start (by default), current, end
""",
    'syswrite': """
-c name  how many bytes were written, into a variable
-o descriptor  write to this one, by default 1
-p offset  at this place, the file offset left alone (pwrite(2))
""",
    'trace': """
-o file  write the story there: a page (.html), a picture (.svg), data (.json, .perfetto.json)
-g  each process by itself, without times: the same at each run
--as-is  without the processes that the shell can do without
--no-io  without reads and writes
--all  with what programs open unasked
--predict  ask first what will come, and mark the answers
""",
    'undo': """
-l  say what would be put back
-r  do again what was undone last
""",
    'waitpid': f"""
-h  do not wait: status 1 if it has not ended (WNOHANG)
-u  tell of stopped ones, too (WUNTRACED){INTO}
""",
}
