#!/bin/sh
# curl as a client that knows nothing of this project; signatures are made with openssl and base64.
# usage: curl.sh http://HOST:PORT
set -eu

url=$1
appid=10000001
bucket=testbucket
id=TESTSECRETID0000000000000000000000000
key=TESTSECRETKEYDONOTUSE0000000000
api=$url/files/v1/$appid/$bucket
dir=$(mktemp -d)
trap 'rm -r "$dir"' EXIT

# sign EXPIRES FILEID
sign() {
    random=$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')
    plain="a=$appid&b=$bucket&k=$id&e=$1&t=$(date +%s)&r=$random&f=$2"
    {
        printf %s "$plain" | openssl dgst -sha1 -hmac "$key" -binary
        printf %s "$plain"
    } | base64 | tr -d '\n'
}

# more: a signature for many times; once PATH: for one time and one path (encoded)
more() { sign $(($(date +%s) + 60)) ''; }
once() { sign 0 "/$appid/$bucket$1"; }

# expect TEXT CURL-ARGUMENTS: the reply holds the text
expect() {
    wanted=$1
    shift
    reply=$(curl --silent --show-error --max-time 20 "$@")
    case $reply in
        *"$wanted"*) ;;
        *) echo "wanted $wanted"; echo "got $reply"; echo "from curl $*"; exit 1 ;;
    esac
}

# value NAME: a string or number of the last reply
value() { printf %s "$reply" | sed "s/.*\"$1\":\"\{0,1\}\([^,\"}]*\).*/\1/"; }

sha() { openssl dgst -sha1 -r "$1" | cut -d' ' -f1; }

json='Content-Type: application/json'
done='"code":0'

echo 'folders'
expect "$done" -H "Authorization: $(more)" -H "$json" -d '{"op":"create","biz_attr":"note"}' "$api/%E5%9B%BE/"
expect '"code":-178' -H "Authorization: $(more)" -H "$json" -d '{"op":"create"}' "$api/%E5%9B%BE/"
expect '"biz_attr":"note"' -H "Authorization: $(more)" "$api/%E5%9B%BE/?op=stat"

echo 'upload and stat'
head -c 3000000 /dev/urandom >"$dir/file"
expect "$done" -H "Authorization: $(more)" "$api/%E5%9B%BE/a%20b" \
    -F op=upload -F "sha=$(sha "$dir/file")" -F biz_attr= -F "filecontent=@$dir/file"
expect '"filesize":3000000' -H "Authorization: $(more)" "$api/%E5%9B%BE/a%20b?op=stat"
expect '"name":"a b"' -G "$api/%E5%9B%BE/?op=list&num=20&pattern=eListBoth&order=0&context=" \
    --data-urlencode "sign=$(more)"

echo 'download'
object=$url/$bucket-$appid/%E5%9B%BE/a%20b
curl -sS "$object" | cmp - "$dir/file"
curl -sS -H "Host: $bucket-$appid.file.myqcloud.com" "$url/%E5%9B%BE/a%20b" | cmp - "$dir/file"
tail -c +1001 "$dir/file" | head -c 1000 >"$dir/middle"
curl -sS -r 1000-1999 "$object" | cmp - "$dir/middle"
tail -c 5 "$dir/file" >"$dir/end"
curl -sS -r -5 "$object" | cmp - "$dir/end"
head -c 1234567 "$dir/file" >"$dir/resumed"
curl -sS -C - -o "$dir/resumed" "$object"
cmp "$dir/resumed" "$dir/file"
expect 'content-length: 3000000' -I "$object"
expect 416 -r 3000000- -o "$dir/none" -w '%{http_code}' "$object"

echo 'slices'
head -c 1048577 "$dir/file" >"$dir/whole"
expect "$done" -H "Authorization: $(more)" "$api/sliced" \
    -F op=upload_slice -F filesize=1048577 -F "sha=$(sha "$dir/whole")" -F slice_size=524288
session=$(value session)
for slice in 2 0 1; do
    tail -c +$((slice * 524288 + 1)) "$dir/whole" | head -c 524288 >"$dir/slice"
    expect "$done" -H "Authorization: $(more)" "$api/sliced" \
        -F op=upload_slice -F "session=$session" -F "offset=$((slice * 524288))" \
        -F "filecontent=@$dir/slice" -F "sha=$(sha "$dir/slice")"
done
curl -sS "$(value access_url)" | cmp - "$dir/whole"

echo 'Expect: 100-continue'
expect "$done" -v --stderr "$dir/log" -H 'Expect: 100-continue' --expect100-timeout 15 \
    -H "Authorization: $(more)" "$api/expected" -F op=upload -F "filecontent=@$dir/file"
grep -q '< HTTP/1.1 100 Continue' "$dir/log"
expect '"code":-5998' -v --stderr "$dir/log" -H 'Expect: 100-continue' --expect100-timeout 15 \
    -H 'Authorization: nonsense' "$api/expected" -F op=upload -F "filecontent=@$dir/file"
if grep -q '100 Continue' "$dir/log"; then
    echo 'a refused upload was asked for its body'
    exit 1
fi
expect '"code":-5998' -H 'Expect:' \
    -H 'Authorization: nonsense' "$api/expected" -F op=upload -F "filecontent=@$dir/file"

echo 'delete'
expect '"code":-75' -H "Authorization: $(more)" -H "$json" -d '{"op":"delete"}' "$api/sliced"
expect '"code":-173' -H "Authorization: $(once /%E5%9B%BE/)" -H "$json" -d '{"op":"delete"}' "$api/%E5%9B%BE/"
for path in /sliced /expected /%E5%9B%BE/a%20b /%E5%9B%BE/; do
    expect "$done" -H "Authorization: $(once $path)" -H "$json" -d '{"op":"delete"}' "$api$path"
done
expect '"code":-6101' "$object"
expect '"filecount":0' -H "Authorization: $(more)" "$api/?op=list"

echo 'all done'
