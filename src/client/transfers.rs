//! The calls that move bytes: files, memory and whole folders.

use std::path::Path as LocalPath;

use super::{Client, destination, folder_or_root};
use crate::config::{ReadOptions, Reading, UploadOptions, Uploading};
use crate::dialect::{Piece, UploadSpec};
use crate::error::{Error, Result};
use crate::local::Place;
use crate::model::{Answer, Reply, Target, params};
use crate::transfer::to_stream::Write;
use crate::transfer::{
    Callbacks, Progress, Read, Report, SliceSize, download, to_memory, to_stream, tree, upload,
};

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
        let options = self.upload_options(Uploading::File, options_json)?;
        self.upload_file(filepath, target, options, report)
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
        let progress = Progress::new(None);
        self.call(|call| upload::buffer(call, &spec, content, progress).map(Reply::from))
    }

    pub(crate) fn upload_buffer_with(
        &self,
        content: &[u8],
        bucket: &str,
        dstpath: &str,
        options_json: Option<&str>,
        report: Option<&mut Report>,
    ) -> Result<Reply> {
        let target = destination("dstpath", bucket, dstpath)?;
        let options = self.upload_options(Uploading::Memory, options_json)?;
        let spec = UploadSpec::new(self.exchange(), target, &options);
        let callbacks = Callbacks { report, read: None };
        self.run_borrowing(callbacks, |call, progress, _| {
            upload::buffer(call, &spec, content, progress)
        })
    }

    pub(crate) fn upload_stream(
        &self,
        bucket: &str,
        dstpath: &str,
        options_json: Option<&str>,
        read: &mut Read,
        report: Option<&mut Report>,
    ) -> Result<Reply> {
        let target = destination("dstpath", bucket, dstpath)?;
        let options = self.upload_options(Uploading::Stream, options_json)?;
        let spec = UploadSpec::new(self.exchange(), target, &options);
        let callbacks = Callbacks {
            report,
            read: Some(read),
        };
        self.run_borrowing(callbacks, |call, progress, reader| {
            upload::stream(call, &spec, options.length, reader, progress)
        })
    }

    pub(crate) fn append(
        &self,
        content: &[u8],
        bucket: &str,
        path: &str,
        position: i64,
        options_json: Option<&str>,
    ) -> Result<Reply> {
        let target = destination("path", bucket, path)?;
        let position = params::position(position, content.len())?;
        let options = self.upload_options(Uploading::Append, options_json)?;
        if position > 0 && !(options.attributes.is_empty() && options.biz_attr.is_empty()) {
            let problem = "is for the first append, at position 0: later ones change nothing of it";
            return Err(Error::parameter("options_json", problem));
        }
        let piece = Piece {
            position,
            content,
            biz_attr: &options.biz_attr,
            attributes: &options.attributes,
        };
        self.ask(target, |dialect, call, file| {
            dialect.append(call, file, &piece).map(Answer::success)
        })
    }

    pub(crate) fn download(
        &self,
        bucket: &str,
        path: &str,
        filepath: &LocalPath,
        report: Option<&mut Report>,
    ) -> Result<Reply> {
        self.download_file(bucket, path, filepath, ReadOptions::default(), report)
    }

    pub(crate) fn download_with(
        &self,
        bucket: &str,
        path: &str,
        filepath: &LocalPath,
        options_json: Option<&str>,
        report: Option<&mut Report>,
    ) -> Result<Reply> {
        let options = self.read_options(Reading::File, options_json)?;
        self.download_file(bucket, path, filepath, options, report)
    }

    fn download_file(
        &self,
        bucket: &str,
        path: &str,
        filepath: &LocalPath,
        options: ReadOptions,
        report: Option<&mut Report>,
    ) -> Result<Reply> {
        let target = self.file("path", bucket, path)?;
        let target = options.of(target);
        let file = Place::new("filepath", filepath);
        self.run(report, move |call, progress| {
            download::download(call, &target, file, &options, progress)
        })
    }

    /// Some bytes of an object, on the caller's thread: there is no disk that could hold it.
    pub(crate) fn download_buffer(
        &self,
        bucket: &str,
        path: &str,
        offset: i64,
        buffer: &mut [u8],
        options_json: Option<&str>,
    ) -> Result<Reply> {
        let target = self.file("path", bucket, path)?;
        self.check(&target)?;
        let offset = params::offset(offset)?;
        let options = self.read_options(Reading::Memory, options_json)?;
        let target = options.of(target);
        let conditions = &options.conditions;
        self.call(|call| {
            to_memory::read(call, &target, conditions, offset, buffer).map(Reply::from)
        })
    }

    /// An object in order, handed out on the caller's thread.
    pub(crate) fn download_stream(
        &self,
        bucket: &str,
        path: &str,
        options_json: Option<&str>,
        write: &mut Write,
    ) -> Result<Reply> {
        let target = self.file("path", bucket, path)?;
        let options = self.read_options(Reading::Stream, options_json)?;
        let target = options.of(target);
        self.call(|call| to_stream::read(call, &target, &options, write).map(Reply::from))
    }

    pub(super) fn read_options(
        &self,
        reading: Reading,
        options_json: Option<&str>,
    ) -> Result<ReadOptions> {
        let options = ReadOptions::parse(self.config().api, reading, options_json)?;
        self.config()
            .check_encryption(options.encryption.as_deref())?;
        Ok(options)
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
        let options = self.upload_options(Uploading::Tree, options_json)?;
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
        let options = self.read_options(Reading::Tree, options_json)?;
        let dirpath = dirpath.to_owned();
        self.run(report, move |call, mut progress| {
            tree::download(call, &from, &dirpath, &options, &mut progress)
        })
    }

    fn upload_options(
        &self,
        uploading: Uploading,
        options_json: Option<&str>,
    ) -> Result<UploadOptions> {
        let options = UploadOptions::parse(self.config().api, uploading, options_json)?;
        let checked = self
            .dialect()
            .check_attributes(&options.biz_attr, &options.attributes);
        checked.map_err(|error| error.context("options_json"))?;
        self.config()
            .check_encryption(options.encryption.as_deref())?;
        Ok(options)
    }
}
