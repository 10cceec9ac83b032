#include "conformance/model.h"

#include <math.h>

#include "base/calendar.h"
#include "base/memory.h"
#include "model/id.h"
#include "support/harness.h"

/* Check's own assertions write to a file, and these are very many. */
static void reserved(wildcam_status status)
{
    if (status != WILDCAM_OK)
        ck_abort_msg("there is no memory");
}

static char *copy(const char *text)
{
    char *copied = strdup(text ? text : "");
    if (!copied)
        ck_abort_msg("there is no memory");
    return copied;
}

static void free_row(struct known_row *row)
{
    free(row->metadata);
    free(row->notes);
    free(row->verified_by);
}

void model_free(struct model *model)
{
    for (size_t i = 0; i < model->count; i++)
        free_row(&model->rows[i]);
    for (size_t i = 0; i < model->image_count; i++)
        wci_image_release(&model->images[i]);
    free(model->rows);
    free(model->images);
    *model = (struct model){0};
}

static void copy_text(struct wci_text *text)
{
    struct wci_text copied = {0};
    reserved(wci_text_set(&copied, wci_text_get(text), text->length));
    *text = copied;
}

static void learn_image(struct model *model, const wildcam_image *image, const char *device_id)
{
    void *images = model->images;
    ck_assert_int_eq(wci_id_time(image->id), image->time / WCI_SECOND * WCI_SECOND);
    for (size_t i = 0; i < model->image_count; i++)
        if (model->images[i].id == image->id)
            ck_abort_msg("the picture's id %lld is given twice", (long long)image->id);
    reserved(wci_reserve(&images, &model->image_capacity, model->image_count + 1, sizeof *image));
    model->images = images;
    wildcam_image *known = &model->images[model->image_count++];
    *known = *image;
    known->device_id = (struct wci_text){0};
    reserved(wci_text_set(&known->device_id, device_id, strlen(device_id)));
    copy_text(&known->file_name);
    copy_text(&known->metadata);
}

/* Rows are sorted, and their ids found to be unique, once somebody asks. */
static void learn_row(struct model *model, const struct wci_row *row, int64_t image_id)
{
    void *rows = model->rows;
    if (wci_id_time(row->id) != row->time / WCI_SECOND * WCI_SECOND)
        ck_abort_msg("the id %lld is not of the second of %lld", (long long)row->id,
                     (long long)row->time);
    reserved(wci_reserve(&rows, &model->capacity, model->count + 1, sizeof *model->rows));
    model->rows = rows;
    model->rows[model->count++] =
        (struct known_row){.id = row->id,
                           .image_id = image_id,
                           .time = row->time,
                           .offset = row->offset,
                           .time_source = row->time_source,
                           .clock = {row->has_clock_time ? row->clock_time : row->time,
                                     row->has_clock_time ? row->clock_offset : row->offset},
                           .camera = row->camera,
                           .species = row->species,
                           .detected = row->species,
                           .confidence = row->confidence,
                           .has_box = row->has_box,
                           .box = row->box,
                           .metadata = copy(row->metadata),
                           .notes = copy(""),
                           .verified_by = copy(""),
                           .verified_at = WILDCAM_TIME_NONE};
    model->is_sorted = false;
}

static void replace(char **text, const struct wci_text *by)
{
    free(*text);
    *text = copy(wci_text_get(by));
}

static void learn_review(struct model *model, const struct wci_review *review)
{
    const wildcam_detection *draft = review->draft;
    struct known_row *row = model_find(model, review->detection_id);
    ck_assert_ptr_nonnull(row);
    row->has_review = true;
    row->verified_at = review->time;
    if (draft->set & WCI_SET_VERIFIED)
        row->verified = draft->verified;
    if (draft->set & WCI_SET_FALSE_POSITIVE)
        row->false_positive = draft->false_positive;
    if (draft->set & WCI_SET_VERIFIED_SPECIES)
        row->verified_species = review->species;
    if (draft->set & WCI_SET_NOTES)
        replace(&row->notes, &draft->notes);
    if (draft->set & WCI_SET_VERIFIED_BY)
        replace(&row->verified_by, &draft->verified_by);
    row->species = row->verified_species ? row->verified_species : row->detected;
}

static void check_duplicate(const struct model *model, const struct wci_change *change)
{
    const wildcam_image *image = change->image;
    const wildcam_image *first = model_find_image(model, image->camera_id, image->sha256);
    ck_assert_ptr_nonnull(first);
    ck_assert_int_eq(image->id, first->id);
    for (size_t i = 0; change->count && i < model->count; i++)
        if (model->rows[i].image_id == first->id && model->rows[i].id < change->rows[0].id)
            ck_abort_msg("a duplicate has not the first detection's id");
}

