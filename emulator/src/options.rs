//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Parser;
use clap::builder::NonEmptyStringValueParser;
use clap::error::ErrorKind;

use crate::names::is_bucket_name;

/// A local Tencent COS service, for programs that use libqcos and for their tests.
#[derive(Debug, Parser)]
#[command(name = "qcos-emulator", version, after_help = EXAMPLE)]
pub struct Options {
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,

    /// Folder that keeps buckets and objects; made if it is not there
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,

    /// The account's number
    #[arg(long, default_value = "10000001", value_parser = appid)]
    pub appid: String,

    /// The account's secret id (the default is no real one)
    #[arg(long, value_name = "ID", default_value = "TESTSECRETID0000000000000000000000000", value_parser = secret)]
    pub secret_id: String,

    /// The account's secret key (the default is no real one)
    #[arg(long, value_name = "KEY", default_value = "TESTSECRETKEYDONOTUSE0000000000", value_parser = secret)]
    pub secret_key: String,

    /// A bucket that exists, again for more; without any, each comes into being at its first use
    #[arg(long = "bucket", value_name = "NAME", value_parser = bucket)]
    pub buckets: Vec<String>,

    /// A certificate in PEM: the port then speaks HTTPS, too, with keys of SSE-C
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_certificate: Option<PathBuf>,

    /// The certificate's private key, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_certificate")]
    pub tls_key: Option<PathBuf>,

    /// Downloads need a signature; without this anyone may read
    #[arg(long)]
    pub private: bool,

    /// Where the XML API says its buckets are, if the Host does not
    #[arg(long, value_name = "NAME", default_value = "ap-guangzhou")]
    pub region: String,

    /// The bucket of XML requests whose Host and path name none
    #[arg(long, value_name = "NAME", value_parser = bucket)]
    pub default_bucket: Option<String>,

    /// The token that signed XML requests must carry, as with temporary keys
    #[arg(long, value_name = "TOKEN", value_parser = NonEmptyStringValueParser::new())]
    pub security_token: Option<String>,

    /// The role of the instance that clients run on: /latest/meta-data/cam/security-credentials/NAME issues its temporary keys
    #[arg(long, value_name = "NAME", value_parser = role)]
    pub role: Option<String>,

    /// How long the role's keys are good
    #[arg(long, value_name = "SECONDS", default_value = "7200", value_parser = clap::value_parser!(u32).range(1..))]
    pub role_life: u32,

    /// What the key may do in the XML API, and nothing else: name/cos:PutObject,name/cos:Get*
    #[arg(long, value_name = "ACTIONS", value_delimiter = ',', value_parser = crate::xml_api::action)]
    pub allow: Vec<String>,

    /// No answer of the XML API tells a CRC64, as of objects from before there was one
    #[arg(long)]
    pub no_crc64: bool,

    /// ETags of the XML API are no MD5s, as of objects that are encrypted with KMS
    #[arg(long)]
    pub opaque_etags: bool,

    /// The XML API refuses new keys that begin with / or \, or hold CR, LF, CAN, EM, SUB or ESC
    #[arg(long)]
    pub strict_keys: bool,

    /// The XML API refuses paths that name the bucket, as for buckets made since 2024
    #[arg(long)]
    pub no_path_style: bool,

    /// Buckets begin as if versioning had been enabled and suspended
    #[arg(long)]
    pub versioning_suspended: bool,

    /// Start the service's clock at this time instead of the machine's
    #[arg(long, value_name = "UNIX_SECONDS")]
    pub now: Option<u64>,

    /// Let clients ask for faults (/_emulator/) even where others than this machine can
    #[arg(long)]
    pub faults: bool,
}

const EXAMPLE: &str = r#"When it is ready it prints one line, "qcos-emulator ready at http://ADDRESS:PORT".

Example:
  qcos-emulator --listen 127.0.0.1:8080 --data /tmp/cos &
  libqcos:  qcos_client_open("10000001", "TESTSECRETID0000000000000000000000000",
                "TESTSECRETKEYDONOTUSE0000000000",
                "{\"endpoint\":\"http://127.0.0.1:8080/files/v1/\"}", &client)
  any tool: curl http://127.0.0.1:8080/mybucket-10000001/hello.txt
"#;

impl Options {
    /// What to do instead of running: print help, or say in one line what is wrong.
    pub fn read() -> Result<Options, Stop> {
        Options::try_parse().map_err(|error| match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Stop::Help(error.to_string()),
            _ => Stop::Wrong(one_line(&error.to_string())),
        })
    }
}

pub enum Stop {
    Help(String),
    Wrong(String),
}

/// The first paragraph of an error, which says it all.
fn one_line(message: &str) -> String {
    let lines = message.lines().map(str::trim);
    let said: Vec<&str> = lines.take_while(|line| !line.is_empty()).collect();
    said.join(" ").trim_start_matches("error: ").to_owned()
}

fn appid(text: &str) -> Result<String, String> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(text.to_owned());
    }
    Err("an appid is made of digits".to_owned())
}

/// In a signature's text, `&` ends a value.
fn secret(text: &str) -> Result<String, String> {
    if !text.is_empty() && !text.contains('&') {
        return Ok(text.to_owned());
    }
    Err("it must not be empty nor contain &".to_owned())
}

fn bucket(text: &str) -> Result<String, String> {
    if is_bucket_name(text) {
        return Ok(text.to_owned());
    }
    Err("a bucket's name is made of letters, digits and -".to_owned())
}

fn role(text: &str) -> Result<String, String> {
    let is_lawful = |byte: u8| byte.is_ascii_alphanumeric() || b"+=,.@_-".contains(&byte);
    if !text.is_empty() && text.bytes().all(is_lawful) {
        return Ok(text.to_owned());
    }
    Err("a role's name is made of letters, digits and + = , . @ _ -".to_owned())
}
