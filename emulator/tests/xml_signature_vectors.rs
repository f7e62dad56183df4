//! Signatures of the XML API: vectors computed by other implementations (xml-api.md §1).

mod common;

use common::Emulator;
use common::http::raw;
use common::vectors::*;
use common::xml::enc;

#[test]
fn vectors_of_the_header_form() {
    let emulator = of_vectors(&["--default-bucket", "demo"]);
    let vectors = [
        // V1
        (
            200,
            Vector {
                method: "PUT",
                target: STRANGE,
                headers: &[
                    ("Host", DEMO),
                    ("Content-Length", "11"),
                    ("Content-MD5", "XrY7u+Ae7tCTyyK7j1rNww=="),
                    ("Content-Type", "text/plain; charset=utf-8"),
                    ("x-cos-meta-biz-attr", "a=b&c d/中"),
                ],
                body: "hello world",
                lists: (
                    "content-length;content-md5;content-type;host;x-cos-meta-biz-attr",
                    "",
                ),
                signature: "c988b2ca8ce03ffcd1ad9e425a28309339201034",
            },
        ),
        // V2, the way the Python SDK writes queries
        (
            200,
            Vector {
                method: "GET",
                target: "/?prefix=dir+a%2F&delimiter=%2F&marker=dir+a%2Fk+1&max-keys=100&encoding-type=url",
                headers: &[("Host", DEMO)],
                body: "",
                lists: ("host", "delimiter;encoding-type;marker;max-keys;prefix"),
                signature: "b6ebad0fe2de50ad4e19b15d4c5dcc8be458ba84",
            },
        ),
        // V4
        (
            404,
            Vector {
                method: "HEAD",
                target: "/exampleobject",
                headers: &[("Host", DEMO), ("x-cos-security-token", "TOKEN+/=example")],
                body: "",
                lists: ("host;x-cos-security-token", ""),
                signature: "c45e78ef38bfc3f26879f0f241290cd675356896",
            },
        ),
        // V5
        (
            200,
            Vector {
                method: "POST",
                target: "/exampleobject?uploads",
                headers: &[("Host", DEMO), ("Content-Length", "0")],
                body: "",
                lists: ("content-length;host", "uploads"),
                signature: "ce612ef0809ac8488ee07021eeb6cbeab7f161cf",
            },
        ),
        // V6: the signature is good, the upload unknown
        (
            404,
            Vector {
                method: "PUT",
                target: "/exampleobject?partNumber=1&uploadId=1585130821cbb7df1d11846c073ad648",
                headers: &[("Host", DEMO), ("Content-Length", "9")],
                body: "123456789",
                lists: ("content-length;host", "partnumber;uploadid"),
                signature: "230e20deca90034bc476159c0c5f6dbb81de71bf",
            },
        ),
        // V7: signed without the port that was sent, the bucket never named
        (
            404,
            Vector {
                method: "HEAD",
                target: "/exampleobject",
                headers: &[("Host", "127.0.0.1:9000")],
                body: "",
                lists: ("host", ""),
                signature: "345fb852586717c46d8db48ce09360489a9cb262",
            },
        ),
        // V8: the signature is good, the source missing
        (
            404,
            Vector {
                method: "PUT",
                target: "/dst%20a.txt",
                headers: &[
                    ("Host", DEMO),
                    ("Content-Length", "0"),
                    (
                        "x-cos-copy-source",
                        "demo-1250000000.cos.ap-guangzhou.myqcloud.com/dir%20a/src%2B1.txt",
                    ),
                    ("x-cos-metadata-directive", "Replaced"),
                ],
                body: "",
                lists: (
                    "content-length;host;x-cos-copy-source;x-cos-metadata-directive",
                    "",
                ),
                signature: "f1333a3e612a2bcbda73dc82840adb9254162969",
            },
        ),
    ];
    for (status, vector) in &vectors {
        let reply = vector.send(&emulator, vector.signature);
        assert_eq!(reply.status, *status, "{}: {}", vector.target, reply.text());
        let refused = vector.send(&emulator, &tampered(vector.signature));
        assert_eq!(refused.status, 403, "{}", vector.target);
        if vector.method != "HEAD" {
            refused.xml_error(403, "SignatureDoesNotMatch");
        }
    }
    // What the service says to a wrong one helps to find out why.
    let put = &vectors[0].1;
    let refused = put.send(&emulator, &tampered(put.signature));
    assert_eq!(
        refused.node("FormatString").unwrap(),
        "put&#xA;/dir a/腾讯(1)+~.txt&#xA;&#xA;content-length=11&amp;content-md5=XrY7u%2BAe7tCTyyK7j1rNww%3D%3D\
         &amp;content-type=text%2Fplain%3B%20charset%3Dutf-8&amp;host=demo-1250000000.cos.ap-guangzhou.myqcloud.com\
         &amp;x-cos-meta-biz-attr=a%3Db%26c%20d%2F%E4%B8%AD&#xA;"
    );
    assert_eq!(
        refused.node("StringToSign").unwrap(),
        format!("sha1&#xA;{TIME}&#xA;0d40bc8ddf74dc479e5f19802207bbe4ca5d7cae&#xA;")
    );
}

