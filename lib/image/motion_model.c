#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "image/motion_parts.h"

static const int64_t second = 1000000;

/*
 * What is learned. Pictures less than a minute apart are one burst, and of a burst the stillest
 * frame is kept, so that an animal that stands still through it is in one sample of many. Samples
 * lie ten minutes apart, else one that feeds for half an hour would be in all of them; only the
 * first ones may follow each other sooner.
 */
enum { BURST_SECONDS = 60, APART_SECONDS = 600, SAMPLES_SOON = 3 };
/* What has moved is not learned at once, but the background that was expected there. What has
 * moved in the same cells in more than every third sample does not go away again, like a branch
 * that has fallen, or sways: from STAYS_LIMIT on it is learned as it is. */
enum { STAYS_MORE = 2, STAYS_LIMIT = 10, STAYS_MAX = 16 };
/* After so many bursts that had next to nothing in common with the model, it is begun anew. So it
 * is after so many pictures in a row that were older than all of it: the clock was ahead until it
 * was set right, and will not get there again for long. */
enum { STRANGE_MAX = 3, OLDER_MAX = 30 };

void wci_motion_model_init(struct wci_motion_model *model)
{
    *model = (struct wci_motion_model){0};
}

void wci_motion_model_free(struct wci_motion_model *model)
{
    for (int i = 0; i < WCI_MOTION_SAMPLES; i++)
        free(model->samples[i].cells);
    free(model->stays);
    wci_motion_model_init(model);
}

/* Times are those of cameras, which may say anything: no sum of theirs may overflow. */
static bool is_within(int64_t time, int64_t first, int64_t last, int64_t around)
{
    return (time >= first || (uint64_t)first - (uint64_t)time <= (uint64_t)around) &&
           (time <= last || (uint64_t)time - (uint64_t)last <= (uint64_t)around);
}

static int find_near(const struct wci_motion_model *model, int64_t time, int64_t around)
{
    for (int i = 0; i < model->count; i++)
        if (is_within(time, model->samples[i].first, model->samples[i].last, around))
            return i;
    return -1;
}

int wci_motion_burst_of(const struct wci_motion_model *model, int64_t time)
{
    return find_near(model, time, BURST_SECONDS * second);
}

static wildcam_status begin(struct wci_motion_model *model, const struct wci_motion_frame *frame)
{
    unsigned char *stays = wci_new(wci_motion_plane(frame->width, frame->height));
    if (!stays)
        return WILDCAM_ERR_NOMEM;
    wci_motion_model_free(model);
    model->width = frame->width;
    model->height = frame->height;
    model->stays = stays;
    return WILDCAM_OK;
}

static void note_stays(struct wci_motion_model *model, const unsigned char *moved)
{
    size_t cells = (size_t)model->width * (size_t)model->height;
    for (size_t i = 0; i < cells; i++) {
        int value = model->stays[i] + (moved[i] ? STAYS_MORE : -1);
        model->stays[i] = (unsigned char)(value < 0 ? 0 : value > STAYS_MAX ? STAYS_MAX : value);
    }
}

static void fill_in(const struct wci_motion_model *model, const struct wci_motion_frame *frame,
                    const struct wci_motion_seen *seen, struct wci_motion_sample *sample)
{
    size_t count = (size_t)model->width * (size_t)model->height;
    sample->levels.end = 0;
    memcpy(sample->cells, frame->light, count);
    /* Of two it is not known which of them is the background. */
    if (!seen->moved || model->count < 2)
        return;
    for (size_t i = 0; i < count; i++)
        if (seen->moved[i] && model->stays[i] < STAYS_LIMIT)
            sample->cells[i] = seen->middle[i];
}

/* Where a new sample goes; -1 when it is older than all of a full model. */
static int find_room(const struct wci_motion_model *model, int64_t time)
{
    int oldest = 0;
    if (model->count < WCI_MOTION_SAMPLES)
        return model->count;
    for (int i = 1; i < model->count; i++)
        if (model->samples[i].first < model->samples[oldest].first)
            oldest = i;
    return time > model->samples[oldest].first ? oldest : -1;
}

static void widen(struct wci_motion_sample *sample, int64_t time)
{
    sample->first = time < sample->first ? time : sample->first;
    sample->last = time > sample->last ? time : sample->last;
}

