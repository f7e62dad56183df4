//! Configurations of buckets (xml-api.md §3.13): kept, given back as they came, and checked for form.

mod common;

use common::Emulator;
use common::http::Reply;
use common::xml::Ask;

struct Kind {
    name: &'static str,
    document: &'static str,
    needs_md5: bool,
    put: u16,
    unset: &'static str,
    malformed: &'static str,
}

/// All but those that no DELETE takes away.
const KINDS: [Kind; 9] = [
    Kind {
        name: "cors",
        document: "<?xml version=\"1.0\" ?>\n<CORSConfiguration>\n  <CORSRule><AllowedOrigin>*</AllowedOrigin>\
                   <AllowedMethod>GET</AllowedMethod></CORSRule></CORSConfiguration>\n",
        needs_md5: true,
        put: 200,
        unset: "NoSuchCORSConfiguration",
        malformed: "MalformedXML",
    },
    Kind {
        name: "lifecycle",
        document: "<LifecycleConfiguration><Rule><ID>甲</ID><Filter><And><Prefix>a/</Prefix><Tag><Key>k</Key>\
                   <Value>v</Value></Tag></And></Filter><Status>Enabled</Status><Expiration><Days>1</Days>\
                   </Expiration></Rule></LifecycleConfiguration>",
        needs_md5: true,
        put: 200,
        unset: "NoSuchLifecycleConfiguration",
        malformed: "MalformedXML",
    },
    Kind {
        name: "tagging",
        document: "<Tagging><TagSet><Tag><Key>age</Key><Value>18</Value></Tag></TagSet></Tagging>",
        needs_md5: true,
        put: 204,
        unset: "NoSuchTagSet",
        malformed: "MalformedXML",
    },
    Kind {
        name: "website",
        document: "<WebsiteConfiguration><IndexDocument><Suffix>index.html</Suffix></IndexDocument>\
                   </WebsiteConfiguration>",
        needs_md5: false,
        put: 200,
        unset: "NoSuchWebsiteConfiguration",
        malformed: "MalformedXML",
    },
    Kind {
        name: "policy",
        document: "{\"Statement\": [{\"Principal\": {\"qcs\": [\"qcs::cam::anyone:anyone\"]}, \"Effect\": \"allow\", \
                   \"Action\": [\"name/cos:GetObject\"], \"Resource\": [\"*\"]}], \"version\": \"2.0\"}",
        needs_md5: false,
        put: 204,
        unset: "NoSuchBucketPolicy",
        malformed: "MalformedPolicy",
    },
    Kind {
        name: "domain",
        document: "<DomainConfiguration><DomainRule><Status>ENABLED</Status><Name>a.example</Name><Type>REST</Type>\
                   </DomainRule></DomainConfiguration>",
        needs_md5: false,
        put: 200,
        unset: "DomainConfigNotFoundError",
        malformed: "MalformedXML",
    },
    Kind {
        name: "encryption",
        document: "<?xml version='1.0' encoding='utf-8' ?>\n<ServerSideEncryptionConfiguration><Rule>\
                   <ApplyServerSideEncryptionByDefault><SSEAlgorithm>KMS</SSEAlgorithm><KMSMasterKeyID>k</KMSMasterKeyID>\
                   </ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>",
        needs_md5: false,
        put: 200,
        unset: "NoSuchEncryptionConfiguration",
        malformed: "MalformedXML",
    },
    Kind {
        name: "origin",
        document: "<OriginConfiguration><OriginRule><RulePriority>1</RulePriority><OriginType>Mirror</OriginType>\
                   <OriginInfo><HostInfo><HostName>a.example</HostName></HostInfo></OriginInfo></OriginRule>\
                   </OriginConfiguration>",
        needs_md5: false,
        put: 200,
        unset: "OriginConfigurationNotFoundError",
        malformed: "MalformedXML",
    },
    Kind {
        name: "replication",
        document: "<ReplicationConfiguration><Role>qcs::cam::uin/1:uin/1</Role><Rule><ID>1</ID><Status>Enabled</Status>\
                   <Destination><Bucket>qcs::cos:ap-chengdu::b-10000001</Bucket></Destination></Rule>\
                   </ReplicationConfiguration>",
        needs_md5: false,
        put: 200,
        unset: "ReplicationConfigurationNotFoundError",
        malformed: "MalformedXML",
    },
];

