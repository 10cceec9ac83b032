#include "conformance/subject.h"

#include <math.h>

#include "base/file.h"
#include "model/check.h"

static const struct {
    int category;
    const char *name;
} species[SPECIES] = {
    {WILDCAM_CATEGORY_UNCLASSIFIED, "unclassified"},
    {WILDCAM_CATEGORY_ANIMAL, "animal"},
    {WILDCAM_CATEGORY_BLANK, "blank"},
    {WILDCAM_CATEGORY_HUMAN, "human"},
    {WILDCAM_CATEGORY_ANIMAL, "Vulpes vulpes"},
    {WILDCAM_CATEGORY_ANIMAL, "Meles meles"},
    {WILDCAM_CATEGORY_ANIMAL, "r\xc3\xa6v; 'DROP' \"%\" \\"},
    {WILDCAM_CATEGORY_HUMAN, "Vulpes vulpes"}, /* the name of another category's */
    {WILDCAM_CATEGORY_VEHICLE, "vulpes vulpes"},
};

static const struct wci_backend_ops *const backends[] = {&wci_sqlite_backend};

TCase *subject_case(Suite *suite, const char *name, SFun set_up, SFun tear_down)
{
    TCase *test_case = harness_case(suite, name);
    tcase_add_checked_fixture(test_case, set_up, tear_down);
    return test_case;
}

const struct wci_backend_ops *backend_under_test(void)
{
    const char *name = getenv("WILDCAM_TEST_BACKEND");
    if (!name)
        name = "sqlite";
    for (size_t i = 0; i < sizeof backends / sizeof backends[0]; i++)
        if (strcmp(backends[i]->name, name) == 0)
            return backends[i];
    ck_abort_msg("WILDCAM_TEST_BACKEND: there is no backend \"%s\"", name);
}

wildcam_conf *subject_conf(const char *name)
{
    wildcam_conf *conf = station_conf();
    const char *directory = scratch_path("%s", name);
    assert_ok(wildcam_conf_set(conf, "data.dir", directory));
    assert_op(wci_directory_make(directory));
    return conf;
}

static void put_camera(struct subject *subject, const char *device_id)
{
    wildcam_camera draft;
    bool created;
    wci_camera_init(&draft);
    assert_op(wci_take_device_id(&draft.device_id, device_id));
    assert_op(
        subject->ops->put_camera(subject->backend, &draft, true, wci_calendar_now(), &created));
    wci_camera_release(&draft);
}

static void learn_names(struct subject *subject)
{
    for (int i = 0; i < CAMERAS; i++) {
        char device_id[16];
        snprintf(device_id, sizeof device_id, "CAM_%d", i);
        put_camera(subject, device_id);
        assert_op(
            subject->ops->find_camera(subject->backend, device_id, false, &subject->cameras[i]));
    }
    for (int i = 0; i < SPECIES; i++)
        assert_op(subject->ops->find_species(subject->backend, species[i].category, species[i].name,
                                             &subject->species[i]));
}

static void open_backend(struct subject *subject)
{
    assert_op(subject->ops->open(subject->conf, &subject->log, &subject->backend));
    learn_names(subject);
}

void subject_open(struct subject *subject, wildcam_conf *conf)
{
    *subject =
        (struct subject){.conf = conf, .log = wci_conf_log(conf), .ops = backend_under_test()};
    open_backend(subject);
}

void subject_open_store(struct subject *subject, struct wci_store *store, wildcam_conf *conf)
{
    *subject =
        (struct subject){.conf = conf, .log = wci_conf_log(conf), .ops = backend_under_test()};
    assert_op(wci_store_open(store, conf, &subject->log));
    ck_assert_ptr_eq(store->ops, subject->ops);
    subject->backend = store->backend;
    learn_names(subject);
}

void subject_close_store(struct subject *subject, struct wci_store *store)
{
    wci_store_close(store, false);
    model_free(&subject->model);
    wildcam_conf_free(subject->conf);
}

/* The model refers to names by address, and those of the closed backend are gone. */
static const struct wci_name *renamed(const struct wci_name *const *before,
                                      const struct wci_name *const *after, int count,
                                      const struct wci_name *name)
{
    for (int i = 0; i < count; i++)
        if (before[i] == name)
            return after[i];
    ck_assert_ptr_null(name);
    return NULL;
}

