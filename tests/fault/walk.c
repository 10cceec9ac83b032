#include "fault/walk.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <unistd.h>

#include "fault/contract.h"

/* A call that never gets through is one whose fault is never lifted. */
enum { LONGEST_WALK = 20000 };

/* Where a walk is, for messages. */
static struct {
    const struct scenario *scenario;
    const struct fault *fault;
    long n;
    bool is_noting; /* on which ways the calls are reached, instead of failing one */
    bool is_ready;  /* a station that is only read is there from an earlier step */
} at;

static const char *place(void)
{
    static char text[256];
    snprintf(text, sizeof text, "%s%s%s, %s %ld", at.scenario->function,
             at.scenario->variant ? " " : "", at.scenario->variant ? at.scenario->variant : "",
             at.fault->name, at.n);
    return text;
}

static void complain(const char *condition, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void complain(const char *condition, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    ck_abort_msg("%s: %s [%s]", place(), text, condition);
}

#define must(condition, ...)                                                                       \
    do {                                                                                           \
        if (!(condition))                                                                          \
            complain(#condition, __VA_ARGS__);                                                     \
    } while (0)

const struct scenario *scenario_at(int index)
{
    const struct scenarios *const tables[] = {
        &value_scenarios,    &read_scenarios,       &write_scenarios, &life_scenarios,
        &upload_scenarios,   &owed_scenarios,       &door_scenarios,  &metric_scenarios,
        &exchange_scenarios, &processing_scenarios, &alert_scenarios, &report_scenarios,
        &grouped_scenarios,  &deployment_scenarios};
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        if (index < tables[i]->count)
            return &tables[i]->list[index];
        index -= tables[i]->count;
    }
    return NULL;
}

int scenario_count(void)
{
    int count = 0;
    while (scenario_at(count))
        count++;
    return count;
}

static void read_share(int *part, int *parts)
{
    const char *text = getenv("WILDCAM_FAULT_PART");
    *part = *parts = 1;
    if (text && (sscanf(text, "%d/%d", part, parts) != 2 || *part < 1 || *part > *parts)) {
        fprintf(stderr, "WILDCAM_FAULT_PART is %s, not a share such as 2/3\n", text);
        exit(2);
    }
}

int share_count(void)
{
    int part, parts;
    read_share(&part, &parts);
    return (scenario_count() - part + parts) / parts;
}

const struct scenario *share_at(int index)
{
    int part, parts;
    read_share(&part, &parts);
    return scenario_at(index * parts + part - 1);
}

static int open_files(void)
{
    int count = 0;
    DIR *directory = opendir("/proc/self/fd");
    ck_assert_ptr_nonnull(directory);
    while (readdir(directory))
        count++;
    closedir(directory);
    return count;
}

static void **out_of(struct world *world)
{
    return at.scenario->out ? (void **)((char *)world + at.scenario->out) : NULL;
}

static wildcam_status call(struct world *world, bool with_fault, bool *struck)
{
    static char poison;
    void **out = out_of(world);
    if (out)
        *out = &poison;
    if (with_fault && at.is_noting)
        inject_note();
    else if (with_fault)
        inject_arm(at.fault, at.n);
    wildcam_status status = at.scenario->call(world);
    if (with_fault && at.is_noting)
        inject_noted(&(const struct noted_call *){NULL});
    *struck = with_fault && inject_disarm();
    bool is_silent = wildcam_error_message()[0] == '\0';
    if (out && status != WILDCAM_OK) {
        must(*out == NULL, "a failure gives %p", *out);
    } else if (out) {
        must(*out && *out != &poison, "a success gives nothing");
    }
    must((status == WILDCAM_OK) == is_silent, "%s, and the sentence is \"%s\"",
         wildcam_status_name(status), wildcam_error_message());
    return status;
}

static int64_t kept_detections(void)
{
    return at.scenario->station == EMPTY_STATION ? 0 : KEPT_DETECTIONS;
}

/* Whole, with all that was acknowledged before, and with what the call adds or without it. */
static void look_whether_whole(int64_t detections, bool has_succeeded, const char *when)
{
    int64_t added = detections - kept_detections();
    bool is_before = !has_succeeded && added == 0;
    bool is_part = !has_succeeded && at.scenario->has_parts && added > 0 &&
                   added < at.scenario->detections;
    must(is_before || is_part || added == at.scenario->detections, "%lld detections %s",
         (long long)detections, when);
}

static void look_at_station(const struct world *world, bool has_succeeded)
{
    if (!world->station || (!has_succeeded && at.scenario->station == READ_STATION))
        return;
    look_whether_whole(world_check(world->station), has_succeeded, "behind the call");
    if (at.scenario->writes)
        look_whether_whole(world_check_killed(), has_succeeded, "after a kill");
}

/* The call has failed, and the fault is lifted. */
static void look_at_failure(struct world *world, wildcam_status status)
{
    const struct scenario *scenario = at.scenario;
    must(status < 0, "%d", status);
    must(!scenario->never_fails && contract_names(scenario->function, status),
         "%s (%s) is not documented", wildcam_status_name(status), wildcam_error_message());
    /* Some of a disk's troubles lose their name on the way through SQLite; memory's never does. */
    bool is_vague = status == WILDCAM_ERR_IO && at.fault->error != ENOMEM;
    must(status == at.fault->status || is_vague, "%s (%s)", wildcam_status_name(status),
         wildcam_error_message());
    if (scenario->unchanged)
        scenario->unchanged(world);
    if (!at.fault->lasts || !scenario->is_resumed)
        look_at_station(world, false);
}

/* What was acknowledged is there after a close, and nothing else. */
static void look_once_more(struct world *world)
{
    const struct scenario *scenario = at.scenario;
    world_drop(world);
    wildcam_station_close(world->station);
    world_open(world);
    look_whether_whole(world_check(world->station), true, "after all");
    must(world_incoming() == 0, "%d files are left in incoming", world_incoming());
    int pictures = count_files(scratch_path("station/images"));
    int kept = scenario->station == EMPTY_STATION ? 0 : KEPT_PICTURES;
    must(pictures == kept + scenario->pictures, "%d pictures after all", pictures);
}

/* Sets up, calls, and when that fails calls again. */
static bool begin_and_call(struct world *world)
{
    const struct scenario *scenario = at.scenario;
    bool struck, ignored;
    world_begin(world, scenario->station > EMPTY_STATION, at.is_ready);
    at.is_ready = scenario->station == READ_STATION;
    if (scenario->station >= READ_STATION)
        world_open(world);
    if (scenario->arrange)
        scenario->arrange(world);
    wildcam_status status = call(world, true, &struck);
    if (status == WILDCAM_OK)
        return struck;
    must(struck, "fails by itself: %s", wildcam_error_message());
    look_at_failure(world, status);
    if (scenario->is_spent) {
        world_drop(world);
        scenario->arrange(world);
    }
    status = call(world, false, &ignored);
    must(status == WILDCAM_OK, "repeated, it is %s (%s)", wildcam_status_name(status),
         wildcam_error_message());
    return struck;
}

static bool step(void)
{
    struct world world;
    bool struck = begin_and_call(&world);
    if (at.scenario->verify)
        at.scenario->verify(&world);
    if (world.station && (at.scenario->station != READ_STATION || !struck)) {
        if (!struck)
            look_at_station(&world, true);
        look_once_more(&world);
    }
    world_end(&world);
    return struck;
}

/* A step that leaves more memory or files than it found; the second time shows whether it was a
 * library's own store, which is filled once, or is lost each time. */
static bool step_without_leak(void)
{
    long blocks = inject_blocks();
    int files = open_files();
    bool struck = step();
    if (inject_blocks() == blocks && open_files() == files)
        return struck;
    blocks = inject_blocks();
    files = open_files();
    step();
    must(open_files() == files, "%d files stay open", open_files() - files);
    long lost = inject_blocks() - blocks;
    must(lost == 0 || (at.scenario->lost_elsewhere && lost == at.scenario->lost_elsewhere),
         "%ld blocks of memory are lost", lost);
    return struck;
}

void walk_in_memory(void)
{
    if (access("/dev/shm", W_OK) == 0)
        setenv("TMPDIR", "/dev/shm", 0);
}

/* The calls of a kind that one run of the scenario makes. */
struct met {
    const struct noted_call *all;
    long all_count;
    uint64_t *ways;
    long count;
};

static void find_met(struct met *met, unsigned kinds)
{
    met->count = 0;
    for (long i = 0; i < met->all_count; i++)
        if (met->all[i].kinds & kinds)
            met->ways[met->count++] = met->all[i].way;
}

/* Of the calls that are reached on the same way the first is taken, the second, the fourth and so
 * on, and the last: what another library does about a failure of its own is its own tests' matter.
 */
static bool is_worth_it(const struct met *met, long n, bool lasts)
{
    long before = 0;
    bool is_last = true;
    for (long i = 0; i < n - 1; i++)
        before += met->ways[i] == met->ways[n - 1];
    for (long i = n; i < met->count && is_last; i++)
        is_last = met->ways[i] != met->ways[n - 1];
    return before == 0 || (!lasts && (is_last || (before & (before + 1)) == 0));
}

static void walk_one(const struct fault *fault, const struct met *met)
{
    static const char *every;
    every = getenv("WILDCAM_FAULT_EVERY");
    at.fault = fault;
    for (at.n = 1; at.n <= met->count; at.n++)
        if (every || is_worth_it(met, at.n, fault->lasts))
            step_without_leak();
    while (step_without_leak()) /* until it gets through */
        must(++at.n < LONGEST_WALK, "no end");
}

void walk(const struct scenario *scenario, const struct fault *faults, int count)
{
    struct met met;
    const char *only = getenv("WILDCAM_FAULT_ONLY"); /* for whoever works on a function */
    if (only && !strstr(scenario->function, only))
        return;
    at.scenario = scenario;
    at.fault = faults;
    at.is_ready = false;
    at.n = LONGEST_WALK;
    step(); /* what is set up once in a process, and must not fail then */
    at.is_noting = true;
    step();
    at.is_noting = false;
    met.all_count = inject_noted(&met.all);
    met.ways = calloc((size_t)met.all_count + 1, sizeof *met.ways);
    ck_assert_ptr_nonnull(met.ways);
    for (int i = 0; i < count; i++) {
        find_met(&met, faults[i].calls);
        if (met.count)
            walk_one(&faults[i], &met);
    }
    free(met.ways);
}