impl Kind {
    fn ask(&self, method: &str) -> Ask {
        Ask::new(method, "/").query(self.name, "")
    }

    fn put(&self, emulator: &Emulator, document: &str) -> Reply {
        let ask = self.ask("PUT").body(document.as_bytes());
        ask.md5().send(emulator)
    }

    #[track_caller]
    fn is(&self, emulator: &Emulator, document: &str) {
        let got = self.ask("GET").send(emulator);
        assert_eq!(got.is(200).text(), document);
        assert_eq!(got.header("content-type"), Some("application/xml"));
    }
}

#[test]
fn what_was_put_comes_back_byte_for_byte() {
    let mut emulator = Emulator::start(&["--bucket", "testbucket"]);
    for kind in &KINDS {
        kind.ask("GET").send(&emulator).xml_error(404, kind.unset);
        let put = kind.put(&emulator, kind.document);
        assert!(put.is(kind.put).body.is_empty());
        kind.is(&emulator, kind.document);
    }
    let another = "<Tagging><TagSet/></Tagging>";
    KINDS[2].put(&emulator, another).is(204);
    emulator = emulator.kill_and_restart(&["--bucket", "testbucket"]);
    for kind in &KINDS {
        let document = if kind.name == "tagging" {
            another
        } else {
            kind.document
        };
        kind.is(&emulator, document);
        for _ in 0..2 {
            assert!(kind.ask("DELETE").send(&emulator).is(204).body.is_empty());
        }
        kind.ask("GET").send(&emulator).xml_error(404, kind.unset);
    }
}

#[test]
fn what_is_malformed_leaves_what_was_there() {
    let emulator = Emulator::start(&[]);
    for kind in &KINDS {
        kind.put(&emulator, kind.document).is(kind.put);
        let cut = &kind.document[..kind.document.len() - 3];
        for document in [
            "",
            "x",
            "<a/>",
            "[]",
            "{}",
            cut,
            "<Tagging/>",
            "<Other><TagSet/></Other>",
        ] {
            let put = kind.put(&emulator, document);
            put.xml_error(400, kind.malformed);
        }
        let wrong = kind.ask("PUT").body(kind.document.as_bytes());
        let wrong = wrong.header("Content-MD5", "XrY7u+Ae7tCTyyK7j1rNww==");
        wrong.send(&emulator).xml_error(400, "BadDigest");
        let bare = kind
            .ask("PUT")
            .body(kind.document.as_bytes())
            .send(&emulator);
        match kind.needs_md5 {
            true => bare.xml_error(400, "MissingContentMD5"),
            false => drop(bare.is(kind.put)),
        }
        kind.is(&emulator, kind.document);
    }
}

#[test]
fn they_are_the_buckets_and_go_with_it() {
    let emulator = Emulator::start(&["--bucket", "testbucket"]);
    let other = "other-10000001.cos.ap-guangzhou.myqcloud.com";
    for kind in &KINDS {
        kind.put(&emulator, kind.document).is(kind.put);
        let elsewhere = |method| kind.ask(method).host(other);
        elsewhere("GET")
            .send(&emulator)
            .xml_error(404, "NoSuchBucket");
        elsewhere("DELETE")
            .send(&emulator)
            .xml_error(404, "NoSuchBucket");
        let put = elsewhere("PUT").body(kind.document.as_bytes()).md5();
        put.send(&emulator).xml_error(404, "NoSuchBucket");
    }
    Ask::new("DELETE", "/").send(&emulator).is(204);
    Ask::new("PUT", "/").send(&emulator).is(200);
    for kind in &KINDS {
        kind.ask("GET").send(&emulator).xml_error(404, kind.unset);
    }
}

#[test]
fn who_may_not_is_refused() {
    let emulator = Emulator::start(&[
        "--bucket",
        "testbucket",
        "--allow",
        "name/cos:GetBucketCORS,PutBucketPolicy",
    ]);
    for kind in &KINDS {
        kind.ask("GET")
            .anonymous(&emulator)
            .xml_error(403, "AccessDenied");
        let put = kind.put(&emulator, kind.document);
        match kind.name {
            "policy" => drop(put.is(204)),
            _ => put.xml_error(403, "AccessDenied"),
        }
        let got = kind.ask("GET").send(&emulator);
        match kind.name {
            "cors" => got.xml_error(404, kind.unset),
            _ => got.xml_error(403, "AccessDenied"),
        }
        kind.ask("DELETE")
            .send(&emulator)
            .xml_error(403, "AccessDenied");
        kind.ask("POST")
            .send(&emulator)
            .xml_error(405, "MethodNotAllowed");
    }
}

