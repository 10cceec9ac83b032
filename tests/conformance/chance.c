/* Random rows, questions and reviews, all from one seed. */
#include <math.h>
#include <sys/random.h>

#include "conformance/subject.h"

enum { BATCH = 50 };

struct dice dice_new(void)
{
    const char *given = getenv("WILDCAM_TEST_SEED");
    struct dice dice = {0};
    if (given)
        dice.state = strtoull(given, NULL, 10);
    else
        ck_assert_int_eq(getrandom(&dice.state, 6, 0), 6);
    printf("WILDCAM_TEST_SEED=%llu\n", (unsigned long long)dice.state);
    fflush(stdout);
    return dice;
}

int64_t roll(struct dice *dice, int64_t sides) /* splitmix64 */
{
    uint64_t value = dice->state += UINT64_C(0x9e3779b97f4a7c15);
    value = (value ^ value >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    value = (value ^ value >> 27) * UINT64_C(0x94d049bb133111eb);
    return (int64_t)((value ^ value >> 31) % (uint64_t)sides);
}

/* Times gather around a few moments, among them the ends of months and years. */
static int64_t random_time(struct dice *dice)
{
    static const int moments[][3] = {{2025, 11, 30}, {2026, 1, 1}, {2026, 1, 17},
                                     {2026, 2, 28},  {2026, 3, 1}, {2026, 3, 29}};
    const int *moment = moments[roll(dice, 6)];
    int64_t day = day_at(moment[0], moment[1], moment[2]);
    switch (roll(dice, 4)) {
    case 0: /* one millisecond */
        return day + 12 * 3600 * WCI_SECOND + roll(dice, 1000);
    case 1: /* one second, around midnight */
        return day + roll(dice, 2 * WCI_SECOND) - WCI_SECOND;
    case 2:
        return day + roll(dice, WCI_DAY);
    default:
        return day + roll(dice, 6 * WCI_DAY) - 3 * WCI_DAY;
    }
}

/* Some of the values that matter: the ends, what is sure and just not, and what is unknown. */
static double random_confidence(struct dice *dice)
{
    static const double special[] = {NAN, 0, 1, 0.7, 0.70001, 0.5};
    int64_t which = roll(dice, 12);
    return which < 6 ? special[which] : (double)roll(dice, 1001) / 1000;
}

static int32_t random_offset(struct dice *dice)
{
    static const int32_t offsets[] = {WILDCAM_OFFSET_UNKNOWN, 0, 3600, -8 * 3600, 20700, 86399};
    return offsets[roll(dice, 6)];
}

struct wci_row random_row(const struct subject *subject, struct dice *dice)
{
    static const char *const metadata[] = {NULL, NULL, "{\"burst\":3}", "{\"\xc3\xa9\":\"\"}"};
    struct wci_row row = {.time = random_time(dice),
                          .camera = subject->cameras[roll(dice, CAMERAS)],
                          .species = subject->species[roll(dice, SPECIES)],
                          .confidence = random_confidence(dice),
                          .offset = random_offset(dice),
                          .time_source = (uint8_t)roll(dice, 7),
                          .metadata = metadata[roll(dice, 4)],
                          .has_box = roll(dice, 2) == 0};
    if (row.has_box)
        row.box = (wildcam_box){(double)roll(dice, 100) / 200, 0.1, 0.5, 1.0 / 3};
    return row;
}

/* A span that begins and ends near where rows are, at a row's very time, or nowhere. */
static void random_span(const struct subject *subject, struct dice *dice, struct wci_query *query)
{
    const struct model *model = &subject->model;
    int64_t ends[2];
    for (int i = 0; i < 2; i++) {
        int64_t kind = roll(dice, 4);
        ends[i] = random_time(dice);
        if (kind == 0 && model->count)
            ends[i] = model->rows[roll(dice, (int64_t)model->count)].time + roll(dice, 3) - 1;
        else if (kind == 1)
            ends[i] -= ends[i] % WCI_DAY;
    }
    query->from = ends[0] < ends[1] ? ends[0] : ends[1];
    query->to = ends[0] < ends[1] ? ends[1] : ends[0];
    int64_t open = roll(dice, 6);
    if (open == 0 || open == 2)
        query->from = INT64_MIN;
    if (open == 1 || open == 2)
        query->to = INT64_MAX;
}

struct wci_query random_query(const struct subject *subject, struct dice *dice)
{
    struct wci_query query = query_all();
    if (roll(dice, 4) != 0)
        random_span(subject, dice, &query);
    if (roll(dice, 3) == 0)
        query.camera = subject->cameras[roll(dice, CAMERAS)];
    if (roll(dice, 3) == 0)
        query_by_species(&query, subject->species[roll(dice, SPECIES)]);
    if (roll(dice, 4) == 0)
        query.category = (int)roll(dice, 6);
    if (roll(dice, 4) == 0)
        query.min_confidence = (double)roll(dice, 11) / 10;
    query.verified = (int)roll(dice, 6) - 4;
    if (query.verified < -1)
        query.verified = -1;
    query.oldest_first = roll(dice, 2) == 0;
    return query;
}

static void set_text(struct wci_text *text, const char *words)
{
    assert_op(wci_text_set(text, words, strlen(words)));
}

void random_review(struct subject *subject, struct dice *dice, int64_t id)
{
    wildcam_detection draft;
    struct wci_review review = {.detection_id = id, .draft = &draft, .time = random_time(dice)};
    struct wci_change change = {.review = &review};
    wci_detection_init(&draft);
    draft.set = (uint32_t)roll(dice, 32);
    draft.verified = (int)roll(dice, 2);
    draft.false_positive = roll(dice, 3) == 0;
    if (roll(dice, 3) != 0)
        review.species = subject->species[roll(dice, SPECIES)];
    set_text(&draft.notes, roll(dice, 2) ? "seen twice\nby two" : "");
    set_text(&draft.verified_by, roll(dice, 2) ? "J\xc3\xb8rgen" : "");
    write_one(subject, &change);
    wci_detection_release(&draft);
}

void fill(struct subject *subject, struct dice *dice, int rows)
{
    struct wci_row batch[BATCH];
    for (int done = 0; done < rows;) {
        int size = (int)roll(dice, BATCH < rows - done ? BATCH : rows - done) + 1;
        for (int i = 0; i < size; i++)
            batch[i] = random_row(subject, dice);
        write_rows(subject, batch, (size_t)size);
        done += size;
        for (int i = 0; i < size; i++)
            if (roll(dice, 4) == 0)
                random_review(subject, dice, batch[i].id);
    }
}
