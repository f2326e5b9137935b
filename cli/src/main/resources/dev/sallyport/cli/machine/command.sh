# Runs as root and as process 1 of namespaces of its own (mount, PID, IPC): RUN TRUST UID GID DIRECTORY [hide PATH | show PATH]... -- COMMAND...
# Every mount made here is private. The command has no capability to undo one.
set -eu
run=$1 trust=$2 uid=$3 gid=$4 directory=$5
shift 5
trap 'echo "sallyport: cannot isolate the command (see the line above)" >&2; exit 125' EXIT

stage=$run/stage
mkdir -p "$stage"
mount -t tmpfs -o mode=0755 sallyport "$stage"
mkdir "$stage/run" "$stage/shown" "$stage/nothing"
: > "$stage/empty"

# Before the state directory, which it is in, is hidden.
mkdir -p "$stage/run/sallyport/trust"
mount --bind "$trust" "$stage/run/sallyport/trust"
mount -o remount,bind,ro "$stage/run/sallyport/trust"

# What is hidden comes before what is shown, so that it is hidden in there as well.
shown=0
while [ "$1" != -- ]; do
    case $1 in
        hide)
            if [ -d "$2" ]; then
                mount -t tmpfs -o ro,mode=0555,size=4k sallyport "$2"
            elif [ -e "$2" ]; then
                mount --bind "$stage/empty" "$2"
            fi
            ;;
        show)
            shown=$((shown + 1))
            mkdir "$stage/shown/$shown"
            mount --rbind "$2" "$stage/shown/$shown"
            printf '%s\n' "$2" > "$stage/shown/$shown.path"
            ;;
    esac
    shift 2
done
shift

# /run, /tmp and /dev/shm hold the sockets and the memory of other processes, some of which would run a command for this one.
resolv=$(readlink -f /etc/resolv.conf)
mkdir -p "$stage/run/lock"
chmod 1777 "$stage/run/lock"
case $resolv in
    /run/*)
        mkdir -p "$stage$(dirname "$resolv")"
        cp "$run/resolv.conf" "$stage$resolv"
        ;;
    *)
        # In a container it is a mount already, perhaps of a file that is gone, on which nothing can be mounted.
        umount "$resolv" 2> /dev/null || :
        mount --bind "$run/resolv.conf" "$resolv"
        ;;
esac
mount -t tmpfs -o mode=1777 sallyport /tmp
mount -t tmpfs -o mode=1777 sallyport /dev/shm
i=0
while [ $i -lt $shown ]; do
    i=$((i + 1))
    IFS= read -r path < "$stage/shown/$i.path"
    case $path in
        /run/*) target=$stage$path ;;
        *) target=$path ;;
    esac
    mkdir -p "$target"
    mount --rbind "$stage/shown/$i" "$target"
done
mount -t proc -o nosuid,nodev,noexec proc /proc
mount --rbind "$stage/run" /run

cd "$directory"
trap - EXIT
# Not executed in place: as process 1 the command would not get signals that it does not handle.
setpriv --reuid "$uid" --regid "$gid" --clear-groups --inh-caps=-all --ambient-caps=-all --bounding-set=-all --no-new-privs -- "$@" && exit 0
exit $?