#[test]
fn vectors_of_the_query_forms() {
    let emulator = of_vectors(&[]);
    let get = |method: &str, target: &str| {
        let head = format!("{method} {target} HTTP/1.1\r\nConnection: close\r\nHost: {DEMO}\r\n");
        let length = if method == "PUT" {
            "Content-Length: 1\r\n\r\nx"
        } else {
            "\r\n"
        };
        raw(&emulator.address, (head + length).as_bytes())
    };
    let plain = |headers: &str, params: &str, signature: &str| {
        format!(
            "q-sign-algorithm=sha1&q-ak={ID}&q-sign-time={SHORT}&q-key-time={SHORT}\
             &q-header-list={headers}&q-url-param-list={params}&q-signature={signature}"
        )
    };
    // V3b
    let signature = "e083b064fcf3496c6444cab90335ecfaf2bb46c6";
    let query = plain("", "", signature).replace(';', "%3B");
    get("PUT", &format!("/exampleobject?{query}")).is(200);
    let query = plain("", "", &tampered(signature)).replace(';', "%3B");
    get("PUT", &format!("/exampleobject?{query}")).xml_error(403, "SignatureDoesNotMatch");
    // V3, in both of its forms
    let signature = "616a3e2a3e9bd3172a85762095ea042771d50e6b";
    let disposition = "response-content-disposition=attachment%3B+filename%3D%22a+b.txt%22";
    for (signature, status) in [(signature.to_owned(), 404), (tampered(signature), 403)] {
        let text = plain("host", "response-content-disposition", &signature);
        let separate = text.replace(';', "%3B");
        let reply = get("GET", &format!("{STRANGE}?{separate}&{disposition}"));
        assert_eq!(reply.status, status, "{}", reply.text());
        let merged = enc(text.as_bytes());
        let reply = get("GET", &format!("{STRANGE}?{disposition}&sign={merged}"));
        assert_eq!(reply.status, status, "{}", reply.text());
    }
}

/// D3: the Go SDK's own.
#[test]
fn the_vector_of_the_go_sdk() {
    let key = ["--secret-id", "QmFzZTY0IGlzIGEgZ2VuZXJp", "--secret-key"];
    let more = ["AKIDZfbOA78asKUYBcXFrJD0a1ICvR98JM", "--appid", "125000000"];
    let options = [&key[..], &more[..], &["--now", "1480932300"]].concat();
    let emulator = Emulator::start(&options);
    let put = |signature: &str| {
        let time = "1480932292;1481012292";
        let head = format!(
            "PUT /testfile2 HTTP/1.1\r\nConnection: close\r\n\
             Host: testbucket-125000000.cos.ap-guangzhou.myqcloud.com\r\n\
             x-cos-content-sha1: db8ac1c259eb89d4a131b253bacfca5f319d54f2\r\n\
             x-cos-stroage-class: nearline\r\nContent-Length: 0\r\n\
             Authorization: q-sign-algorithm=sha1&q-ak=QmFzZTY0IGlzIGEgZ2VuZXJp\
             &q-sign-time={time}&q-key-time={time}\
             &q-header-list=host;x-cos-content-sha1;x-cos-stroage-class&q-url-param-list=\
             &q-signature={signature}\r\n\r\n"
        );
        raw(&emulator.address, head.as_bytes())
    };
    let signature = "ce4ac0ecbcdb30538b3fee0a97cc6389694ce53a";
    put(signature).is(200);
    put(&tampered(signature)).xml_error(403, "SignatureDoesNotMatch");
}
