#include "image/motion.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "image/motion_parts.h"

/* Of so few samples each may hold an animal; of more, the outermost at each end are not believed.
 */
enum { BELIEVE_ALL_MAX = 4 };
/* A blank is only said once so many other bursts have been seen. */
enum { BURSTS_FOR_BLANK = 2 };
/* Less than this many rows without captions are no picture. */
enum { ROWS_MIN = 8 };

static const double strange_from = 0.6; /* of the picture has changed */

/* What a look needs for its time. */
struct look {
    const struct wci_motion_frame *frame;
    const struct wci_motion_tuning *tuning;
    int first, end; /* rows without captions */
    struct wci_motion_target target;
    size_t plane;
    int used;   /* samples that it is held against */
    int others; /* of them, those of other bursts */
    unsigned char *memory, *planes[WCI_MOTION_SAMPLES], *score, *moved;
    struct wci_motion_background background;
    struct wci_motion_region regions[WCI_MOTION_BOXES];
    size_t count;
    double rest;
};

static wildcam_status take_memory(struct look *look)
{
    enum { PLANES = WCI_MOTION_SAMPLES + 2 };
    size_t cells = (size_t)look->frame->width * (size_t)look->frame->height;
    look->plane = wci_motion_plane(look->frame->width, look->frame->height);
    look->memory = wci_new_room(PLANES * look->plane);
    if (!look->memory)
        return WILDCAM_ERR_NOMEM;
    for (int i = 0; i < WCI_MOTION_SAMPLES; i++) {
        look->planes[i] = look->memory + (size_t)i * look->plane;
        memset(look->planes[i] + cells, 0, look->plane - cells);
    }
    look->score = look->memory + WCI_MOTION_SAMPLES * look->plane;
    look->moved = look->score + look->plane;
    return WILDCAM_OK;
}

/* The samples of other bursts; where they are few, that of its own too. */
static void fit_samples(struct look *look, struct wci_motion_model *model, int64_t time)
{
    struct wci_motion_shift shift = {0, 0};
    int own = wci_motion_burst_of(model, time);
    look->others = model->count - (own >= 0);
    wci_motion_target_init(&look->target, look->frame->light, look->frame->width,
                           look->frame->height, look->first, look->end);
    for (int i = 0; i < model->count; i++) {
        if (i == own && look->others >= BURSTS_FOR_BLANK)
            continue;
        wci_motion_fit(&look->target, &model->samples[i], &shift, look->planes[look->used++]);
    }
}

static void choose_background(struct look *look)
{
    int trusted = look->used > BELIEVE_ALL_MAX ? 1 : 0;
    wci_motion_sort(look->planes, look->used, look->plane);
    look->background.low = look->planes[trusted];
    look->background.middle = look->planes[look->used / 2];
    look->background.high = look->planes[look->used - 1 - trusted];
}

static wildcam_status compare(struct look *look, struct wci_motion_model *model, int64_t time)
{
    const struct wci_motion_frame *frame = look->frame;
    fit_samples(look, model, time);
    choose_background(look);
    wci_motion_score(frame->light, &look->background, frame->width, frame->height, look->first,
                     look->end, look->tuning->sensitivity, look->score);
    wildcam_status status = wci_motion_forgive_light(frame->light, look->background.middle,
                                                     frame->width, frame->height, look->score);
    if (status == WILDCAM_OK)
        status = wci_motion_regions(look->score, frame->light, look->background.middle,
                                    frame->width, frame->height, look->tuning->least_area,
                                    look->regions, WCI_MOTION_BOXES, &look->count, look->moved,
                                    &look->rest);
    return status;
}

static void answer_box(const struct look *look, const struct wci_motion_region *region,
                       double trust, wildcam_box *box, double *confidence)
{
    double width = look->frame->width, height = look->frame->height;
    double least = look->tuning->least_area * width * height;
    double weight = region->weight / (least < 4 ? 4 : least);
    *box = (wildcam_box){region->left / width, region->top / height,
                         (region->right - region->left) / width,
                         (region->bottom - region->top) / height};
    *confidence = trust * (1 - 1 / (1 + 0.4 * weight));
}

/* What few bursts say is worth less. */
static double trust_in(int bursts)
{
    return bursts / (bursts + 1.0);
}

static void answer_from(const struct look *look, struct wci_motion_answer *answer)
{
    uint32_t changed = 0;
    size_t cells = (size_t)look->frame->width * (size_t)look->frame->height;
    for (size_t i = 0; i < cells; i++)
        changed += look->moved[i];
    answer->changed = changed / (double)cells;
    answer->count = look->count;
    for (size_t i = 0; i < look->count; i++)
        answer_box(look, &look->regions[i], trust_in(look->others > 0 ? look->others : 1),
                   &answer->boxes[i].box, &answer->boxes[i].confidence);
    if (look->count) {
        answer->verdict = WCI_MOTION_MOVED;
        answer->confidence = answer->boxes[0].confidence;
    } else if (look->others >= BURSTS_FOR_BLANK) {
        answer->verdict = WCI_MOTION_BLANK;
        answer->confidence = trust_in(look->others) * (1 - 0.5 * look->rest);
    }
}

wildcam_status wci_motion_look(struct wci_motion_model *model, const struct wci_motion_frame *frame,
                               int64_t time, const struct wci_motion_tuning *tuning,
                               struct wci_motion_answer *answer, bool *learned)
{
    struct look look = {.frame = frame, .tuning = tuning};
    struct wci_motion_seen seen = {.unrest = UINT32_MAX};
    *answer = (struct wci_motion_answer){.verdict = WCI_MOTION_UNSURE};
    *learned = false;
    look.first = frame->top;
    look.end = frame->height - frame->bottom;
    if (look.end - look.first < ROWS_MIN)
        return WILDCAM_OK;
    bool fits = model->width == frame->width && model->height == frame->height && model->count > 0;
    wildcam_status status = take_memory(&look);
    if (status == WILDCAM_OK && fits)
        status = compare(&look, model, time);
    if (status == WILDCAM_OK && fits) {
        answer_from(&look, answer);
        seen.moved = look.moved;
        seen.middle = look.background.middle;
        seen.unrest = (uint32_t)(answer->changed * frame->width * frame->height + 0.5);
        seen.is_strange = answer->changed > strange_from;
    }
    if (status == WILDCAM_OK)
        status = wci_motion_learn(model, frame, time, &seen, learned);
    free(look.memory);
    return status;
}
