# Ends a server some time after its last user, then removes its folder.
#
# Every process that uses the server holds a shared lock on the file of its users for as long as it
# lives. So this waits for an exclusive one, which costs nothing, and a killed process counts as gone.
# Then it looks again some times, 2 s apart, unless a file says that nobody will come any more.
# Whoever starts or ends a server holds the other lock.
# `home` is the server's own: once that is gone, whatever else the folder holds is not its business.
pg_ctl=$1 folder=$2 home=$3 looks=$4
trap '' HUP INT
while [ -d "$home" ]; do
    exec 8<"$folder/users.lock" || exit
    flock -x 8
    exec 8<&-
    look=0
    while [ "$look" -lt "$looks" ]; do
        [ -e "$home/over" ] && break
        sleep 2
        flock -n -x "$folder/users.lock" true || continue 2
        look=$((look + 1))
    done
    exec 9<"$folder/start.lock" || exit
    flock -x 9
    if [ -d "$home" ] && flock -n -x "$folder/users.lock" true; then
        "$pg_ctl" stop -m immediate -D "$home/data"
        cd / && rm -rf "$folder"
    fi
    exec 9<&-
done
