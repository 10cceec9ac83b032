/*
 * Imports at random, beside a model of every document and row: the same names come again and again,
 * in other documents and in one batch twice, and the station is opened anew in between.
 */
#include "conformance/subject.h"

enum { OPERATIONS = 1500, NAMES = 7, FORMATS = 2, IMPORTS = NAMES * FORMATS };
enum { ROW_NAMES = 40, KINDS = 2, ROWS = IMPORTS * KINDS * ROW_NAMES, BATCH = 24 };
enum { WORDS = 64 };

struct known_import {
    int64_t id, imported_at;
    int format, name;
    char document[WORDS];
};

struct known_import_row {
    bool is_there;
    int64_t camera_id, from, to, image_id;
    char row[WORDS];
};

static const char *const formats[FORMATS] = {"camtrapdp", "megadetector"};
static struct subject subject;
static struct dice dice;
static struct known_import imports[IMPORTS]; /* in the order of their coming */
static int import_count;
static struct known_import_row rows[IMPORTS][KINDS][ROW_NAMES];

/* Sorts as its number does. */
static const char *name_of(int number)
{
    static char names[BATCH][WORDS];
    static int next;
    char *name = names[next++ % BATCH];
    snprintf(name, WORDS, "name %02d \xc3\xa9", number);
    return name;
}

static void put_import(void)
{
    int format = (int)roll(&dice, FORMATS), name = (int)roll(&dice, NAMES), at = 0;
    char document[WORDS];
    snprintf(document, sizeof document, "{\"n\":%d}", (int)roll(&dice, 1000000));
    struct wci_import import = {.format = formats[format],
                                .name = name_of(name),
                                .imported_at = roll(&dice, 1000000),
                                .document = document};
    assert_op(subject.ops->put_import(subject.backend, &import));
    while (at < import_count && (imports[at].format != format || imports[at].name != name))
        at++;
    if (at == import_count) {
        for (int i = 0; i < import_count; i++)
            ck_assert_int_gt(import.id, imports[i].id);
        imports[import_count++] = (struct known_import){import.id, import.imported_at, format, name,
                                                        ""};
    }
    ck_assert_int_eq(import.id, imports[at].id);
    memcpy(imports[at].document, document, sizeof document);
}

/* What is there stays as it is, also when it was a moment ago in the same batch. */
static void put_rows(void)
{
    struct wci_import_row batch[BATCH];
    char texts[BATCH][WORDS];
    size_t count = (size_t)roll(&dice, BATCH) + 1;
    int64_t added = -1, wanted = 0;
    if (!import_count)
        return;
    for (size_t i = 0; i < count; i++) {
        int which = (int)roll(&dice, import_count), name = (int)roll(&dice, ROW_NAMES);
        int kind = (int)roll(&dice, KINDS);
        struct known_import_row *known = &rows[which][kind][name];
        snprintf(texts[i], WORDS, "{\"r\":%d}", (int)roll(&dice, 1000000));
        batch[i] = (struct wci_import_row){.import_id = imports[which].id,
                                           .kind = (enum wci_import_kind)kind,
                                           .name = name_of(name),
                                           .camera_id = roll(&dice, 3),
                                           .from = roll(&dice, 1000),
                                           .to = roll(&dice, 1000),
                                           .image_id = roll(&dice, 2) * roll(&dice, 1000000),
                                           .row = texts[i]};
        wanted += !known->is_there;
        if (known->is_there)
            continue;
        *known = (struct known_import_row){true,        batch[i].camera_id, batch[i].from,
                                           batch[i].to, batch[i].image_id,  ""};
        memcpy(known->row, texts[i], WORDS);
    }
    assert_op(subject.ops->put_import_rows(subject.backend, batch, count, &added));
    ck_assert_int_eq(added, wanted);
}

/* ---- What is told ---- */

struct telling {
    int which, kind, name, stop_at, told;
};

static wildcam_status stop(struct telling *telling)
{
    return telling->told++ == telling->stop_at ? wci_fail(WILDCAM_ERR_CANCELLED, "stop")
                                               : WILDCAM_OK;
}

