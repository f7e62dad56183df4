//! The calls that move bytes: files, memory and whole folders.

use std::path::Path as LocalPath;

use super::{Client, destination, folder_or_root};
use crate::config::{DownloadOptions, UploadOptions};
use crate::dialect::UploadSpec;
use crate::error::Result;
use crate::local::Place;
use crate::model::{Reply, Target, params};
use crate::transfer::{Report, SliceSize, download, tree, upload};

impl Client {
    pub(crate) fn upload(
        &self,
        filepath: &LocalPath,
        bucket: &str,
        dstpath: &str,
        biz_attr: &str,
        report: Option<&mut Report>,
    ) -> Result<Reply> {
        let target = destination("dstpath", bucket, dstpath)?;
        let options = UploadOptions::with_attribute(biz_attr)?;
        self.upload_file(filepath, target, options, report)
    }

    pub(crate) fn upload_with(
        &self,
        filepath: &LocalPath,
        bucket: &str,
        dstpath: &str,
        options_json: Option<&str>,
        report: Option<&mut Report>,
    ) -> Result<Reply> {
        let target = destination("dstpath", bucket, dstpath)?;
        self.upload_file(filepath, target, self.upload_options(options_json)?, report)
    }

    fn upload_file(
        &self,
        filepath: &LocalPath,
        target: Target,
        options: UploadOptions,
        report: Option<&mut Report>,
    ) -> Result<Reply> {
        let file = Place::new("filepath", filepath);
        self.run(report, move |call, progress| {
            let spec = UploadSpec::new(call.exchange(), target, &options);
            upload::file(call, &spec, file, progress)
        })
    }

    /// In slices; goes on with `session` where it stopped. A `slice_size` of 0 stands for the option's.
    #[allow(clippy::too_many_arguments)] // the C function's
    pub(crate) fn upload_slice(
        &self,
        filepath: &LocalPath,
        bucket: &str,
        dstpath: &str,
        biz_attr: &str,
        slice_size: u64,
        session: Option<&str>,
        report: Option<&mut Report>,
    ) -> Result<Reply> {
        let target = destination("dstpath", bucket, dstpath)?;
        let options = UploadOptions::with_attribute(biz_attr)?;
        let session = params::opaque("session", session)?.map(str::to_owned);
        let slice_size = SliceSize::of_call(self.config(), slice_size)?;
        let file = Place::new("filepath", filepath);
        self.run(report, move |call, progress| {
            let spec = UploadSpec::new(call.exchange(), target, &options);
            upload::file_in_slices(call, &spec, file, slice_size, session.as_deref(), progress)
        })
    }

    pub(crate) fn upload_buffer(
        &self,
        content: &[u8],
        bucket: &str,
        dstpath: &str,
        biz_attr: &str,
    ) -> Result<Reply> {
        let target = destination("dstpath", bucket, dstpath)?;
        let options = UploadOptions::with_attribute(biz_attr)?;
        let spec = UploadSpec::new(self.exchange(), target, &options);
        self.call(|call| upload::buffer(call, &spec, content).map(Reply::from))
    }

    pub(crate) fn download(
        &self,
        bucket: &str,
        path: &str,
        filepath: &LocalPath,
        report: Option<&mut Report>,
    ) -> Result<Reply> {
        let target = self.file("path", bucket, path)?;
        let file = Place::new("filepath", filepath);
        self.run(report, move |call, progress| {
            download::download(call, &target, file, progress)
        })
    }

    pub(crate) fn upload_tree(
        &self,
        dirpath: &LocalPath,
        bucket: &str,
        dstpath: &str,
        options_json: Option<&str>,
        report: Option<&mut Report>,
    ) -> Result<Reply> {
        let to = folder_or_root("dstpath", bucket, dstpath)?;
        let options = self.upload_options(options_json)?;
        let dirpath = dirpath.to_owned();
        self.run(report, move |call, mut progress| {
            tree::upload(call, &dirpath, &to, &options, &mut progress)
        })
    }

    pub(crate) fn download_tree(
        &self,
        bucket: &str,
        path: &str,
        dirpath: &LocalPath,
        options_json: Option<&str>,
        report: Option<&mut Report>,
    ) -> Result<Reply> {
        let from = folder_or_root("path", bucket, path)?;
        let options = DownloadOptions::parse(options_json)?;
        let dirpath = dirpath.to_owned();
        self.run(report, move |call, mut progress| {
            tree::download(call, &from, &dirpath, &options, &mut progress)
        })
    }

    fn upload_options(&self, options_json: Option<&str>) -> Result<UploadOptions> {
        let options = UploadOptions::parse(self.config().api, options_json)?;
        let checked = self
            .dialect()
            .check_attributes(&options.biz_attr, &options.attributes);
        checked.map_err(|error| error.context("options_json"))?;
        Ok(options)
    }
}