void model_learn(struct model *model, const struct wci_change *change)
{
    if (change->review) {
        learn_review(model, change->review);
        return;
    }
    if (change->is_duplicate) {
        check_duplicate(model, change);
        return;
    }
    if (change->image)
        learn_image(model, change->image, change->rows[0].camera->text);
    for (size_t i = 0; i < change->count; i++)
        learn_row(model, &change->rows[i], change->image ? change->image->id : 0);
}

void model_forget(struct model *model, int64_t from, int64_t to)
{
    size_t left = 0;
    for (size_t i = 0; i < model->count; i++) {
        if (wci_id_time(model->rows[i].id) >= from && wci_id_time(model->rows[i].id) < to)
            free_row(&model->rows[i]);
        else
            model->rows[left++] = model->rows[i];
    }
    model->count = left;
    left = 0;
    for (size_t i = 0; i < model->image_count; i++) {
        if (wci_id_time(model->images[i].id) >= from && wci_id_time(model->images[i].id) < to)
            wci_image_release(&model->images[i]);
        else
            model->images[left++] = model->images[i];
    }
    model->image_count = left;
}

/* What include/wildcam/deployment.h says, word for word. */
static struct wci_reading right_time(const struct wci_clock_rule *rules, size_t count,
                                     struct wci_reading clock, int source)
{
    bool by_camera = source == WILDCAM_TIME_SOURCE_EXIF ||
                     source == WILDCAM_TIME_SOURCE_MAKERNOTE ||
                     source == WILDCAM_TIME_SOURCE_FILENAME ||
                     source == WILDCAM_TIME_SOURCE_SIDECAR;
    for (size_t i = 0; i < count; i++) {
        bool is_local = clock.offset == WILDCAM_OFFSET_UNKNOWN &&
                        rules[i].offset != WILDCAM_OFFSET_UNKNOWN;
        int64_t time = clock.time - (is_local ? rules[i].offset * WCI_SECOND : 0) +
                       (by_camera ? rules[i].shift : 0);
        if (time >= rules[i].start && time < rules[i].end)
            return (struct wci_reading){time, is_local ? rules[i].offset : clock.offset};
    }
    return clock;
}

void model_retime(struct model *model, int64_t camera_id, const struct wci_clock_rule *rules,
                  size_t count)
{
    for (size_t i = 0; i < model->count; i++) {
        struct known_row *row = &model->rows[i];
        if (row->camera->id != camera_id)
            continue;
        struct wci_reading right = right_time(rules, count, row->clock, row->time_source);
        row->time = right.time;
        row->offset = right.offset;
    }
    for (size_t i = 0; i < model->image_count; i++) {
        wildcam_image *image = &model->images[i];
        if (image->camera_id != camera_id)
            continue;
        struct wci_reading clock = {wildcam_image_get_clock_time(image),
                                    wildcam_image_get_clock_offset(image)};
        struct wci_reading right = right_time(rules, count, clock, image->time_source);
        bool same = right.time == clock.time && right.offset == clock.offset;
        image->time = right.time;
        image->offset = right.offset;
        image->clock_time = same ? WILDCAM_TIME_NONE : clock.time;
        image->clock_offset = same ? WILDCAM_OFFSET_UNKNOWN : clock.offset;
    }
}

static int compare_ids(const void *left, const void *right)
{
    const struct known_row *a = left, *b = right;
    return a->id < b->id ? -1 : a->id > b->id;
}

static void sort(struct model *model)
{
    if (model->is_sorted || model->count == 0)
        return;
    qsort(model->rows, model->count, sizeof *model->rows, compare_ids);
    for (size_t i = 1; i < model->count; i++)
        if (model->rows[i].id == model->rows[i - 1].id)
            ck_abort_msg("the id %lld is given twice", (long long)model->rows[i].id);
    model->is_sorted = true;
}

struct known_row *model_find(struct model *model, int64_t id)
{
    const struct known_row wanted = {.id = id};
    sort(model);
    if (model->count == 0)
        return NULL;
    return bsearch(&wanted, model->rows, model->count, sizeof wanted, compare_ids);
}

const wildcam_image *model_find_image(const struct model *model, int64_t camera_id,
                                      const unsigned char *sha256)
{
    for (size_t i = 0; i < model->image_count; i++)
        if (model->images[i].camera_id == camera_id &&
            memcmp(model->images[i].sha256, sha256, WCI_DIGEST_BYTES) == 0)
            return &model->images[i];
    return NULL;
}

static bool matches_names(const struct known_row *row, const struct wci_query *query)
{
    return (!query->camera || row->camera->id == query->camera->id) &&
           (!query->by_species || strcmp(row->species->text, wci_text_get(&query->species)) == 0) &&
           (query->category < 0 || row->species->category == query->category);
}

