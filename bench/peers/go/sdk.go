// The official Go SDK as a peer: one operation, measured.
//
//	sdk upload|download|stat url=URL key=KEY [file=FILE] [threads=N part=MIB] [calls=N] [warm=N]
//
// Without threads and part, its own defaults: one thread, 16 MiB a part or range. It computes the file's
// CRC64 and compares it, as it does by default.
package main

import (
	"bufio"
	"context"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"sort"
	"strconv"
	"strings"
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
