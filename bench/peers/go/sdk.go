// The official Go SDK as a peer: one operation, measured.
//
//	sdk upload|download|upload_tree|download_tree|stat url=URL key=KEY [file=FILE] [threads=N part=MIB]
//	    [calls=N] [warm=N]
//
// The SDK knows no trees: a tree's files are put, or listed and got, by as many goroutines as threads says. Without threads and part, its own defaults: one thread, 16 MiB a part or range. It computes the file's
// CRC64 and compares it, as it does by default.
package main

import (
	"bufio"
	"context"
	"fmt"
	"io/fs"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/tencentyun/cos-go-sdk-v5"
)

var (
	ctx    = context.Background()
	chosen = map[string]string{}
)

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func number(name string, otherwise int) int {
	text, there := chosen[name]
	if !there {
		return otherwise
	}
	value, err := strconv.Atoi(text)
	must(err)
	return value
}

// The bucket's real host, at an address of this machine.
func client() *cos.Client {
	wire := http.DefaultTransport.(*http.Transport).Clone()
	local := strings.TrimPrefix(chosen["url"], "http://")
	wire.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, local)
	}
	// Else Go keeps two connections to a host and opens the others anew for each part.
	if threads := number("threads", 0); threads > 0 {
		wire.MaxIdleConnsPerHost = threads
	}
	bucket, err := url.Parse("http://testbucket-10000001.cos.ap-guangzhou.myqcloud.com")
	must(err)
	return cos.NewClient(&cos.BaseURL{BucketURL: bucket}, &http.Client{
		Transport: &cos.AuthorizationTransport{
			SecretID:  "TESTSECRETID0000000000000000000000000",
			SecretKey: "TESTSECRETKEYDONOTUSE0000000000",
			Transport: wire,
		},
	})
}

func memory(name string) int {
	status, err := os.Open("/proc/self/status")
	must(err)
	defer status.Close()
	for lines := bufio.NewScanner(status); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), name) {
			value, err := strconv.Atoi(strings.Fields(lines.Text())[1])
			must(err)
			return value
		}
	}
	return 0
}

func cpu() float64 {
	var usage syscall.Rusage
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()).Seconds()
}

// Does the same with each name, in so many goroutines.
func each(names []string, goroutines int, do func(name string) error) {
	left := make(chan string)
	var all sync.WaitGroup
	for i := 0; i < goroutines; i++ {
		all.Add(1)
		go func() {
			defer all.Done()
			for name := range left {
				must(do(name))
			}
		}()
	}
	for _, name := range names {
		left <- name
	}
	close(left)
	all.Wait()
}

func uploadTree(c *cos.Client, folder, key string, goroutines int) {
	var names []string
	must(filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			names = append(names, strings.TrimPrefix(path, folder+"/"))
		}
		return err
	}))
	each(names, goroutines, func(name string) error {
		_, err := c.Object.PutFromFile(ctx, key+"/"+name, folder+"/"+name, nil)
		return err
	})
}

func downloadTree(c *cos.Client, key, folder string, goroutines int) {
	var names []string
	for marker := ""; ; {
		page, _, err := c.Bucket.Get(ctx, &cos.BucketGetOptions{Prefix: key + "/", Marker: marker, MaxKeys: 1000})
		must(err)
		for _, object := range page.Contents {
			name := strings.TrimPrefix(object.Key, key+"/")
			must(os.MkdirAll(filepath.Dir(folder+"/"+name), 0o755))
			names = append(names, name)
		}
		if !page.IsTruncated {
			break
		}
		marker = page.NextMarker
	}
	each(names, goroutines, func(name string) error {
		_, err := c.Object.GetToFile(ctx, key+"/"+name, folder+"/"+name, nil)
		return err
	})
}

func main() {
	operation := os.Args[1]
	for _, pair := range os.Args[2:] {
		name, value, _ := strings.Cut(pair, "=")
		chosen[name] = value
	}
	c, key := client(), chosen["key"]
	threads, part := number("threads", 0), int64(number("part", 0))
	var calls []float64
	perform := func() {
		switch operation {
		case "upload":
			_, _, err := c.Object.Upload(ctx, key, chosen["file"],
				&cos.MultiUploadOptions{ThreadPoolSize: threads, PartSize: part})
			must(err)
		case "download":
			_, err := c.Object.Download(ctx, key, chosen["file"],
				&cos.MultiDownloadOptions{ThreadPoolSize: threads, PartSize: part})
			must(err)
		case "upload_tree":
			uploadTree(c, chosen["file"], key, threads)
		case "download_tree":
			downloadTree(c, key, chosen["file"], threads)
		case "stat":
			for i := 0; i < number("calls", 1000); i++ {
				before := time.Now()
				_, err := c.Object.Head(ctx, key, nil)
				must(err)
				calls = append(calls, float64(time.Since(before).Nanoseconds())/1e3)
			}
		default:
			log.Fatal("unknown operation")
		}
	}
	if operation == "stat" {
		for i := 0; i < number("warm", 100); i++ {
			_, err := c.Object.Head(ctx, key, nil)
			must(err)
		}
	}
	// Forgets the peak of what came before.
	must(os.WriteFile("/proc/self/clear_refs", []byte("5"), 0))
	before, used, begun := memory("VmRSS:"), cpu(), time.Now()
	perform()
	seconds := time.Since(begun).Seconds()
	fmt.Printf(`{"seconds": %.6f, "cpu_seconds": %.6f, "rss_before_kib": %d, "rss_peak_kib": %d`,
		seconds, cpu()-used, before, memory("VmHWM:"))
	if len(calls) > 0 {
		sort.Float64s(calls)
		fmt.Printf(`, "p50_us": %.2f, "p99_us": %.2f, "calls_per_s": %.1f`, calls[len(calls)/2],
			calls[len(calls)*99/100], float64(len(calls))/seconds)
	}
	fmt.Println("}")
}