static bool matches(const struct known_row *row, const struct wci_query *query)
{
    return matches_names(row, query) && row->time >= query->from && row->time < query->to &&
           (isnan(query->min_confidence) || row->confidence >= query->min_confidence) &&
           (query->verified < 0 || row->verified == (query->verified == 1));
}

/* By milliseconds of the true time; within one, those whose ids are of another second come behind
 * its very first id. */
static int compare_places(const void *left, const void *right)
{
    const struct known_row *a = *(const struct known_row *const *)left;
    const struct known_row *b = *(const struct known_row *const *)right;
    bool a_moved = a->time / WCI_SECOND != a->id >> 21,
         b_moved = b->time / WCI_SECOND != b->id >> 21;
    if (a->time / 1000 != b->time / 1000)
        return a->time < b->time ? -1 : 1;
    if (a_moved != b_moved)
        return ((a_moved ? b : a)->id % 2048 == 0) == a_moved ? 1 : -1;
    if (a_moved && a->time != b->time)
        return a->time < b->time ? -1 : 1;
    return a->id < b->id ? -1 : a->id > b->id;
}

static int compare_backwards(const void *left, const void *right)
{
    return compare_places(right, left);
}

const struct known_row **model_select(struct model *model, const struct wci_query *query,
                                      size_t *count)
{
    const struct known_row **selected = calloc(model->count + 1, sizeof *selected);
    if (!selected)
        ck_abort_msg("there is no memory");
    sort(model);
    *count = 0;
    for (size_t i = 0; i < model->count; i++)
        if (matches(&model->rows[i], query))
            selected[(*count)++] = &model->rows[i];
    if (*count)
        qsort(selected, *count, sizeof *selected,
              query->oldest_first ? compare_places : compare_backwards);
    return selected;
}

static struct wci_summary_row *summary_row(struct wci_summary_rows *rows,
                                           const struct wci_summary_row *key)
{
    void *memory = rows->rows;
    for (size_t i = 0; i < rows->count; i++)
        if (rows->rows[i].camera == key->camera && rows->rows[i].species == key->species &&
            rows->rows[i].day == key->day)
            return &rows->rows[i];
    reserved(wci_reserve(&memory, &rows->capacity, rows->count + 1, sizeof *rows->rows));
    rows->rows = memory;
    rows->rows[rows->count] = *key;
    return &rows->rows[rows->count++];
}

static void count_row(struct wci_summary_row *to, const struct known_row *row)
{
    int32_t offset = row->offset == WILDCAM_OFFSET_UNKNOWN ? 0 : row->offset;
    int64_t seconds = (row->time / WCI_SECOND + offset) % 86400;
    to->count++;
    to->hours[(seconds + 86400) % 86400 / 3600]++;
    if (isnan(row->confidence))
        return;
    int64_t millionths = llround(row->confidence * WCI_CONFIDENCE_UNIT);
    to->scored_count++;
    to->scored_sum += millionths;
    if (row->confidence > 0.7) {
        to->sure_count++;
        to->sure_sum += millionths;
    }
}

/* Does a row's day, as a whole, belong to a range that is widened to whole days? */
static bool is_day_in(int64_t time, const struct wci_query *query)
{
    int64_t day = time / WCI_DAY * WCI_DAY;
    return day < query->to && day + WCI_DAY > query->from;
}

void model_summarise(struct model *model, const struct wci_query *query, uint32_t by,
                     struct wci_summary_rows *out)
{
    for (size_t i = 0; i < model->count; i++) {
        const struct known_row *row = &model->rows[i];
        if (row->false_positive || !is_day_in(row->time, query) || !matches_names(row, query))
            continue;
        const struct wci_summary_row key = {
            .camera = by & WILDCAM_BY_CAMERA ? row->camera : NULL,
            .species = by & WILDCAM_BY_SPECIES ? row->species : NULL,
            .day = by & WILDCAM_BY_DAY ? row->time / WCI_DAY * WCI_DAY : WILDCAM_TIME_NONE};
        count_row(summary_row(out, &key), row);
    }
    model_sort_summary(out);
}

static int64_t number_of(const struct wci_name *name)
{
    return name ? name->id : 0;
}

static int compare_summary(const void *left, const void *right)
{
    const struct wci_summary_row *a = left, *b = right;
    if (number_of(a->camera) != number_of(b->camera))
        return number_of(a->camera) < number_of(b->camera) ? -1 : 1;
    if (number_of(a->species) != number_of(b->species))
        return number_of(a->species) < number_of(b->species) ? -1 : 1;
    return a->day < b->day ? -1 : a->day > b->day;
}

void model_sort_summary(struct wci_summary_rows *rows)
{
    if (rows->count)
        qsort(rows->rows, rows->count, sizeof *rows->rows, compare_summary);
}