/* Another picture of a burst that is known. */
static void learn_more(struct wci_motion_model *model, int burst,
                       const struct wci_motion_frame *frame, int64_t time,
                       const struct wci_motion_seen *seen, bool *learned)
{
    struct wci_motion_sample *sample = &model->samples[burst];
    *learned = time < sample->first || time > sample->last || seen->unrest < sample->unrest;
    widen(sample, time);
    if (seen->unrest < sample->unrest) {
        fill_in(model, frame, seen, sample);
        sample->unrest = seen->unrest;
    }
}

static wildcam_status learn_new(struct wci_motion_model *model,
                                const struct wci_motion_frame *frame, int64_t time,
                                const struct wci_motion_seen *seen, bool *learned)
{
    int64_t apart = (model->count < SAMPLES_SOON ? BURST_SECONDS : APART_SECONDS) * second;
    int room = find_room(model, time);
    if (room < 0 || find_near(model, time, apart) >= 0)
        return WILDCAM_OK;
    struct wci_motion_sample *sample = &model->samples[room];
    if (!sample->cells)
        sample->cells = wci_new(wci_motion_plane(model->width, model->height));
    if (!sample->cells)
        return WILDCAM_ERR_NOMEM;
    fill_in(model, frame, seen, sample);
    if (seen->moved)
        note_stays(model, seen->moved);
    sample->first = sample->last = time;
    sample->unrest = seen->unrest;
    model->count += room == model->count;
    *learned = true;
    return WILDCAM_OK;
}

wildcam_status wci_motion_learn(struct wci_motion_model *model,
                                const struct wci_motion_frame *frame, int64_t time,
                                const struct wci_motion_seen *seen, bool *learned)
{
    int burst = wci_motion_burst_of(model, time);
    *learned = false;
    bool is_new = model->width != frame->width || model->height != frame->height;
    if (!is_new && burst < 0 && find_near(model, time, APART_SECONDS * second) < 0) {
        model->strange = seen->is_strange ? model->strange + 1 : 0;
        is_new = model->strange >= STRANGE_MAX;
    }
    model->older = burst < 0 && find_room(model, time) < 0 ? model->older + 1 : 0;
    is_new = is_new || model->older > OLDER_MAX;
    if (is_new && begin(model, frame) != WILDCAM_OK)
        return WILDCAM_ERR_NOMEM;
    if (burst >= 0 && !is_new) {
        learn_more(model, burst, frame, time, seen, learned);
        return WILDCAM_OK;
    }
    return learn_new(model, frame, time, seen, learned);
}

static uint64_t distance(const struct wci_motion_sample *sample, int64_t time)
{
    return time < sample->first ? (uint64_t)sample->first - (uint64_t)time
                                : (uint64_t)time - (uint64_t)sample->first;
}

static int find_farthest(const struct wci_motion_model *model, int64_t time)
{
    int farthest = 0;
    for (int i = 1; i < model->count; i++)
        if (distance(&model->samples[i], time) > distance(&model->samples[farthest], time))
            farthest = i;
    return farthest;
}

static wildcam_status take_in(struct wci_motion_model *model, const struct wci_motion_sample *other,
                              int64_t time)
{
    bool is_full = model->count == WCI_MOTION_SAMPLES;
    struct wci_motion_sample *sample =
        &model->samples[is_full ? find_farthest(model, time) : model->count];
    bool is_known = find_near(model, other->first, APART_SECONDS * second) >= 0;
    if (is_known || (is_full && distance(sample, time) <= distance(other, time)))
        return WILDCAM_OK;
    if (!sample->cells)
        sample->cells = wci_new(wci_motion_plane(model->width, model->height));
    if (!sample->cells)
        return WILDCAM_ERR_NOMEM;
    memcpy(sample->cells, other->cells, (size_t)model->width * (size_t)model->height);
    sample->levels.end = 0;
    sample->first = other->first;
    sample->last = other->last;
    sample->unrest = other->unrest;
    model->count += !is_full;
    return WILDCAM_OK;
}

wildcam_status wci_motion_merge(struct wci_motion_model *model,
                                const struct wci_motion_model *other, int64_t time)
{
    wildcam_status status = WILDCAM_OK;
    size_t cells = (size_t)model->width * (size_t)model->height;
    if (model->width != other->width || model->height != other->height)
        return WILDCAM_OK;
    for (int i = 0; status == WILDCAM_OK && i < other->count; i++)
        status = take_in(model, &other->samples[i], time);
    for (size_t i = 0; i < cells; i++)
        if (model->stays[i] < other->stays[i])
            model->stays[i] = other->stays[i];
    return status;
}

