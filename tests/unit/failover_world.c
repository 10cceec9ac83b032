#include "failover_world.h"

struct world_event {
    int64_t at;
    int object; /* -1: the weather, or room that may be there again */
};

/* Check writes a line for each of its assertions, and there are millions. */
#define watch(condition)                                                                           \
    do {                                                                                           \
        if (!(condition))                                                                          \
            ck_abort_msg("%s", #condition);                                                        \
    } while (0)

enum { LOOK_TIME_OUT = 2 * SECOND };
static const int64_t time_out = INT64_C(20) * SECOND;

int world_random(struct world *world, int below)
{
    world->random = world->random * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (int)((world->random >> 33) % (uint64_t)below);
}

double world_seconds(const struct world *world, int64_t when)
{
    return (double)(when - world->started) / SECOND;
}

int64_t world_puts(const struct world *world)
{
    int64_t puts = 0;
    for (int i = 0; i < REGIONS; i++)
        puts += world->regions[i].puts;
    return puts;
}

/* ---- events: a heap ---- */

static void swap_events(struct world *world, int left, int right)
{
    struct world_event event = world->events[left];
    world->events[left] = world->events[right];
    world->events[right] = event;
}

static void add_event(struct world *world, int64_t at, int object)
{
    int place = world->event_count++;
    watch(place < 4 * world->count + 1000);
    world->events[place] = (struct world_event){at, object};
    for (; place > 0 && world->events[place].at < world->events[(place - 1) / 2].at;
         place = (place - 1) / 2)
        swap_events(world, place, (place - 1) / 2);
}

static struct world_event take_event(struct world *world)
{
    struct world_event first = world->events[0];
    world->events[0] = world->events[--world->event_count];
    for (int place = 0;;) {
        int least = place;
        for (int child = 2 * place + 1; child <= 2 * place + 2; child++)
            if (child < world->event_count && world->events[child].at < world->events[least].at)
                least = child;
        if (least == place)
            return first;
        swap_events(world, place, least);
        place = least;
    }
}

static void set_event(struct world *world, int number, int64_t at)
{
    world->objects[number].event_at = at;
    if (at != INT64_MAX)
        add_event(world, at, number);
}

/* ---- what regions answer ---- */

static bool is_over_rate(struct world *world, struct world_region *region)
{
    if (world->now - region->window_from >= SECOND / 4) {
        region->window_from = world->now;
        region->window_used = 0;
    }
    return ++region->window_used > (region->rate + 3) / 4;
}

static enum wci_outcome answer_put(struct world *world, struct world_object *object,
                                   struct world_region *region, int64_t *duration)
{
    enum wci_outcome outcome = WCI_OUTCOME_OK;
    *duration = (50 + world_random(world, 100)) * MILLISECOND;
    switch (region->weather) {
    case RESETS:
        *duration = 1 * MILLISECOND;
        return WCI_OUTCOME_TRANSIENT;
    case FAILS:
        outcome = world_random(world, 100) < region->percent ? WCI_OUTCOME_TRANSIENT
                                                             : WCI_OUTCOME_OK;
        break;
    case HANGS:
        *duration = time_out;
        object->report.was_slow = object->report.is_in_doubt = true;
        if (world_random(world, 2))
            object->stored |= UINT32_C(1) << object->region;
        return WCI_OUTCOME_AMBIGUOUS;
    case SWALLOWS:
        object->report.is_in_doubt = true;
        object->stored |= UINT32_C(1) << object->region;
        return WCI_OUTCOME_AMBIGUOUS;
    case THROTTLES:
        outcome = is_over_rate(world, region) ? WCI_OUTCOME_THROTTLED : WCI_OUTCOME_OK;
        break;
    case REFUSES:
        return WCI_OUTCOME_REFUSED;
    case NAMELESS:
        *duration = 5 * MILLISECOND;
        return WCI_OUTCOME_UNREACHABLE;
    default:
        break;
    }
    int64_t off = region->clock_off - object->report.skew_used;
    if (outcome == WCI_OUTCOME_OK &&
        (off > INT64_C(900) * SECOND || off < INT64_C(-900) * SECOND)) {
        object->report.skew = region->clock_off;
        return WCI_OUTCOME_SKEWED;
    }
    if (outcome == WCI_OUTCOME_OK)
        object->stored |= UINT32_C(1) << object->region;
    return outcome;
}

static enum wci_outcome answer_look(struct world *world, struct world_object *object,
                                    const struct world_region *region, int64_t *duration)
{
    *duration = (20 + world_random(world, 20)) * MILLISECOND;
    switch (region->weather) {
    case RESETS:
        return WCI_OUTCOME_TRANSIENT;
    case HANGS:
        *duration = LOOK_TIME_OUT;
        object->report.was_slow = true;
        return WCI_OUTCOME_TRANSIENT;
    case NAMELESS:
        return WCI_OUTCOME_UNREACHABLE;
    case REFUSES:
        return WCI_OUTCOME_REFUSED;
    default:
        return object->stored & (UINT32_C(1) << object->region) ? WCI_OUTCOME_OK
                                                                : WCI_OUTCOME_MISSING;
    }
}

static void count_answer(struct world_region *region, enum wci_outcome outcome)
{
    region->throttled += outcome == WCI_OUTCOME_THROTTLED;
    region->taken += outcome == WCI_OUTCOME_OK;
}

/* ---- what failover may and may not do ---- */

static void watch_states(struct world *world, struct wci_region_report seen[REGIONS])
{
    for (int i = 0; i < REGIONS; i++) {
        wci_failover_look(world->failover, i, world->now, &seen[i]);
        if (seen[i].is_current && i != world->current) {
            world->current = i;
            world->moves++;
            world->moved_at = world->now;
        }
        watch((seen[i].under_way) == (world->regions[i].under_way));
        watch(seen[i].retry_tokens >= 0);
        watch(seen[i].retry_tokens <= 500);
    }
}

/* Before a request goes out: `before` is how failover said that the regions were. */
static void watch_request(struct world *world, struct world_object *object,
                          const struct wci_region_report *before)
{
    struct world_region *region = &world->regions[object->region];
    bool was_down = before->state == WCI_REGION_DOWN || before->state == WCI_REGION_MISCONFIGURED ||
                    before->state == WCI_REGION_PROBING;
    watch(world->under_way < world->connections);
    watch(region->under_way < before->room);
    object->was_down = was_down && !object->is_look;
    if (object->was_down) { /* one, once its time is over */
        watch(before->opens <= world->now);
        watch((region->probing) == (0));
        region->probing++;
    }
}

/* ---- objects ---- */

static void enqueue(struct world *world, int number)
{
    world->objects[number].state = IN_QUEUE;
    world->objects[number].event_at = INT64_MAX;
    world->queue[(world->queue_first + world->queue_count++) % world->count] = number;
}

static void send(struct world *world, int number, const struct wci_step *step,
                 const struct wci_region_report seen[REGIONS])
{
    struct world_object *object = &world->objects[number];
    struct world_region *region = &world->regions[step->region];
    int64_t duration;
    object->region = step->region;
    object->is_look = step->kind == WCI_STEP_LOOK;
    object->sent_at = world->now;
    object->requests++;
    object->report = (struct wci_report){
        .retry_after = -1, .skew_used = wci_failover_skew(world->failover, step->region)};
    watch_request(world, object, &seen[step->region]);
    region->under_way++;
    world->under_way++;
    region->puts += !object->is_look;
    if (world->is_cut) {
        duration = 5 * MILLISECOND;
        object->report.outcome = WCI_OUTCOME_UNREACHABLE;
    } else {
        object->report.outcome = object->is_look ? answer_look(world, object, region, &duration)
                                                 : answer_put(world, object, region, &duration);
        count_answer(region, object->report.outcome);
    }
    object->state = SENT;
    set_event(world, number, world->now + duration);
}

static void end_object(struct world *world, struct world_object *object, int region)
{
    object->state = DONE;
    object->final = region;
    object->done = world->last_done_at = world->now;
    object->doubts |= object->attempts.doubts;
    world->done++;
    watch(object->stored & (UINT32_C(1) << region));
    /* where it may be beside that is known */
    watch((object->stored & ~(UINT32_C(1) << region) & ~object->doubts) == (0));
}

/* As the rows of the queue do it. */
static void put_off(struct world *world, int number, const struct wci_step *step)
{
    struct world_object *object = &world->objects[number];
    int64_t delay = INT64_C(3600) * SECOND;
    object->doubts |= object->attempts.doubts | object->attempts.look_first;
    object->state = TO_COME;
    if (step->kind == WCI_STEP_OFFLINE || object->attempts.total == 0) {
        watch(step->at > world->now);
        set_event(world, number, step->at);
        return;
    }
    if (object->failures < 8)
        delay = (INT64_C(10) * SECOND) << object->failures;
    object->failures++;
    set_event(world, number, world->now + 1 + delay / 1000 * world_random(world, 1000));
}

static void ask(struct world *world, int number)
{
    struct world_object *object = &world->objects[number];
    struct wci_region_report seen[REGIONS];
    struct wci_step step;
    watch_states(world, seen);
    wci_failover_next(world->failover, &object->attempts, world->now, &step);
    object->state = WAITING;
    switch (step.kind) {
    case WCI_STEP_TRY:
    case WCI_STEP_LOOK:
        send(world, number, &step, seen);
        break;
    case WCI_STEP_WAIT:
        watch(step.at > world->now);
        /* or nobody would ever ask again */
        watch(step.at != INT64_MAX || world->under_way > 0);
        world->waiting[world->waiting_count++] = number;
        set_event(world, number, step.at);
        break;
    default:
        put_off(world, number, &step);
        break;
    }
}

/* All that wait are asked: in the order in which they came to wait. */
static void ask_waiting(struct world *world)
{
    int count = world->waiting_count;
    static int asked[100000];
    watch(count <= 100000);
    memcpy(asked, world->waiting, (size_t)count * sizeof asked[0]);
    world->waiting_count = 0;
    for (int i = 0; i < count; i++)
        ask(world, asked[i]);
}

static void begin_some(struct world *world)
{
    while (world->queue_count > 0 &&
           wci_failover_room(world->failover, world->now) > world->waiting_count) {
        int number = world->queue[world->queue_first];
        struct world_object *object = &world->objects[number];
        world->queue_first = (world->queue_first + 1) % world->count;
        world->queue_count--;
        wci_failover_begin(world->failover, &object->attempts, 0);
        object->attempts.look_first = object->doubts;
        ask(world, number);
    }
    if (world->queue_count > 0 && world->under_way == 0) {
        int64_t opens = wci_failover_opens(world->failover, world->now);
        watch(opens > world->now || world->waiting_count > 0);
        watch(opens <= world->now + INT64_C(300) * SECOND);
        add_event(world, opens > world->now ? opens : world->now + SECOND, -1);
    }
}

static void end_request(struct world *world, int number)
{
    struct world_object *object = &world->objects[number];
    struct world_region *region = &world->regions[object->region];
    /* It was under way when the uplink was cut: it hangs until its time is over. */
    if (world->cut_at > object->sent_at && world->now < object->sent_at + time_out &&
        object->report.outcome != WCI_OUTCOME_UNREACHABLE) {
        object->report = (struct wci_report){.outcome = object->is_look ? WCI_OUTCOME_TRANSIENT
                                                                        : WCI_OUTCOME_AMBIGUOUS,
                                             .is_in_doubt = !object->is_look,
                                             .was_slow = true,
                                             .retry_after = -1};
        set_event(world, number, object->sent_at + time_out);
        return;
    }
    region->under_way--;
    world->under_way--;
    region->probing -= object->was_down;
    wci_failover_report(world->failover, &object->attempts, world->now, &object->report);
    if (object->report.outcome == WCI_OUTCOME_OK)
        end_object(world, object, object->region);
    else
        ask(world, number);
    ask_waiting(world);
}

static void leave_waiting(struct world *world, int number)
{
    int kept = 0;
    for (int i = 0; i < world->waiting_count; i++)
        if (world->waiting[i] != number)
            world->waiting[kept++] = world->waiting[i];
    world->waiting_count = kept;
}

/* ---- the world ---- */

void world_begin(struct world *world, int count, int64_t every, uint64_t seed)
{
    struct wci_failover_limits limits = {.regions = REGIONS,
                                         .attempts = 3,
                                         .connections = 50,
                                         .failback = INT64_C(60) * SECOND,
                                         .connect_time = INT64_C(3) * SECOND,
                                         .seed = seed};
    *world = (struct world){.now = INT64_C(5000) * SECOND, .connections = 50, .random = seed};
    assert_done(wci_failover_new(&limits, &world->failover));
    world->started = world->now;
    world->cut_at = -1;
    world->count = count;
    world->objects = calloc((size_t)count, sizeof *world->objects);
    world->queue = calloc((size_t)count, sizeof *world->queue);
    world->waiting = calloc((size_t)count, sizeof *world->waiting);
    world->events = calloc(4 * (size_t)count + 1000, sizeof *world->events);
    ck_assert(world->objects && world->queue && world->waiting && world->events);
    for (int i = 0; i < count; i++) {
        world->objects[i].came = world->now + i * every;
        world->objects[i].final = -1;
        set_event(world, i, world->objects[i].came);
    }
}

void world_end(struct world *world)
{
    wci_failover_free(world->failover);
    free(world->objects);
    free(world->queue);
    free(world->waiting);
    free(world->events);
}

static void play(struct world *world, const struct world_event *event)
{
    struct world_object *object = &world->objects[event->object];
    if (event->object < 0 || object->event_at != event->at)
        return;
    if (object->state == TO_COME) {
        enqueue(world, event->object);
    } else if (object->state == SENT) {
        end_request(world, event->object);
    } else if (object->state == WAITING) {
        leave_waiting(world, event->object);
        ask(world, event->object);
    }
}

void world_run(struct world *world, int64_t until)
{
    int64_t end = world->started + until * SECOND;
    while (world->done < world->count) {
        if (world->event_count == 0)
            ck_abort_msg("%d of %d are done, and nothing happens any more", world->done,
                         world->count);
        struct world_event event = take_event(world);
        if (event.at > end)
            ck_abort_msg("%d of %d are done after %lld s", world->done, world->count,
                         (long long)until);
        world->now = event.at;
        if (world->change)
            world->change(world);
        play(world, &event);
        begin_some(world);
    }
}
