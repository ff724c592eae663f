set -m
sleep 100 & kill $!; wait $!; echo $?
sleep 100 & kill -s PIPE $!; wait; echo $?
sleep 100 & kill -s HUP $!; wait $!; echo $?
true & wait $!; echo $?
(exit 3) & wait -n; echo $?
sh -c 'kill $$'; echo $?
