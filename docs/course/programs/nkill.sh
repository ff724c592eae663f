# Send SIGUSR1 n times to a process (lesson 18).
if [ $# -ne 2 ]; then
    echo "usage: ${0##*/} n pid" >&2
    exit 1
fi
for ((i = 0; i < $1; i++)); do
    kill -s USR1 "$2" || exit
done
