// The metrics of prometheus-cpp, as its documentation tells to use them: families from the
// builders, series held by reference, and what its exposer does with a scrape. See turns.h.
#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <fstream>
#include <string>
#include <vector>

#include "turns.h"

static void increment(void *user)
{
    auto &counter = *static_cast<prometheus::Counter *>(user);
    for (int i = 0; i < OPERATIONS; i++)
        counter.Increment();
}

static void observe(void *user)
{
    auto &histogram = *static_cast<prometheus::Histogram *>(user);
    for (int i = 0; i < OPERATIONS; i++)
        histogram.Observe((i & 1023) * .001);
}

namespace
{
struct Many {
    prometheus::Registry registry;
    std::vector<prometheus::Counter *> counters;

    Many()
    {
        auto &family = prometheus::BuildCounter()
                           .Name("wildcam_wildlife_detections_total")
                           .Help("Detections by camera and species.")
                           .Register(registry);
        for (int i = 0; i < CAMERAS * SPECIES; i++) {
            char camera_id[16], species[32];
            snprintf(camera_id, sizeof camera_id, "WC-%04d", i / SPECIES);
            snprintf(species, sizeof species, "Species number %02d", i % SPECIES);
            counters.push_back(&family.Add({{"camera_id", camera_id}, {"species", species}}));
            counters.back()->Increment(i);
        }
    }

    std::string text() const
    {
        return prometheus::TextSerializer().Serialize(registry.Collect());
    }
};
} // namespace

static void count(void *user, int stride)
{
    auto &counters = static_cast<Many *>(user)->counters;
    for (size_t i = 0; i < counters.size(); i += static_cast<size_t>(stride))
        counters[i]->Increment();
}

static size_t scrape(void *user)
{
    return static_cast<Many *>(user)->text().size();
}

int main(int argc, char **argv)
{
    prometheus::Registry registry;
    auto &counter = prometheus::BuildCounter()
                        .Name("events_total")
                        .Help("Events.")
                        .Register(registry)
                        .Add({{"camera_id", "WC-0001"}});
    auto &histogram = prometheus::BuildHistogram()
                          .Name("seconds")
                          .Help("Seconds.")
                          .Register(registry)
                          .Add({{"camera_id", "WC-0001"}},
                               prometheus::Histogram::BucketBoundaries{BOUNDS});
    for (int threads = 1; threads <= 2; threads++) {
        turn_measure("increment", threads, increment, &counter);
        turn_measure("observe", threads, observe, &histogram);
    }
    Many many;
    turn_scrape(count, scrape, &many);
    if (argc > 1)
        std::ofstream(argv[1], std::ios::binary) << many.text();
}
