//! OpenDAL's COS service as a peer: one operation, measured. It hashes nothing.
//!
//!     opendal-peer upload|download|upload_tree|download_tree|stat|puts|gets url=URL key=KEY [file=FILE] [concurrent=N] [calls=N] [warm=N]
//!
//! The writer takes blocks of 8 MiB, each of which becomes a part; `concurrent` is the writer's, or the
//! reader's with its chunk of as much, or how many files of a tree are on their way.

use std::error::Error;
use std::fs::File;
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Instant;

use opendal::{HttpTransporter, OperationContext, Operator, services::Cos};
use opendal_http_transport_reqwest::ReqwestTransport;
use tokio::task::{JoinError, JoinSet};

type Outcome = Result<(), Box<dyn Error>>;

const BLOCK: usize = 8 << 20;
const BUCKET: &str = "testbucket-10000001";
const SERVICE: &str = "cos.ap-guangzhou.myqcloud.com";

fn option(name: &str, otherwise: &str) -> String {
    let pairs = std::env::args();
    let mut values = pairs.filter_map(|a| a.strip_prefix(&format!("{name}=")).map(str::to_owned));
    values.next().unwrap_or_else(|| otherwise.to_owned())
}

fn number(name: &str, otherwise: &str) -> Result<usize, Box<dyn Error>> {
    Ok(option(name, otherwise).parse()?)
}

/// The bucket's real host, at an address of this machine.
fn operator() -> Result<Operator, Box<dyn Error>> {
    let address: SocketAddr = option("url", "").trim_start_matches("http://").parse()?;
    let cos = Cos::default()
        .root("/")
        .bucket(BUCKET)
        .endpoint(&format!("http://{SERVICE}:{}", address.port()))
        .secret_id("TESTSECRETID0000000000000000000000000")
        .secret_key("TESTSECRETKEYDONOTUSE0000000000")
        .disable_config_load();
    let http = reqwest::Client::builder()
        .resolve(&format!("{BUCKET}.{SERVICE}"), address)
        .build()?;
    let transport = HttpTransporter::new(ReqwestTransport::new(http));
    let context = OperationContext::new().with_http_transport(transport);
    Ok(Operator::new(cos)?.with_context(context))
}

async fn upload(operator: &Operator, key: &str) -> Outcome {
    let mut file = File::open(option("file", ""))?;
    let writer = operator.writer_with(key);
    let mut writer = match number("concurrent", "0")? {
        0 => writer.await?,
        many => writer.concurrent(many).chunk(BLOCK).await?,
    };
    loop {
        let mut block = Vec::with_capacity(BLOCK);
        Read::by_ref(&mut file)
            .take(BLOCK as u64)
            .read_to_end(&mut block)?;
        if block.is_empty() {
            break;
        }
        writer.write(block).await?;
    }
    writer.close().await?;
    Ok(())
}

async fn download(operator: &Operator, key: &str) -> Outcome {
    let mut file = File::create(option("file", ""))?;
    let size = operator.stat(key).await?.content_length();
    let reader = operator.reader_with(key);
    let reader = match number("concurrent", "0")? {
        0 => reader.await?,
        many => reader.concurrent(many).chunk(BLOCK).await?,
    };
    let mut at = 0;
    while at < size {
        let end = size.min(at + BLOCK as u64 * number("concurrent", "1")?.max(1) as u64);
        for bytes in reader.read(at..end).await? {
            file.write_all(&bytes)?;
        }
        at = end;
    }
    Ok(())
}

/// One of many calls: about an object, or with all of it at once.
async fn small(operator: &Operator, operation: &str, key: &str) -> Outcome {
    match operation {
        "puts" => {
            operator
                .write(key, std::fs::read(option("file", ""))?)
                .await?;
        }
        "gets" => std::fs::write(option("file", ""), operator.read(key).await?.to_bytes())?,
        _ => {
            operator.stat(key).await?;
        }
    }
    Ok(())
}

/// The files below a folder.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let (mut files, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            match entry.file_type()?.is_dir() {
                true => folders.push(entry.path()),
                false => files.push(entry.path()),
            }
        }
    }
    Ok(files)
}