#[test]
fn rules_of_faults_know_them() {
    let emulator = Emulator::start(&[]);
    for kind in &KINDS {
        let name = match kind.name {
            "tagging" => "bucket_tagging",
            name => name,
        };
        for (method, op) in [("PUT", "put"), ("GET", "get"), ("DELETE", "delete")] {
            let rule = format!(r#"[{{"match":{{"op":"{op}_{name}"}},"fault":{{"status":418}}}}]"#);
            let set = emulator.emulator_call("POST", "faults", &rule);
            assert_eq!(set.status, 200, "{}", set.text());
            kind.ask(method).send(&emulator).is(418);
            Ask::new("GET", "/").send(&emulator).is(200);
        }
    }
}

#[test]
fn those_without_delete_are_switched_off_by_a_put() {
    let emulator = Emulator::start(&["--bucket", "testbucket"]);
    let ask = |method, name| Ask::new(method, "/").query(name, "");
    for (name, root, set, off) in [
        (
            "accelerate",
            "AccelerateConfiguration",
            "<Status>Enabled</Status>",
            "<Status>Suspended</Status>",
        ),
        (
            "logging",
            "BucketLoggingStatus",
            "<LoggingEnabled><TargetBucket>b-10000001</TargetBucket></LoggingEnabled>",
            "",
        ),
        (
            "referer",
            "RefererConfiguration",
            "<Status>Enabled</Status><RefererType>White-List</RefererType><DomainList><Domain>*.qq.com</Domain>\
             </DomainList>",
            "",
        ),
    ] {
        let unset = ask("GET", name).send(&emulator);
        assert!(unset.is(200).text().ends_with(&format!("<{root}/>")));
        for content in [set, off] {
            let document = format!("<{root}>{content}</{root}>");
            let put = ask("PUT", name).body(document.as_bytes());
            assert!(put.send(&emulator).is(200).body.is_empty());
            let got = ask("GET", name).send(&emulator);
            assert_eq!(got.is(200).text(), document);
        }
        ask("DELETE", name)
            .send(&emulator)
            .xml_error(405, "MethodNotAllowed");
        let put = ask("PUT", name).body(b"<Other/>");
        put.send(&emulator).xml_error(400, "MalformedXML");
    }
    // The Python SDK sends no document at all to take the list of referers away.
    ask("PUT", "referer").send(&emulator).is(200);
    let got = ask("GET", "referer").send(&emulator);
    assert!(got.is(200).text().ends_with("<RefererConfiguration/>"));
    for wrong in ["", "<Status>On</Status>"] {
        let document = format!("<AccelerateConfiguration>{wrong}</AccelerateConfiguration>");
        let put = ask("PUT", "accelerate").body(document.as_bytes());
        put.send(&emulator).xml_error(400, "MalformedXML");
    }
}

/// The documentation has two names of the rule's node; a GET has today's.
#[test]
fn default_encryption_by_its_old_name() {
    let emulator = Emulator::start(&[]);
    let put = |rule: &str| {
        let root = "ServerSideEncryptionConfiguration";
        let document = format!("<{root}><Rule>{rule}</Rule></{root}>");
        let ask = Ask::new("PUT", "/").query("encryption", "");
        ask.body(document.as_bytes()).send(&emulator)
    };
    let old = "ApplySideEncryptionConfiguration";
    put(&format!(
        "<{old}><SSEAlgorithm>AES256</SSEAlgorithm></{old}>"
    ))
    .is(200);
    let got = Ask::new("GET", "/").query("encryption", "").send(&emulator);
    let today = "<Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm>\
                 </ApplyServerSideEncryptionByDefault></Rule>";
    assert!(got.is(200).text().contains(today), "{}", got.text());
    for wrong in [
        "<SSEAlgorithm>AES256</SSEAlgorithm>".to_owned(),
        format!("<{old}/>"),
        format!("<{old}><SSEAlgorithm>DES</SSEAlgorithm></{old}>"),
    ] {
        put(&wrong).xml_error(400, "MalformedXML");
    }
}
