package qcos

import (
	"context"
	"errors"
	"iter"
)

// How many entries a page has where nothing else is said: the most that both APIs give.
const pageOfEntries = 199

// Entries iterates over what is directly in a folder, as List lists it. A page is asked for when the one
// before it is through, and none after the loop has ended. An error is the last that comes. Options.Num is
// how many entries a page has, 0 for 199.
func (c *Client) Entries(ctx context.Context, bucket, path string, options ListOptions) iter.Seq2[Info, error] {
	return entries(options, func(options ListOptions) (Page, error) {
		return c.List(ctx, bucket, path, options)
	})
}

// EntriesByPrefix iterates over what is in a folder and begins with a prefix, as Entries does.
func (c *Client) EntriesByPrefix(
	ctx context.Context, bucket, path, prefix string, options ListOptions,
) iter.Seq2[Info, error] {
	return entries(options, func(options ListOptions) (Page, error) {
		return c.PrefixSearch(ctx, bucket, path, prefix, options)
	})
}

func entries(first ListOptions, list func(ListOptions) (Page, error)) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) {
		options := first
		if options.Num == 0 {
			options.Num = pageOfEntries
		}
		for {
			page, err := list(options)
			if err != nil {
				yield(Info{}, err)
				return
			}
			for _, info := range page.Infos {
				if !yield(info, nil) {
					return
				}
			}
			if !page.HasMore {
				return
			}
			options.Context = page.Context
		}
	}
}

// errBroken ends a list when the loop over it has ended. Nobody sees it.
var errBroken = errors.New("qcos: the loop has ended")

// Walk iterates over everything below a folder, as ListAll lists it, page by page like Entries.
func (c *Client) Walk(ctx context.Context, bucket, path string) iter.Seq2[Info, error] {
	return walk(func(page func([]Info) error) (int64, error) {
		return c.ListAll(ctx, bucket, path, true, page)
	})
}

// WalkPrefix iterates over everything in a folder that begins with a prefix, and everything below the found
// folders, as Walk does: "2026/a" finds "2026/archive/b.bin".
func (c *Client) WalkPrefix(ctx context.Context, bucket, path, prefix string) iter.Seq2[Info, error] {
	return walk(func(page func([]Info) error) (int64, error) {
		return c.PrefixSearchAll(ctx, bucket, path, prefix, true, page)
	})
}

func walk(list func(page func([]Info) error) (count int64, err error)) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) {
		// The call stays on a goroutine of its own, and waits there while a page is looked at.
		pages, wanted, broken := make(chan []Info), make(chan struct{}), make(chan struct{})
		var failed error
		var crashed *crash
		page := func(infos []Info) error {
			select {
			case pages <- infos:
			case <-broken:
				return errBroken
			}
			select {
			case <-wanted:
				return nil
			case <-broken:
				return errBroken
			}
		}
		go func() {
			defer close(pages)
			guarded(&crashed, func() { _, failed = list(page) })
		}()
		// However the loop ends, the call is over then.
		defer func() {
			close(broken)
			for range pages {
			}
		}()
		for infos := range pages {
			for _, info := range infos {
				if !yield(info, nil) {
					return
				}
			}
			wanted <- struct{}{}
		}
		if crashed != nil {
			// As a callback for credentials has.
			crashed.again()
		}
		if failed != nil {
			yield(Info{}, failed)
		}
	}
}

// Uploads iterates over the unfinished uploads of files in a folder and below it. The list comes as a whole,
// when the loop begins: ListUploads has no pages. XML API.
func (c *Client) Uploads(ctx context.Context, bucket, path string) iter.Seq2[Unfinished, error] {
	return func(yield func(Unfinished, error) bool) {
		uploads, err := c.ListUploads(ctx, bucket, path)
		if err != nil {
			yield(Unfinished{}, err)
			return
		}
		for _, upload := range uploads {
			if !yield(upload, nil) {
				return
			}
		}
	}
}
