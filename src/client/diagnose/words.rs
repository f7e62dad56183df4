//! What a diagnosis says of each step, in English and in Chinese: what was found, and what to do.

use crate::error::{Error, Kind};
use crate::model::diagnosis::{Facts, Step};

#[derive(Clone, Copy)]
pub(super) enum Remark {
    Resolved,
    IsAddress,
    Unresolved,
    Connected,
    Unconnected,
    NoProxy,
    ProxyUsed,
    ProxyRefused,
    Trusted,
    NotTrusted,
    NotEncrypted,
    NoTls,
    Answered,
    NoAnswer,
    Busy,
    Strange,
    ClockRight,
    ClockOff,
    ClockUnknown,
    ClockWrong,
    Expired,
    BucketThere,
    NoBucket,
    OtherRegion,
    Redirected,
    AddressingRight,
    AddressingRefused,
    NoAddressing,
    KeyKnown,
    KeyUnknown,
    NoCredentials,
    SignatureRight,
    SignatureWrong,
    TokenRight,
    TokenWrong,
    NoToken,
    MayList,
    MayNotList,
    MayRead,
    MayNotRead,
    Refused,
    NotChecked,
}

impl Remark {
    /// What is said of a step that has failed by this error.
    pub(super) fn of_failure(step: Step, error: &Error) -> Remark {
        match step {
            Step::Dns => Remark::Unresolved,
            Step::Tcp => Remark::Unconnected,
            Step::Proxy => Remark::ProxyRefused,
            Step::Tls => Remark::NoTls,
            Step::Http if matches!(error.kind, Kind::Timeout | Kind::Reset) => Remark::NoAnswer,
            Step::Http if error.kind != Kind::BadReply && error.retryable() => Remark::Busy,
            Step::Http => Remark::Strange,
            Step::Clock => Remark::Expired,
            Step::Region if error.kind == Kind::Redirect => Remark::Redirected,
            Step::Region => Remark::NoBucket,
            Step::PathStyle => Remark::AddressingRefused,
            Step::Key => Remark::KeyUnknown,
            Step::Signature => Remark::SignatureWrong,
            Step::Token => Remark::TokenWrong,
            Step::List => Remark::MayNotList,
            Step::Read => Remark::MayNotRead,
        }
    }

    /// The message and the advice, each in both languages, with the facts in them.
    pub(super) fn words(self, facts: &Facts) -> [String; 4] {
        self.template().each_ref().map(|text| filled(text, facts))
    }