static wildcam_status see_import(void *user, const struct wci_import *import)
{
    struct telling *telling = user;
    while (telling->which < import_count && imports[telling->which].format != telling->kind)
        telling->which++;
    ck_assert_int_lt(telling->which, import_count);
    const struct known_import *wanted = &imports[telling->which++];
    ck_assert_int_eq(import->id, wanted->id);
    ck_assert_int_eq(import->imported_at, wanted->imported_at);
    ck_assert_str_eq(import->format, formats[wanted->format]);
    ck_assert_str_eq(import->name, name_of(wanted->name));
    ck_assert_str_eq(import->document, wanted->document);
    return stop(telling);
}

static const struct known_import_row *next_row(struct telling *telling)
{
    for (; telling->kind < KINDS; telling->kind++, telling->name = 0)
        for (; telling->name < ROW_NAMES; telling->name++)
            if (rows[telling->which][telling->kind][telling->name].is_there)
                return &rows[telling->which][telling->kind][telling->name];
    return NULL;
}

static wildcam_status see_row(void *user, const struct wci_import_row *row)
{
    struct telling *telling = user;
    const struct known_import_row *wanted = next_row(telling);
    ck_assert_ptr_nonnull(wanted);
    ck_assert_int_eq(row->import_id, imports[telling->which].id);
    ck_assert_int_eq((int)row->kind, telling->kind);
    ck_assert_str_eq(row->name, name_of(telling->name++));
    ck_assert_int_eq(row->camera_id, wanted->camera_id);
    ck_assert_int_eq(row->from, wanted->from);
    ck_assert_int_eq(row->to, wanted->to);
    ck_assert_int_eq(row->image_id, wanted->image_id);
    ck_assert_str_eq(row->row, wanted->row);
    return stop(telling);
}

/* All of them, and once more up to one at which whoever is told has had enough. */
static void compare_format(int format)
{
    struct telling telling = {.kind = format, .stop_at = -1};
    assert_op(subject.ops->each_import(subject.backend, formats[format], see_import, &telling));
    while (telling.which < import_count)
        ck_assert_int_ne(imports[telling.which++].format, format);
    if (!telling.told)
        return;
    struct telling again = {.kind = format, .stop_at = (int)roll(&dice, telling.told)};
    assert_op_fails(WILDCAM_ERR_CANCELLED, "stop",
                    subject.ops->each_import(subject.backend, formats[format], see_import, &again));
    ck_assert_int_eq(again.told, again.stop_at + 1);
}

static void compare_rows(int which)
{
    struct telling telling = {.which = which, .stop_at = -1};
    assert_op(subject.ops->each_import_row(subject.backend, imports[which].id, see_row, &telling));
    ck_assert_ptr_null(next_row(&telling));
    if (!telling.told)
        return;
    struct telling again = {.which = which, .stop_at = (int)roll(&dice, telling.told)};
    assert_op_fails(
        WILDCAM_ERR_CANCELLED, "stop",
        subject.ops->each_import_row(subject.backend, imports[which].id, see_row, &again));
}

static void compare_all(void)
{
    for (int i = 0; i < FORMATS; i++)
        compare_format(i);
    for (int i = 0; i < import_count; i++)
        compare_rows(i);
}

START_TEST(imports_are_as_the_model_has_them)
{
    dice = dice_new();
    subject_open(&subject, subject_conf("station"));
    for (int i = 0; i < OPERATIONS; i++) {
        int64_t what = roll(&dice, 200);
        if (what < 60)
            put_import();
        else if (what < 190)
            put_rows();
        else if (what < 199)
            compare_all();
        else
            subject_reopen(&subject);
    }
    compare_all();
    assert_whole(&subject);
    subject_close(&subject);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("conformance: imports at random");
    TCase *all = harness_case(suite, "all");
    tcase_set_timeout(all, 600);
    tcase_add_test(all, imports_are_as_the_model_has_them);
    return suite;
}