static void rename_rows(struct subject *subject, const struct subject *before)
{
    for (size_t i = 0; i < subject->model.count; i++) {
        struct known_row *row = &subject->model.rows[i];
        row->camera = renamed(before->cameras, subject->cameras, CAMERAS, row->camera);
        row->species = renamed(before->species, subject->species, SPECIES, row->species);
        row->detected = renamed(before->species, subject->species, SPECIES, row->detected);
        row->verified_species = renamed(before->species, subject->species, SPECIES,
                                        row->verified_species);
    }
}

void subject_reopen(struct subject *subject)
{
    struct subject before = *subject;
    /* Opened a second time before the first is closed, so that no name has another's address. */
    open_backend(subject);
    rename_rows(subject, &before);
    subject->ops->close(before.backend, false);
}

void subject_open_again(struct subject *subject, struct wci_store *store)
{
    struct subject before = *subject;
    assert_op(wci_store_open(store, subject->conf, &subject->log));
    subject->backend = store->backend;
    learn_names(subject);
    rename_rows(subject, &before);
}

void subject_close(struct subject *subject)
{
    subject->ops->close(subject->backend, false);
    model_free(&subject->model);
    wildcam_conf_free(subject->conf);
}

/* Which of two that are the same comes first is the backend's business, so duplicates are looked at
 * last. */
static void learn_group(struct subject *subject, const struct wci_change *changes, size_t count)
{
    for (int duplicates = 0; duplicates < 2; duplicates++)
        for (size_t i = 0; i < count; i++)
            if (changes[i].error.status == WILDCAM_OK && changes[i].is_duplicate == duplicates)
                model_learn(&subject->model, &changes[i]);
    for (size_t i = 0; i < count; i++)
        if ((changes[i].error.status == WILDCAM_OK) != (changes[i].error.message[0] == '\0'))
            ck_abort_msg("a change's status and sentence do not fit: %s", changes[i].error.message);
}

void write_group(struct subject *subject, struct wci_change *changes, size_t count)
{
    struct wci_change **group = calloc(count, sizeof *group);
    if (!group)
        ck_abort_msg("there is no memory");
    for (size_t i = 0; i < count; i++) {
        group[i] = &changes[i];
        changes[i].error = (struct wci_error){0};
    }
    subject->ops->write(subject->backend, group, count);
    subject->ops->after_write(subject->backend);
    free(group);
    wci_error_clear();
    learn_group(subject, changes, count);
}

void write_one(struct subject *subject, struct wci_change *change)
{
    write_group(subject, change, 1);
    if (change->error.status != WILDCAM_OK)
        ck_abort_msg("a change is refused: %s", change->error.message);
}

void write_rows(struct subject *subject, struct wci_row *rows, size_t count)
{
    struct wci_change change = {.rows = rows, .count = count};
    write_one(subject, &change);
}

int64_t day_at(int year, int month, int day)
{
    return wci_calendar_days(year, month, day) * WCI_DAY;
}

struct wci_row row_at(const struct subject *subject, int64_t time)
{
    return (struct wci_row){.time = time,
                            .camera = subject->cameras[0],
                            .species = subject->species[0],
                            .confidence = NAN,
                            .offset = WILDCAM_OFFSET_UNKNOWN,
                            .time_source = WILDCAM_TIME_SOURCE_EXIF};
}

wildcam_image image_at(const struct subject *subject, int camera, int64_t time, unsigned content)
{
    unsigned char sha256[WCI_DIGEST_BYTES] = {0};
    wildcam_image image;
    wci_image_init(&image);
    for (int i = 0; i < WCI_DIGEST_BYTES; i++)
        sha256[i] = (unsigned char)((content >> i % 4 * 8) + (unsigned)i * 7U);
    wci_image_set_digest(&image, sha256);
    image.camera_id = subject->cameras[camera]->id;
    image.time = time;
    image.received_at = time + 5 * WCI_SECOND;
    image.time_source = WILDCAM_TIME_SOURCE_EXIF;
    image.bytes = 1000 + content % 1000;
    image.width = 640;
    image.height = 480;
    return image;
}

struct wci_query query_all(void)
{
    return (struct wci_query){
        .from = INT64_MIN, .to = INT64_MAX, .category = -1, .min_confidence = NAN, .verified = -1};
}

void query_by_species(struct wci_query *query, const struct wci_name *name)
{
    query->by_species = true;
    query->species = (struct wci_text){.data = (char *)(uintptr_t)name->text,
                                       .length = strlen(name->text)};
}
