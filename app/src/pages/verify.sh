copy=@copy@
keys='@keys@'

LC_ALL=C; export LC_ALL
stop() { echo "$1" >&2; exit 1; }
check() {
  while read -r hash path; do
    printf 'url = "%s/%s"\noutput = "%s"\n' "$copy" "$path" "$path"
  done < "$1" | curl -fsSL --create-dirs -K -
  sha256sum -c "$1" > sums || { grep -v ': OK$' sums; stop '@changed@'; }
}
for tool in curl sha256sum openssl; do
  command -v "$tool" > /dev/null || stop "@lacking@ $tool"
done
openssl version | grep -q '^OpenSSL [3-9]' || stop '@lacking@ OpenSSL 3'
cd "$(mktemp -d)" || exit

# @step-signature@
curl -fsSL "$copy/manifest" -o manifest || stop '@none@'
sed '$d' manifest > signed
sed -n '$s/^signature //p' manifest | openssl base64 -d -A > signature
signer=$(sed -n 's/^signer //p' signed)
key=
for known in $keys; do [ "$known" = "$signer" ] && key=$known; done
[ "$key" ] || stop "@unknown@ $signer"
openssl asn1parse -genstr "FORMAT:HEX,OCT:302a300506032b6570032100$key" -noout -out octets
tail -c 44 octets > public
openssl pkeyutl -verify -rawin -pubin -keyform DER -inkey public \
  -sigfile signature -in signed || stop '@forged@'

# @step-lists@
sed -n 's|^shard \([0-9a-f]*\) .*|\1  manifests/\1|p' signed > lists
check lists

# @step-files@
cat manifests/* | grep "  ${1:-.*}\$" > files || stop '@unlisted@'
check files

# @step-time@
grep -E '^(signer|confirmed-at|trust-until) ' signed
echo "fingerprint $(sha256sum < public | cut -c 1-32 | sed 's/..../& /g')"
expr "$(date -u +%Y-%m-%dT%H:%M:%SZ)" \< "$(sed -n 's/^trust-until //p' signed)" \
  > /dev/null || stop '@expired@'
echo '@good@'
