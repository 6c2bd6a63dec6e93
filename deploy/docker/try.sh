#!/bin/sh
# Builds the image without Docker and runs it, as root, with buildah and debootstrap: on a base of Debian's packages in the
# place of the pinned one, so that no registry of images need be reached. Minutes, and 2 GB below TMPDIR.
set -eu
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export BUILDAH_ISOLATION=chroot STORAGE_DRIVER=vfs
built() { buildah --root "$work/storage" --runroot "$work/run" "$@"; }

echo "A base with Python 3.13"
debootstrap --variant=minbase --include=python3-venv,ca-certificates trixie "$work/base" http://deb.debian.org/debian > "$work/log" || {
  tail -5 "$work/log"
  exit 1
}
ln -sf python3 "$work/base/usr/bin/python"
cp /etc/ssl/certs/ca-certificates.crt "$work/base/etc/ssl/certs/" # those that this machine trusts
printf 'FROM scratch\nADD . /\n' > "$work/Dockerfile"
built build --quiet --file "$work/Dockerfile" --tag localhost/base "$work/base" > /dev/null

echo "The image"
built build --quiet --build-arg BASE=localhost/base --file deploy/docker/Dockerfile --ignorefile .dockerignore --tag localhost/reserve-scanner . > /dev/null
container=$(built from localhost/reserve-scanner)
[ "$(built run "$container" -- id -u)" = 10001 ]
built run --volume "$PWD/examples/attestation:/here:ro" "$container" -- /opt/reserve-scanner/bin/scanner verify \
  /here/attestation.dsse.json --claim /here/claim.yaml --key /here/auditor.pub.pem > "$work/held"
grep "The attestation holds" "$work/held"
built run "$container" -- sh -c 'touch /data/new && ! touch /opt/new 2> /dev/null'
echo "It verifies an attestation as the user 10001, who can write to /data alone"