/// The names of a tree, and its files.
async fn named(
    operator: &Operator,
    up: bool,
    key: &str,
) -> Result<Vec<(String, PathBuf)>, Box<dyn Error>> {
    let root = PathBuf::from(option("file", ""));
    if up {
        let name = |path: PathBuf| {
            let name = path.strip_prefix(&root)?.to_string_lossy().into_owned();
            Ok((format!("{key}/{name}"), path))
        };
        return files(&root)?.into_iter().map(name).collect();
    }
    let entries = operator
        .list_with(&format!("{key}/"))
        .recursive(true)
        .await?;
    let entries = entries.iter().map(|entry| entry.path());
    let entries = entries.filter(|path| !path.ends_with('/'));
    let place = |path: &str| (path.to_owned(), root.join(&path[key.len() + 1..]));
    Ok(entries.map(place).collect())
}

/// What has become of a file, on whatever thread.
type Moved = Result<(), Box<dyn Error + Send + Sync>>;

fn done(moved: Result<Moved, JoinError>) -> Outcome {
    moved?.map_err(|error| error as Box<dyn Error>)
}

async fn tree(operator: &Operator, up: bool, key: &str) -> Outcome {
    let (at_once, mut moving) = (number("concurrent", "1")?, JoinSet::new());
    for (name, path) in named(operator, up, key).await? {
        if moving.len() >= at_once {
            if let Some(moved) = moving.join_next().await {
                done(moved)?;
            }
        }
        let operator = operator.clone();
        moving.spawn(async move {
            if up {
                operator.write(&name, std::fs::read(path)?).await?;
            } else {
                let bytes = operator.read(&name).await?.to_bytes();
                std::fs::create_dir_all(path.parent().unwrap_or(&path))?;
                std::fs::write(path, bytes)?;
            }
            Moved::Ok(())
        });
    }
    while let Some(moved) = moving.join_next().await {
        done(moved)?;
    }
    Ok(())
}

/// A line of /proc/self/status, in KiB.
fn memory_kib(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let digits = line.and_then(|line| line.split_whitespace().next());
    digits.and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// Processor time of this process so far.
fn cpu_seconds() -> f64 {
    // SAFETY: a rusage is numbers, for which zeros are fine, and the call only writes them.
    let usage = unsafe {
        let mut usage = std::mem::zeroed::<libc::rusage>();
        libc::getrusage(libc::RUSAGE_SELF, &mut usage);
        usage
    };
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 / 1e6;
    seconds(usage.ru_utime) + seconds(usage.ru_stime)
}

#[tokio::main]
async fn main() -> Outcome {
    let operation = std::env::args().nth(1).unwrap_or_default();
    let (operator, key) = (operator()?, option("key", ""));
    let count = number("calls", "1000")?;
    let mut calls = Vec::new();
    if ["stat", "puts", "gets"].contains(&operation.as_str()) {
        for _ in 0..number("warm", "100")? {
            small(&operator, &operation, &key).await?;
        }
    }
    // Forgets the peak of what came before.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let (memory, cpu, begun) = (memory_kib("VmRSS:"), cpu_seconds(), Instant::now());
    match operation.as_str() {
        "upload" => upload(&operator, &key).await?,
        "download" => download(&operator, &key).await?,
        "upload_tree" | "download_tree" => {
            tree(&operator, operation == "upload_tree", &key).await?
        }
        "stat" | "puts" | "gets" => {
            for _ in 0..count {
                let before = Instant::now();
                small(&operator, &operation, &key).await?;
                calls.push(before.elapsed().as_secs_f64());
            }
        }
        _ => return Err("unknown operation".into()),
    }
    let (seconds, cpu) = (begun.elapsed().as_secs_f64(), cpu_seconds() - cpu);
    let peak = memory_kib("VmHWM:");
    print!(
        r#"{{"seconds": {seconds:.6}, "cpu_seconds": {cpu:.6}, "rss_before_kib": {memory}, "rss_peak_kib": {peak}"#
    );
    if !calls.is_empty() {
        calls.sort_by(f64::total_cmp);
        let (half, most) = (calls[count / 2] * 1e6, calls[count * 99 / 100] * 1e6);
        let rate = count as f64 / seconds;
        print!(r#", "p50_us": {half:.2}, "p99_us": {most:.2}, "calls_per_s": {rate:.1}"#);
    }
    println!("}}");
    Ok(())
}
