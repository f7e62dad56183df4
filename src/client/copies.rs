//! The calls by which the service copies and moves what it has.

use super::{Client, folder_or_root};
use crate::config::{CopyOptions, Copying};
use crate::dialect::{self, CopyRequest};
use crate::error::{Error, Result};
use crate::model::{Answer, Bucket, ObjectAttributes, Path, Reply, Target, params};
use crate::transfer::{Report, copy, tree};

impl Client {
    pub(crate) fn move_file(
        &self,
        bucket: &str,
        path: &str,
        dst_path: &str,
        overwrite: i32,
    ) -> Result<Reply> {
        let (from, to) = self.both_places(bucket, path, dst_path)?;
        let overwrite = params::overwrite(overwrite)?;
        self.ask(from, |dialect, call, from| {
            dialect.move_file(call, from, &to, overwrite)
        })
    }

    pub(crate) fn copy_file(
        &self,
        bucket: &str,
        path: &str,
        dst_path: &str,
        overwrite: i32,
    ) -> Result<Reply> {
        let (from, to) = self.both_places(bucket, path, dst_path)?;
        let copy = CopyRequest {
            overwrite: params::overwrite(overwrite)?,
            is_move: false,
            takes_same: false,
            attributes: &ObjectAttributes::default(),
            tags: None,
        };
        self.ask(from, |dialect, call, from| {
            let to = from.beside(to);
            let answer = dialect.copy_file(call, from, &to, &copy, &mut |_, _| Ok(()))?;
            Ok(Answer::success(answer.value.moved()))
        })
    }

    /// Also to another bucket, and from another region.
    #[allow(clippy::too_many_arguments)] // the C function's
    pub(crate) fn copy_with(
        &self,
        bucket: &str,
        path: &str,
        dst_bucket: &str,
        dst_path: &str,
        options_json: Option<&str>,
        report: Option<&mut Report>,
    ) -> Result<Reply> {
        let from = self.file("path", bucket, path)?;
        let to = to_bucket(dst_bucket, Path::destination("dst_path", dst_path)?)?;
        let options = self.copy_options(Copying::File, options_json)?;
        let from = self
            .source(from, &options)?
            .at_version(options.version.clone())
            .encrypted(options.source_key.clone());
        let to = to.encrypted(options.encryption());
        self.check(&to)?;
        if from.version().is_none() && self.is_same_bucket(&from, &to) {
            refuse_itself(&from, &to)?;
        }
        self.dialect().check_copies()?;
        self.run(report, move |call, progress| {
            copy::copy(call, &from, &to, &CopyRequest::of(&options), progress)
        })
    }

    /// A folder with everything below it.
    #[allow(clippy::too_many_arguments)] // the C function's
    pub(crate) fn copy_tree(
        &self,
        bucket: &str,
        path: &str,
        dst_bucket: &str,
        dst_path: &str,
        options_json: Option<&str>,
        report: Option<&mut Report>,
    ) -> Result<Reply> {
        let from = folder_or_root("path", bucket, path)?;
        let to = to_bucket(dst_bucket, Path::folder_or_root("dst_path", dst_path)?)?;
        let options = self.copy_options(Copying::Tree, options_json)?;
        let from = self.source(from, &options)?;
        self.check(&to)?;
        if self.is_same_bucket(&from, &to) {
            refuse_nested(&from, &to)?;
        }
        self.dialect().check_copies()?;
        self.run(report, move |call, mut progress| {
            tree::copy(call, &from, &to, &options, &mut progress)
        })
    }

    fn copy_options(&self, copying: Copying, options_json: Option<&str>) -> Result<CopyOptions> {
        let options = CopyOptions::parse(self.config(), copying, options_json)?;
        let checked = self.dialect().check_attributes("", &options.attributes);
        checked.map_err(|error| error.context("options_json"))?;
        let config = self.config();
        config.check_encryption_of("src_sse", options.source_key.as_deref())?;
        config.check_encryption(options.encryption().as_deref())?;
        Ok(options)
    }

    /// Where the source is.
    fn source(&self, from: Target, options: &CopyOptions) -> Result<Target> {
        let Target { bucket, path, .. } = from;
        let from = Target::new(bucket.at(options.source.clone()), path);
        self.check(&from)?;
        Ok(from)
    }

    fn is_same_bucket(&self, from: &Target, to: &Target) -> bool {
        let exchange = self.exchange();
        dialect::of(exchange).is_same_bucket(exchange, &from.bucket, &to.bucket)
    }

    /// Where a file is and where it goes, which must not be the same.
    fn both_places(&self, bucket: &str, path: &str, dst_path: &str) -> Result<(Target, Path)> {
        let from = self.file("path", bucket, path)?;
        let to = Path::destination("dst_path", dst_path)?;
        if to.encoded() == from.path.encoded() {
            return Err(Error::parameter("dst_path", "is the same as path"));
        }
        Ok((from, to))
    }
}

fn to_bucket(dst_bucket: &str, path: Path) -> Result<Target> {
    Ok(Target::new(Bucket::named("dst_bucket", dst_bucket)?, path))
}

/// Nothing would change but what `qcos_update_with` is for.
fn refuse_itself(from: &Target, to: &Target) -> Result<()> {
    match from.path.encoded() == to.path.encoded() {
        true => Err(Error::parameter(
            "dst_path",
            "is the same as path, in the same bucket",
        )),
        false => Ok(()),
    }
}

/// The one would be found in the other while it is walked.
fn refuse_nested(from: &Target, to: &Target) -> Result<()> {
    let (from, to) = (from.path.encoded(), to.path.encoded());
    match from.starts_with(to) || to.starts_with(from) {
        true => Err(Error::parameter(
            "dst_path",
            "must not be path in the same bucket, nor lie in it, nor the other way round",
        )),
        false => Ok(()),
    }
}
