#!/bin/sh
# curl as a client of the XML API that knows nothing of this project; signatures are made with openssl.
# usage: curl_xml.sh http://HOST:PORT
set -eu

url=$1
host=testbucket-10000001.cos.ap-guangzhou.myqcloud.com
id=TESTSECRETID0000000000000000000000000
key=TESTSECRETKEYDONOTUSE0000000000
dir=$(mktemp -d)
trap 'rm -r "$dir"' EXIT

hmac() { openssl dgst -sha1 -hmac "$1" -r | cut -d' ' -f1; }

# sign METHOD PATH PARAMETERS NAMES-OF-THEM: path decoded, parameters as they are signed
sign() {
    time="$(($(date +%s) - 60));$(($(date +%s) + 600))"
    digest=$(printf '%s\n%s\n%s\nhost=%s\n' "$1" "$2" "$3" "$host" | openssl dgst -sha1 -r | cut -d' ' -f1)
    signkey=$(printf %s "$time" | hmac "$key")
    signature=$(printf 'sha1\n%s\n%s\n' "$time" "$digest" | hmac "$signkey")
    printf %s "q-sign-algorithm=sha1&q-ak=$id&q-sign-time=$time&q-key-time=$time"
    printf %s "&q-header-list=host&q-url-param-list=$4&q-signature=$signature"
}

# expect TEXT CURL-ARGUMENTS: the reply holds the text
expect() {
    wanted=$1
    shift
    reply=$(curl --silent --show-error --max-time 20 -H "Host: $host" "$@")
    case $reply in
        *"$wanted"*) ;;
        *) echo "wanted $wanted"; echo "got $reply"; echo "from curl $*"; exit 1 ;;
    esac
}

head -c 3000000 /dev/urandom >"$dir/file"
md5=$(openssl dgst -md5 -r "$dir/file" | cut -d' ' -f1)

echo 'put and get'
expect "ETag: \"$md5\"" -D - -T "$dir/file" -H "Authorization: $(sign put '/图/a b+' '' '')" \
    -H "Content-MD5: $(openssl dgst -md5 -binary "$dir/file" | base64)" "$url/%E5%9B%BE/a%20b%2B"
curl -sS -H "Host: $host" -H "Authorization: $(sign get '/图/a b+' '' '')" "$url/%E5%9B%BE/a%20b%2B" |
    cmp - "$dir/file"
curl -sS -H "Host: $host" -H "Authorization: $(sign get '/图/a b+' '' '')" "$url/%E5%9B%BE%2Fa%20b%2B" |
    cmp - "$dir/file"
expect 'Content-Length: 3000000' -I -H "Authorization: $(sign head '/图/a b+' '' '')" "$url/%E5%9B%BE/a%20b%2B"
expect '<Code>SignatureDoesNotMatch</Code>' -H "Authorization: $(sign get /other '' '')" "$url/%E5%9B%BE/a%20b%2B"
# By the JSON API's door.
curl -sS "$url/testbucket-10000001/%E5%9B%BE/a%20b%2B" | cmp - "$dir/file"

echo 'a body that is not known to end, and one that is asked for'
expect "\"$md5\"" -D - -X PUT -H 'Transfer-Encoding: chunked' -T "$dir/file" \
    -H "Authorization: $(sign put /chunked '' '')" "$url/chunked"
expect '100 Continue' -v --stderr - -o "$dir/none" -H 'Expect: 100-continue' --expect100-timeout 15 -T "$dir/file" \
    -H "Authorization: $(sign put /expected '' '')" "$url/expected"
expect '403' -v --stderr "$dir/log" -o "$dir/none" -w '%{http_code}' -H 'Expect: 100-continue' --expect100-timeout 15 \
    -T "$dir/file" -H "Authorization: $(sign put /x '' '')" "$url/expected"
if grep -q '100 Continue' "$dir/log"; then
    echo 'a refused upload was asked for its body'
    exit 1
fi

echo 'list'
expect '<Key>%E5%9B%BE/a%20b%2B</Key>' -G --data-urlencode 'prefix=图/' -d encoding-type=url "$url/" \
    -H "Authorization: $(sign get / 'encoding-type=url&prefix=%E5%9B%BE%2F' 'encoding-type;prefix')"
expect '<Prefix>图/</Prefix>' -G --data-urlencode 'delimiter=/' "$url/" \
    -H "Authorization: $(sign get / 'delimiter=%2F' delimiter)"

echo 'presigned'
query=$(sign get '/图/a b+' '' '' | sed 's/;/%3B/g')
curl -sS -H "Host: $host" "$url/%E5%9B%BE/a%20b%2B?$query" | cmp - "$dir/file"
merged=$(sign get '/图/a b+' '' '' | sed 's/&/%26/g; s/=/%3D/g; s/;/%3B/g')
curl -sS -H "Host: $host" "$url/%E5%9B%BE/a%20b%2B?sign=$merged" | cmp - "$dir/file"

echo 'delete'
for path in /chunked /expected '/图/a b+'; do
    encoded=$(printf %s "$path" | sed 's/图/%E5%9B%BE/; s/ /%20/; s/+/%2B/')
    expect 204 -o "$dir/none" -w '%{http_code}' -X DELETE -H "Authorization: $(sign delete "$path" '' '')" "$url$encoded"
done
expect '<Code>NoSuchKey</Code>' -H "Authorization: $(sign get /chunked '' '')" "$url/chunked"

echo 'all done'