    fn template(self) -> &'static [&'static str; 4] {
        match self {
            Remark::Resolved => &[
                "{host} has the address {addresses}.",
                "{host} 的地址是 {addresses}。",
                "",
                "",
            ],
            Remark::IsAddress => &[
                "{host} is an address, so no name is looked up.",
                "{host} 本身就是 IP 地址，无需解析。",
                "",
                "",
            ],
            Remark::Unresolved => &[
                "The name {host} cannot be resolved.",
                "无法解析域名 {host}。",
                "Check the options \"region\", \"endpoint\" and \"proxy\" for typing errors, and the DNS server of this machine.",
                "请检查选项 \"region\"、\"endpoint\"、\"proxy\" 是否写错，以及本机的 DNS 服务器。",
            ],
            Remark::Connected => &["{host} accepts connections.", "可以连接 {host}。", "", ""],
            Remark::Unconnected => &[
                "No connection to {host} can be made.",
                "无法连接 {host}。",
                "Check the port, and that no firewall blocks outgoing connections; a network that demands a proxy needs the option \"proxy\".",
                "请检查端口，以及防火墙是否阻止了对外连接；若所在网络必须使用代理，请设置选项 \"proxy\"。",
            ],
            Remark::NoProxy => &["No proxy is used.", "未使用代理。", "", ""],
            Remark::ProxyUsed => &[
                "Requests go through the proxy {proxy}.",
                "请求经过代理 {proxy}。",
                "",
                "",
            ],
            Remark::ProxyRefused => &[
                "The proxy {proxy} does not connect to the service.",
                "代理 {proxy} 没有连接到服务。",
                "Check that the option \"proxy\" names an HTTP proxy that allows this host, with user and password if it demands them: http://USER:PASSWORD@HOST:PORT.",
                "请确认选项 \"proxy\" 是允许访问该域名的 HTTP 代理；若代理要求登录，请写明用户名和密码：http://USER:PASSWORD@HOST:PORT。",
            ],
            Remark::Trusted => &[
                "The certificate is trusted: issued to {subject} by {issuer}.",
                "服务器证书可信：颁发给 {subject}，颁发者为 {issuer}。",
                "",
                "",
            ],
            Remark::NotTrusted => &[
                "The certificate of {host} is not accepted: issued to {subject} by {issuer}.",
                "{host} 的证书不被接受：颁发给 {subject}，颁发者为 {issuer}。",
                "If the issuer is a proxy of your network that inspects TLS, or a CA of your own, name its certificate by the option \"tls_ca\"; otherwise check \"endpoint\" and this machine's clock.",
                "如果颁发者是所在网络中检查 TLS 的代理，或是自建的 CA，请用选项 \"tls_ca\" 指定其证书；否则请检查 \"endpoint\" 和本机时钟。",
            ],
            Remark::NotEncrypted => &[
                "The endpoint is http://, so nothing is encrypted, and nobody proves to be the service.",
                "endpoint 为 http://：数据未加密，也无法确认对方就是服务本身。",
                "Use https:// unless the service is on this machine or in a network of your own.",
                "除非服务位于本机或自有网络，请使用 https://。",
            ],
            Remark::NoTls => &[
                "{host} makes no TLS connection.",
                "无法与 {host} 建立 TLS 连接。",
                "Check the scheme and the port of \"endpoint\": it may speak http:// there; a firewall may also interfere with TLS.",
                "请检查 \"endpoint\" 的协议和端口：该端口可能是 http://；也可能是防火墙干扰了 TLS。",
            ],
            Remark::Answered => &[
                "The service answers at {host}.",
                "服务在 {host} 正常应答。",
                "",
                "",
            ],
            Remark::NoAnswer => &[
                "{host} does not answer the request.",
                "{host} 没有应答请求。",
                "Check \"endpoint\", and whether a firewall or proxy interferes; if others see the same, try again later.",
                "请检查 \"endpoint\"，以及是否有防火墙或代理干扰；若其他人也遇到同样问题，请稍后重试。",
            ],
            Remark::Busy => &[
                "The service at {host} is too busy or failing.",
                "{host} 上的服务过载或出现故障。",
                "Try again later, with fewer requests at once.",
                "请稍后重试，并减少同时发出的请求。",
            ],
            Remark::Strange => &[
                "What answers at {host} is not the service.",
                "在 {host} 应答的不是对象存储服务。",
                "Check \"endpoint\" and \"api\"; a gateway or the login page of a network may have answered.",
                "请检查 \"endpoint\" 和 \"api\"；应答者可能是网关或网络的登录页面。",
            ],
            Remark::ClockRight => &[
                "This machine's clock agrees with the service's.",
                "本机时钟与服务一致。",
                "",
                "",
            ],
            Remark::ClockOff => &[
                "This machine's clock is {seconds} seconds {direction} the service's; signatures allow for that.",
                "本机时钟比服务{direction_zh} {seconds} 秒；签名已自动校正。",
                "Set this machine's clock, best by NTP.",
                "请校准本机时钟，最好使用 NTP。",
            ],
            Remark::ClockUnknown => &[
                "The answer does not tell the service's time.",
                "应答中没有服务的时间。",
                "",
                "",
            ],
            Remark::ClockWrong => &[
                "This machine's clock is {seconds} seconds {direction} the service's, which takes signatures for expired.",
                "本机时钟比服务{direction_zh} {seconds} 秒，服务因此认为签名已过期。",
                "Set this machine's clock, best by NTP.",
                "请校准本机时钟，最好使用 NTP。",
            ],
            Remark::Expired => &[
                "The service takes the signature for expired.",
                "服务认为签名已过期。",
                "Raise the option \"sign_expires_s\"; check whether something holds requests up on their way.",
                "请增大选项 \"sign_expires_s\"，并检查请求是否在途中被延迟。",
            ],
            Remark::BucketThere => &[
                "The bucket {bucket} is there.",
                "存储桶 {bucket} 存在。",
                "",
                "",
            ],
            Remark::NoBucket => &[
                "There is no bucket {bucket} at {host}.",
                "{host} 上没有存储桶 {bucket}。",
                "Check the bucket's name, the appid, and that \"region\" or \"endpoint\" is that of the bucket. The full name is NAME-APPID.",
                "请检查存储桶名称和 appid，以及 \"region\" 或 \"endpoint\" 是否是该存储桶所在的地域。完整名称为 NAME-APPID。",
            ],
            Remark::OtherRegion => &[
                "The bucket {bucket} is in the region {region}, not at {host}.",
                "存储桶 {bucket} 位于地域 {region}，不在 {host}。",
                "Open the client with \"region\":\"{region}\".",
                "请用 \"region\":\"{region}\" 打开客户端。",
            ],
            Remark::Redirected => &[
                "{host} redirects to another host.",
                "{host} 重定向到了其他主机。",
                "Check that \"region\" or \"endpoint\" is that of the bucket; the login page of a network may also be in between.",
                "请检查 \"region\" 或 \"endpoint\" 是否是该存储桶所在的地域；也可能是网络的登录页面拦截了请求。",
            ],
            Remark::AddressingRight => &[
                "The service takes requests with \"addressing\":\"{addressing}\".",
                "服务接受 \"addressing\":\"{addressing}\" 方式的请求。",
                "",
                "",
            ],
            Remark::AddressingRefused => &[
                "The service does not take the bucket's name in the path.",
                "服务不接受在路径中写存储桶名称。",
                "Leave out the option \"addressing\":\"path\": buckets created since 2024 have only a host of their own.",
                "请去掉选项 \"addressing\":\"path\"：2024 年起创建的存储桶只能通过自己的域名访问。",
            ],
            Remark::NoAddressing => &[
                "The JSON API names buckets in one way only.",
                "JSON API 只有一种指定存储桶的方式。",
                "",
                "",
            ],
            Remark::KeyKnown => &["The secret id is known.", "SecretId 有效。", "", ""],
            Remark::KeyUnknown => &[
                "The service does not know the secret id.",
                "服务不认识该 SecretId。",
                "Check that it was copied whole and is neither disabled nor deleted; temporary credentials need their token, too. Accounts newer than the JSON API need the option \"region\".",
                "请确认 SecretId 完整，且未被禁用或删除；临时密钥还需要 token。JSON API 停用后注册的账号需要选项 \"region\"。",
            ],
            Remark::NoCredentials => &[
                "There are no credentials to sign with.",
                "没有可用于签名的密钥。",
                "Check the instance's role and the option \"metadata_endpoint\", or the callback of qcos_client_on_expiry.",
                "请检查实例角色和选项 \"metadata_endpoint\"，或 qcos_client_on_expiry 的回调函数。",
            ],
            Remark::SignatureRight => &["The signature is right.", "签名正确。", "", ""],
            Remark::SignatureWrong => &[
                "The service computes another signature.",
                "服务计算出的签名与请求不一致。",
                "Check that the secret key was copied whole and belongs to this secret id; a proxy that changes requests is possible, too.",
                "请确认 SecretKey 完整并与该 SecretId 匹配；也可能是代理修改了请求。",
            ],
            Remark::TokenRight => &["The token is valid.", "token 有效。", "", ""],
            Remark::TokenWrong => &[
                "The token is expired or not that of the secret id.",
                "token 已过期，或与 SecretId 不匹配。",
                "Get new temporary credentials and set all three of them by qcos_client_set_credentials.",
                "请获取新的临时密钥，并用 qcos_client_set_credentials 同时设置三项。",
            ],
            Remark::NoToken => &["No token is used.", "未使用 token。", "", ""],
            Remark::MayList => &[
                "The bucket may be listed.",
                "有权列出存储桶中的对象。",
                "",
                "",
            ],
            Remark::MayNotList => &[
                "The bucket may not be listed with these credentials.",
                "该密钥无权列出存储桶中的对象。",
                "If the program lists, allow name/cos:GetBucket in CAM or in the bucket's policy; check that the bucket is this account's.",
                "若程序需要列出对象，请在 CAM 或存储桶策略中授权 name/cos:GetBucket；并确认存储桶属于该账号。",
            ],
            Remark::MayRead => &["Files may be read.", "有权读取对象。", "", ""],
            Remark::MayNotRead => &[
                "Files may not be read with these credentials.",
                "该密钥无权读取对象。",
                "If the program reads, allow name/cos:GetObject in CAM or in the bucket's policy.",
                "若程序需要读取对象，请在 CAM 或存储桶策略中授权 name/cos:GetObject。",
            ],
            Remark::Refused => &[
                "The service refuses the request.",
                "服务拒绝了请求。",
                "See \"error\" and \"service_code\" in the detail: the account may be in arrears, or the bucket suspended.",
                "请查看 detail 中的 \"error\" 和 \"service_code\"：账号可能欠费，或存储桶已被停用。",
            ],
            Remark::NotChecked => &[
                "Not checked: a step before it has failed, or does not tell.",
                "未检查：前面的步骤失败，或无法得知。",
                "",
                "",
            ],
        }
    }
}

fn filled(text: &str, facts: &Facts) -> String {
    let ahead = facts.clock_ahead_s.unwrap_or_default();
    let (direction, direction_zh) = match ahead < 0 {
        true => ("behind", "慢"),
        false => ("ahead of", "快"),
    };
    let named = |fact: &Option<String>| fact.clone().unwrap_or_else(|| "?".to_owned());
    let facts = [
        ("{host}", named(&facts.host)),
        ("{addresses}", facts.addresses.join(", ")),
        ("{proxy}", named(&facts.proxy)),
        ("{subject}", named(&facts.subject)),
        ("{issuer}", named(&facts.issuer)),
        ("{bucket}", named(&facts.bucket)),
        ("{region}", named(&facts.region)),
        ("{addressing}", facts.addressing.unwrap_or("?").to_owned()),
        ("{seconds}", ahead.unsigned_abs().to_string()),
        ("{direction}", direction.to_owned()),
        ("{direction_zh}", direction_zh.to_owned()),
    ];
    let mut filled = text.to_owned();
    for (name, fact) in facts {
        filled = filled.replace(name, &fact);
    }
    filled
}
