# Runs as root in a mount namespace of its own: RUN UID PROGRAM ARGUMENTS...
# The program may be where only root can go (a cache below /root), so it is mounted where the sidecar's user can.
set -eu
run=$1 uid=$2 program=$3
shift 3
: > "$run/envoy"
mount --bind "$program" "$run/envoy"
resolv=$(readlink -f /etc/resolv.conf)
# In a container it is a mount already, perhaps of a file that is gone, on which nothing can be mounted.
umount "$resolv" 2> /dev/null || :
mount --bind "$run/resolv.conf" "$resolv"
exec setpriv --reuid "$uid" --regid "$uid" --clear-groups --inh-caps=-all --ambient-caps=-all --bounding-set=-all --no-new-privs -- "$run/envoy" "$@"
