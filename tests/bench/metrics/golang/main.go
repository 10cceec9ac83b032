// The metrics of client_golang, as its documentation tells to use them: vectors, handles got once,
// and the promhttp handler. Prints what ../turns.h explains.
package main

import (
	"fmt"
	"net/http"
	"os"
	"runtime"
	"slices"
	"sort"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"golang.org/x/sys/unix"
)

const (
	cameras    = 1000
	species    = 100
	turns      = 31
	secondsMax = 120
	fullShare  = 0.9
	operations = 10000
)

func now(clock int32) float64 {
	var time unix.Timespec
	if err := unix.ClockGettime(clock, &time); err != nil {
		panic(err)
	}
	return float64(time.Sec) + float64(time.Nsec)*1e-9
}

func median(values []float64) float64 {
	sort.Float64s(values)
	return values[len(values)/2]
}

// pin keeps the calling thread on the processor of that number, of those that it may use.
func pin(number int) {
	var all, one unix.CPUSet
	if unix.SchedGetaffinity(0, &all) != nil {
		return
	}
	for cpu := 0; cpu < 1024; cpu++ {
		if all.IsSet(cpu) {
			if number == 0 {
				one.Set(cpu)
			}
			number--
		}
	}
	_ = unix.SchedSetaffinity(0, &one) // when there is none, where it was
}

// turn lets so many threads work at once and answers the seconds that the slowest took; false when
// they were not at it together, each with a core to itself. Who is done first goes on until all are.
func turn(threads int, work func()) (float64, bool) {
	var ready, done atomic.Int32
	var ends sync.WaitGroup
	begins, took, shares := make([]float64, threads), make([]float64, threads), make([]float64, threads)
	for i := 0; i < threads; i++ {
		ends.Add(1)
		go func() {
			defer ends.Done()
			runtime.LockOSThread() // until it ends, and the thread with it
			pin(i)
			for ready.Add(1); ready.Load() < int32(threads); {
			}
			busy := now(unix.CLOCK_THREAD_CPUTIME_ID)
			begins[i] = now(unix.CLOCK_MONOTONIC)
			work()
			took[i] = now(unix.CLOCK_MONOTONIC) - begins[i]
			for done.Add(1); done.Load() < int32(threads); {
				work()
			}
			busy = now(unix.CLOCK_THREAD_CPUTIME_ID) - busy
			shares[i] = busy / (now(unix.CLOCK_MONOTONIC) - begins[i])
		}()
	}
	ends.Wait()
	longest := slices.Max(took)
	together := slices.Max(begins)-slices.Min(begins) <= (1-fullShare)*longest
	return longest, together && slices.Min(shares) >= fullShare
}

func measure(name string, threads int, work func()) {
	var whole []float64
	end := now(unix.CLOCK_MONOTONIC) + secondsMax
	for len(whole) < turns && now(unix.CLOCK_MONOTONIC) < end {
		if seconds, good := turn(threads, work); good {
			whole = append(whole, seconds*1e9/operations)
		}
	}
	if len(whole) < turns {
		fmt.Fprintln(os.Stderr, "the machine is too busy: the threads have no cores to themselves")
		os.Exit(2)
	}
	fmt.Printf("%s %.4g\n", name, median(whole))
}

// answer takes what the handler writes, as a connection's buffer would.
type answer struct {
	header http.Header
	body   []byte
}

func (a *answer) Header() http.Header { return a.header }
func (a *answer) WriteHeader(int)     {}
func (a *answer) Write(bytes []byte) (int, error) {
	a.body = append(a.body, bytes...)
	return len(bytes), nil
}

// scrapes answers the least milliseconds of several, before each of which one counter in so many
// has counted.
func scrapes(handler http.Handler, taken *answer, counters []prometheus.Counter, stride int) float64 {
	request, err := http.NewRequest("GET", "/metrics", nil)
	if err != nil {
		panic(err)
	}
	whole := make([]float64, turns)
	for i := range whole {
		for j := 0; j < len(counters); j += stride {
			counters[j].Inc()
		}
		taken.body = taken.body[:0]
		begin := now(unix.CLOCK_MONOTONIC)
		handler.ServeHTTP(taken, request)
		whole[i] = (now(unix.CLOCK_MONOTONIC) - begin) * 1e3
	}
	return slices.Min(whole)
}

func scrape() {
	registry := prometheus.NewRegistry()
	detections := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "wildcam_wildlife_detections_total", Help: "Detections by camera and species.",
	}, []string{"camera_id", "species"})
	registry.MustRegister(detections)
	counters := make([]prometheus.Counter, cameras*species)
	for i := range counters {
		counters[i] = detections.WithLabelValues(fmt.Sprintf("WC-%04d", i/species),
			fmt.Sprintf("Species number %02d", i%species))
		counters[i].Add(float64(i))
	}
	handler := promhttp.HandlerFor(registry, promhttp.HandlerOpts{DisableCompression: true})
	taken := answer{header: http.Header{}}
	fmt.Printf("scrape_ms %.4g\n", scrapes(handler, &taken, counters, 1))
	fmt.Printf("scrape_bytes %d\n", len(taken.body))
	fmt.Printf("rescrape_ms %.4g\n", scrapes(handler, &taken, counters, 100))
	if len(os.Args) > 1 {
		if err := os.WriteFile(os.Args[1], taken.body, 0o644); err != nil {
			panic(err)
		}
	}
}

func main() {
	counter := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "events_total", Help: "Events."},
		[]string{"camera_id"}).WithLabelValues("WC-0001")
	histogram := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "seconds", Help: "Seconds.",
		Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
	}, []string{"camera_id"}).WithLabelValues("WC-0001")
	increment := func() {
		for i := 0; i < operations; i++ {
			counter.Inc()
		}
	}
	observe := func() {
		for i := 0; i < operations; i++ {
			histogram.Observe(float64(i&1023) * .001)
		}
	}
	for threads := 1; threads <= 2; threads++ {
		measure("increment_"+strconv.Itoa(threads), threads, increment)
		measure("observe_"+strconv.Itoa(threads), threads, observe)
	}
	scrape()
}