/*
 * ---- as bytes ----
 *
 * "WCM1", then in little-endian numbers: u16 width, u16 height, u8 count, u8 strange, u16 0, then
 * for each sample i64 first, i64 last, u32 unrest and its cells, then stays' cells.
 */
enum { HEAD = 12, SAMPLE_HEAD = 20 };
static const unsigned char magic[4] = {'W', 'C', 'M', '1'};

static void put(unsigned char **at, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        *(*at)++ = (unsigned char)(value >> (8 * i));
}

static uint64_t get(const unsigned char **at, int bytes)
{
    uint64_t value = 0;
    for (int i = 0; i < bytes; i++)
        value |= (uint64_t) * (*at)++ << (8 * i);
    return value;
}

static size_t packed_size(size_t cells, int count)
{
    return HEAD + (size_t)count * (SAMPLE_HEAD + cells) + cells;
}

wildcam_status wci_motion_pack(const struct wci_motion_model *model, void **data, size_t *size)
{
    size_t cells = (size_t)model->width * (size_t)model->height;
    *size = packed_size(cells, model->count);
    unsigned char *at = *data = wci_new_array(*size, 1);
    if (!at) {
        *size = 0;
        return WILDCAM_ERR_NOMEM;
    }
    memcpy(at, magic, sizeof magic);
    at += sizeof magic;
    put(&at, (uint64_t)model->width, 2);
    put(&at, (uint64_t)model->height, 2);
    put(&at, (uint64_t)model->count, 1);
    put(&at, (uint64_t)model->strange, 1);
    put(&at, 0, 2);
    for (int i = 0; i < model->count; i++) {
        const struct wci_motion_sample *sample = &model->samples[i];
        put(&at, (uint64_t)sample->first, 8);
        put(&at, (uint64_t)sample->last, 8);
        put(&at, sample->unrest, 4);
        memcpy(at, sample->cells, cells);
        at += cells;
    }
    if (cells)
        memcpy(at, model->stays, cells);
    return WILDCAM_OK;
}

static wildcam_status refuse(void)
{
    return wci_fail(WILDCAM_ERR_CORRUPT, "these bytes are no background of the motion detector's");
}

/* Its samples and stays, from bytes whose length is right. */
static wildcam_status unpack_cells(const unsigned char *at, struct wci_motion_model *model,
                                   int count)
{
    size_t cells = (size_t)model->width * (size_t)model->height;
    size_t plane = wci_motion_plane(model->width, model->height);
    for (int i = 0; i < count; i++) {
        struct wci_motion_sample *sample = &model->samples[i];
        sample->first = (int64_t)get(&at, 8);
        sample->last = (int64_t)get(&at, 8);
        sample->unrest = (uint32_t)get(&at, 4);
        if (sample->first > sample->last)
            return refuse();
        sample->cells = wci_new(plane);
        if (!sample->cells)
            return WILDCAM_ERR_NOMEM;
        memcpy(sample->cells, at, cells);
        at += cells;
        model->count++;
    }
    model->stays = wci_new(plane);
    if (!model->stays)
        return WILDCAM_ERR_NOMEM;
    for (size_t i = 0; i < cells; i++)
        model->stays[i] = at[i] < STAYS_MAX ? at[i] : STAYS_MAX;
    return WILDCAM_OK;
}

wildcam_status wci_motion_unpack(const void *data, size_t size, struct wci_motion_model *model)
{
    const unsigned char *at = data;
    wci_motion_model_init(model);
    if (size < HEAD || memcmp(at, magic, sizeof magic) != 0)
        return refuse();
    at += sizeof magic;
    model->width = (int)get(&at, 2);
    model->height = (int)get(&at, 2);
    int count = (int)get(&at, 1);
    model->strange = (int)get(&at, 1);
    at += 2;
    int64_t cells = (int64_t)model->width * model->height;
    bool is_right = cells > 0 && cells <= WCI_MOTION_CELLS_MAX && count > 0 &&
                    count <= WCI_MOTION_SAMPLES && model->strange < STRANGE_MAX &&
                    size == packed_size((size_t)cells, count);
    wildcam_status status = is_right ? unpack_cells(at, model, count) : refuse();
    if (status != WILDCAM_OK)
        wci_motion_model_free(model);
    return status;
}
